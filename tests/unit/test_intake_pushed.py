"""Updates that are brought: stored before it is said so, and turned away while that cannot be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from intake_bench import Bench, failing_inbox, intake_bench, message, waiting_for
from sqlalchemy import Connection, Engine, event
from structlog.testing import capture_logs

from bot.errors import PeerRefused, PeerUnavailable, StorageError
from bot.services.intake import Intake, NotNow, RawUpdate, Stored
from bot.storage.inbox import Inbox


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with intake_bench(tmp_path) as bench:
        yield bench


class WatchedInbox:
    """The real inbox, behind a gate for who replays; stores are counted as they begin."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.stores = 0
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()

    async def open_updates(self, after: int | None, limit: int) -> Sequence[Stored]:
        self.asked.set()
        await self.gate.wait()
        return await self._inbox.open_updates(after, limit)

    async def store(self, updates: Sequence[RawUpdate], now: float) -> Sequence[Stored]:
        self.stores += 1
        return await self._inbox.store(updates, now)

    async def done(self, update_id: int, now: float) -> None:
        await self._inbox.done(update_id, now)


@contextmanager
def counting_commits() -> Iterator[list[object]]:
    """Every transaction that is committed in the body, in whichever thread."""
    commits: list[object] = []

    def count(connection: Connection) -> None:
        commits.append(connection)

    event.listen(Engine, "commit", count)
    try:
        yield commits
    finally:
        event.remove(Engine, "commit", count)


async def started(bench: Bench, **options: Any) -> Intake:
    """An intake that takes in what is brought."""
    intake, _ = bench.start(pushed=True, **options)
    await asyncio.wait_for(bench.telegram.registered.get(), 5)
    return intake


async def test_what_is_brought_is_stored_and_carried_out(bench: Bench) -> None:
    """It is on the disk when `accept` returns, and done when its handler has ended; nothing is fetched."""
    gate = asyncio.Event()
    bench.telegram.handlers[5] = waiting_for(gate)
    intake = await started(bench)
    await intake.accept([message(5)])
    assert [5] == await bench.open_ids()
    await bench.telegram.begins()
    gate.set()
    await intake.stop()
    assert ([], []) == (await bench.open_ids(), bench.telegram.asked_at)


async def test_a_repeat_is_taken_and_has_no_second_effect(bench: Bench) -> None:
    """Three times at once and once more: `accept` is content with each, the handler runs once."""
    intake = await started(bench)
    await asyncio.gather(*(intake.accept([message(5)]) for _ in range(3)))
    await bench.telegram.begins()
    await intake.accept([message(5)])
    await intake.stop()
    assert [5] == bench.telegram.ended
    assert (4, 3) == (intake.stats().received, intake.stats().repeated)


async def test_all_who_wait_share_one_transaction(bench: Bench) -> None:
    """While the database is busy fifty updates come: one transaction stores them all."""
    inbox, gate = WatchedInbox(bench.inbox), asyncio.Event()
    inbox.gate.set()
    bench.telegram.handlers.update((number, waiting_for(gate)) for number in range(1, 51))
    intake = await started(bench, inbox=inbox)
    free, held = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_: Connection) -> None:
        loop.call_soon_threadsafe(held.set)
        free.wait(10)

    holding = asyncio.create_task(bench.db.write(hold))
    await held.wait()
    bringing = [asyncio.create_task(intake.accept([message(n, user=n)])) for n in range(1, 51)]
    while inbox.stores < 50:
        await asyncio.sleep(0)
    with counting_commits() as commits:
        free.set()
        await asyncio.gather(holding, *bringing)
        stored = len(commits)
    assert 2 == stored  # the one that was busy, and that of all fifty
    await bench.telegram.begins(50)
    gate.set()
    await intake.stop()


async def test_order_of_arrival_is_the_order_of_a_lane(bench: Bench) -> None:
    """Those of one person are carried out as they came, though many were stored at once."""
    intake = await started(bench)
    await asyncio.gather(*(intake.accept([message(n)]) for n in range(1, 31)))
    assert list(range(1, 31)) == await bench.telegram.begins(30)
    await intake.stop()


async def test_nothing_new_is_taken_before_what_was_left_open(bench: Bench) -> None:
    """Brought during the start it has to come again: it would run beside its own replay, or before it."""
    await bench.inbox.store([message(1)], bench.clock.time())
    inbox = WatchedInbox(bench.inbox)
    intake, _ = bench.start(pushed=True, inbox=inbox)
    with pytest.raises(NotNow, match="starting"):
        await intake.accept([message(2)])
    await inbox.asked.wait()
    with pytest.raises(NotNow, match="starting"):
        await intake.accept([message(1)])
    inbox.gate.set()
    await bench.telegram.registered.get()
    await intake.accept([message(2)])
    assert [1, 2] == await bench.telegram.begins(2)
    await intake.stop()


