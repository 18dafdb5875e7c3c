"""Spot prices: the first source that works, checked; an old one is shown as such, and none is invented."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from spot_support import SATURDAY, WEDNESDAY, SpotBench

from bot.errors import PeerBusy, PeerRefused, PeerUnavailable, StorageError
from bot.models.price import Metal, Point
from bot.resilience.clock import ManualClock

D = Decimal
GOLD = Metal.GOLD
AWAY = PeerUnavailable("gold-api", "no answer")


@pytest.fixture
def bench() -> SpotBench:
    return SpotBench()


async def known(bench: SpotBench) -> None:
    """Gold has a good price, and it is time to ask again."""
    await bench.spot.get(GOLD)
    await bench.clock.tick(61)


async def test_the_first_source_is_asked_once_a_minute(bench: SpotBench) -> None:
    """Whoever asks meanwhile gets the same, with its age; the first price of all is compared with a second source."""
    first = await bench.spot.get(GOLD)
    await bench.clock.tick(30)
    second = await bench.spot.get(GOLD)
    assert (D(4392), "gold-api", 2.0, False) == (first.value.price, first.source, first.age, first.stale)
    assert (first.value, 32.0) == (second.value, second.age)
    assert [1, 1, 0] == bench.asked

    await bench.clock.tick(31)
    await bench.spot.get(GOLD)
    assert [2, 1, 0] == bench.asked


async def test_those_who_ask_together_ask_once(bench: SpotBench) -> None:
    """For each metal."""
    for source in bench.sources:
        source.seconds = 1.0
    asking = asyncio.gather(*(bench.spot.get(GOLD) for _ in range(20)))
    await bench.clock.tick(3)
    assert 1 == len({quote.value for quote in await asking})
    assert [1, 1, 0] == bench.asked


@pytest.mark.parametrize(
    "failure", [AWAY, PeerBusy("gold-api", "429", 60.0), PeerRefused("gold-api", 404, "no such metal")]
)
async def test_a_source_that_fails_leaves_it_to_the_next(bench: SpotBench, failure: Exception) -> None:
    """Whatever its reason."""
    bench.sources[0].failure = failure
    assert "swissquote" == (await bench.spot.get(GOLD)).source
    bench.sources[1].failure = failure
    await bench.clock.tick(61)
    quote = await bench.spot.get(GOLD)
    assert ("yahoo", True) == (quote.source, quote.value.is_futures)


async def test_a_future_is_no_past_price(bench: SpotBench) -> None:
    """It is some way off the spot price: a chart would show a move that never was."""
    await known(bench)
    bench.sources[0].failure = bench.sources[1].failure = AWAY
    assert (await bench.spot.get(GOLD)).value.is_futures
    assert [("XAU", D(4392), WEDNESDAY - 2)] == bench.kept.noted


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
async def test_what_is_no_price_is_no_answer(bench: SpotBench, price: str) -> None:
    """It is neither shown nor kept."""
    bench.sources[0].prices[GOLD] = price
    assert ("swissquote", D(4392)) == ((quote := await bench.spot.get(GOLD)).source, quote.value.price)
    assert [] == bench.told


async def test_without_any_source_the_last_good_price_stays(bench: SpotBench) -> None:
    """With its age; after 15 minutes it is stale. The sources are left alone for ten seconds."""
    await known(bench)
    for source in bench.sources:
        source.failure = AWAY
    before = bench.asked
    quote = await bench.spot.get(GOLD)
    assert (D(4392), 63.0, False) == (quote.value.price, quote.age, quote.stale)
    await bench.spot.get(GOLD)
    assert [count + 1 for count in before] == bench.asked

    await bench.clock.tick(15 * 60)
    quote = await bench.spot.get(GOLD)
    assert (D(4392), 963.0, True) == (quote.value.price, quote.age, quote.stale)


async def test_a_price_that_never_was_is_not_invented(bench: SpotBench) -> None:
    """The other metals are there all the same."""
    for source in bench.sources:
        source.prices[GOLD] = "0"
    with pytest.raises(PeerUnavailable):
        await bench.spot.get(GOLD)
    board = await bench.spot.all()
    assert isinstance(board.prices[GOLD], PeerUnavailable)
    assert [False] * 3 == [isinstance(board.prices[metal], Exception) for metal in list(Metal)[1:]]
    assert GOLD not in bench.kept.good


async def test_the_last_good_price_survives_a_restart(bench: SpotBench) -> None:
    """And is what a jump is measured by."""
    await known(bench)
    again = bench.after_restart()
    await again.load()
    for source in bench.sources:
        source.failure = AWAY
    assert D(4392) == (await again.get(GOLD)).value.price


async def test_a_jump_that_nobody_confirms_is_refused(bench: SpotBench) -> None:
    """The last good price stays, admins are told once, and once more only after it was over."""
    await known(bench)
    bench.sources[0].prices[GOLD] = "4392000"
    bench.sources[1].failure = bench.sources[2].failure = AWAY
    for _ in range(3):
        quote = await bench.spot.get(GOLD)
        assert D(4392) == quote.value.price
        await bench.clock.tick(61)
    assert ["price XAU: gold-api 4392000 against 4392"] == bench.told
    assert ("price XAU: gold-api 4392000 against 4392",) == bench.attention.matters

    bench.sources[0].prices[GOLD] = "4400"
    assert D(4400) == (await bench.spot.get(GOLD)).value.price
    assert () == bench.attention.matters


async def test_another_source_takes_the_place_of_one_that_errs(bench: SpotBench) -> None:
    """Its price counts, and what the first said is told."""
    await known(bench)
    bench.sources[0].prices[GOLD] = "4.392"
    bench.sources[1].prices[GOLD] = "4395"
    quote = await bench.spot.get(GOLD)
    assert ("swissquote", D(4395)) == (quote.source, quote.value.price)
    assert ["price XAU: gold-api 4.392 against 4395"] == bench.told


async def test_a_jump_that_a_second_source_confirms_is_one(bench: SpotBench) -> None:
    """Markets do jump."""
    await known(bench)
    bench.sources[0].prices[GOLD], bench.sources[1].prices[GOLD] = "5000", "5050"
    assert D(5000) == (await bench.spot.get(GOLD)).value.price
    assert [] == bench.told


async def test_a_price_of_last_week_is_no_yardstick() -> None:
    """Else a single source could never be believed again."""
    bench = SpotBench(None, "gold-api")
    await bench.spot.get(GOLD)
    await bench.clock.tick(3 * 86_400 + 60)
    bench.sources[0].prices[GOLD] = "5200"
    quote = await bench.spot.get(GOLD)
    assert (D(5200), False) == (quote.value.price, quote.stale)


async def test_a_source_that_is_behind_is_asked_last(bench: SpotBench) -> None:
    """What it says counts only if nobody has anything newer, and is stale then."""
    bench.sources[0].age = 3600.0
    assert "swissquote" == (await bench.spot.get(GOLD)).source

    for source in bench.sources[1:]:
        source.failure = AWAY
    await bench.clock.tick(61)
    quote = await bench.spot.get(GOLD)
    assert ("swissquote", 63.0, False) == (quote.source, quote.age, quote.stale)

    bench.sources[0].age = 1800.0
    await bench.clock.tick(3600)
    quote = await bench.spot.get(GOLD)
    assert ("gold-api", 1800.0, True) == (quote.source, quote.age, quote.stale)


async def test_a_newer_price_stands_against_an_older_one(bench: SpotBench) -> None:
    """Prices do not go back in time when another source has to answer."""
    await known(bench)
    bench.sources[0].failure = AWAY
    bench.sources[1].age, bench.sources[1].prices[GOLD] = 600.0, "4300"
    quote = await bench.spot.get(GOLD)
    assert ("gold-api", D(4392), 63.0) == (quote.source, quote.value.price, quote.age)
    assert 1 == len(bench.kept.noted)


async def test_on_a_week_end_the_market_is_closed_and_its_last_price_good() -> None:
    """Friday's price is not stale on Saturday."""
    bench = SpotBench(ManualClock(SATURDAY))
    for source in bench.sources:
        source.age = 18 * 3600.0 + 60
    board = await bench.spot.all()
    assert SATURDAY + (31 * 3600) == board.closed_until
    assert [False] * 4 == [quote.stale for quote in board.prices.values()]  # type: ignore[union-attr]
    assert (await SpotBench().spot.all()).closed_until is None


