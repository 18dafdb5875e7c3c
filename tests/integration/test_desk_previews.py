"""Previews: the best of a kind, kept for one person for a while, and taken as they were shown."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from desk_bench import READ, USED_FOR, WRITE, DeskBench, JumpingClock, desk_bench, proxy_row, proxy_rows
from desk_judge import sheet_is_right

from bot.errors import NotEnough, OverLimit, PreviewLapsed, RequestConflict
from bot.models.results import Issued, Preview, Reason
from bot.models.wish import ANY, Wish

ANNA, BORIS = 7, 8
TTL = 300.0
TURN = 600.0
BEST = 9000  # proxy_rows: the proxy of row n has 9000 - n days left


def kind(number: int, country: str = "NL", scheme: str = "http", days: object = 30) -> list[Any]:
    """A row of a proxy of that kind."""
    _, *rest = proxy_row(number, days=days)
    rest[0] = country
    return [f"{scheme}://user{number}:pass{number}@10.0.0.{number}:8080", *rest]


async def preview(
    bench: DeskBench, count: int = 1, user: int = ANNA, key: str = "show", wish: Wish = ANY, **more: Any
) -> Preview:
    """A person has the best ones kept."""
    who = {"name": f"@user{user}", "request_key": f"{user}:{key}", "new_resource": True}
    return await bench.service.preview("beboo", count, user, wish=wish, **who, **more)


async def take(bench: DeskBench, kept: Preview, user: int = ANNA, key: str = "take") -> Issued:
    """A person takes what is kept."""
    who = {"name": f"@user{user}", "request_key": f"{user}:{key}"}
    return await bench.service.take_preview(kept.request, user, **who)


def days(kept: Preview) -> list[int | None]:
    return [glimpse.days_left for glimpse in kept.proxies]


def rows(issued: Issued) -> list[int]:
    return [proxy.row for proxy in issued.proxies]


async def killed(bench: DeskBench, *waiting: asyncio.Future[Any]) -> None:
    """The process dies, and with it whoever waited; another one starts."""
    await bench.kill()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    bench.faults.clear()
    await bench.start()


async def test_the_best_are_kept_and_taken_as_they_were_shown(tmp_path: Path) -> None:
    """Nothing is asked of Google for a preview; taking it is one read and one write."""
    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        await bench.zero()
        kept = await preview(bench, 3)
        assert [BEST - 2, BEST - 3, BEST - 4] == days(kept)
        assert {"reads": 0, "writes": 0} == await bench.calls()
        issued = await take(bench, kept)
        assert ([2, 3, 4], ()) == (rows(issued), issued.failures)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        assert {2, 3, 4} == bench.issued().keys()
        await sheet_is_right(bench)


@pytest.mark.parametrize(
    ("wish", "fitting"),
    [
        (ANY, [8, 6, 4, 3, 2, 7]),
        (Wish(country="nl"), [6, 2, 7]),
        (Wish(country="Nl", min_days=10), [6, 2]),
        (Wish(min_days=30), [8, 6, 4, 3]),
        (Wish(scheme="socks5"), [8, 3]),
        (Wish("de", 30, "socks5"), [8]),
    ],
)
async def test_a_wish_is_kept_to(tmp_path: Path, wish: Wish, fitting: list[int]) -> None:
    """The country in any case, the protocol, and days left at least, which leaves out an unknown expiry."""
    sheet = [
        kind(2, "NL", days=29),
        kind(3, "FR", "socks5", days=30),
        kind(4, "de", days=31),
        kind(5, "NL", days=-1),
        kind(6, "NL", days=40),
        kind(7, "nl", days="soon"),
        kind(8, "DE", "socks5", days=50),
    ]
    async with desk_bench(sheet, tmp_path) as bench:
        choices = await bench.service.choices("beboo", wish)
        assert len(fitting) == choices.free
        kept = await preview(bench, len(fitting), wish=wish)
        assert fitting == rows(await take(bench, kept))
        with pytest.raises(NotEnough) as refused:
            await preview(bench, 1, BORIS, wish=wish)
        assert 0 == refused.value.available


async def test_what_one_person_sees_nobody_else_gets(tmp_path: Path) -> None:
    """Neither in a preview, nor by a take, nor by its row; for another resource it is free."""
    async with desk_bench(proxy_rows(4), tmp_path) as bench:
        await preview(bench, 2)
        assert [BEST - 4, BEST - 5] == days(await preview(bench, 2, BORIS))
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "beboo", 9)
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 9)
        other = await bench.service.issue("ozon", 1, 9, new_resource=True)
        assert [2] == rows(other)


async def test_a_new_preview_drops_the_old_one(tmp_path: Path) -> None:
    """So that the best ones can be shown again; somebody else's stays."""
    async with desk_bench(proxy_rows(4), tmp_path) as bench:
        old = await preview(bench, 2)
        theirs = await preview(bench, 1, BORIS)
        new = await preview(bench, 3, key="again")
        assert [BEST - 2, BEST - 3, BEST - 5] == days(new)
        with pytest.raises(PreviewLapsed):
            await take(bench, old)
        assert [4] == rows(await take(bench, theirs, BORIS))
        assert [2, 3, 5] == rows(await take(bench, new, key="take new"))


