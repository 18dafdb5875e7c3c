"""A paper account: what it has, what is locked in it, what its positions come to. Values only, nothing is decided.

Spot coins and USDT perpetuals share one wallet, as in a unified account. Nothing locked is stored: it follows from
the orders that rest and the positions that are open, so that the two can never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.models.market import ZERO, AccountType, Balance, CoinBalance, Position, Side, Ticker
from bot.models.order import VenueOrder

CENT = Decimal("1e-8")  # what money is rounded to
LEVERAGE = Decimal(10)
MAINTENANCE = Decimal("0.005")  # of its worth a position needs at least, or it is liquidated
FEES = {AccountType.SPOT: Decimal("0.001"), AccountType.LINEAR: Decimal("0.00055")}
DOLLAR = "USDT"

Market = tuple[AccountType, str]
Prices = Mapping[Market, Ticker]


@dataclass(frozen=True, slots=True)
class PaperPosition:
    """A position: `amount` in base, below zero where it is short; `cost` = amount × entry price, with its sign."""

    symbol: str
    coin: str
    amount: Decimal
    cost: Decimal
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None

    @property
    def side(self) -> Side:
        """BUY is long."""
        return Side.BUY if self.amount > 0 else Side.SELL

    @property
    def margin(self) -> Decimal:
        """What it locks, and the most that can be lost with it."""
        return money(abs(self.cost) / LEVERAGE)

    @property
    def entry_price(self) -> Decimal:
        """The average price it was entered at."""
        return self.cost / self.amount

    @property
    def liquidation_price(self) -> Decimal:
        """Where the margin is used up, but for what a position needs at least."""
        room = 1 / LEVERAGE - MAINTENANCE
        return self.entry_price * (1 - room if self.amount > 0 else 1 + room)

    def profit(self, price: Decimal) -> Decimal:
        """What closing it at `price` would earn, fees apart."""
        return money(self.amount * price - self.cost)

    def has_fallen_to(self, price: Decimal, level: Decimal | None) -> bool:
        """Whether `price` is at `level` or on its losing side."""
        return level is not None and (price <= level if self.amount > 0 else price >= level)

    def has_risen_to(self, price: Decimal, level: Decimal | None) -> bool:
        """Whether `price` is at `level` or on its winning side."""
        return level is not None and (price >= level if self.amount > 0 else price <= level)


@dataclass(frozen=True, slots=True)
class Resting:
    """A limit order that waits for its price, with the coins it is about and the stops its position shall get."""

    order: VenueOrder
    base: str
    quote: str
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None

    @property
    def limit(self) -> Decimal:
        """The worst price at which it may be filled."""
        return self.order.price or ZERO


@dataclass(frozen=True, slots=True)
class PaperBook:
    """One account. `coins` are totals, none is zero; `resting` is in the order of placing, ids are unique."""

    coins: Mapping[str, Decimal]
    positions: Mapping[str, PaperPosition]
    resting: tuple[Resting, ...] = ()

    def total(self, coin: str) -> Decimal:
        """All there is of a coin, locked or not."""
        return self.coins.get(coin, ZERO)

    def free(self, coin: str) -> Decimal:
        """What may be spent of a coin."""
        locks = (lock(self, rest) for rest in self.resting)
        locked = sum((amount for name, amount in locks if name == coin), ZERO)
        margins = sum((each.margin for each in self.positions.values() if each.coin == coin), ZERO)
        return max(ZERO, self.total(coin) - locked - margins)

    def order(self, client_id: str) -> Resting | None:
        """The order that rests under that id."""
        return next((rest for rest in self.resting if rest.order.client_id == client_id), None)

    def adding(self, coin: str, amount: Decimal) -> PaperBook:
        """The book with so much more (or less) of a coin; never less than nothing."""
        total = max(ZERO, self.total(coin) + amount)
        coins = {name: held for name, held in self.coins.items() if name != coin}
        return replace(self, coins=coins | {coin: total} if total else coins)

    def holding(self, symbol: str, position: PaperPosition | None) -> PaperBook:
        """The book with that position in `symbol`; None: with none."""
        others = {name: each for name, each in self.positions.items() if name != symbol}
        return replace(self, positions=others | {symbol: position} if position else others)

    def without(self, rest: Resting) -> PaperBook:
        """The book without an order that rested."""
        return replace(self, resting=tuple(each for each in self.resting if each is not rest))


def opened_with(start_money: Decimal) -> PaperBook:
    """A new account."""
    return PaperBook({DOLLAR: start_money}, {})


def money(value: Decimal) -> Decimal:
    """An amount of money as accounts hold it."""
    return value.quantize(CENT)


def lock(book: PaperBook, rest: Resting) -> tuple[str, Decimal]:
    """The coin that an order locks while it rests, and how much of it."""
    order = rest.order
    if order.account_type is AccountType.SPOT and order.side is Side.SELL:
        return rest.base, order.amount
    return rest.quote, needed(book, order, rest.limit)


def needed(book: PaperBook, order: VenueOrder, price: Decimal) -> Decimal:
    """The quote coins that buying, or opening, takes at that price, with its fee; closing takes none."""
    fee = FEES[order.account_type]
    if order.account_type is AccountType.SPOT:
        return order.amount * price * (1 + fee)
    opening = max(ZERO, order.amount - closable(book, order.symbol, order.side))
    return ZERO if order.reduce_only else opening * price * (1 / LEVERAGE + fee)


def closable(book: PaperBook, symbol: str, side: Side) -> Decimal:
    """How much of an open position an order on that side would close at most."""
    position = book.positions.get(symbol)
    return abs(position.amount) if position and position.side is not side else ZERO


def mark(ticker: Ticker) -> Decimal:
    """The price that positions are valued at."""
    return ticker.mark or ticker.last


def markets(book: PaperBook) -> set[Market]:
    """Where prices can change something: what rests, and what is held as a position."""
    resting = {(rest.order.account_type, rest.order.symbol) for rest in book.resting}
    return resting | {(AccountType.LINEAR, symbol) for symbol in book.positions}


def coin_markets(book: PaperBook) -> set[Market]:
    """Where one sees what the coins are worth."""
    return {(AccountType.SPOT, coin + DOLLAR) for coin in book.coins if coin != DOLLAR}


def balance(book: PaperBook, prices: Prices) -> Balance:
    """All coins, the most valuable first; what has no price among `prices` has no known worth, nor has the whole."""
    coins = [_coin(book, coin, prices) for coin in book.coins]
    coins.sort(key=lambda coin: (-(coin.usd or ZERO), coin.coin))
    worths = [coin.usd for coin in coins] + [_profit(each, prices) for each in book.positions.values()]
    known = [worth for worth in worths if worth is not None]
    return Balance(tuple(coins), sum(known, ZERO) if len(known) == len(worths) else None)


def positions(book: PaperBook, prices: Prices) -> list[Position]:
    """The open positions; one that is traded no more is valued at what it was entered at."""
    return [_shown(each, prices.get((AccountType.LINEAR, each.symbol))) for each in book.positions.values()]


def _coin(book: PaperBook, coin: str, prices: Prices) -> CoinBalance:
    ticker = prices.get((AccountType.SPOT, coin + DOLLAR))
    price = Decimal(1) if coin == DOLLAR else ticker.last if ticker else None
    worth = None if price is None else money(book.total(coin) * price)
    return CoinBalance(coin, book.total(coin), book.free(coin), worth)


def _profit(position: PaperPosition, prices: Prices) -> Decimal | None:
    ticker = prices.get((AccountType.LINEAR, position.symbol))
    return position.profit(mark(ticker)) if ticker else None


def _shown(position: PaperPosition, ticker: Ticker | None) -> Position:
    price = mark(ticker) if ticker else position.entry_price
    return Position(
        symbol=position.symbol,
        side=position.side,
        amount=abs(position.amount),
        entry_price=position.entry_price,
        mark_price=price,
        profit=position.profit(price),
        leverage=LEVERAGE,
        liquidation_price=position.liquidation_price,
        stop_loss=position.stop_loss,
        take_profit=position.take_profit,
    )
