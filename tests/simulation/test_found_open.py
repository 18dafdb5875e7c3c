"""What the simulation has found and nobody has mended yet; a case that is mended moves to `test_found.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_client import LATE, Fault
from scenes import MOMENT, gives_back, holding, issued, play, takes_row
from settling import settle
from world import World, proxy_row

TWO = [proxy_row(1), proxy_row(2)]
THREE = [*TWO, proxy_row(3)]
pytestmark = pytest.mark.xfail(strict=True, reason="found, reported, and not mended yet")
SOON = 10.0


def test_a_column_inserted_while_proxies_are_looked_up_makes_none_of_them_gone(tmp_path: Path) -> None:
    """What was looked for in the wrong column is not proven absent: the entry still has to go."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        world.sheet.insert(2, proxy_row(9))
        world.wire.before_read.extend([lambda: None, lambda: world.sheet.insert_column(0, "more")])
        await gives_back(world, 1, "beboo")
        await world.tick(SOON)
        assert await settle(world) == []
        assert {} == issued(world)

    play(tmp_path, scene, TWO)


def test_a_proxy_that_moves_right_after_it_was_looked_up_is_not_gone(tmp_path: Path) -> None:
    """Found in the column but not in its row any more is not proven absent: the entry still has to go."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        world.sheet.insert(2, proxy_row(9))
        moves = [lambda: None, lambda: None, lambda: world.sheet.insert(2, proxy_row(8))]
        world.wire.before_read.extend(moves)
        await gives_back(world, 1, "beboo")
        await world.tick(SOON)
        assert await settle(world) == []
        assert {} == issued(world)

    play(tmp_path, scene, TWO)


def test_a_late_text_that_is_sorted_away_before_the_horizon_is_found(tmp_path: Path) -> None:
    """An entry beside another proxy's key is found by a refresh, wherever people have moved its row."""

    async def scene(world: World) -> None:
        world.wire.write_faults.append(Fault.LATE)
        takes_row(world, 1, "beboo", 2)
        await world.tick(MOMENT)
        world.sheet.sort("proxy", descending=True)
        await world.tick(160.0)
        world.sheet.move(2, 4)
        await world.tick(SOON)
        assert await settle(world) == []

    play(tmp_path, scene, THREE)


def test_a_late_write_is_looked_after_however_often_the_process_dies_before_the_horizon(
    tmp_path: Path,
) -> None:
    """What an old write wiped out is written again, even when nothing has changed since the last start but one."""

    async def scene(world: World) -> None:
        world.wire.write_faults.append(Fault.LATE)
        takes_row(world, 1, "beboo", 2)
        await world.tick(MOMENT)
        await world.kill()
        await world.start()
        await world.tick(SOON)
        await holding(world, 2, "lentik", 2)
        for pause in (LATE, LATE):
            await world.tick(pause)
            await world.kill()
            await world.start()
        assert await settle(world) == []

    play(tmp_path, scene, TWO)
