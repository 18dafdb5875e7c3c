"""Short scenes in the simulated world: a test says what happens, and what must be true at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import clients
from clients import Op
from history import Operation, Thing
from memory_sheet import ISSUED
from stillness import StillLoop
from world import World

from bot.models.sheet import Cell

Scene = Callable[[World], Awaitable[None]]

MOMENT = 1.0


def play(folder: Path, scene: Scene, rows: list[list[Cell]] | None = None) -> None:
    """Open a world of these rows, do the scene, and close the world whatever happened."""

    async def played(world: World) -> None:
        await world.start()
        try:
            await scene(world)
        finally:
            await world.kill()

    with asyncio.Runner(loop_factory=StillLoop) as runner:
        runner.run(played(World(folder, rows=rows)))


def takes(world: World, client: int, resource: str, count: int) -> Op:
    """A client asks for the best few."""
    key = world.new_key()
    work = clients.issue(client, resource, count, key)
    return world.ask(client, Operation.TAKE, resource, work, key=key, wanted=count)


def takes_row(world: World, client: int, resource: str, row: int) -> Op:
    """A client asks for one row."""
    key = world.new_key()
    work = clients.take(client, resource, [row], key)
    return world.ask(client, Operation.TAKE, resource, work, key=key, wanted=1)


async def gives_back(world: World, client: int, *resources: str) -> Op:
    """A client asks to give back what they hold for these resources."""
    held = (await world.look())[client]
    giving = {each: thing for each, thing in held.items() if thing[1] in resources}
    assert giving, f"client {client} holds only {held}"
    key = world.new_key()
    work = clients.give_back(client, giving, key)
    targets: tuple[Thing, ...] = tuple(giving.values())
    return world.ask(client, Operation.RELEASE, "", work, key=key, wanted=len(giving), targets=targets)


async def holding(world: World, client: int, resource: str, row: int) -> Thing:
    """Have a client hold the proxy in that row; returns what they hold."""
    op = takes_row(world, client, resource, row)
    await world.tick(MOMENT)
    assert op.answer is not None
    return op.answer.things[0]


def issued(world: World) -> dict[str, str]:
    """The `issued` texts that are not empty, by the proxy cell's beginning."""
    proxies = {row: str(world.sheet.cell(row, "proxy")) for row in range(2, len(world.sheet.lines) + 1)}
    texts = {proxies[row].partition(":")[0]: str(world.sheet.cell(row, ISSUED)) for row in proxies}
    return {proxy: text for proxy, text in texts.items() if text}
