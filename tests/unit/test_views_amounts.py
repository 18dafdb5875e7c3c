"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views import amounts

D = Decimal
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**15), max_value=10**15)


def read(text: str) -> Decimal:
    return D(text.replace(",", "").replace(amounts.MINUS, "-").replace("+", ""))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("61234.50", "61,234.5"),
        ("1E+3", "1,000"),
        ("1E-8", "0.00000001"),
        ("100", "100"),
        ("-0.10", "−0.1"),
        ("0E-8", "0"),
        ("-0", "0"),
        ("123456789012345678.123456789012345678", "123,456,789,012,345,678.123456789012345678"),
        ("NaN", "–"),
        ("Infinity", "–"),
        ("1E+999999", "–"),
        ("1E-999999", "–"),
    ],
)
def test_exact_numbers_keep_every_digit(value: str, shown: str) -> None:
    """Without an exponent and without zeros at the end."""
    assert shown == amounts.exact(D(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.5", "0.5"),
        ("10000", "10,000"),
        ("1.999999999", "1.99999999"),
        ("0.123456789", "0.12345678"),
        ("0.000000012345678912", "0.000000012345678"),
        ("123456789.123456789", "123,456,789.12345678"),
        ("0", "0"),
        ("1E-18", "0.000000000000000001"),
        ("-2.5", "−2.5"),
    ],
)
def test_coins_are_cut_off_after_eight_digits(value: str, shown: str) -> None:
    """Never more than there is; little is still to be seen."""
    assert shown == amounts.coins(D(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("12345.6", "12,345.60"),
        ("0", "0.00"),
        ("-0.421", "−0.42"),
        ("0.00421", "0.0042"),
        ("-0.0000999", "−0.0001"),
        ("0.015", "0.02"),
        ("1E+9", "1,000,000,000.00"),
        ("NaN", "–"),
    ],
)
def test_money_has_cents(value: str, shown: str) -> None:
    """And what is less than one is not shown as nothing."""
    assert shown == amounts.money(D(value))


def test_what_is_won_or_lost_has_its_sign() -> None:
    """But nothing has none."""
    assert ["+1.50", "−1.50", "0.00"] == [amounts.signed(D(value)) for value in ("1.5", "-1.5", "0")]
    assert ["+1.23%", "−0.50%", "0.00%", "+1,200.00%", "–"] == [
        amounts.percent(D(value)) for value in ("0.01234", "-0.005", "-0.00001", "12", "NaN")
    ]


@given(NUMBERS)
def test_what_is_shown_can_be_read_back(value: Decimal) -> None:
    """Exactly; coins are never more than there are, and money is right to the cent."""
    assert value == read(amounts.exact(value))
    assert 0 <= value.copy_abs() - read(amounts.coins(value)).copy_abs() < D("1e-8")
    assert abs(value - read(amounts.money(value))) <= D("0.005")
    assert not {"E", "e"} & set(amounts.exact(value) + amounts.coins(value) + amounts.money(value))


def test_columns_stand_below_each_other_whatever_is_in_them() -> None:
    """Escaped after they were set."""
    rows = [("<b>", "1", "$2"), ("X", "100", "")]
    assert "<pre>&lt;b&gt;    1  $2\nX    100</pre>" == amounts.columns(rows)
    assert 12 == amounts.width_of(rows)
