"""Numbers are read exactly or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.models.decimals import BadNumber, Flaw, plain, read_number


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("1", "1"),
        ("0.01", "0.01"),
        (".5", "0.5"),
        ("007.50", "7.5"),
        ("999999999999.999999999999", "999999999999.999999999999"),
        ("0000000000000001", "1"),
        ("0.1000000000000000000000", "0.1"),
    ],
)
def test_plain_digits_are_a_number(word: str, number: str) -> None:
    """To the last of them."""
    assert Decimal(number) == read_number(word)


@pytest.mark.parametrize(
    ("word", "flaw"),
    [
        ("1,5", Flaw.COMMA),
        ("1,000", Flaw.COMMA),
        ("-1", Flaw.SIGN),
        ("−0.5", Flaw.SIGN),
        ("0", Flaw.ZERO),
        ("0.000", Flaw.ZERO),
        ("1e-30", Flaw.DIGITS),
        ("NaN", Flaw.DIGITS),
        ("inf", Flaw.DIGITS),
        ("1.", Flaw.DIGITS),
        ("1.2.3", Flaw.DIGITS),
        ("1,000.5", Flaw.DIGITS),
        ("1_000", Flaw.DIGITS),
        ("٣", Flaw.DIGITS),
        ("１", Flaw.DIGITS),
        ("+1", Flaw.DIGITS),
        ("", Flaw.DIGITS),
        ("1" + "0" * 400, Flaw.LONG),
        ("0.0000000000001", Flaw.LONG),
    ],
)
def test_anything_else_is_none_and_says_why(word: str, flaw: Flaw) -> None:
    """No sign, no exponent, no digits of other scripts."""
    with pytest.raises(BadNumber) as refused:
        read_number(word)
    assert (word, flaw) == (refused.value.word, refused.value.flaw)


def test_a_comma_has_two_readings() -> None:
    """Both are shown, neither is taken."""
    with pytest.raises(BadNumber) as refused:
        read_number("1,5")
    assert ("1.5", "15") == refused.value.readings


def test_numbers_are_written_back_plainly() -> None:
    """No exponent, no zeros that say nothing."""
    numbers = ("1E-8", "100", "0.50", "0E+3", "1E+3")
    assert ["0.00000001", "100", "0.5", "0", "1000"] == [plain(Decimal(number)) for number in numbers]
