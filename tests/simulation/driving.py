"""A run from a seed: the same seed gives the same run, to the letter.

Three kinds of weather. While rows and columns MOVE, and while processes are DYING and answers get lost, everything
must be right in the end, the sheet too. In a STORM both happen at once: then the desk may leave a text in a wrong
row for people to see, but nobody may get what is another's, nothing may get lost, and everybody gets an answer.
HANDLED: people also delete our entries and put them back, cut and paste rows, sort our column alone, change passwords.
HELD: holders also mark, replace and hand over what is theirs. AWAY: Google also is away for long.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import actions
import holders
import outages
import people
from settling import problems, settle
from stillness import StillLoop
from world import World

Weather = Mapping[actions.Action, int]  # what happens, and how often

_USUAL: Weather = {
    actions.issue: 6,
    actions.take: 4,
    actions.reserve: 3,
    actions.give_back: 4,
    actions.cancel: 1,
    actions.repeat: 2,
    actions.conflict: 1,
    actions.clean_up: 1,
    actions.refresh: 2,
    actions.wait: 14,
    actions.edit_cell: 3,
}
_FAULTS: Weather = {actions.read_fault: 1, actions.answered_fault: 1, actions.disk_fault: 1}
MOVING: Weather = {
    **_USUAL,
    **_FAULTS,
    actions.edit_rows: 3,
    actions.insert_column: 1,
    actions.edit_between: 3,
}
DYING: Weather = {**_USUAL, **_FAULTS, actions.unanswered_fault: 2, actions.crash: 2}
STORM: Weather = {**MOVING, **DYING, actions.protect: 1}

_HANDS: Weather = {
    people.delete_entry: 2,
    people.delete_many: 1,
    people.put_back: 2,
    people.rotate: 1,
    people.say_word: 1,
}
_CARRYING: Weather = {people.cut_row: 1, people.paste_row: 2, people.sort_issued: 1}
HANDLED: Weather = {**MOVING, **_HANDS, **_CARRYING}
HANDLED_DYING: Weather = {**DYING, **_HANDS}
HANDLED_STORM: Weather = {**STORM, **_HANDS, **_CARRYING}
_HOLDING: Weather = {
    holders.spend: 2,
    holders.report: 1,
    holders.replace: 2,
    holders.transfer: 3,
    holders.revive: 2,
}
HELD: Weather = {**HANDLED, **_HOLDING}
HELD_DYING: Weather = {**HANDLED_DYING, **_HOLDING}
AWAY: Weather = {**HELD, actions.crash: 1, outages.leave: 3, outages.come_back: 2}
STORMS = (STORM, HANDLED_STORM)


@dataclass(frozen=True, slots=True)
class Run:
    """How it went: what was wrong, a fingerprint of everything, and the log."""

    problems: list[str]
    digest: str
    log: list[str]


def drive(seed: int, weather: Weather, steps: int = 60) -> Run:
    """Do `steps` things at random, then settle; ends at the first thing that is wrong."""
    with TemporaryDirectory() as folder, asyncio.Runner(loop_factory=StillLoop) as runner:
        return runner.run(_drive(World(Path(folder), seed), random.Random(seed), weather, steps))


async def _drive(world: World, chance: random.Random, weather: Weather, steps: int) -> Run:
    await world.start()
    wrong: list[str] = []
    for action in chance.choices(list(weather), weights=list(weather.values()), k=steps):
        await action(world, chance.choice)
        await world.look()
        if wrong := problems(world):
            break
    wrong = wrong or await settle(world, sheet=weather not in STORMS)
    await world.kill()
    return Run(wrong, world.digest(), world.log)
