"""Expiry cells: what people write, read as a day or as a number of days, or as unknown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.dates import read_date, read_days_left, read_last_day

CHRISTMAS = date(2026, 12, 25).toordinal()
TODAY = date(2026, 11, 22).toordinal()

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.from_regex(r"[0-9]{0,5}[-/. ][0-9A-Za-z]{0,9}[-/., ][0-9]{0,5}(T.*)?"),
    st.sampled_from([10**400, -(10**400)]),
)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-12-25",
        "2026/12/25",
        "2026.12.25",
        "2026-12-25T23:59:59Z",
        "2026-12-25 10:00",
        " 2026-12-25 ",
        "25.12.2026",
        "25-12-2026",
        "25/12/2026",
        "25 12 2026",
        "25.12.26",
        "12/25/2026",
        "25 Dec 2026",
        "25-dec-2026",
        "25. December 2026",
        "25 dec., 2026",
        "Dec 25, 2026",
        "December 25 2026",
        46381,
        46381.75,
    ],
)
def test_common_spellings_are_one_day(cell: object) -> None:
    """A date is the same day in each common spelling, and as the serial number of a sheet."""
    assert CHRISTMAS == read_date(cell)


def test_a_doubtful_order_is_read_day_first() -> None:
    """03/04 is the third of April."""
    assert date(2026, 4, 3).toordinal() == read_date("03/04/2026")


@pytest.mark.parametrize(
    "cell",
    [
        None,
        True,
        "",
        "soon",
        "#REF!",
        "#N/A",
        "2026-13-40",
        "31.02.2026",
        "0000-00-00",
        "25 Foo 2026",
        "Foo 25 2026",
        "٢٥.١٢.٢٠٢٦",
        "2026-12",
        30,
        19_999,
        80_000,
        float("nan"),
        float("inf"),
        10**400,
    ],
)
def test_what_is_no_date_is_unknown(cell: object) -> None:
    """Errors of the sheet, impossible days and numbers that are no serials are None, never a guess."""
    assert read_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("12 days", 12),
        ("1 Day", 1),
        ("12d", 12),
        ("12.0", 12),
        ("12,00", 12),
        ("-3", -3),
        ("+3", 3),
        (12, 12),
        (12.9, 12),
        (-0.5, -1),
        (0, 0),
    ],
)
def test_days_left_are_whole_days(cell: object, days: int) -> None:
    """A number of days may carry its unit; a part of a day does not count."""
    assert days == read_days_left(cell)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        False,
        "",
        "text",
        "#REF!",
        "#N/A",
        "1.000,5",
        "1,5",
        "1e3",
        "12 weeks",
        "123456",
        "٣",
        "--3",
        float("nan"),
        float("-inf"),
        100_000,
        10**400,
    ],
)
def test_what_is_no_number_of_days_is_unknown(cell: object) -> None:
    """Text, errors of the sheet, localized numbers and absurd ones are None."""
    assert read_days_left(cell) is None


@pytest.mark.parametrize(
    ("cell", "last_day"),
    [("25.12.2026", CHRISTMAS), (46381, CHRISTMAS), (33, CHRISTMAS), ("33 days", CHRISTMAS), (-1, TODAY - 1)],
)
def test_either_column_may_hold_either(cell: object, last_day: int) -> None:
    """A date in `days_left` and a number in `expires` mean what they say."""
    assert last_day == read_last_day(cell, TODAY)


@pytest.mark.parametrize("cell", ["#REF!", "1.000,5", "", None])
def test_an_unreadable_expiry_is_unknown(cell: object) -> None:
    """Neither a date nor a number: None, so that the proxy is offered last."""
    assert read_last_day(cell, TODAY) is None


@given(CELLS)
def test_no_cell_breaks_a_reader(cell: object) -> None:
    """Whatever stands in a cell, the readers answer with a whole number or with None."""
    for found in (read_date(cell), read_days_left(cell), read_last_day(cell, TODAY)):
        assert found is None or isinstance(found, int)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_an_iso_date_is_read_as_itself(day: date) -> None:
    """Every day can be written."""
    assert day.toordinal() == read_date(day.isoformat())


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_day_first_spellings_agree(day: date) -> None:
    """The separator and the length of the year make no difference."""
    spellings = ("%d.%m.%Y", "%d/%m/%y", "%d-%m-%Y", "%d %b %Y", "%b %d, %Y")
    assert {day.toordinal()} == {read_date(day.strftime(spelling)) for spelling in spellings}
