"""From a wish to an order: exact, in whole steps, within the limits, or refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from order_makers import LIMITS, ORIGIN, D, buy, drafted, instrument, market, sell

from bot.errors import OrderTooLarge, OrderUnfit
from bot.models.market import ZERO, AccountType, Side
from bot.models.order import OrderKind
from bot.models.order_draft import Doubt
from bot.models.order_rules import closing_draft, draft_of

LINEAR = AccountType.LINEAR


def test_an_amount_is_rounded_down_to_whole_steps_and_the_rounding_is_shown() -> None:
    """Never more than was asked for."""
    draft = drafted(buy("0.0499"))
    assert (D("0.049"), D("0.0499")) == (draft.order.amount, draft.asked_amount)
    assert drafted(buy("0.049")).asked_amount is None


def test_an_amount_of_money_is_turned_into_coins_at_the_asked_price() -> None:
    """100 USDT at 10,000 are 0.01."""
    assert D("0.01") == drafted(buy("100", unit="usdt")).order.amount
    assert D("0.01") == drafted(buy("100", unit="USD")).order.amount
    assert D("0.02") == drafted(buy("100", unit="USDT", price=D(5000))).order.amount
    assert D("0.05") == drafted(buy("0.05", unit="BTC")).order.amount


def test_a_market_order_is_quoted_at_what_is_asked_or_bid() -> None:
    """Who buys pays the ask, who sells gets the bid; the fee is reckoned as of an order that is filled at once."""
    bought, sold = drafted(buy()), drafted(sell())
    assert (D(10_000), D(9999)) == (bought.quoted, sold.quoted)
    assert (OrderKind.MARKET, None) == (bought.order.kind, bought.order.price)
    assert D("0.5") == bought.fee
    assert not bought.closes


def test_a_price_is_rounded_to_the_nearest_step() -> None:
    """And shown, where that changed it."""
    draft = drafted(buy(price=D("9900.3")))
    assert (OrderKind.LIMIT, D("9900.5"), D("9900.3")) == (
        draft.order.kind,
        draft.order.price,
        draft.asked_price,
    )
    assert drafted(buy(price=D("9900.5"))).asked_price is None


def test_what_sells_below_the_market_is_worth_the_market() -> None:
    """A limit far below does not slip under the limits."""
    assert D("499.95") == drafted(sell(price=D(9700))).worth
    assert D("510.00") == drafted(sell(price=D(10_200))).worth
    assert D("485.00") == drafted(buy(price=D(9700))).worth


def test_worth_is_in_dollars_and_rounded_up() -> None:
    """A pair in another coin is reckoned at that coin's price."""
    where = replace(market(quote="BTC"), usd=D("0.00333"))
    assert D("1.67") == draft_of(buy(), where, LIMITS, ORIGIN).worth


