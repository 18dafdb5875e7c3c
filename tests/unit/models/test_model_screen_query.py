"""The words after /screen: what they mean, and which coins fit."""

from __future__ import annotations

import pytest
from screen_makers import D, a_row

from bot.models.screen_query import (
    MOST_ROWS,
    USUAL,
    BadQuery,
    Bound,
    Figure,
    Flaw,
    Order,
    Query,
    chosen,
    read_query,
    typed,
)

VOLUME_10M = Bound(Figure.VOLUME, True, D(10_000_000))
CAP_1B = Bound(Figure.CAP, True, D(10**9))
CHANGE_5 = Bound(Figure.CHANGE, True, D("0.05"))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("top", Query(Order.TOP, USUAL)),
        ("Movers 20", Query(Order.MOVERS, 20)),
        ("20 VOLUME", Query(Order.VOLUME, 20)),
        ("refresh", Query(refresh=True)),
        ("volume 5 refresh vol>10m", Query(Order.VOLUME, 5, (VOLUME_10M,), True)),
        ("vol>10m cap>1b change>5%", Query(bounds=(VOLUME_10M, CAP_1B, CHANGE_5))),
        ("vol > 10M  cap> $1000000000", Query(bounds=(VOLUME_10M, CAP_1B))),
        ("volume>10000k volume", Query(Order.VOLUME, bounds=(VOLUME_10M,))),
        ("change<-2.5", Query(bounds=(Bound(Figure.CHANGE, False, D("-0.025")),))),
        ("change<−2.5%", Query(bounds=(Bound(Figure.CHANGE, False, D("-0.025")),))),
        ("cap<1.5t", Query(bounds=(Bound(Figure.CAP, False, D(1_500_000_000_000)),))),
        ("vol>0", Query(bounds=(Bound(Figure.VOLUME, True, D(0)),))),
    ],
)
def test_words_may_come_in_any_order(text, query):
    """In any case, with blanks around the sign."""
    assert query == read_query(text)


@pytest.mark.parametrize(
    ("text", "flaw", "word"),
    [
        ("best", Flaw.WORD, "best"),
        ("top movers", Flaw.TWICE, "movers"),
        ("10 20", Flaw.TWICE, "20"),
        ("0", Flaw.COUNT, "0"),
        ("-5", Flaw.WORD, "-5"),
        ("1e3", Flaw.WORD, "1e3"),
        (str(MOST_ROWS + 1), Flaw.COUNT, str(MOST_ROWS + 1)),
        ("9" * 5000, Flaw.WORD, "9" * 5000),
        ("price>5", Flaw.FIGURE, "price>5"),
        ("vol>", Flaw.FIGURE, "vol>"),
        (">5", Flaw.FIGURE, ">5"),
        ("vol>>5", Flaw.AMOUNT, ">5"),
        ("vol>1,5m", Flaw.AMOUNT, "1,5m"),
        ("vol>-1", Flaw.AMOUNT, "-1"),
        ("vol>nan", Flaw.AMOUNT, "nan"),
        ("vol>1e9", Flaw.AMOUNT, "1e9"),
        ("cap>5%", Flaw.AMOUNT, "5%"),
        ("change>5m", Flaw.PERCENT, "5m"),
        ("change>inf%", Flaw.PERCENT, "inf%"),
        ("change>٥%", Flaw.PERCENT, "٥%"),
        (" ".join(["vol>1"] * 7), Flaw.MANY, "vol>1"),
    ],
)
def test_what_is_unclear_is_named(text, flaw, word):
    """The very word, and why."""
    with pytest.raises(BadQuery) as refused:
        read_query(text)
    assert (flaw, word) == (refused.value.flaw, refused.value.word)


@pytest.mark.parametrize(
    "text", ["", "vol>10m cap<1.5b change>-2.5%", "vol>999 cap>0 change<0%", "vol>1000t"]
)
def test_bounds_are_written_as_they_are_read(text):
    """Buttons carry them so."""
    bounds = read_query(text).bounds
    assert (text, bounds) == (typed(bounds), read_query(typed(bounds)).bounds)


def test_movers_are_coins_that_are_traded():
    """Unless something is said of the volume; the bound is no part of what the person has typed."""
    assert "vol>1m" == typed(read_query("movers").limits)
    assert "vol>5k" == typed(read_query("movers vol>5k").limits)
    assert ("", "") == (typed(read_query("movers").bounds), typed(read_query("top").limits))


ROWS = (
    a_row("A", cap="10", volume="5", change_24h="0.1"),
    a_row("B", cap="30", volume="7"),
    a_row("C", volume="9", change_24h="-0.3"),
    a_row("D", change_24h="0.2"),
    a_row("E", volume="1"),
)


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.TOP, "BACED"), (Order.MOVERS, "CDA"), (Order.VOLUME, "CBAE")]
)
def test_each_order_goes_by_its_figure(order, expected):
    """Moves up and down count alike; whose figure is unknown is last by cap, and left out else."""
    assert list(expected) == [row.symbol for row in chosen(ROWS, order, ())]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("vol>5", "BC"),
        ("vol<7", "AE"),
        ("cap>10", "B"),
        ("change>0%", "AD"),
        ("change<-5% vol>1", "C"),
        ("cap>1t", ""),
    ],
)
def test_bounds_let_through_what_is_known_to_be_within(filters, expected):
    """All of them; the bound itself is outside."""
    found = chosen(ROWS, Order.TOP, read_query(filters).bounds)
    assert sorted(expected) == sorted(row.symbol for row in found)
