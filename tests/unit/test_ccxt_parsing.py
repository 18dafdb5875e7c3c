"""What ccxt tells, in our words: contracts are counted in coins, and what is not whole is not guessed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.gateways.exchanges import ccxt_parsing as parse
from bot.gateways.exchanges.ccxt_parsing import DECIMAL_PLACES, TICK_SIZE, NotWhole
from bot.models.market import AccountType, Balance, CoinBalance, Instrument, Position, Side, Ticker
from bot.models.order import OrderKind, OrderStatus, VenueOrder

D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR

COIN: dict[str, Any] = {
    "id": "BTC-USDT",
    "symbol": "BTC/USDT",
    "base": "BTC",
    "quote": "USDT",
    "spot": True,
    "active": True,
    "precision": {"amount": 1e-08, "price": "0.1"},
    "limits": {"amount": {"min": 1e-05, "max": None}, "cost": {"min": "1"}},
}
PERPETUAL: dict[str, Any] = {
    "id": "BTC-USDT-SWAP",
    "symbol": "BTC/USDT:USDT",
    "base": "BTC",
    "quote": "USDT",
    "settle": "USDT",
    "swap": True,
    "linear": True,
    "active": None,
    "contractSize": 0.01,
    "precision": {"amount": "0.1", "price": 0.1},
    "limits": {"amount": {"min": "0.1", "max": "1000"}},
}
BTC = Instrument("BTC-USDT", "BTC", "USDT", SPOT, D("0.1"), D("1e-8"), D("0.00001"), D(1))
BTC_PERPETUAL = Instrument(
    "BTC-USDT-SWAP", "BTC", "USDT", LINEAR, D("0.1"), D("0.001"), D("0.001"), D(0), D(10)
)
OTHERS = [
    COIN | {"id": "GONE", "active": False},
    COIN | {"id": "STEPLESS", "precision": {"amount": None, "price": "0.1"}},
    PERPETUAL | {"id": "COIN-MARGINED", "linear": False},
    PERPETUAL | {"id": "IN-USDC", "settle": "USDC"},
    {"id": "FUTURE", "future": True},
]


@pytest.mark.parametrize(("kind", "expected"), [(SPOT, BTC), (LINEAR, BTC_PERPETUAL)])
def test_instruments_are_counted_in_coins(kind: AccountType, expected: Instrument) -> None:
    """A contract of 0.01 BTC has steps of a tenth of that; what is closed, stepless or coin-margined is left out."""
    assert {expected.symbol: expected} == parse.instruments([COIN, PERPETUAL, *OTHERS], TICK_SIZE, kind)


def test_steps_may_be_told_as_decimal_places() -> None:
    """As some venues do; steps that depend on the number's size are none."""
    market = COIN | {"precision": {"amount": 8, "price": 1}}
    assert {"BTC-USDT": BTC} == parse.instruments([market], DECIMAL_PLACES, SPOT)
    assert {} == parse.instruments([market], 3, SPOT)


TICKER: dict[str, Any] = {
    "last": "50000.1",
    "bid": 50000,
    "ask": "50000.2",
    "timestamp": 1_800_000_000_500,
    "percentage": "-1.25",
    "high": "51000",
    "low": "49000",
    "quoteVolume": "1e9",
    "markPrice": "50000.05",
}


def test_a_price_keeps_all_its_digits() -> None:
    """And its change is a fraction."""
    expected = Ticker(
        "BTCUSDT",
        D("50000.1"),
        D(50_000),
        D("50000.2"),
        1_800_000_000.5,
        D("-0.0125"),
        D(51_000),
        D(49_000),
        D("1e9"),
        D("50000.05"),
    )
    assert expected == parse.ticker(TICKER, "BTCUSDT", 1.0)


def test_a_price_without_offers_is_the_last_one() -> None:
    """At the time it was asked for, where the venue tells none."""
    assert Ticker("X", D(2), D(2), D(2), 1.0) == parse.ticker({"last": 2, "bid": None, "ask": 0}, "X", 1.0)


@pytest.mark.parametrize("last", [None, "", 0, "-1", "nan", "inf", "much"])
def test_a_price_that_is_none_is_refused(last: object) -> None:
    """Nothing is traded on a guess."""
    with pytest.raises(NotWhole):
        parse.ticker({"last": last}, "X", 1.0)


def test_wallets_are_summed_up_by_coin() -> None:
    """What the venue does not call free is not; a worth is known of dollars only."""
    spot = {"total": {"USDT": "100", "BTC": "0.5", "ETH": 0}, "free": {"USDT": "60"}}
    futures = {"total": {"USDT": 50.5}, "free": {"USDT": 70}}
    usdt = CoinBalance("USDT", D("150.5"), D("110.5"), D("150.5"))
    assert Balance((usdt, CoinBalance("BTC", D("0.5"), D(0))), None) == parse.balance([spot, futures])
    assert D("50.5") == parse.balance([futures]).equity


