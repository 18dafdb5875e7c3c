"""People free a proxy by deleting its entry, be it by mistake; many at once wait for an admin's word."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desk_bench import WRITE, proxy_rows
from desk_judge import sheet_is_right
from reconcile_bench import ADMIN, ANNA, APART, BORIS, HORIZON, Reconciling, in_cell, reconciling

from bot.models.audit import THE_BOT, Act
from bot.models.notice import Kind


def address(row: int) -> str:
    return f"10.0.0.{row}:8080"


async def deletes_many(desk: Reconciling, count: int = 6) -> dict[int, str]:
    """Anna and Boris hold so many each, and a person deletes every entry; two readings do not find them."""
    rows = range(2, 2 + count)
    await desk.take(ANNA, *rows)
    await desk.take(BORIS, *rows, resource="lentik")
    await desk.grown_old()
    former = await desk.delete(*rows)
    await desk.look()
    await desk.look(APART)
    return former


async def test_a_deleted_entry_frees_the_proxy(tmp_path: Path) -> None:
    """At the second reading a minute later: its holder is told once, the audit knows, another one gets it."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        await desk.delete(2)
        await desk.look()
        assert [True] == [held.missing for held in await desk.held(ANNA)]
        await desk.look(APART - 2)
        assert [address(2)] == await desk.holds(ANNA)
        await desk.look(2)
        assert [] == await desk.holds(ANNA)
        data = {"proxies": [{"resource": "beboo", "address": address(2)}]}
        assert [(ANNA, Kind.FREED, data)] == await desk.told()
        act = Act(THE_BOT, "the sheet", "freed by hand", address(2), "beboo of @anna", "free")
        assert [act] == await desk.acts("freed by hand")
        assert [address(2)] == await desk.take(BORIS, 2)
        await desk.look(APART)
        assert [] == await desk.told()
        await sheet_is_right(desk.bench)


async def test_whoever_undoes_it_in_time_has_done_nothing(tmp_path: Path) -> None:
    """Deleted, noted, and put back before the second reading; the minute begins anew at the next deletion."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        former = await desk.delete(2)
        await desk.look()
        await desk.write(2, former[2])
        await desk.look(APART)
        assert [False] == [held.missing for held in await desk.held(ANNA)]
        await desk.delete(2)
        await desk.look(APART)
        assert [True] == [held.missing for held in await desk.held(ANNA)]
        assert ([], []) == (await desk.told(), await desk.acts("freed by hand"))


async def test_a_missing_entry_is_not_written_again(tmp_path: Path) -> None:
    """A commit on the same row leaves it out, and then waits for a horizon before it counts as deleted."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        await desk.delete(2)
        await desk.look()
        await desk.take(BORIS, 2, resource="lentik")
        assert ["lentik"] == [text.split()[0] for text in desk.bench.issued().values()]
        await desk.look(APART)
        assert [address(2)] == await desk.holds(ANNA)
        await desk.look(HORIZON)
        assert ([], [address(2)]) == (await desk.holds(ANNA), await desk.holds(BORIS))


async def test_an_entry_that_is_back_stays(tmp_path: Path) -> None:
    """Put back while it was missing, a commit on the row keeps it, before any reading has seen it."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        former = await desk.delete(2)
        await desk.look()
        await desk.write(2, former[2])
        await desk.take(BORIS, 2, resource="lentik")
        assert desk.bench.issued()[2].startswith(f"{former[2]}; lentik")
        await desk.look(APART)
        assert [False] == [held.missing for held in await desk.held(ANNA)]
        await sheet_is_right(desk.bench)


async def test_a_row_written_a_moment_ago_proves_nothing(tmp_path: Path) -> None:
    """Two readings within the horizon of a write of ours do not even note a deletion."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.grown_old()
        await desk.take(ANNA, 2)
        await desk.delete(2)
        for after in (0.0, APART, APART):
            await desk.look(after)
        assert [False] == [held.missing for held in await desk.held(ANNA)]
        await desk.look(HORIZON - 2 * APART + 1)
        await desk.look(APART)
        assert [] == await desk.holds(ANNA)