async def test_what_does_not_fit_has_to_come_again(bench: Bench) -> None:
    """Over the bound nothing is stored; when there is room again it is."""
    gate = asyncio.Event()
    bench.telegram.handlers[1] = waiting_for(gate)
    intake = await started(bench, waiting=1)
    await intake.accept([message(1)])
    await bench.telegram.begins()
    for number in (2, 3):
        await intake.accept([message(number)])
    with pytest.raises(NotNow, match="more to do"):
        await intake.accept([message(4)])
    assert [1, 2, 3] == await bench.open_ids()
    gate.set()
    await bench.telegram.begins(2)
    await intake.accept([message(4)])
    await bench.telegram.begins()
    await intake.stop()


async def test_a_stop_turns_new_ones_away_and_ends_what_runs(bench: Bench) -> None:
    """At once, while the handlers that run come to their end."""
    gate = asyncio.Event()
    bench.telegram.handlers[1] = waiting_for(gate)
    intake = await started(bench)
    await intake.accept([message(1)])
    await bench.telegram.begins()
    stopping = asyncio.create_task(intake.stop())
    await asyncio.sleep(0)
    with pytest.raises(NotNow, match="stopping"):
        await intake.accept([message(2)])
    assert (False, True) == (intake.accepting, intake.stopping)
    gate.set()
    await stopping
    assert ([1], []) == (bench.telegram.ended, await bench.open_ids())


async def test_what_is_being_stored_when_the_stop_comes_is_not_lost(bench: Bench) -> None:
    """It stays open, and the next start carries it out."""
    intake = await started(bench)
    accepting = asyncio.create_task(intake.accept([message(1)]))
    await asyncio.sleep(0)
    await intake.stop()
    await accepting
    assert [1] == await bench.open_ids()
    following = await started(bench)
    assert [1] == await bench.telegram.begins()
    await following.stop()


async def test_a_failing_database_is_told_once_and_to_each_who_brings(bench: Bench) -> None:
    """StorageError while it lasts, nothing is carried out; then the same update is taken."""
    with capture_logs() as logs:
        intake = await started(bench, inbox=failing_inbox(bench, failures=3))
        for _ in range(3):
            with pytest.raises(StorageError):
                await intake.accept([message(1)])
        await intake.accept([message(1)])
        assert [1] == await bench.telegram.begins()
        await intake.stop()
    assert ["peer is failing", "peer is back"] == [entry["event"] for entry in logs]


async def test_a_telegram_that_is_away_is_told_of_the_webhook_later(bench: Bench) -> None:
    """It may know it from before: what it brings meanwhile is taken."""
    bench.telegram.refusals = [PeerUnavailable("telegram", "down") for _ in range(3)]
    intake = await started(bench)
    await intake.accept([message(1)])
    assert [1] == await bench.telegram.begins()
    for _ in range(3):
        while bench.telegram.registered.empty():
            await bench.clock.tick(1)
        bench.telegram.registered.get_nowait()
    await intake.stop()


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_refused_webhook_ends_the_intake(bench: Bench, status: int) -> None:
    """A bot that nothing can be brought to is worse than none."""
    bench.telegram.refusals = [PeerRefused("telegram", status, "bad webhook")]
    with pytest.raises(PeerRefused):
        await bench.intake(pushed=True).run()


async def test_the_age_of_the_last_update_is_known(bench: Bench) -> None:
    """None until the first one has come."""
    intake = await started(bench)
    assert intake.stats().newest_age is None
    await intake.accept([message(1)])
    await bench.clock.tick(7)
    assert intake.stats().newest_age == 7
    await intake.stop()


async def test_who_polls_says_so_first(bench: Bench) -> None:
    """A webhook left from before would keep updates away; a Telegram that cannot hear it now is asked again."""
    bench.telegram.refusals = [
        PeerRefused("telegram", 400, "Bad Request"),
        PeerUnavailable("telegram", "down"),
    ]
    intake, _ = bench.start()
    for _ in range(3):
        while bench.telegram.registered.empty():
            await bench.clock.tick(1)
        assert 0 == bench.telegram.registered.get_nowait()
    await bench.telegram.confirmed(None)
    with pytest.raises(NotNow):
        await intake.accept([message(1)])
    await intake.stop()
