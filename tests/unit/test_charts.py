"""The chart service: whose prices are drawn, how old they are, and what need not be drawn again."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from chart_support import ChartBench, Source, points

from bot.errors import PeerBusy, PeerRefused, PeerUnavailable, UnknownSymbol
from bot.models.chart import DayUse, Drawn, Span
from bot.models.price import Metal
from bot.resilience.clock import ManualClock

DOWN = PeerUnavailable("binance", "no answer")
UNKNOWN = PeerRefused("binance", 400, "no such symbol")


def bench_of(*failures: Exception | None, closes: tuple[str, ...] = ("100", "101", "102")) -> ChartBench:
    clock = ManualClock()
    names = ("binance", "coingecko", "bybit")
    made = [
        Source(name, clock, *closes, failure=failure) for name, failure in zip(names, failures, strict=False)
    ]
    return ChartBench(*made, clock=clock)


@pytest.mark.parametrize("typed", ["BTC", "btc/usdt", "BTC-USDT", "BTC/USDT:USDT"])
async def test_the_first_source_is_asked_for_the_coin_however_it_is_typed(typed: str) -> None:
    """Whole intervals end where the next begins, the last one is as old as its answer."""
    bench = bench_of(None, None)
    shown = await bench.charts.price(typed, Span.WEEK)

    assert [("BTC", 3600, 168)] == bench.sources[0].asked
    assert [] == bench.sources[1].asked
    assert ("binance", 0.0, False) == (shown.source, shown.age, shown.stale)
    assert ["100", "101", "102"] == [str(point.price) for point in shown.chart.points]
    assert [5400.0, 1800.0, 0.0] == [bench.clock.time() - point.at for point in shown.chart.points]


@pytest.mark.parametrize(
    ("span", "seconds", "limit"),
    [(Span.DAY, 300, 288), (Span.MONTH, 14_400, 180), (Span.QUARTER, 86_400, 90)],
)
async def test_each_span_has_intervals_that_a_phone_can_show(span: Span, seconds: int, limit: int) -> None:
    """Between 90 and 288 points."""
    bench = bench_of(None)
    await bench.charts.price("BTC", span)
    assert [("BTC", seconds, limit)] == bench.sources[0].asked


@pytest.mark.parametrize("failure", [DOWN, PeerBusy("binance", "slow down"), UNKNOWN])
async def test_where_one_has_nothing_the_next_is_asked(failure: Exception) -> None:
    """And named."""
    shown = await bench_of(failure, None).charts.price("BTC", Span.DAY)
    assert "coingecko" == shown.source


async def test_a_coin_that_nobody_has_is_unknown_unless_somebody_could_not_be_asked() -> None:
    """Who is down may have it."""
    with pytest.raises(UnknownSymbol):
        await bench_of(UNKNOWN, UNKNOWN).charts.price("XYZ", Span.DAY)
    with pytest.raises(PeerUnavailable, match="no answer"):
        await bench_of(DOWN, UNKNOWN).charts.price("XYZ", Span.DAY)
    with pytest.raises(PeerUnavailable, match="there are none"):
        await bench_of().charts.price("XYZ", Span.DAY)
    with pytest.raises(UnknownSymbol):
        await bench_of(None).charts.price("=1+1", Span.DAY)


async def test_prices_that_are_none_are_left_out() -> None:
    """Zero, negative, not a number; and where no price is left the next source is asked."""
    shown = await bench_of(None, closes=("100", "0", "-1", "NaN", "Infinity", "101")).charts.price(
        "BTC", Span.DAY
    )
    assert ["100", "101"] == [str(point.price) for point in shown.chart.points]
    with pytest.raises(UnknownSymbol):
        await bench_of(None, None, closes=("0", "NaN")).charts.price("BTC", Span.DAY)


async def test_a_source_that_has_fallen_behind_is_shown_to_be_old() -> None:
    """Asked just now, it tells of an hour ago; what is older than the span is not drawn at all."""
    bench = bench_of(None, closes=("100",) * 300)
    late = ManualClock(bench.clock.time() - 3_600)
    bench.sources[0].clock = late
    shown = await bench.charts.price("BTC", Span.DAY)

    assert 3_450.0 == shown.age  # the interval of then was half over
    assert 86_400 >= bench.clock.time() - shown.chart.points[0].at
    await late.tick(-86_400)
    with pytest.raises(UnknownSymbol):
        await bench.charts.price("ETH", Span.DAY)


async def test_the_last_good_prices_stay_and_are_said_to_be_old() -> None:
    """Their age counts from the answer."""
    bench = bench_of(None)
    await bench.charts.price("BTC", Span.DAY)
    bench.sources[0].failure = DOWN
    await bench.clock.tick(61)
    shown = await bench.charts.price("BTC", Span.DAY)

    assert ("binance", 61.0, True) == (shown.source, shown.age, shown.stale)


async def test_a_crowd_shares_one_question_and_one_picture() -> None:
    """Drawn in a thread that does nothing else."""
    bench = bench_of(None)
    crowd = await asyncio.gather(*(bench.charts.price("BTC", Span.DAY) for _ in range(20)))

    assert 1 == len(bench.sources[0].asked) == len({shown.key for shown in crowd})
    assert [crowd[0].chart] == bench.pencil.drawn
    assert {"drawing_0"} == bench.pencil.threads
    assert bench.pencil.picture == await bench.charts.paint(crowd[0].chart)
    assert 1 == len(bench.pencil.drawn)


async def test_what_telegram_has_is_not_drawn() -> None:
    """Unless it is asked for after all."""
    bench = bench_of(None)
    first = await bench.charts.price("BTC", Span.DAY)
    again = ChartBench(*bench.sources, clock=bench.clock)
    again.records.sent[first.key] = "AgAC1"
    shown = await again.charts.price("BTC", Span.DAY)

    assert (first.key, "AgAC1") == (shown.key, shown.file_id)
    assert [] == again.pencil.drawn
    await again.charts.paint(shown.chart)
    assert 1 == len(again.pencil.drawn)


async def test_other_data_make_another_picture() -> None:
    """A new price is a new key."""
    bench = bench_of(None)
    first = await bench.charts.price("BTC", Span.DAY)
    bench.sources[0].closes = ("100", "101", "103")
    await bench.clock.tick(61)
    assert first.key != (await bench.charts.price("BTC", Span.DAY)).key


async def test_an_ounce_is_drawn_from_what_was_noted_here() -> None:
    """Within the span; its age is that of the last value."""
    bench = bench_of()
    bench.records.noted["XAU"] = points(bench.clock, 50_000, "4300", "4350", "4400")
    await bench.clock.tick(120)
    shown = await bench.charts.spot(Metal.GOLD, Span.DAY)

    assert (Drawn.SPOT, "XAU") == (shown.chart.what, shown.chart.name)
    assert [Decimal(4350), Decimal(4400)] == [point.price for point in shown.chart.points]
    assert 120.0 == shown.age


async def test_a_portfolio_is_that_of_the_account_in_use() -> None:
    """By its label."""
    bench = bench_of()
    bench.records.noted[7] = points(bench.clock, 3600, "10000", "10100")
    shown = await bench.charts.portfolio(7, Span.WEEK)

    assert ("bybit …a3f9", 2) == (shown.chart.name, len(shown.chart.points))
    assert 0.0 == shown.age


async def test_nothing_is_drawn_of_nothing() -> None:
    """An empty chart has no picture, and that is no error."""
    bench = bench_of()
    for shown in (
        await bench.charts.spot(Metal.GOLD, Span.DAY),
        await bench.charts.portfolio(7, Span.DAY),
        await bench.charts.pool("beboo"),
    ):
        assert ("", None) == (shown.key, shown.age)
        assert shown.chart.is_empty
    assert [] == bench.pencil.drawn


async def test_the_pool_is_drawn_day_by_day() -> None:
    """One resource or all."""
    bench = bench_of()
    bench.records.uses = [DayUse("beboo", "2027-01-14", 3, 50), DayUse("avito", "2027-01-15", 1, 9)]
    assert 2 == len((await bench.charts.pool()).chart.uses)
    assert ("2027-01-15",) == (await bench.charts.pool("avito")).chart.days
    assert 2 == len(bench.pencil.drawn)
