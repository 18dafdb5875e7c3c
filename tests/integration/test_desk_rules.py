"""The rules of the desk: what one person may have, what is frozen, who stands in line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from desk_bench import DeskBench, JumpingClock, desk_bench, proxy_rows
from desk_judge import sheet_is_right

from bot.errors import (
    NotEnough,
    OthersWait,
    OverLimit,
    QuartermasterError,
    ResourceFrozen,
    UnknownResource,
)
from bot.models.results import BadReason, Issued, Preview
from bot.services.audit import Audit
from bot.storage.audit import AuditStore

ADMIN, ANNA, BORIS = 1, 7, 8
HORIZON = 200.0

Ask = Callable[[], Awaitable[Any]]


def issue(bench: DeskBench, count: int = 1, user: int = ANNA, key: str | None = None) -> Awaitable[Issued]:
    return bench.service.issue("beboo", count, user, request_key=key, new_resource=True)


def preview(bench: DeskBench, count: int = 1, user: int = ANNA, key: str = "show") -> Awaitable[Preview]:
    return bench.service.preview(
        "beboo", count, user, name="@somebody", request_key=f"{user}:{key}", new_resource=True
    )


def take(bench: DeskBench, kept: Preview, user: int = ANNA, key: str = "take") -> Awaitable[Issued]:
    return bench.service.take_preview(kept.request, user, name="@somebody", request_key=f"{user}:{key}")


async def mine(bench: DeskBench, user: int = ANNA) -> list[str]:
    """The ids of what a person holds, best first."""
    return [one.allocation for one in await bench.service.held_by(user)]


async def refused(asking: Awaitable[object]) -> tuple[str, int, int]:
    """The limit that is in the way: of what, how many, how many there are."""
    with pytest.raises(OverLimit) as over:
        await asking
    return over.value.what, over.value.limit, over.value.has


async def restarted(bench: DeskBench) -> None:
    await bench.kill()
    await bench.start()


def kinds(answers: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in answers)


async def test_nobody_holds_more_than_the_limit(tmp_path: Path) -> None:
    """Asked for more: told how many they have, nothing is taken; what is given back makes room."""
    async with desk_bench(proxy_rows(9), tmp_path, pool={"max_held": 3}) as bench:
        await issue(bench, 2)
        assert ("held", 3, 2) == await refused(issue(bench, 2))
        assert ("held", 3, 2) == await refused(bench.service.take_proxies_batch([5, 6], "beboo", ANNA))
        assert 2 == len(bench.issued())
        await issue(bench, 1)
        assert ("held", 3, 3) == await refused(bench.service.take_proxies_batch([5], "ozon", ANNA))
        assert 3 == len((await issue(bench, 3, BORIS)).proxies)
        await bench.service.give_back((await mine(bench))[:1], ANNA)
        await issue(bench, 1)
        await sheet_is_right(bench)


async def test_a_limit_holds_for_requests_that_come_together(tmp_path: Path) -> None:
    """Ten at once: as many as fit are served, the rest is refused; everybody else has their own."""
    async with desk_bench(proxy_rows(12), tmp_path, pool={"max_held": 4}) as bench:
        asked = [issue(bench) for _ in range(10)] + [issue(bench, 4, BORIS)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert ["Issued"] * 4 + ["OverLimit"] * 6 == kinds(answers[:10])
        assert isinstance(answers[10], Issued)
        assert (4, 4) == (len(await mine(bench)), len(await mine(bench, BORIS)))
        await sheet_is_right(bench)


async def test_what_was_refused_uses_up_nothing(tmp_path: Path) -> None:
    """Of requests that come together, those that get nothing do not count against the others."""
    async with desk_bench(proxy_rows(4), tmp_path, pool={"max_held": 5}) as bench:
        asked = [issue(bench, 5), bench.service.take_proxies_batch([99, 98], "beboo", ANNA), issue(bench, 4)]
        none, exact, some = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(none, NotEnough)
        assert ([], [99, 98]) == exact
        assert isinstance(some, Issued)
        assert 4 == len(some.proxies)


async def test_nobody_reserves_more_than_the_limit(tmp_path: Path) -> None:
    """A preview takes the place of the former one; rows that are reserved one by one add up."""
    async with desk_bench(proxy_rows(12), tmp_path, pool={"max_reserved": 3}) as bench:
        assert ("reserved", 3, 0) == await refused(preview(bench, 4))
        for key in ("one", "two"):
            assert 3 == len((await preview(bench, 3, key=key)).proxies)
        assert ("reserved", 3, 3) == await refused(bench.service.reserve_proxies([9], "beboo", ANNA))
        reserving = [bench.service.reserve_proxies([row], "ozon", BORIS) for row in range(2, 8)]
        answers = await asyncio.gather(*reserving, return_exceptions=True)
        assert ["OverLimit"] * 3 + ["ReservedProxies"] * 3 == kinds(answers)


async def test_what_has_lapsed_is_not_counted(tmp_path: Path) -> None:
    """Before any clean-up ran."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(4), tmp_path, clock=clock, pool={"max_reserved": 2}) as bench:
        await bench.service.reserve_proxies([2, 3], "beboo", ANNA)
        clock.jump(301)
        assert 2 == len((await bench.service.reserve_proxies([4, 5], "beboo", ANNA)).proxies)


