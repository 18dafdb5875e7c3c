"""What Bybit's lists hold, in our words. Every function raises NotWhole for what it cannot rely on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.gateways.exchanges.bybit_wire import Result
from bot.models.account import KeyRights
from bot.models.market import ZERO, AccountType, Balance, CoinBalance, Instrument, Position, Side, Ticker
from bot.models.order import OrderKind, OrderStatus, VenueOrder

Item = Mapping[str, Any]

SIDES = {"Buy": Side.BUY, "Sell": Side.SELL}
KINDS = {"Market": OrderKind.MARKET, "Limit": OrderKind.LIMIT}
STATUSES = {
    "New": OrderStatus.OPEN,
    "PartiallyFilled": OrderStatus.OPEN,
    "Untriggered": OrderStatus.OPEN,
    "Triggered": OrderStatus.OPEN,
    "Filled": OrderStatus.FILLED,
    "Cancelled": OrderStatus.CANCELLED,
    "PartiallyFilledCanceled": OrderStatus.CANCELLED,
    "Deactivated": OrderStatus.CANCELLED,
    "Rejected": OrderStatus.REJECTED,
}
LARGEST_AMOUNTS = ("maxOrderQty", "maxMktOrderQty", "maxMarketOrderQty")


class NotWhole(ValueError):
    """An answer lacks what it must have."""


@contextmanager
def whole() -> Iterator[None]:
    """What goes wrong in the body while an answer is taken apart is the answer's fault."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise NotWhole(type(error).__name__) from error


def items(result: Result) -> Sequence[Item]:
    """The list of an answer; an answer without one is not an empty one."""
    found = result.data.get("list")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise NotWhole("list")
    return found


def cursor(result: Result) -> str:
    """Where the next page begins, empty on the last one."""
    found = result.data.get("nextPageCursor") or ""
    if not isinstance(found, str):
        raise NotWhole("nextPageCursor")
    return found


def instruments(page: Sequence[Item], account_type: AccountType) -> dict[str, Instrument]:
    """What can be traded now; of the futures only USDT perpetuals."""
    with whole():
        return {
            item["symbol"]: _instrument(item, account_type) for item in page if _tradable(item, account_type)
        }


def _tradable(item: Item, account_type: AccountType) -> bool:
    if item["status"] != "Trading":
        return False
    if account_type is AccountType.SPOT:
        return True
    return bool(item["contractType"] == "LinearPerpetual" and item.get("settleCoin", "USDT") == "USDT")


def _instrument(item: Item, account_type: AccountType) -> Instrument:
    lots = item["lotSizeFilter"]
    step = "basePrecision" if account_type is AccountType.SPOT else "qtyStep"
    largest = [limit for name in LARGEST_AMOUNTS if (limit := _optional(lots, name))]
    return Instrument(
        symbol=_text(item, "symbol"),
        base=_text(item, "baseCoin"),
        quote=_text(item, "quoteCoin"),
        account_type=account_type,
        price_step=_positive(item["priceFilter"], "tickSize"),
        amount_step=_positive(lots, step),
        min_amount=_number(lots, "minOrderQty"),
        min_cost=_optional(lots, "minOrderAmt") or _optional(lots, "minNotionalValue") or ZERO,
        max_amount=min(largest, default=None),
    )


def ticker(item: Item, at: float) -> Ticker:
    """The price of one symbol. Where nobody bids or asks, the last price stands for it."""
    with whole():
        last = _positive(item, "lastPrice")
        return Ticker(
            symbol=_text(item, "symbol"),
            last=last,
            bid=_optional(item, "bid1Price") or last,
            ask=_optional(item, "ask1Price") or last,
            at=at,
            change=_optional(item, "price24hPcnt"),
            high=_optional(item, "highPrice24h"),
            low=_optional(item, "lowPrice24h"),
            turnover=_optional(item, "turnover24h"),
            mark=_optional(item, "markPrice"),
        )


def balance(result: Result) -> Balance:
    """The coins of the unified account. What orders and positions have bound is not free."""
    with whole():
        [account] = [item for item in items(result) if item["accountType"] == "UNIFIED"]
        if not isinstance(account["coin"], list):
            raise NotWhole("coin")
        coins = [coin for coin in map(_coin, account["coin"]) if coin.total]
        coins.sort(key=lambda coin: coin.usd or ZERO, reverse=True)
        return Balance(tuple(coins), _optional(account, "totalEquity"))


def _coin(item: Item) -> CoinBalance:
    total = _number(item, "walletBalance")
    bound = sum(
        (_optional(item, name) or ZERO for name in ("locked", "totalOrderIM", "totalPositionIM")), ZERO
    )
    return CoinBalance(_text(item, "coin"), total, max(ZERO, total - bound), _optional(item, "usdValue"))


