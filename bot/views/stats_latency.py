"""How long outside systems and the bot's own services take: a section of /stats."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.models.status import StatusReport, TimingFigures
from bot.views.stats_sections import figure, line, monospaced, short
from bot.views.text import ago

MOST = 20
HEAD = ("", "n", "p50", "p95", "max")
PARTS = {"peer": "Outside", "call": "Inside"}


def latency(report: StatusReport) -> str:
    """The most called first; what people wait for all in all stands under Times."""
    parts = [
        f"<b>{title}</b>\n{_table([each for each in report.timings if each.kind == kind])}"
        for kind, title in PARTS.items()
        if any(each.kind == kind for each in report.timings)
    ]
    note = f"<i>p50, p95 of the last 256 · max: none took longer · since the start, {ago(report.uptime)}</i>"
    return "\n".join(["<b>Latency</b>", *(parts or ["Nothing was asked for yet."]), note])


def _table(timings: Sequence[TimingFigures]) -> str:
    return monospaced([line(HEAD), *map(_row, timings)], MOST + 1)


def _row(each: TimingFigures) -> str:
    figures = (figure(each.count), short(each.p50), short(each.p95), _bound(each.within))
    return line((_name(each.name), *figures))


def _bound(seconds: float) -> str:
    """At most four letters: `5ms`, `.25s`, `2.5s`, `>10s`."""
    if math.isinf(seconds):
        return ">10s"
    return short(seconds) if seconds < 0.1 else f"{seconds:g}s".removeprefix("0")


def _name(name: str) -> str:
    """`Google Sheets (reads)` as `Google reads`, `bybit (orders)` as `bybit orders`: twelve letters are shown."""
    peer, _, kind = name.rstrip(")").partition(" (")
    room = 12 - len(kind) - 1
    return f"{peer if len(peer) <= room else peer.split()[0][:room]} {kind}" if kind else name
