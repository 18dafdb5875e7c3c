"""What the simulation has found since people lay hands on our entries, each case cut down to a short scene."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_client import LATE, TIMEOUT, Fault
from scenes import MOMENT, gives_back, holding, issued, play, takes_row
from settling import settle
from world import World, proxy_row

TWO = [proxy_row(1), proxy_row(2)]
THREE = [*TWO, proxy_row(3)]
SOON = 10.0
LONG = 500.0
APART = 61.0


async def reads(world: World, times: int) -> None:
    """The whole sheet is read again and again."""
    for _ in range(times):
        await world.desk_reads()
        await world.tick(APART)


def test_an_entry_that_a_commit_takes_from_beside_another_proxy_is_not_lost(tmp_path: Path) -> None:
    """Somebody takes the row where it lies before any reading has seen that."""

    async def scene(world: World) -> None:
        thing = await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        takes_row(world, 2, "lentik", 4)
        await world.tick(SOON)
        await reads(world, 3)
        assert await settle(world) == []
        assert thing in (await world.look())[1].values()

    play(tmp_path, scene, THREE)


def test_an_entry_that_lies_elsewhere_while_it_is_given_back_marks_nothing(tmp_path: Path) -> None:
    """The next reading finds it and takes it out."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        await gives_back(world, 1, "beboo")
        await world.tick(SOON)
        assert await settle(world) == []
        assert {} == issued(world)

    play(tmp_path, scene, THREE)


def test_a_copy_that_lies_elsewhere_while_its_original_is_given_back_marks_nothing(tmp_path: Path) -> None:
    """A commit had written the entry home again before any reading had seen where it lay."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        takes_row(world, 2, "lentik", 2)
        await world.tick(SOON)
        await gives_back(world, 1, "beboo")
        await world.tick(SOON)
        assert await settle(world) == []
        assert ["10.0.0.1"] == list(issued(world))

    play(tmp_path, scene, THREE)


def test_a_text_beside_a_password_that_no_reading_has_seen(tmp_path: Path) -> None:
    """It was read when the write was decided that came over it by mistake."""

    async def scene(world: World) -> None:
        world.sheet.put(3, "proxy", "10.0.0.2:8080:user:fresh")
        world.sheet.append_issued(3, "office by hand")
        takes_row(world, 2, "lentik", 3)
        takes_row(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await world.tick(SOON)
        assert await settle(world) == []
        assert issued(world)["10.0.0.2"].startswith("office by hand")

    play(tmp_path, scene, THREE)


def test_an_entry_that_cannot_be_written_home_yet_is_not_missing(tmp_path: Path) -> None:
    """Its row is protected: it is due until Google lets us, however long that takes."""

    async def scene(world: World) -> None:
        thing = await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        world.sheet.protect(2)
        await reads(world, 6)
        assert {} == issued(world)
        assert thing in (await world.look())[1].values()
        assert await settle(world) == []
        assert ["10.0.0.1"] == list(issued(world))

    play(tmp_path, scene, THREE)


def test_a_row_that_moves_while_an_entry_is_written_home(tmp_path: Path) -> None:
    """It is written where its proxy has gone."""

    async def scene(world: World) -> None:
        thing = await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await reads(world, 1)
        assert ["10.0.0.1"] == list(issued(world))
        assert await settle(world) == []
        assert thing in (await world.look())[1].values()

    play(tmp_path, scene, THREE)


def test_an_entry_that_was_carried_into_a_row_without_a_proxy(tmp_path: Path) -> None:
    """It goes home, and nothing stays behind that would keep people from freeing the proxy."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        await reads(world, 1)
        assert await settle(world) == []
        assert ["10.0.0.1"] == list(issued(world))

    play(tmp_path, scene, [*TWO, ["half a proxy"]])


def test_a_late_write_of_a_process_that_died_hits_what_was_taken_since(tmp_path: Path) -> None:
    """Nobody knows what it carried, so everything that was written since is looked at in the end."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        await world.tick(LONG)
        world.sheet.sort_issued(descending=True)
        world.wire.write_faults.append(Fault.LATE)
        await world.desk_reads()
        await world.tick(MOMENT)
        await world.kill()
        await world.start()
        await world.tick(MOMENT)
        thing = await holding(world, 2, "lentik", 4)
        await world.tick(LATE)
        assert ["10.0.0.1"] == list(issued(world))
        assert await settle(world) == []
        assert thing in (await world.look())[2].values()

    play(tmp_path, scene, THREE)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.BUSY])
def test_people_get_their_text_back_although_a_reading_has_seen_the_mistake(
    tmp_path: Path, fault: Fault
) -> None:
    """What stood there before a text of ours came there wrongly is remembered until that is put right."""

    async def scene(world: World) -> None:
        world.sheet.append_issued(3, "office by hand")
        await world.desk_reads()
        takes_row(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await world.tick(0.2)
        world.wire.read_faults.append(fault)
        await world.tick(0.2)
        world.spawn(lambda: world.desk.service.refresh(force=True))
        await world.tick(SOON)
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_people_keep_their_text_when_a_password_changes_before_the_horizon(tmp_path: Path) -> None:
    """The row of a write without an answer has another key by then, and is the same row."""

    async def scene(world: World) -> None:
        world.sheet.append_issued(2, "office by hand")
        await world.desk_reads()
        world.wire.write_faults.append(Fault.DONE)
        takes_row(world, 1, "beboo", 2)
        await world.tick(2 * TIMEOUT)
        world.sheet.put(2, "proxy", "10.0.0.1:8080:user:fresh")
        await world.desk_reads()
        assert await settle(world) == []
        assert issued(world)["10.0.0.1"].startswith("office by hand; beboo")

    play(tmp_path, scene, TWO)
