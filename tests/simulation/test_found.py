"""What the simulation has found, each case cut down to the shortest scene that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_client import LATE, TIMEOUT, Fault
from scenes import MOMENT, gives_back, holding, issued, play, takes, takes_row
from settling import settle
from world import World, proxy_row

TWO = [proxy_row(1), proxy_row(2)]
THREE = [*TWO, proxy_row(3)]
SOON = 10.0
LONG = 500.0


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DONE, Fault.LATE])
def test_a_give_back_without_an_answer_is_settled_after_the_horizon(tmp_path: Path, fault: Fault) -> None:
    """It is held in doubt until the horizon, not for ever."""

    async def scene(world: World) -> None:
        thing = await holding(world, 1, "beboo", 2)
        world.wire.write_faults.append(fault)
        op = await gives_back(world, 1, "beboo")
        await world.tick(LONG)
        assert op.answer is not None
        assert (thing,) == op.answer.things
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_what_is_held_in_doubt_burns_no_reads(tmp_path: Path) -> None:
    """A request that waits for its horizon is parked, not tried again and again."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        world.wire.write_faults.append(Fault.LOST)
        await gives_back(world, 1, "beboo")
        await world.tick(MOMENT)
        before = (await world.desk.service.get_stats()).reads
        await world.tick(100.0)
        assert (await world.desk.service.get_stats()).reads - before <= 3

    play(tmp_path, scene, TWO)


def test_a_proxy_whose_row_moved_under_the_write_is_not_given_back_unseen(tmp_path: Path) -> None:
    """The entry goes from the row it has moved to, before the client is told that it is gone."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await gives_back(world, 1, "beboo")
        await world.tick(SOON)
        assert await settle(world) == []
        assert {} == issued(world)

    play(tmp_path, scene, TWO)


def test_a_replacement_whose_write_failed_is_not_added_to_another_one(tmp_path: Path) -> None:
    """Who asked for one gets one, however often the write has to be repeated."""

    async def scene(world: World) -> None:
        await world.tick(MOMENT)
        world.sheet.put(2, "used_for", "beboo")
        world.wire.write_faults.append(Fault.UNAVAILABLE)
        op = takes(world, 1, "beboo", 1)
        await world.tick(SOON)
        assert await settle(world) == []
        assert op.answer is not None
        assert 1 == len(op.answer.things)

    play(tmp_path, scene, THREE)


def test_a_full_disk_means_that_nothing_was_taken(tmp_path: Path) -> None:
    """Told `nothing was done`, a client holds nothing afterwards either."""

    async def scene(world: World) -> None:
        op = takes(world, 1, "beboo", 1)
        await world.tick(0.1)
        world.database.fail_next = 1
        await world.tick(SOON)
        assert await settle(world) == []
        assert op.answer is not None or {} == (await world.look())[1]

    play(tmp_path, scene, THREE)


def test_people_get_back_the_text_that_a_write_has_hit_by_mistake(tmp_path: Path) -> None:
    """What stood in the row that moved under the write stands there again."""

    async def scene(world: World) -> None:
        world.sheet.append_issued(3, "office by hand")
        await world.desk_reads()
        takes_row(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await world.tick(SOON)
        assert await settle(world) == []
        assert issued(world)["10.0.0.2"] == "office by hand"

    play(tmp_path, scene, TWO)


def test_a_row_that_was_hit_gets_no_released_entry_back(tmp_path: Path) -> None:
    """The text that is restored is what the last write left there, not what was read before it."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 3)
        await gives_back(world, 1, "beboo")
        await world.tick(MOMENT)
        takes_row(world, 2, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await world.tick(SOON)
        assert await settle(world) == []
        assert ["10.0.0.1"] == list(issued(world))

    play(tmp_path, scene, TWO)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.BUSY])
