"""What the simulation has found since holders mark, replace and hand over, each case cut down to a short scene."""

from __future__ import annotations

from pathlib import Path

import pytest
from clients import Op
from history import Operation
from holders import handing_over, replacing
from memory_client import Fault
from outages import leave
from scenes import MOMENT, gives_back, holding, play, takes, takes_row
from settling import settle
from world import World, proxy_row

from bot.resilience.breaker import REST

WAITED = [0.02, 0.1]  # it is read, and it is decided
TWO = [proxy_row(1), proxy_row(2)]
SOON = 10.0
WRITTEN = 0.215  # the sheet has the fresh one, the old one is about to be marked


async def hands_over(world: World, client: int, to: int) -> Op:
    """A client hands over the one thing that they hold."""
    ((allocation, thing),) = (await world.look())[client].items()
    key = world.new_key()
    work = handing_over(client, allocation, to, key)
    op = world.ask(client, Operation.TRANSFER, thing[1], work, key=key, wanted=1, targets=(thing,))
    op.to = to
    return op


async def replaces(world: World, client: int) -> Op:
    """A client wants another in place of the one thing that they hold."""
    ((allocation, thing),) = (await world.look())[client].items()
    key = world.new_key()
    work = replacing(client, allocation, thing, key)
    return world.ask(client, Operation.REPLACE, thing[1], work, key=key, wanted=1, targets=(thing,))


def test_a_transfer_that_comes_again_is_answered_though_the_colleague_has_it_no_more(tmp_path: Path) -> None:
    """It was done, so the second tap may not say that it could not be."""

    async def scene(world: World) -> None:
        thing = await holding(world, 1, "beboo", 2)
        op = await hands_over(world, 1, 2)
        await world.tick(MOMENT)
        await gives_back(world, 2, "beboo")
        await world.tick(SOON)
        world.send(op)
        await world.tick(MOMENT)
        assert op.answer is not None
        assert (thing,) == op.answer.things
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_one_that_is_given_back_while_it_is_being_replaced(tmp_path: Path) -> None:
    """The fresh one is theirs and they are told so, whatever became of the old one."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        op = await replaces(world, 1)
        await gives_back(world, 1, "beboo")
        await world.tick(SOON)
        assert await settle(world) == []
        assert op.answer is not None

    play(tmp_path, scene, TWO)


def test_a_full_disk_while_one_is_being_replaced(tmp_path: Path) -> None:
    """Whoever is told of a failure has nothing new."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        await replaces(world, 1)
        await world.tick(WRITTEN)
        world.database.fail_next = 1
        await world.tick(SOON)
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


@pytest.mark.parametrize("waited", WAITED)
def test_what_is_promised_while_its_write_is_being_decided_is_shown_as_promised(
    tmp_path: Path, waited: float
) -> None:
    """The commit goes on with what it knew before; the holder sees what they were told."""

    async def scene(world: World) -> None:
        world.wire.write_faults.append(Fault.LOST)
        op = takes_row(world, 1, "beboo", 2)
        await world.tick(waited)
        world.spawn(lambda: world.desk.service.promise_waiting())
        await world.tick(MOMENT)
        assert op.answer is not None
        (held,) = await world.desk.service.held_by(1)
        assert (True, True) == (held.settled, held.pending)
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_who_loses_a_promise_and_its_replacement_hears_of_the_one_they_were_shown(tmp_path: Path) -> None:
    """People mark the one during the outage, and the other while it is being written in its place."""

    async def scene(world: World) -> None:
        await leave(world, lambda options: options[0])
        op = takes(world, 1, "beboo", 1)
        await world.tick(MOMENT)
        assert op.answer is not None
        (shown,) = op.answer.things
        await world.look()
        mine = next(row for row in (2, 3) if str(world.sheet.cell(row, "proxy")).startswith(shown[0]))
        world.sheet.put(mine, "used_for", "beboo")
        world.wire.before_write.append(lambda: world.sheet.put(5 - mine, "used_for", "beboo"))
        world.wire.is_away = False
        await world.tick(2 * REST)
        await world.look()
        assert [shown[0]] == [notice.data["address"] for notice in world.notices.values()]
        assert await settle(world) == []

    play(tmp_path, scene, TWO)
