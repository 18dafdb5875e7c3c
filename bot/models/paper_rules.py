"""The form an order must have on a paper account: that of the real venue whose instruments it trades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.errors import OrderRefused
from bot.models.account import PAPER
from bot.models.market import AccountType, Instrument, Side
from bot.models.order import NewOrder, OrderKind, Refusal

_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}")


def check(order: NewOrder, instrument: Instrument, offered: Decimal) -> None:
    """Raise OrderRefused unless id, amount and price are as they must be; of several faults the first is named.

    `offered` is the price at which a market order would be filled.
    """
    _raise_first(_faults(order, instrument, offered))


def check_stops(
    side: Side, stop_loss: Decimal | None, take_profit: Decimal | None, price: Decimal, instrument: Instrument
) -> None:
    """Raise OrderRefused unless the stops of a position on that side lie around `price`, on whole steps."""
    _raise_first(_stop_faults(side, stop_loss, take_profit, price, instrument))


def _faults(order: NewOrder, instrument: Instrument, offered: Decimal) -> Iterator[str]:
    if not _CLIENT_ID.fullmatch(order.client_id):
        yield "the client id is not 1 to 32 letters and digits"
    yield from _amount_faults(order, instrument)
    if order.kind is OrderKind.LIMIT:
        yield from _price_faults(order.price, instrument)
    closes = order.reduce_only and order.account_type is AccountType.LINEAR
    if not closes and order.amount * (order.price or offered) < instrument.min_cost:
        yield f"the order is worth less than {instrument.min_cost:f} {instrument.quote}"
    if order.account_type is AccountType.SPOT and (order.stop_loss or order.take_profit):
        yield "stops are for positions"


def _amount_faults(order: NewOrder, instrument: Instrument) -> Iterator[str]:
    if not _is_whole(order.amount, instrument.amount_step):
        yield f"the amount is not a multiple of {instrument.amount_step:f}"
    if order.amount < instrument.min_amount:
        yield f"the amount is less than {instrument.min_amount:f}"
    if instrument.max_amount is not None and order.amount > instrument.max_amount:
        yield f"the amount is more than {instrument.max_amount:f}"


def _price_faults(price: Decimal | None, instrument: Instrument) -> Iterator[str]:
    if price is None:
        yield "a limit order needs a price"
    elif not _is_whole(price, instrument.price_step):
        yield f"the price is not a multiple of {instrument.price_step:f}"


def _stop_faults(
    side: Side, stop_loss: Decimal | None, take_profit: Decimal | None, price: Decimal, instrument: Instrument
) -> Iterator[str]:
    way = 1 if side is Side.BUY else -1
    for name, level, sign in (("stop loss", stop_loss, -way), ("take profit", take_profit, way)):
        if level is None:
            continue
        if not _is_whole(level, instrument.price_step):
            yield f"the {name} is not a multiple of {instrument.price_step:f}"
        if (level - price) * sign <= 0:
            yield f"the {name} is on the wrong side of {price:f}"


def _is_whole(value: Decimal, step: Decimal) -> bool:
    return value.is_finite() and value > 0 and value == (value / step).to_integral_value() * step


def _raise_first(faults: Iterator[str]) -> None:
    for fault in faults:
        raise OrderRefused(PAPER, 400, fault, Refusal.RULES)