@pytest.mark.parametrize(
    ("wish", "where", "words"),
    [
        (buy("0.0009"), market(), "the least of BTCUSDT is 0.001 BTC"),
        (buy("11"), market(), "the most of BTCUSDT is 10 BTC"),
        (buy("0.001"), market(min_cost=D(20)), "must be worth 20 USDT at least"),
        (buy("0.0005"), market(min_amount=ZERO), "the least of BTCUSDT is 0.001 BTC"),
        (buy("5", unit="EUR"), market(), "counted in BTC or USDT"),
        (buy("5", unit="USD"), market(quote="ETH"), "counted in BTC or ETH"),
        (buy(price=D("0.1")), market(), "steps of 0.5"),
        (buy(), market(ask="0"), "no price of BTCUSDT"),
        (buy(), market(ask="NaN"), "no price of BTCUSDT"),
        (sell(None), market(), "you have no BTC to sell"),
        (buy(stop_loss=D(9000)), market(), "spot has none"),
        (sell(None, stop_loss=D(9000)), market(LINEAR), "needs no stop-loss"),
        (buy(stop_loss=D(10_000)), market(LINEAR), "the stop-loss must be below the price, which is 10000"),
        (buy(take_profit=D(9000)), market(LINEAR), "the take-profit must be above the price"),
        (sell(stop_loss=D(9000)), market(LINEAR), "the stop-loss must be above the price, which is 9999"),
        (sell(take_profit=D(10_500)), market(LINEAR), "the take-profit must be below the price"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(wish, where, words) -> None:
    """The venue's rules are told before the venue is asked."""
    available = D(1) if wish.amount is None and wish.stop_loss else None
    with pytest.raises(OrderUnfit, match=words):
        drafted(wish, where, available=available)


def test_an_order_may_be_worth_so_much_and_no_more() -> None:
    """The limit itself is allowed."""
    assert D("1000.00") == drafted(buy("0.1")).worth
    with pytest.raises(OrderTooLarge) as refused:
        drafted(buy("0.101"))
    assert ("an order", D(1000), D("1010.00")) == (
        refused.value.what,
        refused.value.limit,
        refused.value.worth,
    )


def test_stops_on_the_right_side_go_with_the_order() -> None:
    """They are whole steps as well."""
    order = drafted(buy(stop_loss=D("9000.3"), take_profit=D(11_000)), market(LINEAR)).order
    assert (D("9000.5"), D(11_000)) == (order.stop_loss, order.take_profit)
    order = drafted(sell(stop_loss=D(11_000), take_profit=D(9000)), market(LINEAR)).order
    assert (D(11_000), D(9000)) == (order.stop_loss, order.take_profit)


def test_what_is_unusual_is_doubted() -> None:
    """Large, far from the market, or while ask and bid lie far apart; nothing else."""
    assert () == drafted(buy("0.01")).doubts
    assert (Doubt.LARGE,) == drafted(buy("0.051")).doubts
    assert (Doubt.FAR,) == drafted(buy("0.01", price=D(9000))).doubts
    assert (Doubt.FAR,) == drafted(sell("0.01", price=D(11_000))).doubts
    assert (Doubt.WIDE,) == drafted(buy("0.01"), market(bid="9000")).doubts
    assert (Doubt.WIDE,) == drafted(buy("0.01"), market(bid="0")).doubts


def test_all_of_a_position_is_sold_without_opening_another() -> None:
    """On spot there is nothing that could be opened."""
    assert drafted(sell(None), market(LINEAR), available=D("0.0505")).order.reduce_only
    sold = drafted(sell(None), available=D("0.0505"))
    assert (D("0.05"), False) == (sold.order.amount, sold.order.reduce_only)


def test_closing_is_not_limited() -> None:
    """Neither by worth, nor by the venue's least cost of a position."""
    where = market(LINEAR, min_cost=D(100_000), max_amount=None)
    draft = closing_draft(Side.SELL, D(3), where, ORIGIN)
    assert (D(3), True, True, D("29997.00")) == (
        draft.order.amount,
        draft.order.reduce_only,
        draft.closes,
        draft.worth,
    )


def test_what_is_too_much_for_one_order_is_closed_as_far_as_one_goes() -> None:
    """And what is too little cannot be closed."""
    draft = closing_draft(Side.SELL, D("12.0005"), market(), ORIGIN)
    assert (D(10), D("12.0005"), False) == (draft.order.amount, draft.asked_amount, draft.order.reduce_only)
    assert closing_draft(Side.BUY, D(1), market(LINEAR), ORIGIN).asked_amount is None
    with pytest.raises(OrderUnfit, match="the least"):
        closing_draft(Side.SELL, D("0.0001"), market(), ORIGIN)


@given(
    st.decimals("0.000000000001", "0.1", places=12),
    st.sampled_from(["0.001", "0.00000001", "0.05", "0.0001"]),
)
def test_what_is_ordered_is_whole_steps_and_never_more_than_asked(asked: Decimal, step: str) -> None:
    """Whatever the amount and the step."""
    where = market(amount_step=D(step), min_amount=ZERO, min_cost=ZERO)
    try:
        amount = draft_of(buy(str(asked)), where, LIMITS, ORIGIN).order.amount
    except OrderUnfit:
        assert asked < D(step)
    else:
        assert amount % D(step) == 0
        assert asked - D(step) < amount <= asked


def test_the_instrument_of_the_makers_is_as_the_venue_wants_it() -> None:
    """What these tests stand on."""
    assert D("0.001") == instrument().min_amount