async def test_a_turn_is_not_dropped_by_a_preview(tmp_path: Path) -> None:
    """What is kept for somebody in line stays for its ten minutes, whatever else they look at."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(4), tmp_path, clock=clock) as bench:
        turn = await preview(bench, key="turn", ttl=TURN)
        await preview(bench, 2, key="one")
        assert [BEST - 3, BEST - 4, BEST - 5] == days(await preview(bench, 3, key="two"))
        clock.jump(TTL + 1)
        assert 3 == await bench.service.cleanup_expired_reservations()
        assert [2] == rows(await take(bench, turn))


async def test_a_double_tap_is_one_preview(tmp_path: Path) -> None:
    """In the same moment or one after the other: the same answer, still kept."""

    async def tap(moment: int, key: str) -> Preview:
        for _ in range(moment):  # so many turns of the loop later
            await asyncio.sleep(0)
        return await preview(bench, 2, key=key)

    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        for moment in range(0, 120, 3):
            first, second = await asyncio.gather(tap(0, f"tap{moment}"), tap(moment, f"tap{moment}"))
            assert first == second
        taps = await asyncio.gather(*(preview(bench, 2) for _ in range(5)))
        assert taps == [await preview(bench, 2)] * 5
        assert 2 == (await bench.service.get_stats()).pending_reservations
        assert [2, 3] == rows(await take(bench, taps[0]))


async def test_a_preview_asked_for_again_too_late(tmp_path: Path) -> None:
    """The same request after its time: it has lapsed, and nothing new is kept in its name."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(3), tmp_path, clock=clock) as bench:
        await preview(bench, 2)
        clock.jump(TTL + 1)
        with pytest.raises(PreviewLapsed):
            await preview(bench, 2)
        assert 3 == bench.service.free("beboo")


async def test_a_key_that_means_another_preview_is_refused(tmp_path: Path) -> None:
    """The count, the wish and the person are part of the request; what was kept stays."""
    async with desk_bench(proxy_rows(4), tmp_path) as bench:
        kept = await preview(bench, 2)
        with pytest.raises(RequestConflict):
            await preview(bench, 1)
        with pytest.raises(RequestConflict):
            await preview(bench, 2, wish=Wish("NL"))
        assert [2, 3] == rows(await take(bench, kept))


async def test_when_its_time_is_over_it_is_free_for_others(tmp_path: Path) -> None:
    """At its moment, before any clean-up ran."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        kept = await preview(bench, 2)
        assert TTL == pytest.approx(kept.expires_at - clock.time(), abs=1)
        clock.jump(TTL - 5)
        with pytest.raises(NotEnough):
            await preview(bench, 1, BORIS)
        clock.jump(6)
        assert [BEST - 2, BEST - 3] == days(await preview(bench, 2, BORIS, key="later"))
        with pytest.raises(PreviewLapsed):
            await take(bench, kept)


async def test_extending_works_once(tmp_path: Path) -> None:
    """For as long again from the tap on; a second tap changes nothing, and shows the same."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        kept = await preview(bench, 2)
        assert not kept.extended
        clock.jump(200)
        first, second = await asyncio.gather(
            *(bench.service.extend_preview(kept.request, ANNA) for _ in range(2))
        )
        assert first == second
        assert first.extended
        assert TTL == pytest.approx(first.expires_at - clock.time(), abs=1)
        clock.jump(200)
        assert first == await bench.service.extend_preview(kept.request, ANNA)
        assert days(kept) == days(first)
        clock.jump(101)
        with pytest.raises(PreviewLapsed):
            await bench.service.extend_preview(kept.request, ANNA)
        assert 2 == await bench.service.cleanup_expired_reservations()


async def test_extending_never_makes_it_shorter(tmp_path: Path) -> None:
    """What is kept for longer than that already stays so."""
    async with desk_bench(proxy_rows(1), tmp_path) as bench:
        turn = await preview(bench, ttl=TURN)
        assert turn.expires_at == (await bench.service.extend_preview(turn.request, ANNA)).expires_at


