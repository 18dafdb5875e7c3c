"""Offers: what stands behind a button, bound to one user, for ten minutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.errors import OfferLapsed
from bot.models.offer import Offer
from bot.resilience.clock import Clock

OFFER_TTL = 600.0


class OfferStore(Protocol):
    """Where offers are kept."""

    async def add(self, offer: Offer) -> None: ...
    async def get(self, offer_id: str) -> Offer | None: ...
    async def forget(self, before: float) -> int: ...


class Offers:
    """Makes offers and opens them; `known` tells whether a request key was accepted before."""

    def __init__(
        self,
        store: OfferStore,
        clock: Clock,
        new_key: Callable[[], str],
        known: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_key = new_key
        self._known = known

    async def make(self, user_id: int, resource: str, count: int, *, new_resource: bool) -> str:
        """The opaque id of a new offer."""
        offer_id = self._new_key()
        expires_at = self._clock.time() + OFFER_TTL
        await self._store.add(Offer(offer_id, user_id, resource, count, new_resource, expires_at))
        return offer_id

    async def open(self, offer_id: str, user_id: int) -> Offer:
        """The offer; raises OfferLapsed where it is foreign, lapsed or unknown.

        One that was taken up in time stays open for the same request: it gets its answer again.
        """
        offer = await self._store.get(offer_id)
        if offer is None or offer.user_id != user_id:
            raise OfferLapsed("the button is not this user's")
        if offer.expires_at <= self._clock.time() and not await self._known(f"offer:{offer_id}:take"):
            raise OfferLapsed("the button has lapsed")
        return offer

    async def forget(self, before: float) -> int:
        """Drop offers that lapsed before `before`; returns how many."""
        return await self._store.forget(before)
