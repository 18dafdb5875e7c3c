"""The arithmetic of positions in perpetuals: pure functions of a position, a price and an amount."""

from decimal import Decimal

from sandbox.exchange.records import ZERO, Position

MAINTENANCE = Decimal("0.005")


def signed(side: str, qty: Decimal) -> Decimal:
    """An amount with the sign of its side."""
    return qty if side == "Buy" else -qty


def closed_by(position: Position, change: Decimal) -> Decimal:
    """How much of a position a signed amount closes; the rest of it opens."""
    if position.size * change >= 0:
        return ZERO
    return min(abs(position.size), abs(change))


def trade(position: Position, change: Decimal, price: Decimal, now: float) -> Decimal:
    """Change a position by a signed amount; the profit that this realises, in USDT."""
    closed = closed_by(position, change)
    direction = 1 if position.size > 0 else -1
    profit = closed * (price - position.entry) * direction
    opened = abs(change) - closed
    size = position.size + change
    if opened:
        held = abs(position.size) - closed
        position.entry = (held * position.entry + opened * price) / (held + opened)
        if not held:
            position.created_at = now
    if not size or size * position.size < 0:
        position.stop_loss = position.take_profit = None
    if not size:
        position.entry = ZERO
    position.size, position.updated_at = size, now
    position.realised += profit
    return profit


def unrealised(position: Position, mark: Decimal) -> Decimal:
    """What closing at a price would bring, before fees."""
    return position.size * (mark - position.entry)


def value(position: Position) -> Decimal:
    """What was traded for it."""
    return abs(position.size) * position.entry


def initial_margin(position: Position) -> Decimal:
    """What the position binds of the account."""
    return value(position) / position.leverage


def liquidation_price(position: Position) -> Decimal | None:
    """Where it is taken away, as if it were isolated; None where there is no position or no such price."""
    if not position.size:
        return None
    reach = 1 / position.leverage - MAINTENANCE
    price = position.entry * (1 - reach if position.size > 0 else 1 + reach)
    return price if price > 0 else None