async def test_somebody_elses_preview_cannot_be_touched(tmp_path: Path) -> None:
    """Not taken, extended or cancelled; its owner notices nothing."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        kept = await preview(bench, 2)
        with pytest.raises(PreviewLapsed):
            await take(bench, kept, BORIS)
        with pytest.raises(PreviewLapsed):
            await bench.service.extend_preview(kept.request, BORIS)
        assert 0 == await bench.service.cancel_preview(kept.request, BORIS)
        assert kept == await preview(bench, 2)
        assert [2, 3] == rows(await take(bench, kept))


async def test_a_forged_preview(tmp_path: Path) -> None:
    """A number that nobody was ever given has lapsed."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        with pytest.raises(PreviewLapsed):
            await bench.service.take_preview(12345, ANNA, name="@anna", request_key="forged")
        with pytest.raises(PreviewLapsed):
            await bench.service.extend_preview(12345, ANNA)
        assert 0 == await bench.service.cancel_preview(12345, ANNA)


async def test_what_was_cancelled_is_free(tmp_path: Path) -> None:
    """At once, for everybody; it can be neither taken nor extended, and cancelling twice is no error."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        kept = await preview(bench, 2)
        assert [2, 0] == [await bench.service.cancel_preview(kept.request, ANNA) for _ in range(2)]
        with pytest.raises(PreviewLapsed):
            await take(bench, kept)
        with pytest.raises(PreviewLapsed):
            await bench.service.extend_preview(kept.request, ANNA)
        assert 2 == len((await preview(bench, 2, BORIS)).proxies)


async def test_what_was_taken_cannot_be_cancelled(tmp_path: Path) -> None:
    """Cancel after Take: it is the user's."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        kept = await preview(bench, 2)
        await take(bench, kept)
        assert 0 == await bench.service.cancel_preview(kept.request, ANNA)
        assert 0 == await bench.service.cancel_all_reservations(ANNA)
        assert 2 == len(await bench.service.held_by(ANNA))


async def test_what_a_person_took_meanwhile_is_replaced(tmp_path: Path) -> None:
    """By the best other one that fits the wish, in the same commit."""
    sheet = [kind(2, "NL", days=50), kind(3, "DE", days=40), kind(4, "nl", days=30), kind(5, "NL", days=20)]
    async with desk_bench(sheet, tmp_path) as bench:
        kept = await preview(bench, 1, wish=Wish("NL"))
        await bench.edit({"kind": "cell", "cell": "E2", "value": "Beboo"})
        await bench.zero()
        issued = await take(bench, kept)
        assert ([4], ()) == (rows(issued), issued.failures)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        assert ("Beboo", {4}) == (bench.cells()[1][USED_FOR], bench.issued().keys())
        await sheet_is_right(bench)


async def test_where_nothing_else_fits_the_answer_says_why(tmp_path: Path) -> None:
    """What there is is handed out; a proxy of another kind is no replacement."""
    sheet = [kind(2, "NL", days=50), kind(3, "NL", days=45), kind(4, "DE", days=40)]
    async with desk_bench(sheet, tmp_path) as bench:
        kept = await preview(bench, 2, wish=Wish("NL"))
        await bench.edit({"kind": "cell", "cell": "E2", "value": "beboo"})
        issued = await take(bench, kept)
        assert [3] == rows(issued)
        assert [(2, Reason.TAKEN_IN_SHEET)] == [(each.row, each.reason) for each in issued.failures]
        again = await take(bench, kept)
        assert (issued.proxies, issued.failures) == (again.proxies, again.failures)
        await sheet_is_right(bench)