async def test_what_is_kept_stays_kept_when_it_is_too_much_to_take(tmp_path: Path) -> None:
    """Give one back, and take it then."""
    async with desk_bench(proxy_rows(4), tmp_path, pool={"max_held": 2}) as bench:
        await issue(bench)
        kept = await preview(bench, 2)
        assert ("held", 2, 1) == await refused(take(bench, kept))
        assert kept == await preview(bench, 2)
        await bench.service.give_back(await mine(bench), ANNA)
        assert [3, 4] == [proxy.row for proxy in (await take(bench, kept, key="again")).proxies]


async def test_replacing_at_the_limit(tmp_path: Path) -> None:
    """One goes for the other; there is still no room for one more."""
    async with desk_bench(proxy_rows(6), tmp_path, pool={"max_held": 2}) as bench:
        await issue(bench, 2)
        fresh = [
            await bench.service.replace(each, ANNA, BadReason.DEAD, name="@anna", request_key=each)
            for each in await mine(bench)
        ]
        assert [4, 5] == [proxy.row for each in fresh for proxy in each.proxies]
        assert 2 == len(await mine(bench))
        assert ("held", 2, 2) == await refused(issue(bench))


async def test_a_frozen_resource_is_not_handed_out(tmp_path: Path) -> None:
    """Not by any way, over restarts; other resources are. After the thaw it is, and what was kept is still kept."""
    async with desk_bench(proxy_rows(9), tmp_path) as bench:
        await issue(bench, 1, BORIS)
        (theirs,) = await mine(bench, BORIS)
        kept = await preview(bench, 2)
        assert [True, False] == [await bench.service.freeze(name, ADMIN) for name in ("Beboo", "beboo")]
        for attempt in range(2):
            for asking in (
                issue(bench),
                preview(bench, key=f"another {attempt}", user=9),
                take(bench, kept, key=f"take {attempt}"),
                bench.service.take_proxies_batch([5], "beboo", ANNA),
                bench.service.reserve_proxies([5], "BEBOO", ANNA),
                bench.service.replace(theirs, BORIS, BadReason.DEAD, name="@b", request_key=f"r {attempt}"),
            ):
                with pytest.raises(ResourceFrozen) as frozen:
                    await asking
                assert "beboo" == frozen.value.resource
            await restarted(bench)
        assert ([theirs], 0) == (await mine(bench, BORIS), bench.service.free("beboo"))
        assert 1 == len((await bench.service.issue("ozon", 1, ANNA, new_resource=True)).proxies)
        assert [("beboo", True), ("ozon", False)] == sorted(
            (stock.name, stock.frozen) for stock in await bench.service.resources()
        )
        assert [True, False] == [await bench.service.thaw("beboo", ADMIN) for _ in range(2)]
        assert [3, 4] == [proxy.row for proxy in (await take(bench, kept, key="now")).proxies]


