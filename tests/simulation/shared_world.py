"""A world whose sheet has no column of ours: people's words and our resources stand in one cell."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import actions
from actions import Pick
from driving import DYING, MOVING, STORM, Run, Weather
from history import Thing
from memory_sheet import ISSUED, Line, MemorySheet, entries
from settling import problems, settle
from stillness import StillLoop
from world import HEADER, World, usual_rows

from bot.models.proxy import parse_endpoint
from bot.models.sheet import Cell

OURS = "used_for"
ISSUED_AT = HEADER.index(ISSUED)

Scene = Callable[[World], Awaitable[None]]


class SharedSheet(MemorySheet):
    """Whoever asks for our column is shown people's."""

    def column(self, header: str) -> int:
        return super().column(OURS if header == ISSUED else header)


def shared_rows(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows without their last cell, which is our own column's."""
    return [row[:ISSUED_AT] for row in rows]


def shared_world(folder: Path, seed: int = 0, rows: list[list[Cell]] | None = None) -> World:
    """The usual world on such a sheet."""
    cells = shared_rows([HEADER, *(usual_rows() if rows is None else rows)])
    return World(folder, seed, sheet=SharedSheet(cells, OURS))


async def edit_words(world: World, pick: Pick) -> None:
    """A person writes a word of theirs behind whatever the cell holds, or a note."""
    pick((type_word, actions.note))(world, pick)


def type_word(world: World, pick: Pick) -> None:
    """Use a proxy for something that we do not hand out."""
    row, word = pick(range(2, len(world.sheet.lines) + 1)), f"Office {world.serial()}"
    world.act(f"`{word}` is typed into row {row}")
    world.sheet.append_issued(row, word)


def shared(weather: Weather) -> Weather:
    """The weather with people's words in place of what they do to marks and entries."""
    kept = {action: often for action, often in weather.items() if action.__module__ != "people"}
    return {edit_words if action is actions.edit_cell else action: often for action, often in kept.items()}


SHARED_MOVING, SHARED_DYING, SHARED_STORM = shared(MOVING), shared(DYING), shared(STORM)


def drive_shared(seed: int, weather: Weather, steps: int = 60) -> Run:
    """Do `steps` things at random, then settle; ends at the first thing that is wrong."""
    with TemporaryDirectory() as folder, asyncio.Runner(loop_factory=StillLoop) as runner:
        return runner.run(_drive(shared_world(Path(folder), seed), random.Random(seed), weather, steps))


async def _drive(world: World, chance: random.Random, weather: Weather, steps: int) -> Run:
    await world.start()
    wrong: list[str] = []
    for action in chance.choices(list(weather), weights=list(weather.values()), k=steps):
        await action(world, chance.choice)
        await world.look()
        if wrong := problems(world):
            break
    wrong = wrong or await settle_shared(world, cells=weather is not SHARED_STORM)
    await world.kill()
    return Run(wrong, world.digest(), world.log)


async def settle_shared(world: World, *, cells: bool = True) -> list[str]:
    """Let everything come to its end; returns what is wrong then (the cells' texts with `cells`)."""
    wrong = await settle(world, sheet=False)
    return wrong or (await _cells_wrong(world) if cells else [])


async def _cells_wrong(world: World) -> list[str]:
    held = {thing for mine in (await world.look()).values() for thing in mine.values()}
    return [wrong for line in world.sheet.lines[1:] for wrong in _line_wrong(world, line, held)]


def _line_wrong(world: World, line: Line, held: set[Thing]) -> Iterator[str]:
    """People's words as they wrote them, in order; ours once, beside the proxy that somebody holds for it."""
    column = world.sheet.column(OURS)
    where = _address(str(line.people[world.sheet.column("proxy")]))
    words = entries(line.cells[column])
    ours = sorted(word for word in words if word in actions.RESOURCES)
    expected = sorted(resource for proxy, resource in held if proxy == where)
    if ours != expected:
        yield f"{where} shows {ours}, held are {expected}"
    kept = [word for word in words if word not in actions.RESOURCES and word not in line.forgiven]
    left = [word for word in entries(line.people[column]) if word not in line.forgiven]
    if kept != left:
        yield f"people's words {left} of {where} are {kept}"
    for at, (cell, filled) in enumerate(zip(line.cells, line.people, strict=True)):
        if at != column and cell != filled:
            yield f"a person's cell {filled!r} of {where} holds {cell!r}"


def _address(cell: str) -> str:
    return parse_endpoint(cell).address if ":" in cell else ""


def play_shared(folder: Path, scene: Scene, rows: list[list[Cell]] | None = None) -> None:
    """Open such a world of these rows, do the scene, and close the world whatever happened."""

    async def played(world: World) -> None:
        await world.start()
        try:
            await scene(world)
        finally:
            await world.kill()

    with asyncio.Runner(loop_factory=StillLoop) as runner:
        runner.run(played(shared_world(folder, rows=rows)))
