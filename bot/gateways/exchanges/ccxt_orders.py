"""What is asked of ccxt, in its words: the market, and numbers that it will not round behind our back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from bot.errors import OrderRefused, UnknownSymbol
from bot.gateways.exchanges import ccxt_parsing as parse
from bot.gateways.exchanges.ccxt_errors import NO_STATUS
from bot.models.market import AccountType
from bot.models.order import NewOrder, OrderKind, Refusal


def market(client: Any, account_type: AccountType, symbol: str) -> Any:
    """ccxt's market of that name. Raises UnknownSymbol."""
    for found in client.markets_by_id.get(symbol, ()):
        if parse.kind(found) is account_type:
            return found
    raise UnknownSymbol(symbol)


def market_to_trade(client: Any, account_type: AccountType, symbol: str) -> Any:
    """The same for an order. Raises OrderRefused."""
    try:
        return market(client, account_type, symbol)
    except UnknownSymbol as error:
        raise refused(client, f"{symbol} is not traded", Refusal.MARKET) from error


def of_kind(client: Any, items: Iterable[Any], account_type: AccountType) -> Iterator[tuple[Any, Any]]:
    """Those that belong there, each with its market."""
    for item in items:
        found = client.market(item["symbol"])
        if parse.kind(found) is account_type:
            yield item, found


def arguments(client: Any, order: NewOrder) -> tuple[Any, ...]:
    """Those of `create_order`. Raises OrderRefused for what would not be sent as it is, and ccxt's errors."""
    found = market_to_trade(client, order.account_type, order.symbol)
    amount = _exact(client, client.amount_to_precision, found, order.amount / parse.contract(found), "amount")
    price = exact_price(client, found, order.price) if order.kind is OrderKind.LIMIT else None
    params = {"clientOrderId": order.client_id} | _stops(client, found, order)
    if order.reduce_only and order.account_type is AccountType.LINEAR:
        params["reduceOnly"] = True
    return found["symbol"], order.kind.value, order.side.value, amount, price, params


def exact_price(client: Any, found: Any, price: Decimal | None) -> str | None:
    """A price as text, if ccxt would send the same number. Raises OrderRefused."""
    return None if price is None else _exact(client, client.price_to_precision, found, price, "price")


def refused(client: Any, words: str, reason: Refusal) -> OrderRefused:
    """What we refuse in the venue's place."""
    return OrderRefused(client.id, NO_STATUS, words, reason)


def _exact(client: Any, rounded: Callable[[str, str], str], found: Any, value: Decimal, what: str) -> str:
    text = f"{value:f}"
    if Decimal(rounded(found["symbol"], text)) != value:
        raise refused(client, f"the {what} is no whole step", Refusal.RULES)
    return text


def _stops(client: Any, found: Any, order: NewOrder) -> dict[str, Any]:
    stops = {"stopLoss": order.stop_loss, "takeProfit": order.take_profit}
    prices = {name: exact_price(client, found, price) for name, price in stops.items() if price is not None}
    if prices and not _takes_stops(client, found):
        raise refused(client, "stops cannot be set with an order here", Refusal.RULES)
    return {name: {"triggerPrice": price} for name, price in prices.items()}


def _takes_stops(client: Any, found: Any) -> bool:
    """On positions only: a spot order's stops would be orders of their own."""
    told = client.feature_value(found["symbol"], "createOrder", "attachedStopLossTakeProfit")
    return parse.kind(found) is AccountType.LINEAR and bool(told)