async def test_what_was_accepted_before_is_answered_while_it_is_frozen(tmp_path: Path) -> None:
    """The same tap again gets its proxies; giving back works, too."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(4), tmp_path, clock=clock) as bench:
        kept = await preview(bench, 1)
        taken = await take(bench, kept)
        issued = await issue(bench, 1, key="issue")
        await bench.service.freeze("beboo", ADMIN)
        await restarted(bench)
        clock.jump(HORIZON + 1)  # until then nothing is released that a former process may have written
        assert issued.proxies == (await issue(bench, 1, key="issue")).proxies
        assert taken.proxies == (await take(bench, kept)).proxies
        assert 2 == len((await bench.service.give_back(await mine(bench), ANNA)).released)


async def test_freezing_is_written_down(tmp_path: Path) -> None:
    """Who froze and who thawed, once each, however often the button was tapped."""
    async with desk_bench(proxy_rows(1), tmp_path) as bench:
        await asyncio.gather(*(bench.service.freeze("beboo", ADMIN) for _ in range(3)))
        await bench.service.thaw("beboo", ADMIN)
        audit = Audit(AuditStore(bench.desk.database), bench.desk.clock)
        acts = [link.act for link in (await audit.page()).links]
        assert [
            (ADMIN, "thaw", "beboo", "frozen", "handed out"),
            (ADMIN, "freeze", "beboo", "handed out", "frozen"),
        ] == [(act.actor, act.act, act.subject, act.before, act.after) for act in acts]
        assert (await audit.verify()).broken is None


async def test_nobody_jumps_the_line(tmp_path: Path) -> None:
    """What is free is for who waits: neither the best, nor a preview, nor an exact row goes to somebody else."""
    async with desk_bench(proxy_rows(1), tmp_path) as bench:
        await bench.desk.line.join(ADMIN, "@admin", "beboo")
        exact = bench.service.take_proxies_batch([2], "beboo", ANNA)
        for asking in (issue(bench), preview(bench), exact):
            with pytest.raises(OthersWait) as others:
                await asking
            assert ("beboo", 1) == (others.value.resource, others.value.waiting)
        assert 1 == len((await bench.service.issue("ozon", 1, ANNA, new_resource=True)).proxies)
        assert 1 == len((await issue(bench, 1, ADMIN)).proxies)
        await sheet_is_right(bench)


async def test_there_is_enough_for_everybody(tmp_path: Path) -> None:
    """More are free than people wait: the rest is for whoever asks, and no more, also of those who come together."""
    async with desk_bench(proxy_rows(4), tmp_path) as bench:
        await bench.desk.line.join(ADMIN, "@admin", "beboo")
        with pytest.raises(OthersWait):
            await issue(bench, 4)
        with pytest.raises(NotEnough) as few:
            await issue(bench, 5)
        assert 3 == few.value.available
        answers = await asyncio.gather(
            *(issue(bench, 1, user) for user in range(11, 17)), return_exceptions=True
        )
        assert ["Issued"] * 3 + ["OthersWait"] * 3 == kinds(answers)
        assert 1 == bench.service.free("beboo")


async def test_a_turn_is_for_who_waited(tmp_path: Path) -> None:
    """Kept for them beyond any limit on reservations; the next in line does not get it, and it is taken as shown."""
    limits = {"max_reserved": 1}
    async with desk_bench(proxy_rows(2), tmp_path, pool=limits) as bench:
        line, now = bench.desk.line, bench.desk.clock.time()
        await bench.service.reserve_proxies([3], "beboo", ADMIN)
        await line.join(ADMIN, "@admin", "beboo")
        assert 1 == await line.advance(now)
        (place,) = line.positions(ADMIN)
        assert place.place is not None
        assert place.place.turn is not None
        with pytest.raises(NotEnough):
            await issue(bench)
        issued = await line.take_turn(
            place.place.number, place.place.turn, ADMIN, name="@admin", request_key="take"
        )
        assert [2] == [proxy.row for proxy in issued.proxies]
        assert [] == line.positions(ADMIN)


@pytest.mark.parametrize("rule", ["unknown", "few", "held", "frozen", "line"])
async def test_a_request_that_was_refused_stays_refused(tmp_path: Path, rule: str) -> None:
    """The same request again gets the same answer when nothing is in the way any more; a new one is served."""

    async def lift() -> None:
        await bench.service.thaw("beboo", ADMIN)
        for user in (ANNA, BORIS):
            if held := await mine(bench, user):
                await bench.service.give_back(held, user)
        for position in bench.desk.line.positions(ADMIN):
            assert position.place is not None
            await bench.desk.line.leave(position.place.number, ADMIN)

    async def ask(key: str) -> object:
        is_new = rule != "unknown"
        return await bench.service.issue("beboo", 2, ANNA, request_key=key, new_resource=is_new)

    async def obstruct() -> None:
        match rule:
            case "few":
                await issue(bench, 3, BORIS)
            case "held":
                await issue(bench, 2)
            case "frozen":
                await bench.service.freeze("beboo", ADMIN)
            case "line":
                await bench.desk.line.join(ADMIN, "@admin", "beboo")
                await issue(bench, 2, BORIS)

    expected: dict[str, type[QuartermasterError]] = {
        "unknown": UnknownResource,
        "few": NotEnough,
        "held": OverLimit,
        "frozen": ResourceFrozen,
        "line": OthersWait,
    }
    async with desk_bench(proxy_rows(4), tmp_path, pool={"max_held": 3}) as bench:
        await obstruct()
        with pytest.raises(expected[rule]) as first:
            await ask("tap")
        await lift()
        if rule == "unknown":
            await issue(bench, 1, BORIS)
        for _ in range(2):
            with pytest.raises(expected[rule]) as again:
                await ask("tap")
            assert str(first.value) == str(again.value)
            await restarted(bench)
        assert await ask("another tap")
