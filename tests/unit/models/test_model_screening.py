"""Which coins are the same, whose numbers count, and what is refused."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import pytest
from screen_makers import D, a_coin

from bot.errors import PeerBusy, PeerRefused, PeerUnavailable
from bot.models.screening import LONGEST_SYMBOL, MOST, Listed, Trouble, merge, prices_of, trouble_of


def symbols(rows: tuple[Listed, ...]) -> dict[str, Decimal]:
    return {row.symbol: row.price for row in rows}


def test_each_figure_is_from_the_first_source_that_tells_it():
    """Price and volume go together, as do cap and rank; nothing is added up."""
    [row] = merge(
        [
            ("binance", [a_coin("BTC", "61000", volume="900", change_24h="0.01")]),
            (
                "coinpaprika",
                [
                    a_coin(
                        "btc", "61100", name="Bitcoin", volume="5000", cap="1200", rank=1, change_1h="0.002"
                    )
                ],
            ),
            ("coingecko", [a_coin("BTC", "60900", name="Bitcoin?", cap="1300", rank=2, change_1h="0.9")]),
        ]
    )

    assert ("BTC", D(61000), "binance", D(900)) == (row.symbol, row.price, row.source, row.volume)
    assert (D(1200), 1, "Bitcoin") == (row.cap, row.rank, row.name)
    assert (D("0.01"), D("0.002")) == (row.change_24h, row.change_1h)
    assert ("binance", "coinpaprika", "coingecko") == row.sources


def test_a_source_without_a_volume_does_not_set_the_price():
    """Nobody trades there."""
    [row] = merge([("a", [a_coin("X", "1.00")]), ("b", [a_coin("X", "1.02", volume="5")])])
    assert (D("1.02"), "b", ("a", "b")) == (row.price, row.source, row.sources)


@pytest.mark.parametrize(("other", "count"), [("105", 1), ("95", 1), ("105.3", 2), ("94.9", 2), ("200", 2)])
def test_the_same_symbol_is_the_same_coin_within_five_per_cent(other, count):
    """Of the higher of the two prices; farther apart they are two coins."""
    assert count == len(merge([("a", [a_coin("X", "100")]), ("b", [a_coin("X", other)])]))


def test_other_coins_under_a_symbol_are_kept_apart():
    """The highest volume has the plain symbol, whichever source comes first."""
    rows = merge(
        [
            ("a", [a_coin("X", "100", volume="5")]),
            ("b", [a_coin("X", "3", volume="70"), a_coin("X", "8", volume="1")]),
            ("c", [a_coin("X", "3.1", volume="2")]),
        ]
    )
    assert {"X": D(3), "X#2": D(100), "X#3": D(8)} == symbols(rows)
    assert {"X"} == {row.ticker for row in rows}


def test_a_source_never_lists_a_coin_twice():
    """Two of its coins at nearly one price are two; each of another source joins the nearer one."""
    rows = merge(
        [
            ("a", [a_coin("X", "1.00", volume="9"), a_coin("X", "1.04", volume="8")]),
            ("b", [a_coin("X", "1.041", volume="1")]),
        ]
    )
    assert {"X": ("a",), "X#2": ("a", "b")} == {row.symbol: row.sources for row in rows}


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity", "-Infinity", "sNaN"])
def test_no_price_above_zero_is_no_coin(price):
    """Nothing is made of it."""
    assert () == merge([("a", [a_coin("X", price)])])


@pytest.mark.parametrize("symbol", ["", "  ", "X#2", "A B", "X" * (LONGEST_SYMBOL + 1), "A\u202eB", "A\nB"])
def test_what_cannot_be_a_symbol_is_left_out(symbol):
    """It could not be asked for, or would print strangely."""
    assert () == merge([("a", [a_coin(symbol, "1")])])


def test_other_figures_that_make_no_sense_are_unknown():
    """The price may stand."""
    [row] = merge(
        [("a", [a_coin("X", "1", volume="-1", cap="0", rank=0, change_1h="-1.5", change_24h="NaN")])]
    )
    assert [None] * 5 == [row.volume, row.cap, row.rank, row.change_1h, row.change_24h]


@pytest.mark.parametrize(
    ("price", "expected"), [("999", 1), ("1000", 0), ("100000", 0), ("10.01", 1), ("10", 0), ("0.1", 0)]
)
def test_a_jump_of_one_source_alone_is_refused(price, expected):
    """Ten times up or down from what it said before."""
    before = {("a", "X"): (D(100),)}
    assert expected == len(merge([("a", [a_coin("X", price)])], before))


def test_a_jump_that_another_source_confirms_is_true():
    """And one that another source denies leaves the coin with that source's price."""
    before = {("a", "X"): (D(100),), ("b", "X"): (D(100),)}
    agreed = [("a", [a_coin("X", "5000", volume="1")]), ("b", [a_coin("X", "5010", volume="1")])]
    denied = [("a", [a_coin("X", "100000", volume="9")]), ("b", [a_coin("X", "101", volume="1")])]
    assert ({"X": D(5000)}, {"X": D(101)}) == (symbols(merge(agreed, before)), symbols(merge(denied, before)))


def test_a_jump_is_told_by_what_the_same_source_said():
    """A new source, or another coin of its own under the symbol, is none."""
    before = prices_of(merge([("a", [a_coin("X", "100", volume="9"), a_coin("X", "1", volume="1")])]))
    assert {("a", "X"): (D(100), D(1))} == before
    rows = merge([("a", [a_coin("X", "101"), a_coin("X", "0.9")]), ("b", [a_coin("X", "40000")])], before)
    assert {D(101), D("0.9"), D(40000)} == {row.price for row in rows}


def test_only_the_largest_are_kept():
    """By cap or volume, whichever is known."""
    rows = merge([("a", [a_coin(f"C{number}", "1", volume=str(number)) for number in range(MOST + 50)])])
    assert (MOST, f"C{MOST + 49}", "C50") == (len(rows), rows[0].symbol, rows[-1].symbol)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (PeerBusy("x", "answered 429"), Trouble.BUSY),
        (PeerUnavailable("x", "answered 500"), Trouble.AWAY),
        (PeerRefused("x", 404, "no"), Trouble.REFUSED),
        (TimeoutError(), Trouble.LATE),
        (KeyError(), Trouble.AWAY),
    ],
)
def test_troubles_have_names(error, trouble):
    """Whatever a source fails with."""
    assert trouble is trouble_of(error)


def test_a_thousand_symbols_of_three_sources_are_merged_quickly():
    """Meant are 50 ms of CPU; the best of three runs, with room for a slow machine."""
    draw = random.Random(7)
    prices = {f"C{number}": draw.uniform(0.001, 70000) for number in range(1000)}
    lists = [
        (
            source,
            [
                a_coin(symbol, f"{price * draw.uniform(0.97, 1.03):.8f}", source, volume="1000.5", cap="99.9")
                for symbol, price in prices.items()
            ],
        )
        for source in ("binance", "coinpaprika", "coingecko")
    ]

    def once() -> float:
        began = time.process_time()
        merge(lists, {("binance", symbol): (D(1),) for symbol in prices})
        return time.process_time() - began

    assert min(once() for _ in range(3)) < 0.15
