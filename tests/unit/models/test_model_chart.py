"""What can be drawn: how many points, whose, and what makes two pictures the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.errors import UnknownSymbol
from bot.models.chart import Drawn, LineChart, Span, coin_of, key_of, thinned
from bot.models.price import Point


def a_line(*prices: object) -> tuple[Point, ...]:
    return tuple(Point(60.0 * place, Decimal(str(price))) for place, price in enumerate(prices))


def test_a_short_line_is_drawn_as_it_is() -> None:
    """Up to 400 points."""
    line = a_line(*range(400))
    assert line == thinned(line)
    assert () == thinned(())


@pytest.mark.parametrize("count", [401, 1_440, 5_000])
def test_a_long_line_keeps_its_peaks_and_its_end(count: int) -> None:
    """In order, and few enough for a phone."""
    prices = [100 + place % 7 for place in range(count)]
    prices[count // 3], prices[count // 2] = 1, 999
    line = a_line(*prices)
    kept = thinned(line)

    assert 130 <= len(kept) <= 400
    assert list(kept) == sorted(set(kept), key=lambda point: point.at)
    assert {Decimal(1), Decimal(999)} <= {point.price for point in kept}
    assert (line[0], line[-1]) == (kept[0], kept[-1])


@pytest.mark.parametrize(
    ("typed", "coin"),
    [("BTC", "BTC"), ("btcusdt", "BTC"), ("eth/usdt", "ETH"), ("BTC/USDT:USDT", "BTC"), ("usdt", "USDT")],
)
def test_a_pair_means_its_coin(typed: str, coin: str) -> None:
    """However it is written."""
    assert coin == coin_of(typed)


@pytest.mark.parametrize("typed", ["", "<b>", "A" * 65, "BTC:ETH"])
def test_what_is_no_symbol_is_unknown(typed: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(UnknownSymbol):
        coin_of(typed)


def test_a_key_is_that_of_the_picture() -> None:
    """Whatever can be seen in it changes the key."""
    chart = LineChart(Drawn.PRICE, "BTC", Span.DAY, a_line(1, 2))
    same = LineChart(Drawn.PRICE, "BTC", Span("1d"), a_line(1, 2))
    others = [
        replace(chart, name="ETH"),
        replace(chart, span=Span.WEEK),
        replace(chart, what=Drawn.SPOT),
        replace(chart, points=a_line(1, 3)),
    ]
    assert key_of(chart, "1") == key_of(same, "1")
    assert 6 == len({key_of(each, "1") for each in (chart, *others)} | {key_of(chart, "2")})
    assert 64 == len(key_of(chart, "1"))
