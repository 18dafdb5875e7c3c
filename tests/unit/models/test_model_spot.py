"""Which price counts, and when one is old: markets close from Friday 17:00 to Sunday 18:00 in New York."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.models.market_hours import closed_until, is_stale
from bot.models.price import Metal, Spot
from bot.models.spot import judge, usable

D = Decimal
NEW_YORK = ZoneInfo("America/New_York")
NOW = 1_800_000_000.0


def at(text: str) -> float:
    """`2026-11-27 16:59` in New York."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()


def said(*prices: str) -> list[Spot]:
    return [Spot(Metal.GOLD, D(price), NOW, f"source {place}") for place, price in enumerate(prices)]


@pytest.mark.parametrize(
    ("time", "until"),
    [
        ("2026-11-27 16:59", None),
        ("2026-11-27 17:00", "2026-11-29 18:00"),
        ("2026-11-28 12:00", "2026-11-29 18:00"),
        ("2026-11-29 17:59", "2026-11-29 18:00"),
        ("2026-11-29 18:00", None),
        ("2026-12-02 03:00", None),
        ("2026-10-31 23:00", "2026-11-01 18:00"),  # clocks are set back on that night
        ("2026-03-08 12:00", "2026-03-08 18:00"),
    ],
)
def test_markets_close_for_the_week_end(time: str, until: str | None) -> None:
    """And it is known until when."""
    assert (at(until) if until else None) == closed_until(at(time))


@pytest.mark.parametrize(
    ("made", "now", "stale"),
    [
        ("2026-11-25 10:00", "2026-11-25 10:15", False),
        ("2026-11-25 10:00", "2026-11-25 10:16", True),
        ("2026-11-27 16:50", "2026-11-29 17:59", False),
        ("2026-11-27 16:40", "2026-11-28 12:00", True),
        ("2026-11-27 16:50", "2026-11-29 18:05", False),
        ("2026-11-27 16:50", "2026-11-29 18:06", True),
        ("2026-11-28 12:00", "2026-11-29 18:15", False),
        ("2026-11-28 12:00", "2026-11-29 18:16", True),
        ("2026-11-20 12:00", "2026-11-27 11:00", True),
        ("2025-11-20 12:00", "2026-11-27 12:00", True),
    ],
)
def test_a_price_is_old_after_fifteen_minutes_of_trading(made: str, now: str, stale: bool) -> None:
    """A week-end makes none old that was good when it began."""
    assert stale is is_stale(at(made), at(now))


@pytest.mark.parametrize(
    "changes",
    [
        {"price": D(0)},
        {"price": D(-1)},
        {"price": D("NaN")},
        {"price": D("Infinity")},
        {"metal": Metal.SILVER},
        {"at": 0.0},
        {"at": float("nan")},
        {"at": float("inf")},
    ],
)
def test_what_can_be_no_price_is_none(changes: dict[str, object]) -> None:
    """Nor one of another metal, or of no time."""
    given: dict[str, object] = {"metal": Metal.GOLD, "price": D(1), "at": NOW, "source": "x"}
    assert usable(Spot(**(given | changes)), Metal.GOLD, NOW) is None  # type: ignore[arg-type]


def test_no_price_is_from_the_future() -> None:
    """A source's clock may be ahead of ours."""
    [spot] = said("1")
    assert (spot, NOW - 5) == (
        usable(spot, Metal.GOLD, NOW + 5),
        getattr(usable(spot, Metal.GOLD, NOW - 5), "at", None),
    )


@pytest.mark.parametrize(
    ("prices", "known", "all_asked", "accepted", "refused"),
    [
        (["2650"], "2650", False, 0, []),
        (["2915"], "2650", False, 0, []),
        (["2385"], "2650", False, 0, []),
        (["2916"], "2650", False, None, []),
        (["2916"], "2650", True, None, [0]),
        (["2650000", "2651"], "2650", False, 1, [0]),
        (["0.01", "2651"], "2650", False, 1, [0]),
        (["4400", "4450"], "2650", False, 0, []),
        (["4400", "4500"], "2650", False, None, []),
        (["4400", "4500"], "2650", True, None, [0, 1]),
        (["9000", "4400", "4410"], "2650", False, 1, [0]),
        (["2650"], None, False, None, []),
        (["2650"], None, True, 0, []),
        (["2650", "2700"], None, False, 0, []),
        (["26500", "2650"], None, False, None, []),
        (["26500", "2650", "2660"], None, False, 1, [0]),
        (["26500", "2650"], None, True, None, [0, 1]),
        ([], "2650", True, None, []),
        ([], None, True, None, []),
    ],
)
def test_a_jump_needs_a_second_source(
    prices: list[str], known: str | None, all_asked: bool, accepted: int | None, refused: list[int]
) -> None:
    """More than 10 % from the last good price counts only if another says so within 2 %."""
    every = said(*prices)
    found = judge(every, None if known is None else D(known), all_asked=all_asked)
    assert (None if accepted is None else every[accepted]) == found.accepted
    assert tuple(every[place] for place in refused) == found.refused