async def test_a_refresh_that_began_before_a_commit_ended(tmp_path: Path) -> None:
    """It has read the row without the entry: nothing is missing, and the entry is known."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.grown_old()
        desk.bench.fault("drip", "values:batchGet", times=1, bytes_per_second=1000)
        reading = asyncio.create_task(desk.bench.desk.refresh.refresh())
        await desk.bench.struck()
        await desk.take(ANNA, 2)
        await reading
        assert [(address(2), False)] == [
            (held.proxy.endpoint.address, held.missing) for held in await desk.held(ANNA)
        ]
        assert [address(3)] == await desk.free()


async def test_a_restart_between_the_two_readings(tmp_path: Path) -> None:
    """What was missing stays so; after a start nothing is freed for a horizon, and then the second reading counts."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        await desk.delete(2)
        await desk.look()
        await desk.restart()
        assert [True] == [held.missing for held in await desk.held(ANNA)]
        await desk.look(APART)
        await desk.look(APART)
        assert [address(2)] == await desk.holds(ANNA)
        await desk.look(HORIZON)
        assert [] == await desk.holds(ANNA)
        assert [Kind.FREED] == [kind for _, kind, _ in await desk.told()]


async def test_a_write_without_an_answer_proves_nothing_until_it_was_looked_after(tmp_path: Path) -> None:
    """While it may still land on the row, and until that was read again, nothing there counts as deleted."""
    async with reconciling(proxy_rows(2), tmp_path, call_timeout=0.2) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        desk.bench.fault("lose_answer", WRITE, times=1)
        await desk.take(BORIS, 2, resource="lentik")
        await desk.delete(2)
        for _ in range(3):
            await desk.look(APART)
        assert [False] == [held.missing for held in await desk.held(ANNA)]


async def test_what_was_given_back_meanwhile_is_not_freed_by_hand(tmp_path: Path) -> None:
    """Its holder was faster than the second reading."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        await desk.delete(2)
        await desk.look()
        [held] = await desk.held(ANNA)
        await desk.bench.service.give_back([held.allocation], ANNA)
        await desk.look(HORIZON)
        assert ([], []) == (await desk.told(), await desk.acts("freed by hand"))
        assert [] == await desk.holds(ANNA)


async def test_what_is_spent_or_bad_is_freed_by_hand_too(tmp_path: Path) -> None:
    """Nobody holds it, so nobody is told; it can be had again."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        [held] = await desk.held(ANNA)
        await desk.bench.service.spend([held.allocation], ANNA, request_key="spend")
        await desk.shows({2: f"beboo spent @anna {held.issued_on} #{held.allocation}"})
        await desk.grown_old()
        await desk.delete(2)
        await desk.look()
        await desk.look(APART)
        assert [] == await desk.told()
        assert [address(2)] == await desk.take(BORIS, 2)


