"""The waiting line: whoever waits for a resource gets their turn in the order they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from bot.errors import PreviewLapsed, RequestRefused
from bot.models.line import Line, Place, Position
from bot.models.notice import Kind
from bot.models.results import Issued, Preview
from bot.resilience.clock import Clock

TURN = 600.0


class LineStore(Protocol):
    """Where the places are kept."""

    async def join(self, user_id: int, name: str, resource: str, now: float) -> Place: ...
    async def give_turn(self, number: int, turn: int, until: float) -> bool: ...
    async def withdraw_turn(self, number: int) -> None: ...
    async def take(self, number: int, now: float) -> None: ...
    async def end(self, numbers: Sequence[int], now: float) -> None: ...
    async def was_taken(self, number: int) -> bool: ...
    async def forget(self, before: float) -> int: ...


class TurnDesk(Protocol):
    """The proxy desk as the line uses it."""

    def free(self, resource: str) -> int:
        """How many could be handed out now."""

    async def preview(
        self,
        resource: str,
        count: int,
        user_id: int,
        *,
        name: str,
        request_key: str,
        ttl: float | None = None,
    ) -> Preview: ...

    async def take_preview(self, request: int, user_id: int, *, name: str, request_key: str) -> Issued: ...

    async def cancel_preview(self, request: int, user_id: int) -> int: ...


class Announcer(Protocol):
    """Says things on our own accord."""

    async def tell(
        self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None
    ) -> object: ...


class WaitingLine:
    """Keeps `line` and its table; `may_take` tells whether a person may still be served."""

    def __init__(
        self,
        line: Line,
        store: LineStore,
        desk: TurnDesk,
        outbox: Announcer,
        clock: Clock,
        may_take: Callable[[int], bool],
    ) -> None:
        self._line = line
        self._store = store
        self._desk = desk
        self._outbox = outbox
        self._clock = clock
        self._may_take = may_take
        self._told: set[int] = set()  # requests; after a restart each is told again, under the same key
        self._taking: set[int] = set()  # numbers; what was taken up in time does not run out meanwhile

    def position(self, resource: str, user_id: int) -> Position:
        """Where the person stands for the resource, in line or not."""
        return self._line.position(resource, user_id)

    def positions(self, user_id: int) -> list[Position]:
        """Every place the person has."""
        return [self.position(place.resource, user_id) for place in self._line.of_user(user_id)]

    async def join(self, user_id: int, name: str, resource: str) -> Position:
        """Stand in line; who does already keeps their place."""
        place = await self._store.join(user_id, name, resource, self._clock.time())
        if self._line.get(place.number) is None:
            self._line.put(place)
        return self.position(resource, user_id)

    async def leave(self, number: int, user_id: int) -> bool:
        """Give the place up, with what is kept for it; False when that was taken already."""
        place = self._line.get(number)
        if place is None or place.user_id != user_id:
            return not await self._store.was_taken(number)
        await self._end([place])
        return True

    async def take_turn(
        self, number: int, request: int, user_id: int, *, name: str, request_key: str
    ) -> Issued:
        """Take what is kept for the place, which ends then; raises PreviewLapsed.

        Where a person has taken it in the sheet meanwhile and there is no other, the place stays.
        """
        place = self._line.get(number)
        mine = [place] if place and (place.user_id, place.turn) == (user_id, request) else []
        self._taking.add(number)
        try:
            issued = await self._desk.take_preview(request, user_id, name=name, request_key=request_key)
            for each in mine:
                await (self._settle(each) if issued.proxies else self._wait_again(each))
        except PreviewLapsed:
            await self._end(mine)
            raise
        finally:
            self._taking.discard(number)
        return issued

    async def give_up_turns(self, user_id: int) -> list[Position]:
        """What was kept for the person is dropped: places whose turn had come end. Returns those that stay."""
        turns = [place for place in self._line.of_user(user_id) if place.turn is not None]
        await self._end([place for place in turns if place.number not in self._taking])
        return self.positions(user_id)

    async def advance(self, now: float) -> int:
        """End the turns that are over, give what is free to those who are next, tell them; returns how many turns.

        A turn keeps one proxy for ten minutes.
        """
        done = [place for place in self._line.all() if self._is_done(place, now)]
        for place in done:
            await self._tell_lapsed(place, now)
        await self._end(done)
        given = 0
        for resource in self._line.resources():
            given += await self._serve(resource, now)
        for place in self._line.all():
            await self._tell(place)
        return given

    async def forget(self, before: float) -> int:
        """Delete places that ended before `before`; returns how many."""
        return await self._store.forget(before)

    async def _serve(self, resource: str, now: float) -> int:
        given = 0
        for place in self._line.waiting(resource):
            if self._desk.free(resource) < 1:
                break
            try:
                given += await self._give_turn(place, await self._keep_one(place, now))
            except RequestRefused:  # frozen meanwhile, or somebody was faster: the next look will tell
                break
        return given

    async def _keep_one(self, place: Place, now: float) -> Preview:
        """A proxy kept for the place: the same again after a crash, unless that is no use any more."""
        with suppress(RequestRefused):
            kept = await self._preview(place, f"turn:{place.number}")
            if kept.expires_at > now:
                return kept
        return await self._preview(place, f"turn:{place.number}:{now:.0f}")

    async def _preview(self, place: Place, key: str) -> Preview:
        return await self._desk.preview(
            place.resource, 1, place.user_id, name=place.name, request_key=key, ttl=TURN
        )

    async def _give_turn(self, place: Place, kept: Preview) -> bool:
        if not await self._store.give_turn(place.number, kept.request, kept.expires_at):
            await self._desk.cancel_preview(kept.request, place.user_id)
            return False
        self._line.put(replace(place, turn=kept.request, turn_until=kept.expires_at))
        return True

    async def _tell(self, place: Place) -> None:
        if place.turn is None or place.turn in self._told:
            return
        data = {
            "resource": place.resource,
            "number": place.number,
            "request": place.turn,
            "until": place.turn_until,
        }
        await self._outbox.tell(place.user_id, Kind.TURN, data, key=f"turn:{place.number}:{place.turn}")
        self._told.add(place.turn)

    async def _tell_lapsed(self, place: Place, now: float) -> None:
        """Before the place ends: after a crash between the two it is told again, under the same key."""
        if place.turn is not None and place.is_over(now):
            data, key = {"resource": place.resource}, f"turn lapsed:{place.number}:{place.turn}"
            await self._outbox.tell(place.user_id, Kind.TURN_LAPSED, data, key)

    async def _end(self, places: Sequence[Place]) -> None:
        """They get nothing: storage first, then memory; what was kept for them is free again."""
        if not places:
            return
        await self._store.end([place.number for place in places], self._clock.time())
        ended = [self._line.get(place.number) or place for place in places]
        for place in ended:
            self._drop(place)
        for place in ended:
            if place.turn is not None:
                await self._desk.cancel_preview(place.turn, place.user_id)

    async def _settle(self, place: Place) -> None:
        await self._store.take(place.number, self._clock.time())
        self._drop(place)

    async def _wait_again(self, place: Place) -> None:
        await self._store.withdraw_turn(place.number)
        self._line.put(replace(place, turn=None, turn_until=None))

    def _drop(self, place: Place) -> None:
        self._line.drop(place.number)
        if place.turn is not None:
            self._told.discard(place.turn)

    def _is_done(self, place: Place, now: float) -> bool:
        if place.number in self._taking:
            return False
        return place.is_over(now) or not self._may_take(place.user_id)
