"""Whatever one does to a paper account, no money comes from nowhere and none gets lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from paper_makers import BUY, LINEAR, PERP, SELL, SPOT, D, Desk, ticker

from bot.errors import OrderRefused
from bot.models.market import Ticker
from bot.models.paper_book import balance
from bot.models.paper_trading import cancel, protect

PRICES = st.sampled_from([30_000, 45_000, 49_000, 50_000, 51_000, 55_000, 90_000])
LIMITS = st.sampled_from([None, D(44_000), D(49_500), D(50_500), D(56_000)])
ORDERS = st.tuples(
    st.sampled_from([SPOT, LINEAR]),
    st.sampled_from([BUY, SELL]),
    st.sampled_from(["0.001", "0.02", "0.3", "1.1"]),
    LIMITS,
    st.booleans(),
)
STEPS = st.lists(st.one_of(ORDERS, PRICES), max_size=25)


def equity(desk: Desk, price: Ticker) -> Decimal:
    """What all of the account is worth."""
    found = balance(desk.book, {(kind, "BTCUSDT"): price for kind in (SPOT, LINEAR)}).equity
    assert found is not None
    return found


def act(desk: Desk, number: int, step: tuple[Any, ...], at: Ticker) -> None:
    kind, side, amount, limit, reduce_only = step
    more = {"account_type": kind, "price": limit, "reduce_only": reduce_only, "client_id": f"a{number}"}
    try:
        desk.place(side, amount, at, **more)
    except OrderRefused:
        return


@given(st.lists(ORDERS, max_size=20))
def test_at_a_price_that_stands_still_only_fees_are_lost(steps: list[Any]) -> None:
    """To the last digit, through positions that grow, shrink and turn round."""
    desk, still = Desk(), ticker(50_000)
    for number, step in enumerate(steps):
        act(desk, number, step, still)
        desk.see(still)
    fees = sum((order.fee for order in desk.ended if order.fee), D(0))
    assert D(10_000) - fees == equity(desk, still)


@given(STEPS)
def test_there_is_never_less_than_nothing(steps: list[Any]) -> None:
    """Of no coin, total or free, whatever the prices do; an id ends once, and what rests can be cancelled."""
    desk, at = Desk(), ticker(50_000)
    for number, step in enumerate(steps):
        if isinstance(step, int):
            at = ticker(step)
            desk.see(at)
        else:
            act(desk, number, step, at)
        for coin in balance(desk.book, {}).coins:
            assert 0 <= coin.free <= coin.total
            assert coin.total > 0
        for position in desk.book.positions.values():
            assert position.amount
            assert (position.amount > 0) == (position.cost > 0)
            protect(desk.book, position.symbol, (None, None), PERP, at)
    for rest in desk.book.resting:
        assert [rest.order.client_id] == [
            each.client_id for each in cancel(desk.book, rest.order.client_id, 1.0).ended
        ]
    ids = [order.client_id for order in desk.ended]
    assert len(set(ids)) == len(ids)
