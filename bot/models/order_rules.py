"""From a wish to an order: the venue's rules and the desk's limits, decided without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from bot.errors import OrderTooLarge, OrderUnfit
from bot.models.decimals import plain
from bot.models.market import ZERO, AccountType, Instrument, Side, Ticker
from bot.models.order import NewOrder, OrderKind
from bot.models.order_draft import Doubt, Draft, OrderWish

DOLLARS = frozenset({"USD", "USDT", "USDC"})
# What Bybit takes of an order that is filled at once, without a discount.
FEES = {AccountType.SPOT: Decimal("0.001"), AccountType.LINEAR: Decimal("0.00055")}
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Limits:
    """In USD: what one order and all of a day may be worth, and from where on one is `large`.

    `far`: the part of the market's price that a limit may be away from it without being asked about.
    """

    order: Decimal
    day: Decimal
    large: Decimal
    far: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """An instrument at its price; `usd`: what one of its quote coin is worth."""

    instrument: Instrument
    ticker: Ticker
    usd: Decimal = Decimal(1)

    def price_for(self, side: Side) -> Decimal:
        """What the market asks of who buys, or bids to who sells."""
        return self.ticker.ask if side is Side.BUY else self.ticker.bid


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose order it is, under which id of ours, and when it was asked for."""

    client_id: str
    account_id: int
    at: float


def draft_of(
    wish: OrderWish, market: Market, limits: Limits, origin: Origin, *, available: Decimal | None = None
) -> Draft:
    """The order that a wish comes to. `available`: how much there is, where the wish is for all of it.

    Raises OrderUnfit, OrderTooLarge.
    """
    instrument, quoted = market.instrument, _quoted(market, wish.side)
    price = None if wish.price is None else _price(instrument, wish.price)
    asked = _asked(wish, instrument, price or quoted, available)
    order = _order(wish, instrument, price, _amount(instrument, asked, price or quoted), origin)
    _check_stops(order, price or quoted)
    worth = _worth(order, quoted, market.usd)
    if worth > limits.order:
        raise OrderTooLarge("an order", limits.order, worth)
    return Draft(
        order=order,
        account_id=origin.account_id,
        base=instrument.base,
        quote=instrument.quote,
        quoted=quoted,
        worth=worth,
        fee=_fee(order, quoted),
        at=origin.at,
        asked_amount=None if asked == order.amount else asked,
        asked_price=None if price == wish.price else wish.price,
        doubts=_doubts(order, worth, market, limits),
        wish=wish,
    )


def closing_draft(side: Side, held: Decimal, market: Market, origin: Origin) -> Draft:
    """The market order that ends a position, or sells all of a coin. It is not limited: who closes risks less.

    Where more is held than one order may be of, it is as large as it may. Raises OrderUnfit where what is held is
    too little to be ordered.
    """
    instrument, quoted = market.instrument, _quoted(market, side)
    is_position = instrument.account_type is AccountType.LINEAR
    most = held if instrument.max_amount is None else min(held, instrument.max_amount)
    amount = _amount(instrument, most, quoted, costs=not is_position)
    order = NewOrder(
        client_id=origin.client_id,
        symbol=instrument.symbol,
        account_type=instrument.account_type,
        side=side,
        kind=OrderKind.MARKET,
        amount=amount,
        reduce_only=is_position,
    )
    return Draft(
        order=order,
        account_id=origin.account_id,
        base=instrument.base,
        quote=instrument.quote,
        quoted=quoted,
        worth=_worth(order, quoted, market.usd),
        fee=_fee(order, quoted),
        at=origin.at,
        asked_amount=None if held == amount else held,
    )


def _order(
    wish: OrderWish, instrument: Instrument, price: Decimal | None, amount: Decimal, origin: Origin
) -> NewOrder:
    """What is sent. Who sells all of a position does not want to open another."""
    return NewOrder(
        client_id=origin.client_id,
        symbol=instrument.symbol,
        account_type=instrument.account_type,
        side=wish.side,
        kind=OrderKind.MARKET if price is None else OrderKind.LIMIT,
        amount=amount,
        price=price,
        reduce_only=wish.amount is None and instrument.account_type is AccountType.LINEAR,
        stop_loss=_stop(wish, instrument, wish.stop_loss),
        take_profit=_stop(wish, instrument, wish.take_profit),
    )


