"""What an order must be before anybody looks at the account: a request as sent becomes a wish, or is refused."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from sandbox.exchange.errors import MESSAGES, VenueError, bad_parameter
from sandbox.exchange.instruments import CATEGORIES, INSTRUMENTS, Instrument
from sandbox.exchange.prices import Quote
from sandbox.exchange.records import ZERO

JSON = Mapping[str, Any]

NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?")
LINK_ID = re.compile(r"[A-Za-z0-9_-]*")
LINK_ID_LENGTH = 36
TOO_SMALL = "The number of contracts exceeds minimum limit allowed"
TOO_LARGE = "The number of contracts exceeds maximum limit allowed: too large, order_qty:{} > max_qty:{}"
TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "PostOnly")
# How far from the last price a limit may be: an assumption, the real bands differ by symbol and hour.
BAND = Decimal("0.1")


class Wish(NamedTuple):
    """A well-formed order; `price` is 0 for a market order, `qty` in base unless `unit` is quoteCoin."""

    instrument: Instrument
    side: str
    kind: str
    time_in_force: str
    qty: Decimal
    price: Decimal
    link_id: str
    unit: str
    reduce_only: bool
    stop_loss: Decimal | None
    take_profit: Decimal | None


def category_of(source: JSON) -> str:
    """The category that is named; refused if there is none of that name."""
    category = source.get("category")
    if category not in CATEGORIES:
        raise bad_parameter("Illegal category")
    return str(category)


def instrument_of(source: JSON) -> Instrument:
    """The instrument that is named by category and symbol."""
    category, symbol = category_of(source), source.get("symbol")
    found = INSTRUMENTS.get((category, str(symbol)))
    if found is None:
        raise (
            VenueError(170121)
            if category == "spot"
            else bad_parameter(f"params error: symbol invalid {symbol}")
        )
    return found


def number(source: JSON, name: str, refusal: VenueError) -> Decimal:
    """A positive number written as a text."""
    text = source.get(name)
    if not isinstance(text, str) or not NUMBER.fullmatch(text) or not Decimal(text):
        raise refusal
    return Decimal(text)


def wish(source: JSON, quote_of: Callable[[Instrument], Quote]) -> Wish:
    """The order that a request asks for."""
    instrument = instrument_of(source)
    quote = quote_of(instrument)
    side = _one_of(source, "side", ("Buy", "Sell"), "Side invalid")
    kind = _one_of(source, "orderType", ("Market", "Limit"), "OrderType invalid")
    unit = _unit(source, instrument, side, kind)
    qty = number(source, "qty", bad_parameter("Qty invalid"))
    price = _price(source, instrument, side, quote) if kind == "Limit" else ZERO
    _check_amount(instrument, qty, unit, price or quote.last, reduce_only=source.get("reduceOnly") is True)
    stop_loss, take_profit = _stops(source, instrument, side, price or quote.last)
    return Wish(
        instrument,
        side,
        kind,
        _time_in_force(source, kind),
        qty,
        price,
        link_id(source),
        unit,
        not instrument.is_spot and source.get("reduceOnly") is True,
        stop_loss,
        take_profit,
    )


def link_id(source: JSON) -> str:
    """The client's own id of an order; empty if it has none."""
    given = source.get("orderLinkId", "")
    if not isinstance(given, str) or len(given) > LINK_ID_LENGTH or not LINK_ID.fullmatch(given):
        raise bad_parameter("OrderLinkedID invalid")
    return given


def stop_price(source: JSON, name: str, instrument: Instrument) -> Decimal | None:
    """A stop as given: None where nothing is said or where "0" or "" takes it away."""
    text = source.get(name)
    if text in (None, "", "0"):
        return None
    price = number(source, name, bad_parameter(f"{name} invalid"))
    if price % instrument.tick:
        raise bad_parameter(f"{name} invalid")
    return price


