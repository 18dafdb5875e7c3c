"""The trading desk's section of /stats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.models.order import OrderState
from bot.models.status import CallFigures, StatusReport, TradingFigures
from bot.views.amounts import money
from bot.views.room import within
from bot.views.stats_sections import figure, line, monospaced, short
from bot.views.text import ago, count_of, duration, escaped, table

MOST = 12
NAME = 12
ROOM = 400
OUTCOMES = {
    OrderState.SENDING: "being sent",
    OrderState.UNKNOWN: "outcome unknown",
    OrderState.OPEN: "open",
    OrderState.FILLED: "filled",
    OrderState.CANCELLED: "cancelled",
    OrderState.REFUSED: "refused",
    OrderState.ABSENT: "never arrived",
}


def trading(report: StatusReport) -> str:
    """Orders, exchanges and their clients; what is in doubt first."""
    figures = report.trading
    if figures is None:
        return "<b>Trading</b>\nThe trading desk is not open."
    parts = [
        "<b>Trading</b>",
        *_doubts(figures, report.now),
        f"<b>Orders today</b>\n{_orders(figures)}",
        _open("Positions", figures.desk.positions),
        _open("Open limit orders", figures.desk.pending),
        f"<b>Exchanges</b>\n{_calls(figures.calls)}" if figures.calls else "",
        *_left_alone(figures.calls),
        f"Clients: {figures.clients}, in use: {figures.in_use}",
        f"<i>p95 of the last 256 calls each · counted since the start, {ago(report.uptime)}</i>",
    ]
    return "\n".join(part for part in parts if part)


def worries(figures: TradingFigures | None) -> list[str]:
    """What an admin should know: orders in doubt, exchanges that do not answer."""
    if figures is None:
        return []
    count = figures.desk.doubts
    away = within([escaped(call.name) for call in figures.calls if call.is_away], most=3, room=ROOM // 4)
    return [
        *([f"{count_of(count, 'order')} may or may not have been done: see Trading"] if count else []),
        *([f"{', '.join(away)}: no answer for a while, see Trading"] if away else []),
    ]


def _doubts(figures: TradingFigures, now: float) -> list[str]:
    desk = figures.desk
    if not desk.doubts:
        return []
    lines = [
        f"• order {each.number}, {escaped(each.symbol)}, for {duration(now - each.since)}"
        for each in desk.doubtful
    ]
    rest = desk.doubts - len(lines)
    more = [f"and {rest} more"] if rest > 0 else []
    return ["<b>Being looked for: perhaps done, perhaps not</b>", *lines, *more]


def _orders(figures: TradingFigures) -> str:
    desk = figures.desk
    rows = [(name, desk.orders[state]) for state, name in OUTCOMES.items() if desk.orders.get(state)]
    return table([*rows, ("parts filled", desk.trades), ("worth", money(desk.traded))])


def _open(title: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = within([f"{escaped(symbol)} {count}" for symbol, count in most], most=MOST, room=ROOM)
    return f"{title}: {', '.join(shown)}"


def _calls(calls: Sequence[CallFigures]) -> str:
    head = line(("", "calls", "err", "p95"))
    return monospaced([head, *map(_call, calls)], MOST + 1)


def _call(each: CallFigures) -> str:
    p95 = "–" if each.p95 is None else short(each.p95)
    return line((_name(each.name), figure(each.calls), figure(each.failures), p95))


def _name(name: str) -> str:
    """`bybit (orders)` as `bybit orders`; where there is no room, what kind of calls they are is kept."""
    venue, _, kind = name.rstrip(")").partition(" (")
    room = NAME - len(kind) - 1
    return f"{venue if len(venue) <= room else venue[: room - 1] + '…'} {kind}".strip()


def _left_alone(calls: Sequence[CallFigures]) -> list[str]:
    lines = [f"{escaped(each.name)}: left alone, tried once a minute" for each in calls if each.is_away]
    return within(lines, most=MOST, room=ROOM)
