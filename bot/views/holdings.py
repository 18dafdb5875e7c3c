"""What an account holds, piece by piece: coins, positions, orders; and whose numbers they are, how old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.models.lookup import Aged, worth_of
from bot.models.market import Balance, CoinBalance, Position, Side
from bot.models.order import VenueOrder
from bot.views import amounts
from bot.views.text import ago, count_of, duration, escaped, table

PHONE = 30  # characters that fit beside each other
SHOWN = 32  # characters of a name from outside
DIRECTION = {Side.BUY: "long", Side.SELL: "short"}


def stale_line(found: Aged[Any]) -> str:
    """That the numbers are old, and why; empty where they are not."""
    if not found.stale:
        return ""
    return f"⚠ {escaped(found.source)} does not answer just now: these are the numbers of {ago(found.age)}."


def footer(found: Aged[Any]) -> str:
    """Where the numbers are from, and how old they are."""
    return source(f"{found.source} · {ago(found.age)}")


def worth_line(found: Balance) -> str:
    """What a balance is worth, and what of it nobody knows."""
    worth = worth_of(found)
    if worth is None:
        return "Nobody says what it is worth."
    without = f", without {count_of(worth.left_out, 'coin')} of unknown worth" if worth.left_out else ""
    return f"Worth {amounts.money(worth.usd)} USD{without}."


def coin_table(coins: Sequence[CoinBalance]) -> str:
    """What they are worth stands beside the amounts, or below them where a phone has no room for that."""
    rows = [row for coin in coins for row in _beside(coin)]
    if amounts.width_of(rows) <= PHONE:
        return amounts.columns(rows)
    return table(row for coin in coins for row in _below(coin))


def _beside(coin: CoinBalance) -> Iterable[tuple[str, str, str]]:
    yield coin.coin[:SHOWN], amounts.coins(coin.total), _dollars(coin) or amounts.NONE
    if coin.free != coin.total:
        yield "  free", amounts.coins(coin.free), ""


def _below(coin: CoinBalance) -> Iterable[tuple[str, str]]:
    yield coin.coin[:SHOWN], amounts.coins(coin.total)
    if coin.free != coin.total:
        yield "  free", amounts.coins(coin.free)
    if worth := _dollars(coin):
        yield "  worth", worth


def _dollars(coin: CoinBalance) -> str:
    return "" if coin.usd is None else f"${amounts.money(coin.usd)}"


def position_table(position: Position) -> str:
    """A position by its name, and its prices below."""
    rows = [
        ("Entry", amounts.exact(position.entry_price)),
        ("Now", amounts.exact(position.mark_price)),
        ("Profit", profit(position)),
        *(
            (label, amounts.exact(price))
            for label, price in (
                ("Liquidation", position.liquidation_price),
                ("Stop loss", position.stop_loss),
                ("Take profit", position.take_profit),
            )
            if price is not None
        ),
    ]
    return f"{position_name(position)}\n{table(rows)}"


def position_name(position: Position) -> str:
    """`BTCUSDT long 0.5 · 10×`."""
    leverage = "" if position.leverage is None else f" · {amounts.exact(position.leverage)}×"
    what = f"{DIRECTION[position.side]} {amounts.coins(position.amount)}{leverage}"
    return f"<b>{escaped(position.symbol[:SHOWN])}</b> {what}"


def profit(position: Position) -> str:
    """What it has won or lost so far, in its quote and of what it cost: `+499.75 (+1.67%)`."""
    cost = position.entry_price * position.amount
    share = f" ({amounts.percent(position.profit / cost)})" if cost else ""
    return f"{amounts.signed(position.profit)}{share}"


def order_line(number: int, order: VenueOrder, now: float) -> str:
    """`1 · BTCUSDT buy 0.5 at 60,000 · 0.1 filled · 5 min old`."""
    filled = f" · {amounts.coins(order.filled)} filled" if order.filled else ""
    only = " · only closes" if order.reduce_only else ""
    age = f" · {duration(now - order.created_at)} old" if order.created_at else ""
    return f"{number} · {_order_name(order)}{filled}{only}{age}"


def _order_name(order: VenueOrder) -> str:
    price = "at market" if order.price is None else f"at {amounts.exact(order.price)}"
    return f"<b>{escaped(order.symbol[:SHOWN])}</b> {order.side} {amounts.coins(order.amount)} {price}"


def source(text: str) -> str:
    """A footer."""
    return f"<i>{escaped(text)}</i>"