def demand_sides(side: str, stop_loss: Decimal | None, take_profit: Decimal | None, base: Decimal) -> None:
    """Refuse stops that lie on the wrong side of the price they are measured by."""
    sign = 1 if side == "Buy" else -1
    words = ("higher", "lower") if sign > 0 else ("lower", "higher")
    if take_profit is not None and (take_profit - base) * sign <= 0:
        text = "TakeProfit:{} set for {} position should be {} than base_price:{}??LastPrice"
        raise bad_parameter(text.format(take_profit, side, words[0], base))
    if stop_loss is not None and (base - stop_loss) * sign <= 0:
        text = "StopLoss:{} set for {} position should be {} than base_price:{}??LastPrice"
        raise bad_parameter(text.format(stop_loss, side, words[1], base))


def _one_of(source: JSON, name: str, allowed: tuple[str, ...], refusal: str) -> str:
    given = source.get(name)
    if given not in allowed:
        raise bad_parameter(refusal)
    return str(given)


def _unit(source: JSON, instrument: Instrument, side: str, kind: str) -> str:
    """How a spot market order counts its amount: a buy in USDT unless it says otherwise."""
    if not instrument.is_spot or kind == "Limit":
        return ""
    usual = "quoteCoin" if side == "Buy" else "baseCoin"
    given = source.get("marketUnit") or usual
    if given not in ("baseCoin", "quoteCoin"):
        raise bad_parameter("marketUnit invalid")
    return str(given)


def _time_in_force(source: JSON, kind: str) -> str:
    if kind == "Market":
        return "IOC"
    given = source.get("timeInForce") or "GTC"
    if given not in TIMES_IN_FORCE:
        raise bad_parameter("TimeInForce invalid")
    return str(given)


def _price(source: JSON, instrument: Instrument, side: str, quote: Quote) -> Decimal:
    price = number(source, "price", bad_parameter("Price invalid"))
    if price % instrument.tick:
        raise VenueError(170134) if instrument.is_spot else bad_parameter("Price invalid")
    highest, lowest = instrument.below(quote.last * (1 + BAND)), instrument.above(quote.last * (1 - BAND))
    if side == "Buy" and price > highest:
        raise (
            VenueError(170193, MESSAGES[170193].format(highest)) if instrument.is_spot else VenueError(110003)
        )
    if side == "Sell" and price < lowest:
        raise (
            VenueError(170194, MESSAGES[170194].format(lowest)) if instrument.is_spot else VenueError(110003)
        )
    return price


def _check_amount(
    instrument: Instrument, qty: Decimal, unit: str, price: Decimal, *, reduce_only: bool
) -> None:
    if unit == "quoteCoin":
        if qty < instrument.least_value:
            raise VenueError(170140)
        return
    if qty % instrument.step:
        raise VenueError(170137) if instrument.is_spot else bad_parameter("Qty invalid")
    if qty < instrument.least:
        raise VenueError(170136) if instrument.is_spot else bad_parameter(TOO_SMALL)
    if qty > instrument.most:
        large = TOO_LARGE.format(int(qty * 10**8), int(instrument.most * 10**8))
        raise VenueError(170135) if instrument.is_spot else bad_parameter(large)
    if qty * price < instrument.least_value and not reduce_only:
        raise VenueError(170140 if instrument.is_spot else 110094)


def _stops(
    source: JSON, instrument: Instrument, side: str, base: Decimal
) -> tuple[Decimal | None, Decimal | None]:
    stop_loss = stop_price(source, "stopLoss", instrument)
    take_profit = stop_price(source, "takeProfit", instrument)
    if stop_loss is None and take_profit is None:
        return None, None
    if instrument.is_spot:
        raise bad_parameter("takeProfit and stopLoss of spot orders are not built here")
    if source.get("reduceOnly") is True:
        raise bad_parameter("reduceOnly orders cannot have takeProfit or stopLoss")
    demand_sides(side, stop_loss, take_profit, base)
    return stop_loss, take_profit
