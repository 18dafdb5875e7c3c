"""Runs from fixed seeds: nothing is wrong, the same seed repeats to the letter, and planted bugs are caught."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from driving import (
    AWAY,
    DYING,
    HANDLED,
    HANDLED_DYING,
    HANDLED_STORM,
    HELD,
    HELD_DYING,
    MOVING,
    STORM,
    Weather,
    drive,
)
from sqlalchemy import text
from world import busiest

from bot.models import notation
from bot.models.allocation import State
from bot.models.commit import Ask, Plan, Verdict
from bot.models.entries import format_entry
from bot.models.notice import Kind, Notice
from bot.models.outcome import Outcome
from bot.models.pool import Pool
from bot.models.projection import Placed
from bot.models.request import Request
from bot.models.view import View
from bot.services import commit_run
from bot.services.holding import Holding
from bot.services.recovery import SENT, Recovery
from bot.storage import allocations
from bot.storage.database import Database
from bot.storage.journal import Journal
from bot.storage.outbox import OutboxStore

WEATHERS = {
    "moving": MOVING,
    "dying": DYING,
    "storm": STORM,
    "handled": HANDLED,
    "handled, dying": HANDLED_DYING,
    "handled storm": HANDLED_STORM,
    "held": HELD,
    "held, dying": HELD_DYING,
    "away": AWAY,
}
SEEDS = range(5)
CAUGHT_WITHIN = 12

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("weather", WEATHERS.values(), ids=WEATHERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_goes_wrong(seed: int, weather: Weather) -> None:
    """Sixty things at random, then everything settles as promised."""
    run = drive(seed, weather)
    assert [] == run.problems, "\n".join(run.log)


def test_the_same_seed_gives_the_same_run() -> None:
    """Every answer, every moment and every cell at the end; another seed gives another run."""
    first = drive(1, STORM).digest
    assert first == drive(1, STORM).digest
    assert first != drive(2, STORM).digest


def nobody_guards(patch: pytest.MonkeyPatch) -> None:
    """The index does not guard any more, and the pool does not notice what was handed out."""
    start = Database.start

    async def start_without_index(self: Database) -> None:
        await start(self)
        await self.write(
            lambda connection: connection.execute(text("DROP INDEX IF EXISTS ux_allocations_live"))
        )

    patch.setattr(Database, "start", start_without_index)
    patch.setattr(allocations, "_UPSERT_SQL", allocations._UPSERT_SQL.partition(" ON CONFLICT")[0])
    patch.setattr(Pool, "_refresh_key", lambda *_: None)


def the_judge_trusts(patch: pytest.MonkeyPatch) -> None:
    """What was written is believed to stand where it was meant for, without a look."""

    def judge(
        before: View,
        after: View,
        plan: Plan,
        standing: Iterable[Ask],
        placed: Mapping[int, Placed],
        live: Collection[str],
    ) -> Verdict:
        taken = [(ask, rows[0]) for ask in standing if (rows := before.at(ask.allocation.key))]
        return Verdict(taken=taken, left=list(plan.leave), held=list(plan.hold))

    patch.setattr(commit_run, "judge", judge)


def doubt_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """After a crash, what was perhaps sent is declared not done."""

    async def begin(self: Recovery) -> None:
        sent = [each for each in self._pool.ledger.live.values() if each.state in SENT]
        await self._journal.settle(Outcome(failed=[each.id for each in sent if each.state is State.TAKING]))
        for each in sent:
            self._pool.forget(each.id)

    patch.setattr(Recovery, "begin", begin)


def keys_are_not_looked_up(patch: pytest.MonkeyPatch) -> None:
    """A request that comes again is taken for a new one."""
    numbers, open_ = count(), Journal.open

    async def find(self: Journal, keys: Sequence[str]) -> dict[str, Request]:
        return {}

    async def open_under_another_key(self: Journal, new: Sequence[Request], *rest: Any) -> Any:
        renamed = [replace(request, key=f"{request.key}/{next(numbers)}") for request in new]
        return await open_(self, renamed, *rest)

    patch.setattr(Journal, "find", find)
    patch.setattr(Journal, "open", open_under_another_key)


def peoples_text_is_dropped(patch: pytest.MonkeyPatch) -> None:
    """What people have typed into `issued` is not kept."""
    patch.setattr(notation, "project", lambda _, here, *rest: "; ".join(map(format_entry, here)))


def marks_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    """What is used up is free for the next one, as if it had been given back."""
    mark = Journal.mark

    async def release_instead(self: Journal, request: Request, ids: Sequence[str], *rest: Any) -> Any:
        marked = await mark(self, request, ids, *rest)
        await self._database.write(
            lambda connection: connection.execute(
                text("UPDATE allocations SET state = 'released' WHERE state IN ('spent', 'bad')")
            )
        )
        return [one.moved_to(State.RELEASED) for one in marked]

    patch.setattr(Journal, "mark", release_instead)


def both_hold_it(patch: pytest.MonkeyPatch) -> None:
    """A transfer is answered, and nothing changes hands."""

    async def hand_over(self: Journal, request: Request, allocation: str, *rest: Any) -> Any:
        return []

    patch.setattr(Journal, "hand_over", hand_over)
    patch.setattr(Holding, "_own", lambda self, allocation, _: self._pool.ledger.get(allocation))


def losses_are_not_told(patch: pytest.MonkeyPatch) -> None:
    """Who was promised what a person had marked hears nothing of it."""
    prepare = OutboxStore.prepare
    untold = {Kind.LOST, Kind.REPLACED}

    def prepare_without(self: OutboxStore, notices: Iterable[Notice]) -> Any:
        return prepare(self, [each for each in notices if each.kind not in untold])

    patch.setattr(OutboxStore, "prepare", prepare_without)


PLANTED: dict[Plant, Weather] = {
    nobody_guards: STORM,
    the_judge_trusts: MOVING,
    doubt_is_forgotten: DYING,
    keys_are_not_looked_up: DYING,
    peoples_text_is_dropped: MOVING,
    marks_are_not_kept: HELD,
    both_hold_it: HELD,
    losses_are_not_told: AWAY,
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few seeds are enough to find each of these; a simulation that cannot fail would prove nothing."""
    plant(monkeypatch)
    assert any(drive(seed, PLANTED[plant]).problems for seed in range(CAUGHT_WITHIN))


def test_calls_within_a_minute_are_counted() -> None:
    """Any minute counts, not the clock's; more calls than the pace lets through are told."""
    assert [0, 1, 2, 3] == [busiest(sent) for sent in ([], [5.0], [0.0, 59.0, 61.0], [1.0, 30.0, 60.9, 90.0])]
