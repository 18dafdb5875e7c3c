"""What happens to a paper account: orders placed, filled, cancelled; stops and liquidations. Decided purely.

Whatever is refused raises OrderRefused, in the words of the strictest venues. Fills are at the prices of a ticker: the
account sees those of the moments at which it is looked at, and nothing in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NoReturn

from bot.errors import OrderRefused
from bot.models.account import PAPER
from bot.models.market import ZERO, AccountType, Instrument, Side, Ticker
from bot.models.order import NewOrder, OrderKind, OrderStatus, Refusal, VenueOrder
from bot.models.paper_book import (
    FEES,
    LEVERAGE,
    PaperBook,
    PaperPosition,
    Prices,
    Resting,
    closable,
    mark,
    money,
    needed,
)
from bot.models.paper_rules import check, check_stops


@dataclass(frozen=True, slots=True)
class Change:
    """What an account has become, and the orders that ended on the way."""

    book: PaperBook
    ended: tuple[VenueOrder, ...] = ()


def place(
    book: PaperBook, order: NewOrder, instrument: Instrument, ticker: Ticker, *, order_id: str, now: float
) -> Change:
    """Take an order: a market order and a limit order whose price is there are filled at once, others rest."""
    offered = _offer(order.side, ticker)
    if offered <= 0:
        refuse(Refusal.MARKET, "nobody offers a price")
    check(order, instrument, offered)
    taken = _taken(book, order, order_id, now)
    limit = offered if taken.price is None else taken.price
    check_stops(order.side, order.stop_loss, order.take_profit, limit, instrument)
    rest = Resting(taken, instrument.base, instrument.quote, order.stop_loss, order.take_profit)
    fills = _reaches(limit, order.side, offered)
    if coin := _lacks(book, rest, offered if fills else limit):
        refuse(Refusal.FUNDS, f"only {book.free(coin):f} {coin} is free")
    return _fill(book, rest, offered, now) if fills else Change(replace(book, resting=(*book.resting, rest)))


def cancel(book: PaperBook, client_id: str, now: float) -> Change:
    """Take back an order that rests."""
    rest = book.order(client_id)
    if rest is None:
        refuse(Refusal.NOT_FOUND, "there is no such open order")
    return _cancelled(book, rest, now)


def protect(
    book: PaperBook,
    symbol: str,
    stops: tuple[Decimal | None, Decimal | None],
    instrument: Instrument,
    ticker: Ticker,
) -> Change:
    """Set the stop loss and the take profit of a position; None takes one away."""
    position = book.positions.get(symbol)
    if position is None:
        refuse(Refusal.NOT_FOUND, f"there is no position in {symbol}")
    check_stops(position.side, *stops, mark(ticker), instrument)
    return Change(book.holding(symbol, replace(position, stop_loss=stops[0], take_profit=stops[1])))


def settle(book: PaperBook, prices: Prices, now: float) -> Change:
    """Let the newest prices do what they do; what has no price among them stays as it is."""
    for position in book.positions.values():
        ticker = prices.get((AccountType.LINEAR, position.symbol))
        if ticker is not None:
            book = _stopped(book, position, ticker)
    ended: tuple[VenueOrder, ...] = ()
    for rest in book.resting:
        change = _looked_at(book, rest, prices, now)
        book, ended = change.book, ended + change.ended
    return Change(book, ended)


def refuse(reason: Refusal, words: str) -> NoReturn:
    """Say no, as a venue does."""
    raise OrderRefused(PAPER, 400, words, reason)


def _taken(book: PaperBook, order: NewOrder, order_id: str, now: float) -> VenueOrder:
    amount = order.amount
    reduces = order.reduce_only and order.account_type is AccountType.LINEAR
    if reduces:
        amount = min(amount, closable(book, order.symbol, order.side))
        if not amount:
            refuse(Refusal.RULES, "there is no position to reduce")
    return VenueOrder(
        id=order_id,
        client_id=order.client_id,
        symbol=order.symbol,
        account_type=order.account_type,
        side=order.side,
        kind=order.kind,
        status=OrderStatus.OPEN,
        amount=amount,
        price=order.price if order.kind is OrderKind.LIMIT else None,
        reduce_only=reduces,
        created_at=now,
        updated_at=now,
    )


def _looked_at(book: PaperBook, rest: Resting, prices: Prices, now: float) -> Change:
    order = rest.order
    if order.reduce_only and not closable(book, order.symbol, order.side):
        return _cancelled(book, rest, now)
    ticker, limit = prices.get((order.account_type, order.symbol)), rest.limit
    if ticker is None or not _reaches(limit, order.side, _offer(order.side, ticker)):
        return Change(book)
    alone = book.without(rest)
    return _cancelled(book, rest, now) if _lacks(alone, rest, limit) else _fill(alone, rest, limit, now)


def _cancelled(book: PaperBook, rest: Resting, now: float) -> Change:
    ended = replace(rest.order, status=OrderStatus.CANCELLED, updated_at=now)
    return Change(book.without(rest), (ended,))


def _offer(side: Side, ticker: Ticker) -> Decimal:
    """The price at which one gets rid of an order at once."""
    return ticker.ask if side is Side.BUY else ticker.bid


def _reaches(limit: Decimal, side: Side, offered: Decimal) -> bool:
    """Whether what is offered is as good as the limit, or better."""
    return 0 < offered <= limit if side is Side.BUY else offered >= limit


def _lacks(book: PaperBook, rest: Resting, price: Decimal) -> str | None:
    """The coin there is too little of to fill the order at `price`; the book must not lock anything for it."""
    order = rest.order
    if order.account_type is AccountType.SPOT and order.side is Side.SELL:
        return rest.base if order.amount > book.free(rest.base) else None
    return rest.quote if needed(book, order, price) > book.free(rest.quote) else None


def _fill(book: PaperBook, rest: Resting, price: Decimal, now: float) -> Change:
    order = rest.order
    amount = (
        min(order.amount, closable(book, order.symbol, order.side)) if order.reduce_only else order.amount
    )
    cost = money(amount * price)
    fee = money(cost * FEES[order.account_type])
    ended = replace(
        order,
        status=OrderStatus.FILLED if amount == order.amount else OrderStatus.CANCELLED,
        filled=amount,
        average=price,
        fee=fee,
        updated_at=now,
    )
    if order.account_type is AccountType.SPOT:
        sign = 1 if order.side is Side.BUY else -1
        swapped = book.adding(rest.base, sign * amount).adding(rest.quote, -sign * cost - fee)
        return Change(swapped, (ended,))
    return Change(_with_stops(_traded(book, rest, amount, price), rest).adding(rest.quote, -fee), (ended,))


def _traded(book: PaperBook, rest: Resting, amount: Decimal, price: Decimal) -> PaperBook:
    """A perpetual bought or sold: what there is on the other side is closed first, the remainder opens."""
    order = rest.order
    position = book.positions.get(order.symbol)
    closing = min(amount, closable(book, order.symbol, order.side))
    if position is not None and closing:
        book = _closed(book, position, closing, price)
    opening = (amount - closing) * (1 if order.side is Side.BUY else -1)
    if not opening:
        return book
    held = book.positions.get(order.symbol) or PaperPosition(order.symbol, rest.quote, ZERO, ZERO)
    more = replace(held, amount=held.amount + opening, cost=held.cost + opening * price)
    return book.holding(order.symbol, more)


def _closed(book: PaperBook, position: PaperPosition, amount: Decimal, price: Decimal) -> PaperBook:
    """The book after `amount` of a position was closed; more than its margin is never lost."""
    signed = amount if position.amount > 0 else -amount
    released = position.cost * amount / abs(position.amount)
    profit = max(money(signed * price - released), -money(abs(released) / LEVERAGE))
    remainder = replace(position, amount=position.amount - signed, cost=position.cost - released)
    return book.holding(position.symbol, remainder if remainder.amount else None).adding(
        position.coin, profit
    )


def _with_stops(book: PaperBook, rest: Resting) -> PaperBook:
    position = book.positions.get(rest.order.symbol)
    if position is None or position.side is not rest.order.side:
        return book
    stop_loss, take_profit = rest.stop_loss or position.stop_loss, rest.take_profit or position.take_profit
    return book.holding(position.symbol, replace(position, stop_loss=stop_loss, take_profit=take_profit))


def _stopped(book: PaperBook, position: PaperPosition, ticker: Ticker) -> PaperBook:
    """Liquidate or close a position where the price asks for it."""
    if position.has_fallen_to(mark(ticker), position.liquidation_price):
        return book.holding(position.symbol, None).adding(position.coin, -position.margin)
    last = ticker.last
    if not (
        position.has_fallen_to(last, position.stop_loss) or position.has_risen_to(last, position.take_profit)
    ):
        return book
    price = _offer(position.side.opposite, ticker) or last
    fee = money(abs(position.amount) * price * FEES[AccountType.LINEAR])
    return _closed(book, position, abs(position.amount), price).adding(position.coin, -fee)
