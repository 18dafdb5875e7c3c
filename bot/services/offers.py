"""Offers: what stands behind buttons, bound to one user, for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from bot.errors import OfferLapsed
from bot.models.offer import Action, Offer, Press
from bot.resilience.clock import Clock

OFFER_TTL = 600.0
DIALOGUE = 12 * 3600.0
# With these somebody else is answered, who waits for it.
AWAITED = frozenset({"accept", "decline", "approve", "refuse", "removals"})


class OfferStore(Protocol):
    """Where offers are kept."""

    async def add(self, offer: Offer) -> None: ...
    async def get(self, offer_id: str) -> Offer | None: ...
    async def drop(self, user_id: int, until: float, keeping: Collection[str]) -> int: ...
    async def forget(self, before: float) -> int: ...


class Offers:
    """Makes offers and opens them; `known` tells whether a request key was accepted before."""

    def __init__(
        self,
        store: OfferStore,
        clock: Clock,
        new_id: Callable[[], str],
        known: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._known = known

    async def make(self, user_id: int, actions: Sequence[Action], good_for: float = OFFER_TTL) -> str:
        """The opaque id (16 characters) of a new offer, good for `good_for` seconds."""
        offer_id = self._new_id() + self._new_id()
        expires_at = self._clock.time() + good_for
        await self._store.add(Offer(offer_id, user_id, tuple(actions), expires_at))
        return offer_id

    async def open(self, offer_id: str, button: int, user_id: int) -> Press:
        """The action behind a button; raises OfferLapsed where it is foreign, lapsed, dropped or unknown.

        One that was taken up in time stays open for the same request: it gets its answer again.
        """
        offer = await self._store.get(offer_id)
        if offer is None or offer.user_id != user_id or not 0 <= button < len(offer.actions):
            raise OfferLapsed("the button is not this user's")
        key = f"offer:{offer_id}:{button}"
        if offer.expires_at <= self._clock.time() and not await self._known(key):
            raise OfferLapsed("the button has lapsed")
        return Press(offer.actions[button], key)

    async def drop(self, user_id: int) -> int:
        """Let the buttons of a user's dialogues lapse now; returns how many.

        Those of notices, good for long, stay, and so do all with which somebody else is answered.
        """
        return await self._store.drop(user_id, self._clock.time() + DIALOGUE, AWAITED)

    async def forget(self, before: float) -> int:
        """Delete offers that lapsed before `before`; returns how many."""
        return await self._store.forget(before)