def _quoted(market: Market, side: Side) -> Decimal:
    price = market.price_for(side)
    if not price.is_finite() or price <= 0:
        raise OrderUnfit(f"there is no price of {market.instrument.symbol} just now")
    return price


def _price(instrument: Instrument, asked: Decimal) -> Decimal:
    price = instrument.whole_price(asked)
    if price <= 0:
        raise OrderUnfit(f"prices of {instrument.symbol} go in steps of {plain(instrument.price_step)}")
    return price


def _asked(wish: OrderWish, instrument: Instrument, price: Decimal, available: Decimal | None) -> Decimal:
    """How much is wished for, in base."""
    if wish.amount is None:
        if not available:
            raise OrderUnfit(f"you have no {instrument.base} to sell")
        return available
    unit = wish.unit.upper()
    if unit in ("", instrument.base):
        return wish.amount
    if unit == instrument.quote or (unit == "USD" and instrument.quote in DOLLARS):
        return wish.amount / price
    raise OrderUnfit(f"{instrument.symbol} is counted in {instrument.base} or {instrument.quote}")


def _amount(instrument: Instrument, asked: Decimal, price: Decimal, *, costs: bool = True) -> Decimal:
    """Whole steps of it. `costs`: whether the venue asks for a least worth."""
    amount = instrument.whole_amount(asked)
    if amount <= 0 or amount < instrument.min_amount:
        least = max(instrument.min_amount, instrument.amount_step)
        raise OrderUnfit(f"the least of {instrument.symbol} is {plain(least)} {instrument.base}")
    if instrument.max_amount is not None and amount > instrument.max_amount:
        raise OrderUnfit(
            f"the most of {instrument.symbol} is {plain(instrument.max_amount)} {instrument.base}"
        )
    if costs and amount * price < instrument.min_cost:
        raise OrderUnfit(
            f"an order of {instrument.symbol} must be worth {plain(instrument.min_cost)} {instrument.quote} at least"
        )
    return amount


def _stop(wish: OrderWish, instrument: Instrument, asked: Decimal | None) -> Decimal | None:
    if asked is None:
        return None
    if instrument.account_type is AccountType.SPOT:
        raise OrderUnfit("stop-loss and take-profit go with positions, which spot has none of")
    if wish.amount is None:
        raise OrderUnfit("what is sold out needs no stop-loss and no take-profit")
    return _price(instrument, asked)


def _check_stops(order: NewOrder, price: Decimal) -> None:
    """A stop on the wrong side of the price would be hit at once."""
    sign = 1 if order.side is Side.BUY else -1
    if order.stop_loss is not None and sign * (price - order.stop_loss) <= 0:
        raise OrderUnfit(f"the stop-loss must be {_beyond(-sign)} the price, which is {plain(price)}")
    if order.take_profit is not None and sign * (order.take_profit - price) <= 0:
        raise OrderUnfit(f"the take-profit must be {_beyond(sign)} the price, which is {plain(price)}")


def _beyond(sign: int) -> str:
    return "above" if sign > 0 else "below"


def _worth(order: NewOrder, quoted: Decimal, usd: Decimal) -> Decimal:
    """The most it can come to: who sells below the market gets the market's price."""
    price = order.price or quoted
    if order.side is Side.SELL:
        price = max(price, quoted)
    return (order.amount * price * usd).quantize(CENT, ROUND_UP)


def _fee(order: NewOrder, quoted: Decimal) -> Decimal:
    return order.amount * (order.price or quoted) * FEES[order.account_type]


def _doubts(order: NewOrder, worth: Decimal, market: Market, limits: Limits) -> tuple[Doubt, ...]:
    """An order at the market's price is as far off as ask and bid are apart."""
    ticker, quoted = market.ticker, market.price_for(order.side)
    spread = abs(ticker.ask - ticker.bid) if ticker.bid > ZERO else ticker.ask
    found = {
        Doubt.LARGE: worth > limits.large,
        Doubt.FAR: order.price is not None and abs(order.price - quoted) > limits.far * quoted,
        Doubt.WIDE: order.price is None and spread > limits.far * quoted,
    }
    return tuple(doubt for doubt, is_so in found.items() if is_so)
