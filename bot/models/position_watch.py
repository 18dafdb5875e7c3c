"""What a look at an account's positions tells: closed by somebody else, changed outside, near to liquidation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from bot.models.account import Account
from bot.models.market import AccountType, Position, Side
from bot.models.notice import Kind, Notice
from bot.models.trade import Holding, HoldingKey

NEAR = Decimal("0.05")
FAR_AGAIN = Decimal("0.08")

Difference = tuple[Holding | None, Side | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one holding that is `before` still; both with the same key, None where there is none."""

    before: Holding | None
    after: Holding | None
    notice: Notice | None = None

    @property
    def key(self) -> HoldingKey:
        """The holding's identity."""
        holding = self.before or self.after
        assert holding is not None
        return holding.key


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of an account: positions by symbol, and where they were not as we know them."""

    positions: Mapping[str, Position] = field(default_factory=dict)
    differences: Mapping[str, Difference] = field(default_factory=dict)


def compare(
    account: Account, known: Iterable[Holding], positions: Sequence[Position], last: Look, now: float
) -> tuple[Look, list[Change]]:
    """What is seen now, and what follows from it.

    A difference counts once two looks in a row have shown the same: an order's effect may be seen at the venue before
    we have written it down, or after. A symbol with two positions (hedge mode) is left alone.
    """
    held = {holding.symbol: holding for holding in known}
    seen = {position.symbol: position for position in positions}
    twice = {symbol for symbol, count in Counter(each.symbol for each in positions).items() if count > 1}
    differences: dict[str, Difference] = {}
    changes: list[Change] = []
    for symbol in sorted({*held, *seen} - twice):
        holding, position = held.get(symbol), seen.get(symbol)
        difference = _difference(holding, position)
        if difference:
            differences[symbol] = difference
        if difference and last.differences.get(symbol) == difference:
            changes.append(_adopted(account, holding, position, last.positions.get(symbol), now))
        elif holding and position and (warning := _warning(account, holding, position, now)):
            changes.append(warning)
    return Look(seen, differences), changes


def distance(position: Position) -> Decimal | None:
    """How far the mark is from liquidation, as a fraction of it; None where there is no such price."""
    if not position.liquidation_price or position.mark_price <= 0:
        return None
    return abs(position.mark_price - position.liquidation_price) / position.mark_price


def _difference(holding: Holding | None, position: Position | None) -> Difference | None:
    if holding and position and (holding.side, holding.amount) == (position.side, position.amount):
        return None
    return (holding, position.side, position.amount) if position else (holding, None, None)


def _adopted(
    account: Account, holding: Holding | None, position: Position | None, last: Position | None, now: float
) -> Change:
    """The venue is right. Only what is gone altogether is worth a word."""
    if position is None:
        assert holding is not None
        return Change(holding, None, _closed(account, holding, last))
    after = Holding(
        account.user_id,
        account.id,
        AccountType.LINEAR,
        position.symbol,
        position.side,
        position.amount,
        position.entry_price,
        updated_at=now,
        warned_at=holding.warned_at if holding and holding.side is position.side else None,
    )
    return Change(holding, after)


def _warning(account: Account, holding: Holding, position: Position, now: float) -> Change | None:
    """One when liquidation comes near; the next only after it was farther away again."""
    away = distance(position)
    if holding.warned_at is None:
        if away is None or away >= NEAR:
            return None
        return Change(holding, replace(holding, warned_at=now), _near(account, position, away))
    if away is None or away > FAR_AGAIN:
        return Change(holding, replace(holding, warned_at=None))
    return None


def _closed(account: Account, holding: Holding, last: Position | None) -> Notice:
    prices: dict[str, Decimal | None] = {"entry": holding.entry_price}
    if last is not None:
        prices |= {
            "mark": last.mark_price,
            "liquidation": last.liquidation_price,
            "stop_loss": last.stop_loss,
            "take_profit": last.take_profit,
        }
    data = {**_what(account, holding), **_written(prices)}
    return Notice(account.user_id, Kind.POSITION_CLOSED, data)


def _near(account: Account, position: Position, away: Decimal) -> Notice:
    prices = {"mark": position.mark_price, "liquidation": position.liquidation_price, "distance": away}
    return Notice(account.user_id, Kind.LIQUIDATION_NEAR, {**_what(account, position), **_written(prices)})


def _what(account: Account, what: Holding | Position) -> dict[str, Any]:
    amount = format(what.amount, "f")
    return {"account": account.label, "symbol": what.symbol, "side": what.side.value, "amount": amount}


def _written(prices: Mapping[str, Decimal | None]) -> dict[str, str]:
    return {name: format(price, "f") for name, price in prices.items() if price is not None}
