"""The signed endpoints: the key, the account, positions, orders and their executions."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.exchange import account_wire, engine, positions, rules
from sandbox.exchange.access import demand_right
from sandbox.exchange.calls import Call, page
from sandbox.exchange.errors import VenueError, bad_parameter
from sandbox.exchange.instruments import LINEAR, QUOTE, SPOT
from sandbox.exchange.order_wire import fill_info, order_info
from sandbox.exchange.records import Order
from sandbox.exchange.texts import ms

JSON = dict[str, Any]

MOST_LEVERAGE = Decimal(100)
RECENT = 500


def query_api(call: Call) -> JSON:
    """What the key may do."""
    return account_wire.key_info(call.key)


def coin_info(call: Call) -> JSON:
    """Chains and fees of coins: none are told."""
    return {"rows": []}


def account_info(call: Call) -> JSON:
    """The account's mode: a unified one, cross margin."""
    now = ms(call.world.clock())
    return {
        "unifiedMarginStatus": 6,
        "marginMode": "REGULAR_MARGIN",
        "isMasterTrader": False,
        "updatedTime": now,
    }


def wallet_balance(call: Call) -> JSON:
    """All coins that are not zero, or those asked for."""
    if call.query.get("accountType") != "UNIFIED":
        raise bad_parameter("accountType only support UNIFIED.")
    coins = [coin for coin in call.query.get("coin", "").split(",") if coin]
    return {"list": [account_wire.wallet(call.world, call.account, coins)]}


# -- positions ----------------------------------------------------------------------------------------------


def position_list(call: Call) -> JSON:
    """The position in a symbol, also an empty one, or all that are not."""
    category, symbol = rules.category_of(call.query), call.query.get("symbol")
    if category == SPOT:
        raise bad_parameter("Illegal category")
    if category == LINEAR and not (symbol or call.query.get("settleCoin") or call.query.get("baseCoin")):
        raise bad_parameter(
            "Missing some parameters that must be filled in, symbol or settleCoin or baseCoin"
        )
    if category != LINEAR or call.query.get("settleCoin", QUOTE) != QUOTE:
        chosen = []
    elif symbol:
        chosen = [call.account.position(rules.instrument_of({"category": LINEAR, "symbol": symbol}).symbol)]
    else:
        chosen = call.world.held(call.account)
    infos = [account_wire.position_info(call.world, position) for position in chosen]
    return {"category": category, **page(call.query, infos, usual=20, most=200)}


def trading_stop(call: Call) -> JSON:
    """Set or take away the stops of an open position; what is not named stays."""
    demand_right(call.key, "ContractTrade", "Position")
    instrument = _perpetual(call)
    position = call.account.position(instrument)
    if not position.size:
        raise bad_parameter("can not set tp/sl/ts for zero position")
    info = rules.instrument_of(call.body)
    stops = {"stopLoss": position.stop_loss, "takeProfit": position.take_profit}
    asked = {name: rules.stop_price(call.body, name, info) for name in stops if name in call.body}
    wanted = stops | asked
    if wanted == stops:
        raise VenueError(34040)
    side, last = ("Buy" if position.size > 0 else "Sell"), call.world.mark(instrument)
    rules.demand_sides(side, asked.get("stopLoss"), asked.get("takeProfit"), last)
    position.stop_loss, position.take_profit = wanted["stopLoss"], wanted["takeProfit"]
    position.updated_at = call.world.clock()
    return {}


def set_leverage(call: Call) -> JSON:
    """Change the leverage of a symbol, with or without a position."""
    demand_right(call.key, "ContractTrade", "Position")
    position = call.account.position(_perpetual(call))
    leverage = rules.number(call.body, "buyLeverage", bad_parameter("buy leverage invalid"))
    if leverage != rules.number(call.body, "sellLeverage", bad_parameter("sell leverage invalid")):
        raise bad_parameter("buy leverage and sell leverage must be equal")
    if not 1 <= leverage <= MOST_LEVERAGE:
        raise bad_parameter("buy leverage invalid")
    if leverage == position.leverage:
        raise VenueError(110043)
    more = positions.value(position) * (1 / leverage - 1 / position.leverage)
    if more > call.world.free(call.account, QUOTE):
        raise VenueError(110007)
    position.leverage = leverage
    return {}


