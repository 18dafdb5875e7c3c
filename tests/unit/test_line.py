"""The waiting line: first come first served, ten minutes a turn, over restarts."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from new_schema import upgrade

from bot.errors import NotEnough, PreviewLapsed, ResourceFrozen, StorageError
from bot.models.line import Line, Place, Position
from bot.models.notice import Kind
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import Glimpse, Issued, Preview, Receipt
from bot.models.wish import ANY
from bot.resilience.clock import ManualClock
from bot.services.line import TURN, WaitingLine
from bot.storage.database import Database
from bot.storage.line import LineStore

ANNA, BORIS, CLEO = 7, 8, 9
NAMES = {ANNA: "@anna", BORIS: "@boris", CLEO: "@cleo"}
START = ManualClock().time()
PROXY = Proxy(7, "key", Endpoint("http", "192.0.2.7", 8080, "anna", "secret"), "DE", 12)


@dataclass
class Desk:
    """`stock`: how many are free for each resource. What is asked under one key happens once."""

    clock: ManualClock
    stock: dict[str, int] = field(default_factory=dict)
    kept: dict[int, tuple[int, str, float]] = field(default_factory=dict)
    previews: dict[str, Preview | Exception] = field(default_factory=dict)
    frozen: bool = False
    taken_in_sheet: bool = False
    issued: dict[str, Issued] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1042))

    def free(self, resource: str) -> int:
        lapsed = [request for request, (_, _, until) in self.kept.items() if until <= self.clock.time()]
        for request in lapsed:
            self._back(request)
        return self.stock.get(resource, 0)

    async def preview(self, resource, count, user_id, *, name, request_key, ttl=None):
        assert (count, name) == (1, NAMES[user_id])
        if request_key not in self.previews:
            self.previews[request_key] = self._keep(resource, user_id, ttl)
        answer = self.previews[request_key]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def take_preview(self, request, user_id, *, name, request_key):
        if request_key in self.issued:
            return self.issued[request_key]
        user, resource, until = self.kept.get(request, (0, "", 0.0))
        if user != user_id or until <= self.clock.time():
            raise PreviewLapsed
        del self.kept[request]
        proxies = () if self.taken_in_sheet else (PROXY,)
        return self.issued.setdefault(
            request_key, Issued(resource, proxies, (), Receipt(request, 1, 1, START))
        )

    async def cancel_preview(self, request, user_id):
        if self.kept.get(request, (0,))[0] != user_id:
            return 0
        self._back(request)
        return 1

    def _keep(self, resource: str, user_id: int, ttl: float) -> Preview | Exception:
        if self.frozen:
            return ResourceFrozen(resource)
        if self.free(resource) < 1:
            return NotEnough(resource, 1, 0)
        self.stock[resource] -= 1
        request, until = next(self.numbers), self.clock.time() + ttl
        self.kept[request] = (user_id, resource, until)
        return Preview(request, resource, ANY, (Glimpse("DE", "http", 12),), until)

    def _back(self, request: int) -> None:
        _, resource, _ = self.kept.pop(request)
        self.stock[resource] += 1


class Outbox:
    """Says a thing with a key once, as the real one does; `failures` are raised first."""

    def __init__(self) -> None:
        self.said: list[tuple[int, Kind, dict[str, Any]]] = []
        self.failures: list[Exception] = []
        self._keys: set[str | None] = set()

    async def tell(self, user_id: int, kind: Kind, data: dict[str, Any], key: str | None = None) -> None:
        if self.failures:
            raise self.failures.pop(0)
        if key not in self._keys:
            self._keys.add(key)
            self.said.append((user_id, kind, dict(data)))


@dataclass
class Bench:
    """A waiting line over a real database; `restarted` is another one over the same."""

    database: Database
    desk: Desk
    outbox: Outbox
    clock: ManualClock
    banned: set[int] = field(default_factory=set)
    line: WaitingLine = field(init=False)
    memory: Line = field(init=False)

    async def restarted(self) -> Bench:
        store = LineStore(self.database)
        self.memory = Line(await store.open_places())
        self.line = WaitingLine(
            self.memory, store, self.desk, self.outbox, self.clock, lambda user: user not in self.banned
        )
        return self

    async def join(self, *users: int, resource: str = "beboo") -> list[Position]:
        return [await self.line.join(user, NAMES[user], resource) for user in users]

    async def advance(self) -> int:
        return await self.line.advance(self.clock.time())

    async def take(self, user: int, key: str = "tap") -> Issued:
        """Take the turn that the user was told of last."""
        turns = (data for to, kind, data in reversed(self.outbox.said) if (to, kind) == (user, Kind.TURN))
        data = next(turns)
        return await self.line.take_turn(
            data["number"], data["request"], user, name=NAMES[user], request_key=key
        )

    @property
    def told(self) -> list[int]:
        return [user for user, _, _ in self.outbox.said]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    database, clock = Database(f"sqlite:///{tmp_path / 'bot.db'}"), ManualClock()
    await database.start()
    await database.migrate(upgrade)
    yield await Bench(database, Desk(clock), Outbox(), clock).restarted()
    await database.close()


async def test_everybody_knows_their_position(bench: Bench) -> None:
    """In the order of joining; who joins again keeps their place."""
    anna, boris = await bench.join(ANNA, BORIS)
    [again] = await bench.join(ANNA)

    assert (1, 2) == (anna.number, boris.number)
    assert anna == again
    assert 2 == bench.line.position("beboo", CLEO).ahead
    assert Position(0) == bench.line.position("tinder", CLEO)


async def test_the_first_in_line_gets_what_becomes_free(bench: Bench) -> None:
    """One each, kept for ten minutes, told once; the others move up."""
    await bench.join(ANNA, BORIS, CLEO)
    assert 0 == await bench.advance()
    bench.desk.stock["beboo"] = 1

    assert 1 == await bench.advance()
    assert 0 == await bench.advance()
    number = bench.line.position("beboo", ANNA).place.number
    data = {"resource": "beboo", "number": number, "request": 1042, "until": START + TURN}
    assert [(ANNA, Kind.TURN, data)] == bench.outbox.said
    assert [1, 2] == [bench.line.position("beboo", user).number for user in (BORIS, CLEO)]


async def test_as_many_turns_are_given_as_there_are_proxies(bench: Bench) -> None:
    """For each resource by itself."""
    await bench.join(ANNA, BORIS, CLEO)
    await bench.join(CLEO, resource="tinder")
    bench.desk.stock = {"beboo": 2, "tinder": 5}

    assert 3 == await bench.advance()
    assert [ANNA, BORIS, CLEO] == bench.told
    assert 4 == bench.desk.stock["tinder"]


async def test_a_turn_that_is_taken_ends_the_place(bench: Bench) -> None:
    """A second tap gets the same answer."""
    await bench.join(ANNA)
    bench.desk.stock["beboo"] = 1
    await bench.advance()

    issued = await bench.take(ANNA)
    assert (PROXY,) == issued.proxies
    assert issued == await bench.take(ANNA)
    assert [] == bench.line.positions(ANNA)


async def test_a_turn_that_runs_out_goes_to_the_next(bench: Bench) -> None:
    """After ten minutes the place ends, which is told once, and a late tap takes nothing."""
    await bench.join(ANNA, BORIS)
    bench.desk.stock["beboo"] = 1
    await bench.advance()
    await bench.clock.tick(TURN - 1)
    assert 0 == await bench.advance()
    await bench.clock.tick(1)

    assert 1 == await bench.advance()
    assert 0 == await bench.advance()
    assert [(ANNA, Kind.TURN), (ANNA, Kind.TURN_LAPSED), (BORIS, Kind.TURN)] == [
        (to, kind) for to, kind, _ in bench.outbox.said
    ]
    assert {"resource": "beboo"} == bench.outbox.said[1][2]
    assert [] == bench.line.positions(ANNA)
    with pytest.raises(PreviewLapsed):
        await bench.take(ANNA)


async def test_who_leaves_is_asked_no_more(bench: Bench) -> None:
    """What was kept for them goes to the next at once; leaving twice is the same."""
    anna, _ = await bench.join(ANNA, BORIS)
    bench.desk.stock["beboo"] = 1
    await bench.advance()

    assert await bench.line.leave(anna.place.number, ANNA)
    assert await bench.line.leave(anna.place.number, ANNA)
    assert 1 == await bench.advance()
    assert [ANNA, BORIS] == bench.told


async def test_nobody_can_give_up_anothers_place(bench: Bench) -> None:
    """Whatever number they send."""
    [anna] = await bench.join(ANNA)
    await bench.line.leave(anna.place.number, BORIS)
    assert 1 == len(bench.line.positions(ANNA))


async def test_who_has_taken_cannot_leave_any_more(bench: Bench) -> None:
    """The message shows the proxy by then: it must not be written over, not even after a restart."""
    [anna] = await bench.join(ANNA)
    bench.desk.stock["beboo"] = 1
    await bench.advance()
    await bench.take(ANNA)

    assert not await bench.line.leave(anna.place.number, ANNA)
    await bench.restarted()
    assert not await bench.line.leave(anna.place.number, ANNA)


async def test_a_turn_whose_proxy_a_person_has_taken_is_not_lost(bench: Bench) -> None:
    """The place stays first, and its next turn is told again."""
    await bench.join(ANNA, BORIS)
    bench.desk.stock["beboo"], bench.desk.taken_in_sheet = 1, True
    await bench.advance()
    assert () == (await bench.take(ANNA)).proxies

    bench.desk.stock["beboo"], bench.desk.taken_in_sheet = 1, False
    await bench.clock.tick(TURN)
    assert 1 == await bench.advance()
    assert [ANNA, ANNA] == bench.told
    assert (PROXY,) == (await bench.take(ANNA, "another tap")).proxies


async def test_a_restart_keeps_the_line_and_its_turns(bench: Bench) -> None:
    """Nobody loses their place, nobody is told twice."""
    await bench.join(ANNA, BORIS)
    bench.desk.stock["beboo"] = 1
    await bench.advance()
    await bench.restarted()

    assert 0 == await bench.advance()
    assert [ANNA] == bench.told
    assert 1 == bench.line.position("beboo", BORIS).number
    assert (PROXY,) == (await bench.take(ANNA)).proxies


async def test_a_crash_after_the_proxy_was_kept_keeps_no_second_one(bench: Bench) -> None:
    """The same key finds the same one again."""
    [anna] = await bench.join(ANNA)
    bench.desk.stock["beboo"] = 2
    key = f"turn:{anna.place.number}"
    await bench.desk.preview("beboo", 1, ANNA, name="@anna", request_key=key, ttl=TURN)
    await bench.restarted()

    assert 1 == await bench.advance()
    assert 1 == bench.desk.stock["beboo"]


async def test_what_was_kept_before_a_long_pause_is_kept_anew(bench: Bench) -> None:
    """A turn that ran out before anybody was told of it was none."""
    [anna] = await bench.join(ANNA)
    bench.desk.stock["beboo"] = 1
    key = f"turn:{anna.place.number}"
    await bench.desk.preview("beboo", 1, ANNA, name="@anna", request_key=key, ttl=TURN)
    await bench.clock.tick(TURN + 60)

    assert 1 == await bench.advance()
    assert [START + 2 * TURN + 60] == [data["until"] for _, _, data in bench.outbox.said]


async def test_a_turn_that_could_not_be_told_is_told_later(bench: Bench) -> None:
    """The line moves on all the same."""
    await bench.join(ANNA)
    bench.desk.stock["beboo"] = 1
    bench.outbox.failures = [StorageError("disk full")]
    with pytest.raises(StorageError):
        await bench.advance()

    assert 0 == await bench.advance()
    assert [ANNA] == bench.told


async def test_a_frozen_resource_has_no_turns_and_thaws(bench: Bench) -> None:
    """The places stay; a refusal of yesterday does not stand in the way."""
    await bench.join(ANNA)
    bench.desk.stock["beboo"], bench.desk.frozen = 1, True
    assert 0 == await bench.advance()
    bench.desk.frozen = False
    await bench.clock.tick(5)
    assert 1 == await bench.advance()


async def test_who_may_not_take_any_more_stands_in_no_line(bench: Bench) -> None:
    """Neither those who wait nor those whose turn it is."""
    await bench.join(ANNA, BORIS, CLEO)
    bench.desk.stock["beboo"] = 1
    await bench.advance()
    bench.banned = {ANNA, BORIS}

    await bench.advance()
    assert [ANNA, CLEO] == bench.told
    assert [[], []] == [bench.line.positions(user) for user in (ANNA, BORIS)]


async def test_cancel_ends_turns_and_keeps_places(bench: Bench) -> None:
    """What was kept is dropped, so it goes to the next; where one waits one waits on."""
    await bench.join(ANNA, BORIS)
    await bench.join(ANNA, resource="tinder")
    bench.desk.stock["beboo"] = 1
    await bench.advance()

    staying = await bench.line.give_up_turns(ANNA)
    assert ["tinder"] == [position.place.resource for position in staying]
    await bench.advance()
    assert [ANNA, BORIS] == bench.told


async def test_old_places_are_forgotten(bench: Bench) -> None:
    """Ended ones, except for the last number."""
    anna, boris = await bench.join(ANNA, BORIS)
    for position, user in ((anna, ANNA), (boris, BORIS)):
        await bench.line.leave(position.place.number, user)
    assert 1 == await bench.line.forget(START + 1)


places = st.lists(st.tuples(st.integers(1, 5), st.booleans()), unique_by=lambda each: each[0])


@given(places, st.integers(1, 6))
def test_ahead_is_who_came_before_and_has_no_turn_yet(every: list[tuple[int, bool]], user: int) -> None:
    """For those in line and for those who are not; each has exactly one place a resource."""
    line = Line(
        Place(number, who, str(who), "beboo", START, 1 if turn else None, START if turn else None)
        for number, (who, turn) in enumerate(every, 1)
    )
    order = [who for who, _ in every]
    before = every[: order.index(user)] if user in order else every
    assert sum(not turn for _, turn in before) == line.ahead_of("beboo", user)
    assert 0 == line.ahead_of("tinder", user)