def positions(page: Sequence[Item]) -> list[Position]:
    """Open positions; the venue also lists those that were closed, with size 0."""
    with whole():
        return [_position(item) for item in page if _number(item, "size")]


def _position(item: Item) -> Position:
    return Position(
        symbol=_text(item, "symbol"),
        side=SIDES[item["side"]],
        amount=_number(item, "size"),
        entry_price=_number(item, "avgPrice"),
        mark_price=_number(item, "markPrice"),
        profit=_number(item, "unrealisedPnl"),
        leverage=_optional(item, "leverage"),
        liquidation_price=_optional(item, "liqPrice") or None,
        stop_loss=_optional(item, "stopLoss") or None,
        take_profit=_optional(item, "takeProfit") or None,
    )


def order(item: Item, account_type: AccountType) -> VenueOrder:
    """An order, open or ended."""
    with whole():
        filled = _number(item, "cumExecQty")
        average = _average(item, filled)
        return VenueOrder(
            id=_text(item, "orderId"),
            client_id=str(item.get("orderLinkId") or ""),
            symbol=_text(item, "symbol"),
            account_type=account_type,
            side=SIDES[item["side"]],
            kind=KINDS[item["orderType"]],
            status=STATUSES[item["orderStatus"]],
            amount=_number(item, "qty"),
            filled=filled,
            price=_optional(item, "price") or None,
            average=average,
            fee=_fee(item, account_type, average),
            reduce_only=item.get("reduceOnly") is True,
            created_at=_time(item, "createdTime"),
            updated_at=_time(item, "updatedTime"),
        )


def _average(item: Item, filled: Decimal) -> Decimal | None:
    if not filled:
        return None
    return _optional(item, "avgPrice") or _positive(item, "cumExecValue") / filled


def _fee(item: Item, account_type: AccountType, average: Decimal | None) -> Decimal | None:
    """In quote. Spot takes it out of what one receives: of a purchase that is the base coin."""
    if average is None:
        return None
    if isinstance(details := item.get("cumFeeDetail"), dict) and details:
        parts = [_in_quote(coin, Decimal(fee), item["symbol"], average) for coin, fee in details.items()]
        return None if None in parts else sum((part for part in parts if part), ZERO)
    fee = _optional(item, "cumExecFee")
    in_base = account_type is AccountType.SPOT and item["side"] == "Buy"
    return fee * average if fee is not None and in_base else fee


def fee_of_fills(page: Sequence[Item]) -> Decimal | None:
    """The fee of an order's fills in quote, None where a part of it cannot be told or there is none."""
    with whole():
        parts = [_fill_fee(item) for item in page]
        return None if not parts or None in parts else sum((part for part in parts if part), ZERO)


def _fill_fee(item: Item) -> Decimal | None:
    coin = item.get("feeCurrency") or "USDT"
    return _in_quote(coin, _number(item, "execFee"), item["symbol"], _number(item, "execPrice"))


def _in_quote(coin: str, fee: Decimal, symbol: str, price: Decimal) -> Decimal | None:
    if symbol.endswith(coin):
        return fee
    return fee * price if symbol.startswith(coin) else None


def rights(result: Result) -> KeyRights:
    """What a key may do; what it does not say it may, it may not, but silence on withdrawing is no answer."""
    with whole():
        permissions = result.data["permissions"]
        trades = "Order" in permissions.get("ContractTrade", ()) or "SpotTrade" in permissions.get("Spot", ())
        return KeyRights(
            can_trade=int(result.data["readOnly"]) == 0 and trades,
            can_withdraw="Withdraw" in permissions["Wallet"],
            expires_at=_date(result.data.get("expiredAt")),
        )


def _date(text: object) -> float | None:
    """A key bound to an address has no end, which is spelled as nothing or as a date before there was a Bybit."""
    if not text:
        return None
    when = datetime.fromisoformat(str(text)).timestamp()
    return when if when > 0 else None


def _text(item: Item, name: str) -> str:
    if not isinstance(item[name], str) or not item[name]:
        raise NotWhole(name)
    return str(item[name])


def _number(item: Item, name: str) -> Decimal:
    """A number spelled as text, as the venue spells all of them."""
    value = Decimal(_text(item, name))
    if not value.is_finite():
        raise NotWhole(name)
    return value


def _positive(item: Item, name: str) -> Decimal:
    value = _number(item, name)
    if value <= 0:
        raise NotWhole(name)
    return value


def _optional(item: Item, name: str) -> Decimal | None:
    """None where it is left out or empty."""
    return _number(item, name) if item.get(name) not in (None, "") else None


def _time(item: Item, name: str) -> float:
    return int(item.get(name) or 0) / 1000