async def test_tapping_take_twice_takes_once(tmp_path: Path) -> None:
    """In the same moment, and again much later: one answer under one number."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock) as bench:
        kept = await preview(bench, 2)
        first, second = await asyncio.gather(take(bench, kept), take(bench, kept))
        clock.jump(2 * TTL)
        late = await take(bench, kept)
        assert [2, 3] == rows(first) == rows(second) == rows(late)
        assert 1 == len({first.receipt.request, second.receipt.request, late.receipt.request})
        assert late.receipt.repeated
        assert {2, 3} == bench.issued().keys()


async def test_two_buttons_take_one_preview_once(tmp_path: Path) -> None:
    """Of two requests for the same preview one has it; the other has lapsed, however often it is asked."""
    async with desk_bench(proxy_rows(5), tmp_path) as bench:
        kept = await preview(bench, 2)
        answers = await asyncio.gather(
            *(take(bench, kept, key=key) for key in ("one", "two")), return_exceptions=True
        )
        got = [rows(each) for each in answers if isinstance(each, Issued)]
        assert [[2, 3]] == got
        assert 1 == sum(isinstance(each, PreviewLapsed) for each in answers)
        for key, answer in zip(("one", "two"), answers, strict=True):
            if isinstance(answer, PreviewLapsed):
                with pytest.raises(PreviewLapsed):
                    await take(bench, kept, key=key)
            else:
                assert [2, 3] == rows(await take(bench, kept, key=key))


async def test_a_preview_outlives_a_crash(tmp_path: Path) -> None:
    """Killed between Show and Take: the next process keeps it for the same person, until the same moment."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(3), tmp_path, clock=clock) as bench:
        kept = await preview(bench, 2, wish=Wish("nl"))
        await killed(bench)
        assert [BEST - 4] == days(await preview(bench, 1, BORIS))
        assert kept == await preview(bench, 2, wish=Wish("nl"))
        assert [2, 3] == rows(await take(bench, kept))
        await sheet_is_right(bench)


async def test_an_extension_outlives_a_crash(tmp_path: Path) -> None:
    """It is kept until the new moment, and cannot be extended again."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        kept = await preview(bench, 2)
        clock.jump(200)
        extended = await bench.service.extend_preview(kept.request, ANNA)
        await killed(bench)
        clock.jump(200)
        assert extended == await bench.service.extend_preview(kept.request, ANNA)
        assert [2, 3] == rows(await take(bench, kept))


@pytest.mark.parametrize(("fault", "path"), [("hang", READ), ("hang", WRITE), ("lose_answer", WRITE)])
async def test_killed_while_it_is_taken(tmp_path: Path, fault: str, path: str) -> None:
    """The tap that is replayed brings what was shown; nothing is taken twice."""
    clock = JumpingClock()
    quick = {"call_timeout": 2.0, "write_horizon": 60.0}
    async with desk_bench(proxy_rows(4), tmp_path, clock=clock, **quick) as bench:
        kept = await preview(bench, 2)
        bench.fault(fault, path, seconds=30)
        taking = asyncio.ensure_future(take(bench, kept))
        await bench.struck()
        await bench.called(writes=1 if fault == "lose_answer" else 0)
        await killed(bench, taking)
        clock.jump(TTL)
        assert 0 == await bench.service.cleanup_expired_reservations()
        issued = await asyncio.wait_for(take(bench, kept), 5)
        assert ([2, 3], True) == (rows(issued), issued.receipt.repeated)
        assert {2, 3} == bench.issued().keys()
        await sheet_is_right(bench)


async def test_a_crowd_looks_and_takes_at_once(tmp_path: Path) -> None:
    """Fifty people, every fifth taps twice: nobody is doubled, everybody gets what was shown."""

    async def one(user: int) -> list[Issued]:
        taps = 1 + (user % 5 == 0)
        shown = await asyncio.gather(*(preview(bench, 2, user) for _ in range(taps)))
        answers = await asyncio.gather(*(take(bench, kept, user) for kept in shown))
        for kept, issued in zip(shown, answers, strict=True):
            assert days(kept) == [proxy.days_left for proxy in issued.proxies]
        return answers

    async with desk_bench(proxy_rows(120), tmp_path) as bench:
        everything = await asyncio.gather(*(one(user) for user in range(1, 51)))
        given = Counter(row for answers in everything for row in rows(answers[0]))
        assert {1} == set(given.values())
        assert set(range(2, 102)) == given.keys() == bench.issued().keys()
        assert all(rows(answers[0]) == rows(answers[-1]) for answers in everything)
        await sheet_is_right(bench)


async def test_what_was_too_much_is_not_when_something_was_given_back(tmp_path: Path) -> None:
    """The refusal says what to do; once that is done the same button works."""
    async with desk_bench(proxy_rows(6), tmp_path, pool={"max_held": 2}) as bench:
        await bench.service.issue("beboo", 1, ANNA, name="@anna", new_resource=True)
        kept = await bench.service.preview("beboo", 2, ANNA, name="@anna", request_key="p")
        with pytest.raises(OverLimit):
            await bench.service.take_preview(kept.request, ANNA, name="@anna", request_key="take")
        await bench.service.give_back([held.allocation for held in await bench.service.held_by(ANNA)], ANNA)
        issued = await bench.service.take_preview(kept.request, ANNA, name="@anna", request_key="take")
        assert 2 == len(issued.proxies)
