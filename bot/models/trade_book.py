"""What fills make of holdings, and what they earn: average entry price, profit of what is closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.models.market import AccountType, Side
from bot.models.trade import Fill, Holding, HoldingKey


@dataclass(frozen=True, slots=True)
class Booked:
    """Fills with the profit of each (None: nothing closed, or its cost not known), and the holdings after them.

    In `holdings` None stands for one that is gone.
    """

    entries: tuple[tuple[Fill, Decimal | None], ...]
    holdings: Mapping[HoldingKey, Holding | None]


def holding_key(fill: Fill) -> HoldingKey:
    """Which holding it changes."""
    return (fill.account_id, fill.account_type, fill.symbol)


def news(fills: Iterable[Fill], told: Mapping[int, Decimal]) -> list[Fill]:
    """Those that go beyond what is `told` already of their orders: order number → how far it was filled."""
    reached, found = dict(told), []
    for fill in fills:
        if fill.order_number not in reached or fill.filled_to > reached[fill.order_number]:
            reached[fill.order_number] = fill.filled_to
            found.append(fill)
    return found


def book(fills: Iterable[Fill], holdings: Mapping[HoldingKey, Holding]) -> Booked:
    """One fill after the other, in their order, on what was held before."""
    after: dict[HoldingKey, Holding | None] = dict(holdings)
    entries = []
    for fill in fills:
        key = holding_key(fill)
        after[key], profit = after_fill(after.get(key), fill)
        entries.append((fill, profit))
    return Booked(tuple(entries), after)


def after_fill(holding: Holding | None, fill: Fill) -> tuple[Holding | None, Decimal | None]:
    """The holding after a fill, and what it realised: (price − entry) × closed amount × direction − the fee of it.

    What was sold of coins that did not come through the desk, or closed of a position that did not, has an unknown
    profit: None.
    """
    if holding is None or holding.side is fill.side:
        return (holding if _only_closes(fill) else _opened(holding, fill)), None
    closed = min(holding.amount, fill.amount)
    left, over = holding.amount - closed, fill.amount - closed
    profit = _profit(holding, fill, closed)
    if left:
        return replace(holding, amount=left, updated_at=fill.at), profit
    if not over:
        return None, profit
    if _only_closes(fill):
        return None, None
    return _new(fill, over), profit


def _only_closes(fill: Fill) -> bool:
    """Coins that are sold are not owed to anybody."""
    return fill.reduce_only or (fill.account_type is AccountType.SPOT and fill.side is Side.SELL)


def _opened(holding: Holding | None, fill: Fill) -> Holding:
    if holding is None:
        return _new(fill, fill.amount)
    amount = holding.amount + fill.amount
    price = (holding.amount * holding.entry_price + fill.cost) / amount
    return replace(holding, amount=amount, entry_price=price, updated_at=fill.at)


def _new(fill: Fill, amount: Decimal) -> Holding:
    return Holding(
        fill.user_id,
        fill.account_id,
        fill.account_type,
        fill.symbol,
        fill.side,
        amount,
        entry_price=fill.price,
        updated_at=fill.at,
    )


def _profit(holding: Holding, fill: Fill, closed: Decimal) -> Decimal:
    gain = (fill.price - holding.entry_price) * closed
    return (gain if holding.side is Side.BUY else -gain) - fill.fee * closed / fill.amount
