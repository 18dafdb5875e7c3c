"""What follows from a look at an account's positions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.models.account import Account
from bot.models.market import AccountType, Position, Side
from bot.models.notice import Kind, Notice
from bot.models.position_watch import Change, Look, compare, distance
from bot.models.trade import Holding

D = Decimal
NOW = 1000.0
ANNA = Account(3, 7, "bybit", tail="a3f9")
LONG = Holding(7, 3, AccountType.LINEAR, "BTCUSDT", Side.BUY, D("0.5"), D(60000), updated_at=10.0)
SEEN = Position("BTCUSDT", Side.BUY, D("0.50"), D(60000), D(61000), D(500), liquidation_price=D(50000))


def looks(*rounds) -> list[list[Change]]:
    """The changes of each round: what is known, and what is seen."""
    last, found = Look(), []
    for known, positions in rounds:
        last, changes = compare(ANNA, known, positions, last, NOW)
        found.append(changes)
    return found


def test_what_is_as_we_know_it_changes_nothing():
    """However the amount is written."""
    assert [[], []] == looks(([LONG], [SEEN]), ([LONG], [SEEN]))


def test_what_two_looks_do_not_find_was_closed():
    """One may have come before an order of ours was written down; the notice tells what was seen last."""
    gone = looks(([LONG], [SEEN]), ([LONG], []), ([LONG], []))
    data = {"account": "bybit …a3f9", "symbol": "BTCUSDT", "side": "buy", "amount": "0.5", "entry": "60000"}
    assert [[], [], [Change(LONG, None, Notice(7, Kind.POSITION_CLOSED, data))]] == gone


def test_a_closed_position_is_told_with_what_was_seen_of_it():
    """Liquidation price and stops are known where the first look without it followed one with it."""
    last, _ = compare(ANNA, [LONG], [replace(SEEN, stop_loss=D(58000))], Look(), NOW)
    last = replace(last, differences={"BTCUSDT": (LONG, None, None)})
    _, [change] = compare(ANNA, [LONG], [], last, NOW)
    assert change.notice is not None
    assert {
        "mark": "61000",
        "liquidation": "50000",
        "stop_loss": "58000",
    }.items() <= change.notice.data.items()


def test_what_has_changed_in_between_is_not_the_same_difference():
    """Our own order was written down after the first look: it counts from then on."""
    assert [[], []] == looks(([LONG], []), ([replace(LONG, updated_at=20.0)], []))
    assert [[], []] == looks(([], [SEEN]), ([], [replace(SEEN, amount=D(1))]))


def test_what_was_changed_elsewhere_is_adopted_quietly():
    """Opened, made larger, turned: the venue is right; a warning outlives all but the turn."""
    warned = replace(LONG, warned_at=5.0)
    larger = replace(SEEN, amount=D(2), entry_price=D(61000))
    adopted = replace(LONG, amount=D(2), entry_price=D(61000), updated_at=NOW)
    assert [Change(None, adopted)] == looks(([], [larger]), ([], [larger]))[1]
    near = replace(larger, liquidation_price=D(59000))
    [_, [change]] = looks(([warned], [near]), ([warned], [near]))
    assert Change(warned, replace(adopted, warned_at=5.0)) == change
    turned = replace(larger, side=Side.SELL, liquidation_price=None)
    _, changes = looks(([LONG], [turned]), ([LONG], [turned]))
    assert [Change(LONG, replace(adopted, side=Side.SELL))] == changes


def test_a_symbol_with_two_positions_is_left_alone():
    """Hedge mode: neither of them is the one that we know."""
    both = [SEEN, replace(SEEN, side=Side.SELL)]
    assert [[], []] == looks(([LONG], both), ([LONG], both))


@pytest.mark.parametrize(
    ("liquidation", "warned_at", "expected"),
    [
        (D("58000"), None, "warns"),
        (D("57950"), None, None),
        (None, None, None),
        (D("58000"), 5.0, None),
        (D("56500"), 5.0, None),
        (D("56000"), 5.0, "forgets"),
        (None, 5.0, "forgets"),
    ],
)
def test_liquidation_is_warned_of_once_until_it_is_farther_away(liquidation, warned_at, expected):
    """Nearer than 5 % of the mark; again only after more than 8 %."""
    holding = replace(LONG, warned_at=warned_at)
    [changes] = looks(([holding], [replace(SEEN, liquidation_price=liquidation)]))
    after = {"warns": [NOW], "forgets": [None], None: []}[expected]
    assert after == [change.after and change.after.warned_at for change in changes]
    assert [change.notice is not None for change in changes] == [expected == "warns"] * len(changes)


def test_the_warning_says_how_far_it_is():
    """Prices as they are, the distance as a fraction."""
    [[change]] = looks(([LONG], [replace(SEEN, liquidation_price=D("58000"), amount=D(2))]))
    assert change.notice is not None
    assert Kind.LIQUIDATION_NEAR is change.notice.kind
    assert ("61000", "58000", "2") == tuple(
        change.notice.data[name] for name in ("mark", "liquidation", "amount")
    )
    assert change.notice.data["distance"].startswith("0.04918")


def test_no_distance_without_prices():
    """A venue that tells neither is no reason to warn."""
    assert distance(replace(SEEN, mark_price=D(0))) is None
    assert distance(replace(SEEN, liquidation_price=D(0))) is None
