"""What the simulation has found and nobody has mended yet; a case that is mended moves to `test_found.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_client import LATE, Fault
from scenes import MOMENT, holding, play, takes_row
from settling import settle
from world import World, proxy_row

TWO = [proxy_row(1), proxy_row(2)]
THREE = [*TWO, proxy_row(3)]
SOON = 10.0


@pytest.mark.xfail(strict=True, reason="entries beside a wrong key are not looked for yet")
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


@pytest.mark.xfail(strict=True, reason="doubts are not kept over restarts (decision 0007)")
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