def _perpetual(call: Call) -> str:
    if rules.category_of(call.body) != LINEAR:
        raise bad_parameter("Illegal category")
    return rules.instrument_of(call.body).symbol


# -- orders -------------------------------------------------------------------------------------------------


def create(call: Call) -> JSON:
    """Accept an order."""
    _demand_order_right(call)
    order = engine.place(call.world, call.account, rules.wish(call.body, call.world.quote))
    return {"orderId": order.id, "orderLinkId": order.link_id}


def cancel(call: Call) -> JSON:
    """Cancel what is open of an order."""
    _demand_order_right(call)
    category = rules.instrument_of(call.body).category
    order_id = str(call.body.get("orderId") or "")
    order = engine.find_open(call.world, call.account, category, order_id, rules.link_id(call.body))
    engine.cancel(call.world, order)
    return {"orderId": order.id, "orderLinkId": order.link_id}


def realtime(call: Call) -> JSON:
    """Open orders; with `openOnly=1` the ended ones; by an id whichever it is. The newest first."""
    chosen = _recent(call, _orders(call, demand_filter=True))
    if not _asks_for_one(call):
        ended = call.query.get("openOnly", "0") not in ("", "0")
        chosen = [order for order in chosen if order.is_open is not ended]
    return _listed(call, chosen)


def history(call: Call) -> JSON:
    """Ended orders. The newest first."""
    return _listed(call, [order for order in _orders(call, demand_filter=False) if not order.is_open])


def executions(call: Call) -> JSON:
    """Fills, the newest first."""
    orders = {order.id: order for order in _orders(call, demand_filter=False)}
    chosen = [
        fill_info(orders[fill.order_id], fill)
        for fill in reversed(call.world.fills)
        if fill.order_id in orders
    ]
    return {"category": call.query["category"], **page(call.query, chosen, usual=50, most=100)}


def _demand_order_right(call: Call) -> None:
    if rules.category_of(call.body) == SPOT:
        demand_right(call.key, "Spot", "SpotTrade")
    else:
        demand_right(call.key, "ContractTrade", "Order")


def _recent(call: Call, orders: list[Order]) -> list[Order]:
    """Open orders, and the last 500 that have ended since Bybit's last release."""
    ended = [order for order in orders if not order.is_open and order.updated_at > call.world.released_at]
    shown = {order.id for order in ended[:RECENT]}
    return [order for order in orders if order.is_open or order.id in shown]


def _asks_for_one(call: Call) -> bool:
    return bool(call.query.get("orderId") or call.query.get("orderLinkId"))


def _orders(call: Call, *, demand_filter: bool) -> list[Order]:
    """The account's visible orders that fit the query: id goes before link id, link id before symbol."""
    query, category, now = call.query, rules.category_of(call.query), call.world.clock()
    symbol, coins = query.get("symbol"), query.get("settleCoin") or query.get("baseCoin")
    if demand_filter and category == LINEAR and not (symbol or coins or _asks_for_one(call)):
        raise bad_parameter(
            "Missing some parameters that must be filled in, symbol or settleCoin or baseCoin"
        )
    mine: Iterable[Order] = (
        order
        for order in reversed(call.world.orders.values())
        if order.uid == call.key.uid and order.category == category and order.visible_at <= now
    )
    if query.get("orderId"):
        return [order for order in mine if order.id == query["orderId"]]
    if query.get("orderLinkId"):
        return [order for order in mine if order.link_id == query["orderLinkId"]]
    return [
        order
        for order in mine
        if _fits(order, query.get("symbol"), query.get("settleCoin"), query.get("baseCoin"))
    ]


def _fits(order: Order, symbol: str | None, settle: str | None, base: str | None) -> bool:
    if symbol:
        return order.symbol == symbol
    return settle in (None, "", QUOTE) and (not base or order.symbol == base + QUOTE)


def _listed(call: Call, orders: list[Order]) -> JSON:
    infos = [order_info(order) for order in orders]
    return {"category": call.query["category"], **page(call.query, infos, usual=20, most=50)}
