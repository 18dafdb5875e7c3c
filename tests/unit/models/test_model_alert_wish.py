"""Alerts as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.alert import AlertKind, AlertWish
from bot.models.alert_wish import BadWish, Flaw, read_series, read_wish
from bot.models.decimals import BadNumber

D = Decimal
ABOVE, BELOW, CHANGE = AlertKind.ABOVE, AlertKind.BELOW, AlertKind.CHANGE
HOUR, DAY = 3_600, 86_400


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("BTC > 70000", AlertWish("BTC", ABOVE, D(70000))),
        ("btc>70000", AlertWish("BTC", ABOVE, D(70000))),
        ("BTC<60k", AlertWish("BTC", BELOW, D(60000))),
        ("BTC/USDT >= $1.25M", AlertWish("BTC", ABOVE, D(1_250_000))),
        ("ethusdt below 0.5", AlertWish("ETH", BELOW, D("0.5"))),
        ("gold > 2700", AlertWish("XAU", ABOVE, D(2700))),
        ("Silver under 30.25", AlertWish("XAG", BELOW, D("30.25"))),
        ("XPT over 1000", AlertWish("XPT", ABOVE, D(1000))),
        ("ETH +5% 1h", AlertWish("ETH", CHANGE, D("0.05"), HOUR)),
        ("ETH +5 % in 1h", AlertWish("ETH", CHANGE, D("0.05"), HOUR)),
        ("gold -3% 1d", AlertWish("XAU", CHANGE, D("-0.03"), DAY)),
        ("gold −2.5% within 30min", AlertWish("XAU", CHANGE, D("-0.025"), 1_800)),
        ("BTC > 7 repeat", AlertWish("BTC", ABOVE, D(7), repeats=True)),
        ("BTC > 7 once for 7d", AlertWish("BTC", ABOVE, D(7), lasts=7.0 * DAY)),
        ("BTC +1% 5m for 2w Repeat", AlertWish("BTC", CHANGE, D("0.01"), 300, True, 14.0 * DAY)),
        ("1INCH > 1", AlertWish("1INCH", ABOVE, D(1))),
        ("TUSD < 0.99", AlertWish("TUSD", BELOW, D("0.99"))),
        ("USDT < 0.99", AlertWish("USDT", BELOW, D("0.99"))),
    ],
)
def test_what_can_be_written(typed, wish):
    """Spaces, case and the spelling of pairs do not matter; the numbers are exact."""
    assert wish == read_wish(typed)


@pytest.mark.parametrize(
    ("typed", "flaw", "word"),
    [
        ("", Flaw.NO_SYMBOL, ""),
        ("> 70000", Flaw.NO_SYMBOL, ">"),
        ("+5% 1h", Flaw.NO_SYMBOL, "+5%"),
        ("B*C > 7", Flaw.SYMBOL, "B*C"),
        ("BTC\u202e > 7", Flaw.SYMBOL, "BTC\u202e"),
        (f"{'A' * 50} > 7", Flaw.SYMBOL, "A" * 50),
        ("BTC", Flaw.NO_CONDITION, "BTC"),
        ("BTC 70000", Flaw.CONDITION, "70000"),
        ("BTC = 70000", Flaw.CONDITION, "="),
        ("BTC >", Flaw.NO_PRICE, ""),
        ("BTC 5% 1h", Flaw.SIGN, "5%"),
        ("BTC % 1h", Flaw.NO_SYMBOL, "BTC%"),
        ("BTC -100% 1h", Flaw.FALL, "-100%"),
        ("BTC +1001% 1h", Flaw.RISE, "+1001%"),
        ("BTC +5%", Flaw.NO_TIME, ""),
        ("BTC +5% repeat", Flaw.NO_TIME, ""),
        ("BTC +5% soon", Flaw.TIME, "soon"),
        ("BTC +5% 0h", Flaw.TIME, "0h"),
        ("BTC +5% 4m", Flaw.CHANGE_TIME, "4m"),
        ("BTC +5% 8d", Flaw.CHANGE_TIME, "8d"),
        ("BTC > 7 for", Flaw.NO_TIME, ""),
        ("BTC > 7 for ever", Flaw.TIME, "ever"),
        ("BTC > 7 for 1m", Flaw.LASTING, "1m"),
        ("BTC > 7 for 99w", Flaw.LASTING, "99w"),
        ("BTC > 7 now", Flaw.WORD, "now"),
        ("BTC > 7 > 8", Flaw.WORD, ">"),
        ("BTC > 7 once repeat", Flaw.TWICE, "repeat"),
        ("BTC > 7 for 1d for 2d", Flaw.TWICE, "for"),
    ],
)
def test_what_is_wrong_is_named(typed, flaw, word):
    """With the word that is meant; nothing is guessed."""
    with pytest.raises(BadWish) as caught:
        read_wish(typed)
    assert (flaw, word) == (caught.value.flaw, caught.value.word)


@pytest.mark.parametrize(
    "typed",
    ["BTC > 70,000", "BTC > -5", "BTC > 0", "BTC > 1e9", "BTC > NaN", "BTC > k", "BTC + 5% 1h", "BTC +x% 1h"],
)
def test_numbers_are_plain(typed):
    """What may mean two things, or no amount of money, is not taken."""
    with pytest.raises((BadNumber, BadWish)):
        read_wish(typed)


def test_a_name_is_read_the_same_again():
    """What comes out can go in."""
    for word in ("gold", "XAU", "BTC/USDT", "ethusdt", "USDT", "PALLADIUM"):
        assert read_series(word) == read_series(read_series(word))


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed):
    """No other error comes out."""
    for text in (typed, f"BTC {typed}", f"BTC > {typed}", f"BTC > 7 {typed}"):
        try:
            wish = read_wish(text)
        except (BadWish, BadNumber):
            continue
        assert wish.target.is_finite()
        assert wish.target
