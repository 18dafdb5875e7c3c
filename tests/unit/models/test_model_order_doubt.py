"""Absence is proven by two looks after an order could not arrive any more, and by nothing else."""

from __future__ import annotations

import pytest
from order_makers import D

from bot.models.market import AccountType, Side
from bot.models.order import OrderKind, OrderState, OrderStatus, VenueOrder
from bot.models.order_doubt import Search, Sight

UNKNOWN, OPEN = OrderState.UNKNOWN, OrderState.OPEN
SEEN = VenueOrder("v1", "qm1", "BTCUSDT", AccountType.SPOT, Side.BUY, OrderKind.LIMIT, OrderStatus.OPEN, D(1))


def looked(*began: float, answered: bool = True, within: float | None = 5.0) -> tuple[Search, Sight]:
    """Looks that found nothing, for an order that was surely sent before 100."""
    search = Search(100.0)
    for at in began:
        sight = Sight(at, answered=answered, arrives_within=within)
        search = search.after(sight)
    return search, sight


@pytest.mark.parametrize(
    ("looks", "is_absent"),
    [
        (looked(101, 102, 103, 104, 105), False),
        (looked(104, 106), False),
        (looked(106, 110), True),
        (looked(106, 110, answered=False), False),
        (looked(106, 110, 5000, within=None), False),
    ],
)
def test_not_found_proves_nothing_at_first(looks: tuple[Search, Sight], is_absent: bool) -> None:
    """Nor does a venue that does not answer, or one that gives no such proof."""
    outcome = looks[0].outcome(UNKNOWN, looks[1])
    assert is_absent is (outcome is not None and outcome.state is OrderState.ABSENT)


def test_what_the_venue_has_accepted_is_never_absent() -> None:
    """It may have forgotten it."""
    search, sight = looked(106, 110, 120)
    assert search.outcome(OPEN, sight) is None


def test_what_is_seen_is_known() -> None:
    """Whatever was not found before."""
    sight = Sight(130.0, answered=True, seen=SEEN, arrives_within=5.0)
    search = looked(106, 110)[0].after(sight)
    outcome = search.outcome(UNKNOWN, sight)
    assert outcome
    assert OPEN is outcome.state
    assert 130.0 == search.last_seen


def test_looks_come_less_often_while_nobody_knows() -> None:
    """1, 2, 4 … 30 seconds; an open order at least every 15."""
    search, pauses = Search(0.0), []
    for _ in range(7):
        pauses.append(search.pause(UNKNOWN, 0.0))
        search = search.after(Sight(0.0, answered=False))
    assert [1, 2, 4, 8, 16, 30, 30] == pauses
    assert [1, 15] == [Search(0.0).pause(OPEN, 0.0), search.pause(OPEN, 0.0)]


def test_a_look_comes_as_soon_as_it_can_prove_something() -> None:
    """One second after the order could still have arrived, and once more soon after that."""
    search, _ = looked(101, 102, 103, 104, within=30.0)
    assert [16, 6, 16] == [search.pause(UNKNOWN, now) for now in (104, 125, 131)]
    assert 2 == looked(101, 102, 103, 131, within=30.0)[0].pause(UNKNOWN, 131)
    silent = search.after(Sight(126.0, answered=False))
    assert 5 == silent.pause(UNKNOWN, 126)


def test_a_person_is_asked_to_look_after_ten_minutes() -> None:
    """An open order only when an answering venue knows it no more."""
    search, nothing = looked(106)
    silence = Sight(700.0, answered=False)
    assert not search.is_stuck(UNKNOWN, silence, 700.0)
    assert search.is_stuck(UNKNOWN, silence, 701.0)
    assert not search.is_stuck(OPEN, silence, 701.0)
    assert search.is_stuck(OPEN, nothing, 701.0)
    assert not search.is_stuck(OrderState.FILLED, nothing, 701.0)
    later = search.after(Sight(650.0, answered=True, seen=SEEN))
    assert not later.is_stuck(OPEN, nothing, 701.0)