async def test_nobody_waits_long_where_there_is_a_good_price(bench: SpotBench) -> None:
    """After three seconds the last one is shown; what the slow source says in the end is there for the next."""
    await known(bench)
    bench.sources[0].seconds = 5.0
    bench.sources[0].prices[GOLD] = "4400"
    asking = asyncio.create_task(bench.spot.get(GOLD))
    await bench.clock.tick(3)
    assert (D(4392), 66.0) == ((quote := await asking).value.price, quote.age)
    await bench.clock.tick(2)
    assert D(4400) == (await bench.spot.get(GOLD)).value.price
    await bench.supervisor.close()


async def test_refreshing_has_a_time_of_its_own(bench: SpotBench) -> None:
    """For each person, and for all: sources are not asked more often than every ten seconds."""
    await bench.spot.get(GOLD)
    assert (True, False, True) == (bench.spot.again(1), bench.spot.again(1), bench.spot.again(2))
    await bench.spot.get(GOLD)
    assert 2 == len(bench.sources[0].asked)
    await bench.clock.tick(11)
    assert bench.spot.again(1)
    await bench.spot.get(GOLD)
    assert 3 == len(bench.sources[0].asked)


async def test_the_job_keeps_all_of_them_warm(bench: SpotBench) -> None:
    """Whoever asks then need not wait; sources that fail are no error of it."""
    await bench.spot.refresh()
    before = bench.asked
    await bench.spot.all()
    assert (before, set(Metal)) == (bench.asked, set(bench.kept.good))
    for source in bench.sources:
        source.failure = AWAY
    await bench.spot.refresh()
    assert 4 == bench.spot.caches()["spot prices"].errors


async def test_each_new_price_goes_into_the_history(bench: SpotBench) -> None:
    """Once; records that cannot be written do not keep the price away."""
    await bench.spot.get(GOLD)
    assert [Point(WEDNESDAY - 2, D(4392))] == await bench.spot.points("XAU", WEDNESDAY - 60)
    bench.kept.failure = StorageError("disk full")
    bench.sources[0].prices[GOLD] = "4400"
    await bench.clock.tick(61)
    assert D(4400) == (await bench.spot.get(GOLD)).value.price
