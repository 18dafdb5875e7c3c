"""How the exchanges' clients are doing, for those who look after the bot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VenueFigures:
    """One exchange: whether reads or orders are left alone for now, and for how many seconds nothing at all is sent.

    `retry_in`: seconds until what is left alone is tried again; `calls` and `failures` since the start.
    """

    venue: str
    reads_away: bool
    orders_away: bool
    retry_in: float
    shut_for: float
    calls: int
    failures: int


@dataclass(frozen=True, slots=True)
class ExchangeFigures:
    """Clients: how many there are and are in use now; opened, closed, looked after and replaced since the start."""

    clients: int
    in_use: int
    opened: int
    closed: int
    checks: int
    replaced: int
    venues: tuple[VenueFigures, ...]