def test_a_repair_that_is_interrupted_goes_on_later(tmp_path: Path, fault: Fault) -> None:
    """A row hit by mistake is put right even when the very next call fails."""

    async def scene(world: World) -> None:
        world.sheet.append_issued(3, "office by hand")
        await world.desk_reads()
        takes_row(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await world.tick(0.2)
        world.wire.read_faults.append(fault)
        await world.tick(SOON)
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_a_repair_goes_on_although_another_row_is_refused(tmp_path: Path) -> None:
    """A protected row fails its own request; the rows that were hit by mistake are put right all the same."""

    async def scene(world: World) -> None:
        world.sheet.append_issued(3, "office by hand")
        await world.desk_reads()
        takes_row(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.move(2, 3))
        await world.tick(0.2)
        world.sheet.protect(3)
        await world.tick(SOON)
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_a_late_write_into_another_column_is_undone(tmp_path: Path) -> None:
    """A column inserted while a write was under way: people's cells are as before in the end."""

    async def scene(world: World) -> None:
        world.wire.write_faults.append(Fault.LATE)
        takes_row(world, 1, "beboo", 2)
        await world.tick(MOMENT)
        world.sheet.insert_column(0, "more")
        await world.tick(SOON)
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


def test_a_row_hit_before_a_crash_is_put_right_although_a_second_crash_follows(tmp_path: Path) -> None:
    """Where a former process may have written is known for as long as the horizon, however often it dies."""

    async def scene(world: World) -> None:
        takes_row(world, 1, "beboo", 2)
        world.wire.before_write.append(lambda: world.sheet.insert(2, proxy_row(9)))
        await world.tick(0.17)
        await world.kill()
        await world.start()
        await world.tick(MOMENT)
        await world.kill()
        await world.start()
        assert await settle(world) == []

    play(tmp_path, scene, TWO)


@pytest.mark.parametrize("pause", [0.0, 0.0005, 0.0015])
def test_two_taps_on_give_back_get_one_answer(tmp_path: Path, pause: float) -> None:
    """However close the second is behind the first: at once, while the first is journalled, or just after."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        op = await gives_back(world, 1, "beboo")
        if pause:
            await world.tick(pause)
        world.send(op)
        assert await settle(world) == []
        assert op.answer is not None
        assert op.answer.things

    play(tmp_path, scene, TWO)


@pytest.mark.parametrize("unmarked", [False, True])
def test_a_replacement_cut_off_by_a_crash_is_not_added_to_the_lost_one(
    tmp_path: Path, unmarked: bool
) -> None:
    """Who asked for one gets one, even when the lost proxy has become free again meanwhile."""

    async def scene(world: World) -> None:
        await world.tick(MOMENT)
        world.sheet.put(2, "used_for", "beboo")
        op = takes(world, 1, "beboo", 1)
        await world.tick(0.15)  # the replacement is in the journal, its write under way
        await world.kill()
        if unmarked:
            world.sheet.put(2, "used_for", "")
        await world.start()
        world.replay([op])
        assert await settle(world) == []

    play(tmp_path, scene, THREE)


def test_a_give_back_cut_off_by_a_crash_tells_of_everything_it_freed(tmp_path: Path) -> None:
    """What was free before the crash belongs to the answer as well as what came free after it."""

    async def scene(world: World) -> None:
        await holding(world, 1, "beboo", 2)
        await holding(world, 1, "lentik", 3)
        world.wire.before_write.append(lambda: world.sheet.move(3, 4))
        op = await gives_back(world, 1, "beboo", "lentik")
        await world.tick(0.22)  # one of the two is seen to be gone, the other one's row has moved
        await world.kill()
        await world.start()
        world.replay([op])
        assert await settle(world) == []
        assert op.answer is not None
        assert 2 == len(op.answer.things)

    play(tmp_path, scene, THREE)


def test_ending_what_nobody_asked_for_keeps_what_the_request_has_got(tmp_path: Path) -> None:
    """A request whose replacement is taken is not answered with the failure of the one it replaced."""

    async def scene(world: World) -> None:
        world.sheet.put(2, "used_for", "beboo")
        op = takes(world, 1, "beboo", 1)
        takes(world, 2, "lentik", 1)
        world.wire.write_faults.append(Fault.LATE)
        await world.tick(2 * TIMEOUT)  # the replacement is taken, the lost one waits for the horizon
        await world.kill()
        await world.start()
        world.replay([])
        await world.tick(MOMENT)
        world.send(op)
        assert await settle(world) == []
        assert op.answer is not None
        assert 1 == len(op.answer.things)

    play(tmp_path, scene, THREE)


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
