"""Shared mode, from fixed seeds: nothing is wrong, and planted bugs are caught."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import pytest
from driving import Weather
from shared_world import SHARED_DYING, SHARED_MOVING, SHARED_STORM, drive_shared

from bot.models import commit, notation
from bot.models.commit import Ask, Plan, Verdict
from bot.models.notation import Shared, with_name
from bot.models.projection import Placed
from bot.models.view import View
from bot.services import commit_run

WEATHERS = {"moving": SHARED_MOVING, "dying": SHARED_DYING, "storm": SHARED_STORM}
SEEDS = range(8)
CAUGHT_WITHIN = 40

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("weather", WEATHERS.values(), ids=WEATHERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_goes_wrong(seed: int, weather: Weather) -> None:
    """Sixty things at random, then everything settles as promised."""
    run = drive_shared(seed, weather)
    assert [] == run.problems, "\n".join(run.log)


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
        return Verdict(taken=taken, left=list(plan.leave), held=[*plan.hold, *plan.wait])

    patch.setattr(commit_run, "judge", judge)


def nothing_is_frozen(patch: pytest.MonkeyPatch) -> None:
    """Others write into a cell that a late write may still bring back as it was."""
    patch.setattr(commit, "_is_frozen", lambda ask, view: False)


def peoples_words_are_dropped(patch: pytest.MonkeyPatch) -> None:
    """Our word takes the place of theirs."""
    patch.setattr(notation, "with_name", lambda cell, name: name)


def words_stay(patch: pytest.MonkeyPatch) -> None:
    """What is given back is not taken out."""

    def project(self: Shared, cell: str, here: Any, *rest: Any, whole: bool = False) -> str:
        for one in here:
            cell = with_name(cell, one.resource)
        return cell

    patch.setattr(Shared, "project", project)


PLANTED: dict[Plant, Weather] = {
    the_judge_trusts: SHARED_MOVING,
    nothing_is_frozen: SHARED_DYING,
    peoples_words_are_dropped: SHARED_MOVING,
    words_stay: SHARED_MOVING,
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few seeds are enough to find each of these; a simulation that cannot fail would prove nothing."""
    plant(monkeypatch)
    assert any(drive_shared(seed, PLANTED[plant]).problems for seed in range(CAUGHT_WITHIN))
