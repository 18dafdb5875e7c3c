"""The dialogue that connects an account: a key and a secret, said one after the other, then checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.errors import CannotConnect, KeyRefused, OfferLapsed
from bot.models.account import Account, Credentials
from bot.models.dialogue import DIALOGUE_TTL, Dialogue, Problem, Step
from bot.resilience.clock import Clock

LATE = 120.0


class DialogueStore(Protocol):
    """Where dialogues are kept, one a user."""

    async def all(self) -> Sequence[Dialogue]: ...
    async def get(self, user_id: int) -> Dialogue | None: ...
    async def put(self, dialogue: Dialogue) -> None: ...
    async def end(self, dialogue: Dialogue) -> None: ...
    async def drop(self, user_id: int) -> bool: ...
    async def forget(self, before: float) -> int: ...


class Connector(Protocol):
    """Who connects an account once all is said."""

    @property
    def venues(self) -> Collection[str]: ...

    async def connect(
        self, user_id: int, venue: str, credentials: Credentials, *, ends: Dialogue | None = None
    ) -> Account: ...


@dataclass(frozen=True, slots=True)
class _Mark:
    """Somebody is in a dialogue; one that is done hears nothing but the request that ended it, once more."""

    expires_at: float
    only: str | None


class Connecting:
    """Dialogues by user. They survive a restart and lapse after ten minutes.

    Each step is set off by a request: the same again, as after a crash, changes nothing and gets its answer again.
    """

    def __init__(self, store: DialogueStore, accounts: Connector, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._marks: dict[int, _Mark] = {}

    @property
    def venues(self) -> Collection[str]:
        """What can be connected."""
        return self._accounts.venues

    async def load(self) -> None:
        """Who is in a dialogue; to be called once, before the first update."""
        for dialogue in await self._store.all():
            self._note(dialogue)

    def awaits(self, user_id: int, request: str, sent_at: float) -> bool:
        """Whether what the user sent then (epoch seconds) is meant for their dialogue."""
        mark = self._marks.get(user_id)
        return mark is not None and sent_at < mark.expires_at and mark.only in (None, request)

    async def begin(
        self, user_id: int, venue: str, request: str, said: Sequence[str] | None = None
    ) -> Dialogue:
        """Start anew, for a venue; `said`: the key and all the rest, where that comes at once.

        Raises CannotConnect for a venue that the desk does not trade at.
        """
        if venue not in self._accounts.venues:
            raise CannotConnect(Problem.VENUE)
        known, now = await self._store.get(user_id), self._clock.time()
        if known is not None and known.request == request and now < known.expires_at:
            return known
        fresh = Dialogue(user_id, venue, request, now + DIALOGUE_TTL)
        if said is not None:
            fresh = replace(fresh, step=Step.CHECK, said=tuple(said))
        return await self._put(fresh)

    async def hear(self, user_id: int, text: str, request: str) -> Dialogue:
        """One step further, unless the text does not fit: then `request` is not that of the dialogue.

        Raises OfferLapsed where there is none.
        """
        dialogue = await self._current(user_id)
        heard = dialogue.hear(text, request)
        return dialogue if heard is dialogue else await self._put(heard)

    async def finish(self, user_id: int) -> Dialogue:
        """Connect what was said, and end the dialogue; one that is done stays as it is.

        Raises PeerUnavailable where the venue could not be asked: what was said is kept for another try;
        OfferLapsed, and CannotConnect (STOPPED) where the user has stopped it meanwhile.
        """
        dialogue = await self._current(user_id)
        if dialogue.step is not Step.CHECK:
            return dialogue
        try:
            account = await self._accounts.connect(
                user_id, dialogue.venue, dialogue.credentials, ends=dialogue
            )
        except CannotConnect as error:
            return await self._failed(dialogue, Problem(error.problem))
        except KeyRefused as error:
            return await self._failed(dialogue, Problem.REFUSED, error.message)
        ended = dialogue.connected(can_trade=account.can_trade)
        self._note(ended)
        return ended

    async def stop(self, user_id: int) -> bool:
        """Forget what was said; returns whether something was begun and not done."""
        await self._store.drop(user_id)
        mark = self._marks.pop(user_id, None)
        return mark is not None and mark.only is None and self._clock.time() < mark.expires_at

    async def wipe(self) -> int:
        """Forget what lapsed; returns how many. To be called every minute.

        A little later than it lapsed: what was sent in time may still be on its way, and is to be deleted.
        """
        before = self._clock.time() - LATE
        self._marks = {user_id: mark for user_id, mark in self._marks.items() if mark.expires_at >= before}
        return await self._store.forget(before)

    async def _current(self, user_id: int) -> Dialogue:
        dialogue = await self._store.get(user_id) if user_id in self._marks else None
        if dialogue is None:
            raise OfferLapsed("nothing was begun, or it has lapsed")
        return dialogue

    async def _failed(self, dialogue: Dialogue, problem: Problem, detail: str = "") -> Dialogue:
        if problem is Problem.STOPPED:
            raise CannotConnect(problem)
        ended = dialogue.failed(problem, detail)
        await self._store.end(ended)
        self._note(ended)
        return ended

    async def _put(self, dialogue: Dialogue) -> Dialogue:
        await self._store.put(dialogue)
        self._note(dialogue)
        return dialogue

    def _note(self, dialogue: Dialogue) -> None:
        only = dialogue.request if dialogue.step is Step.DONE else None
        self._marks[dialogue.user_id] = _Mark(dialogue.expires_at, only)