@pytest.mark.parametrize("wallet", [{}, {"total": None}, {"total": {"USDT": "much"}}])
def test_a_wallet_that_is_none_is_refused(wallet: dict[str, Any]) -> None:
    """It is not an empty one."""
    with pytest.raises(NotWhole):
        parse.balance([wallet])


POSITION: dict[str, Any] = {
    "contracts": "5",
    "side": "short",
    "entryPrice": 50000,
    "markPrice": "49000",
    "unrealizedPnl": None,
    "leverage": 3,
    "liquidationPrice": 0,
    "stopLossPrice": None,
    "takeProfitPrice": "40000",
}
SHORT = Position(
    "BTC-USDT-SWAP", Side.SELL, D("0.05"), D(50_000), D(49_000), D(50), D(3), None, None, D(40_000)
)


def test_a_position_is_counted_in_coins() -> None:
    """Its profit is computed where the venue does not tell it; one of size 0 is none."""
    assert SHORT == parse.position(POSITION, PERPETUAL)
    assert replace(SHORT, profit=D(7)) == parse.position(POSITION | {"unrealizedPnl": 7}, PERPETUAL)
    assert parse.position(POSITION | {"contracts": 0.0, "side": None}, PERPETUAL) is None


def test_a_position_without_an_entry_is_refused() -> None:
    """Its profit would be a guess."""
    with pytest.raises(NotWhole):
        parse.position(POSITION | {"entryPrice": None}, PERPETUAL)


ORDER: dict[str, Any] = {
    "id": 12345,
    "clientOrderId": "a1",
    "status": "closed",
    "side": "buy",
    "type": "limit",
    "amount": "10",
    "filled": 10,
    "price": "50000",
    "average": "49999.5",
    "fee": {"cost": "0.275", "currency": "USDT"},
    "reduceOnly": True,
    "timestamp": 1_800_000_000_000,
    "lastUpdateTimestamp": 1_800_000_001_000,
}
FILLED = VenueOrder(
    id="12345",
    client_id="a1",
    symbol="BTC-USDT-SWAP",
    account_type=LINEAR,
    side=Side.BUY,
    kind=OrderKind.LIMIT,
    status=OrderStatus.FILLED,
    amount=D("0.1"),
    filled=D("0.1"),
    price=D(50_000),
    average=D("49999.5"),
    fee=D("0.275"),
    reduce_only=True,
    created_at=1_800_000_000.0,
    updated_at=1_800_000_001.0,
)


def test_an_order_is_counted_in_coins() -> None:
    """Amount and what was filled of it; prices are those of one coin anyway."""
    assert FILLED == parse.order(ORDER, PERPETUAL)


@pytest.mark.parametrize(
    ("told", "filled", "status"),
    [
        ("open", 3, OrderStatus.OPEN),
        ("closed", 3, OrderStatus.CANCELLED),
        ("canceled", 0, OrderStatus.CANCELLED),
        ("expired", 3, OrderStatus.CANCELLED),
        ("rejected", None, OrderStatus.REJECTED),
    ],
)
def test_only_what_was_filled_whole_is_filled(told: str, filled: int | None, status: OrderStatus) -> None:
    """ccxt calls closed what is neither open nor cancelled; nothing filled has no average and no fee."""
    found = parse.order(ORDER | {"status": told, "filled": filled}, PERPETUAL)
    assert (status, D(filled or 0) / 100) == (found.status, found.filled)
    assert (filled is None or filled == 0) == (found.average is None) == (found.fee is None)


@pytest.mark.parametrize("lacks", [{"status": None}, {"status": "strange"}, {"amount": None}, {"side": "?"}])
def test_an_order_that_is_not_whole_is_refused(lacks: dict[str, Any]) -> None:
    """What became of it is not guessed."""
    with pytest.raises(NotWhole):
        parse.order(ORDER | lacks, PERPETUAL)


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        ([{"cost": "0.1", "currency": "USDT"}, {"cost": "0.2", "currency": "USDT"}], D("0.3")),
        ([{"cost": "0.00001", "currency": "BTC"}], D("0.499995")),
        ([{"cost": "0.01", "currency": "BNB"}], None),
        ([{"cost": None, "currency": "USDT"}], None),
        ([], None),
    ],
)
def test_fees_are_told_in_quote_or_not_at_all(fees: list[dict[str, Any]], expected: Decimal | None) -> None:
    """In a coin of which the price is not known they would have to be guessed."""
    assert expected == parse.order(ORDER | {"fee": None, "fees": fees}, PERPETUAL).fee
    fills = [{"fees": [], "fee": fee} for fee in fees]
    assert expected == parse.with_fees(replace(FILLED, fee=None), fills, PERPETUAL).fee


def test_a_market_order_has_no_price_of_its_own() -> None:
    """Some venues tell the one it was filled at."""
    assert (OrderKind.MARKET, None) == (
        (found := parse.order(ORDER | {"type": "market"}, COIN)).kind,
        found.price,
    )
