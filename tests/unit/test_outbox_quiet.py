"""Quiet hours: in whose night something falls, and when that night ends."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.delivery import quiet_until, waits_until
from bot.models.notice import Kind
from bot.models.person import Preferences

BERLIN = ZoneInfo("Europe/Berlin")
MINUTES = st.integers(0, 1439)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "begin", "end", "expected"),
    [
        ("11-22 21:59", "22:00", "08:00", None),
        ("11-22 22:00", "22:00", "08:00", "11-23 08:00"),
        ("11-23 07:59", "22:00", "08:00", "11-23 08:00"),
        ("11-23 08:00", "22:00", "08:00", None),
        ("11-22 12:30", "12:00", "13:00", "11-22 13:00"),
        ("11-22 13:00", "12:00", "13:00", None),
        ("11-22 23:30", "23:00", "00:00", "11-23 00:00"),
        ("11-22 00:00", "00:00", "00:01", "11-22 00:01"),
        ("11-22 12:00", "12:00", "12:00", None),
        ("03-28 23:00", "22:00", "08:00", "03-29 08:00"),  # this night has 23 hours
        ("10-24 23:00", "22:00", "08:00", "10-25 08:00"),  # and this one 25
    ],
)
def test_a_night_ends_when_the_clock_on_the_wall_says_so(
    now: str, begin: str, end: str, expected: str | None
) -> None:
    """Past midnight and through changes of the clock; the end belongs to the day."""
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in (begin, end)]
    until = quiet_until(at(now), *minutes)
    assert until == (None if expected is None else at(expected).timestamp())


@given(st.integers(1_700_000_000, 2_000_000_000), MINUTES, MINUTES)
def test_the_end_of_a_night_is_no_night(moment: int, begin: int, end: int) -> None:
    """It lies ahead, a day at most (and the hour of a change of the clock), and nothing waits any more then."""
    until = quiet_until(datetime.fromtimestamp(moment, BERLIN), begin, end)
    if until is not None:
        assert 0 < until - moment <= 25 * 3600
        assert None is quiet_until(datetime.fromtimestamp(until, BERLIN), begin, end)


@given(st.integers(1_700_000_000, 2_000_000_000), MINUTES, MINUTES)
def test_a_minute_is_quiet_or_loud_as_the_hours_say(moment: int, begin: int, end: int) -> None:
    """Exactly one of the hours from begin to end, and from end to begin."""
    here = datetime.fromtimestamp(moment, UTC)
    quiet = [quiet_until(here, *hours) is not None for hours in ((begin, end), (end, begin))]
    assert (sum(quiet) == 1) is (begin != end)


def test_a_liquidation_does_not_wait_for_the_morning() -> None:
    """Money is lost by then; what is only to be known waits."""
    night, wishes = at("11-22 23:00"), Preferences(quiet_from=22 * 60, quiet_to=8 * 60)
    assert waits_until(Kind.LIQUIDATION_NEAR, wishes, night.timestamp(), BERLIN) is None
    morning = at("11-23 08:00").timestamp()
    assert morning == waits_until(Kind.POSITION_CLOSED, wishes, night.timestamp(), BERLIN)