async def test_a_proxy_that_leaves_the_sheet_is_still_held(tmp_path: Path) -> None:
    """However long it is away; when it comes back without its entry, that is written again."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        entry = desk.bench.issued()[2]
        await desk.grown_old()
        line = desk.bench.cells()[1][0]
        await desk.bench.edit({"kind": "delete_rows", "at": 2})
        for _ in range(3):
            await desk.look(APART)
        assert [True] == [held.gone for held in await desk.held(ANNA)]
        await desk.bench.edit(in_cell(6, line, 0), in_cell(6, "30", 3))
        await desk.look(APART)
        await desk.shows({6: entry})
        assert [(False, False)] == [(held.gone, held.missing) for held in await desk.held(ANNA)]
        assert [] == await desk.told()


# -- many at once ----------------------------------------------------------------------------------------------


async def test_many_at_once_wait_for_an_admin(tmp_path: Path) -> None:
    """Nothing is freed, admins are told once what it is about, and it needs attention until they say a word."""
    async with reconciling(proxy_rows(6), tmp_path) as desk:
        await deletes_many(desk)
        [(to, kind, data)] = await desk.told()
        assert (ADMIN, Kind.REMOVALS, 12, 2) == (to, kind, data["count"], data["people"])
        for _ in range(3):
            await desk.look(APART)
        assert [] == await desk.told()
        assert (6, 6) == (len(await desk.holds(ANNA)), len(await desk.holds(BORIS)))
        [matter] = (await desk.bench.service.get_stats()).needs_attention
        assert "removals: 12 entries were deleted in the sheet at once" == matter


async def test_an_admin_says_that_it_was_meant(tmp_path: Path) -> None:
    """Everything is free, each holder is told once, the audit names the admin; a second word changes nothing."""
    async with reconciling(proxy_rows(6), tmp_path) as desk:
        await deletes_many(desk)
        [(_, _, data)] = await desk.told()
        words = [desk.bench.desk.reconciler.free_missing(data["latest"], ADMIN, "@root") for _ in range(2)]
        assert [12, 0] == await asyncio.gather(*words)
        assert [] == await desk.holds(ANNA) + await desk.holds(BORIS)
        assert {(ANNA, Kind.FREED), (BORIS, Kind.FREED)} == {(to, kind) for to, kind, _ in await desk.told()}
        assert {(ADMIN, "@root")} == {(act.actor, act.name) for act in await desk.acts("freed by hand")}
        assert 12 == len(await desk.acts("freed by hand"))
        assert () == (await desk.bench.service.get_stats()).needs_attention
        assert 0 == await desk.bench.desk.reconciler.restore_missing(data["latest"], ADMIN, "@root")


async def test_an_admin_says_that_it_was_not(tmp_path: Path) -> None:
    """Every entry stands in the sheet again as it was, and everybody holds what they held."""
    async with reconciling(proxy_rows(6), tmp_path) as desk:
        former = await deletes_many(desk)
        [(_, _, data)] = await desk.told()
        reconciler = desk.bench.desk.reconciler
        assert 12 == await reconciler.restore_missing(data["latest"], ADMIN, "@root")
        await desk.shows(former)
        assert [ADMIN] * 12 == [act.actor for act in await desk.acts("restore")]
        assert 0 == await reconciler.free_missing(data["latest"], ADMIN, "@root")
        await desk.look(HORIZON)
        await desk.look(APART)
        assert ([], 6) == (await desk.told(), len(await desk.holds(ANNA)))
        assert () == (await desk.bench.service.get_stats()).needs_attention
        await sheet_is_right(desk.bench)


async def test_giving_one_back_is_no_word_on_the_others(tmp_path: Path) -> None:
    """However few are left of what admins were asked about: only they, or the sheet, decide about it."""
    async with reconciling(proxy_rows(6), tmp_path) as desk:
        await desk.take(ANNA, *range(2, 8))
        await desk.grown_old()
        await desk.delete(*range(2, 8))
        await desk.look()
        await desk.look(APART)
        assert [Kind.REMOVALS] == [kind for _, kind, _ in await desk.told()]
        first = (await desk.held(ANNA))[0]
        await desk.bench.service.give_back([first.allocation], ANNA)
        await desk.look(APART)
        assert 5 == len(await desk.holds(ANNA))


async def test_a_word_is_about_what_was_asked(tmp_path: Path) -> None:
    """What is deleted after the question is judged by itself, and not freed by the answer to it."""
    async with reconciling(proxy_rows(12), tmp_path) as desk:
        await desk.take(ANNA, *range(8, 14))
        await deletes_many(desk, count=3)
        [(_, _, asked)] = await desk.told()
        await desk.delete(*range(8, 14))
        await desk.look(APART)
        assert 6 == await desk.bench.desk.reconciler.free_missing(asked["latest"], ADMIN, "@root")
        assert 6 == len(await desk.holds(ANNA))
        await desk.look(APART)
        questions = [data["count"] for _, kind, data in await desk.told() if kind is Kind.REMOVALS]
        assert ([6], 6) == (questions, len(await desk.holds(ANNA)))


async def test_a_few_more_are_freed_while_a_question_is_open(tmp_path: Path) -> None:
    """An admin who is away does not keep people from freeing a proxy."""
    async with reconciling(proxy_rows(12), tmp_path) as desk:
        await desk.take(ANNA, 13)
        await deletes_many(desk, count=3)
        await desk.delete(13)
        await desk.look(APART)
        await desk.look(APART)
        assert 3 == len(await desk.holds(ANNA))
        assert address(13) not in await desk.holds(ANNA)
        assert 1 == len((await desk.bench.service.get_stats()).needs_attention)


async def test_few_that_are_left_of_many_need_no_word(tmp_path: Path) -> None:
    """People put most of them back by themselves: the rest was meant, and the question is settled."""
    async with reconciling(proxy_rows(6), tmp_path) as desk:
        former = await deletes_many(desk, count=3)
        await desk.bench.edit(*(in_cell(row, former[row]) for row in (2, 3)))
        await desk.look(APART)
        assert (2, 2) == (len(await desk.holds(ANNA)), len(await desk.holds(BORIS)))
        assert () == (await desk.bench.service.get_stats()).needs_attention


async def test_a_question_outlives_a_restart(tmp_path: Path) -> None:
    """The button still works, and nobody is asked the same again."""
    async with reconciling(proxy_rows(6), tmp_path) as desk:
        await deletes_many(desk)
        [(_, _, data)] = await desk.told()
        await desk.restart()
        await desk.grown_old()
        assert [] == await desk.told()
        assert 12 == await desk.bench.desk.reconciler.free_missing(data["latest"], ADMIN, "@root")
