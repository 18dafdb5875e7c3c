"""Offers: what stands behind the buttons of a message, for as long as they are good."""

from __future__ import annotations

import pytest

from bot.errors import StorageError
from bot.models.offer import Action, Offer
from bot.storage.database import Database
from bot.storage.offers import OfferStore

ACTIONS = (Action("take", ("beboo", 5, 1.5, None)), Action("cancel"))
OFFER = Offer("offer001", 7, ACTIONS, 100.5)


async def test_an_offer_comes_back_as_it_was(db: Database) -> None:
    """Lapsed or not: whether it is still good is not the store's to say."""
    store = OfferStore(db)
    await store.add(OFFER)
    assert OFFER == await store.get("offer001")
    assert None is await store.get("forged")


async def test_an_offers_id_is_used_once(db: Database) -> None:
    """A second offer under it is refused, the first stays."""
    store = OfferStore(db)
    await store.add(OFFER)
    with pytest.raises(StorageError):
        await store.add(Offer("offer001", 8, (), 200.0))
    assert OFFER == await store.get("offer001")


async def test_old_offers_are_forgotten(db: Database) -> None:
    """Those that lapsed before the given time."""
    store = OfferStore(db)
    later = Offer("offer002", 7, (), 101.0)
    for offer in (OFFER, later):
        await store.add(offer)
    assert 1 == await store.forget(before=101.0)
    assert (None, later) == (await store.get("offer001"), await store.get("offer002"))


async def test_a_users_offers_are_dropped_by_their_end(db: Database) -> None:
    """The user's own, and only those that end before the given time and have no button that is to be kept."""
    store = OfferStore(db)
    later, other = Offer("offer002", 7, (), 101.0), Offer("offer003", 8, (), 100.5)
    asked = Offer("offer004", 7, (Action("decline"), Action("accept", ("id000001", 8))), 100.5)
    for offer in (OFFER, later, other, asked):
        await store.add(offer)
    assert 1 == await store.drop(7, until=101.0, keeping={"accept"})
    assert [None, later, other, asked] == [await store.get(each.id) for each in (OFFER, later, other, asked)]
    assert 1 == await store.drop(7, until=101.0, keeping=())
