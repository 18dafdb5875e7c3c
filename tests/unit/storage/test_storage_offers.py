"""Offers: what stands behind a button, for as long as the button is good."""

from __future__ import annotations

import pytest

from bot.errors import StorageError
from bot.models.offer import Offer
from bot.storage.database import Database
from bot.storage.offers import OfferStore

OFFER = Offer("offer001", 7, "beboo", 5, new_resource=True, expires_at=100.5)


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
        await store.add(Offer("offer001", 8, "tinder", 1, new_resource=False, expires_at=200.0))
    assert OFFER == await store.get("offer001")


async def test_old_offers_are_forgotten(db: Database) -> None:
    """Those that lapsed before the given time."""
    store = OfferStore(db)
    later = Offer("offer002", 7, "beboo", 5, new_resource=False, expires_at=101.0)
    for offer in (OFFER, later):
        await store.add(offer)
    assert 1 == await store.forget(before=101.0)
    assert (None, later) == (await store.get("offer001"), await store.get("offer002"))
