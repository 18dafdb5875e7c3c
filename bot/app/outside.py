"""Outside systems as admins see them: how the sources are doing, and drills in the local world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from bot.gateways.drill import LocalFaults
from bot.gateways.exchanges.gate import Gate
from bot.gateways.http_client import HttpClient
from bot.resilience.breaker import Breaker
from bot.resilience.clock import Clock
from bot.resilience.peer import PeerHealth
from bot.services.drill import Auditor, Drills
from bot.services.sources_status import SourcesStatus, Watched
from bot.settings import places
from bot.settings.desks import MarketSettings

SLOWED = 0.6  # of the time-out of a call: late, and yet an answer


class Pace(Protocol):
    """How far apart calls are, in seconds."""

    @property
    def delay(self) -> float: ...


class Feed(Protocol):
    """One price source, by its name in the settings; `last_good` in epoch seconds."""

    name: str
    health: PeerHealth
    last_good: float | None

    @property
    def pace(self) -> Pace: ...
    @property
    def retry_in(self) -> float: ...


def make_sources_status(
    settings: MarketSettings, feeds: Iterable[Feed], gates: Mapping[str, Gate], clock: Clock
) -> SourcesStatus:
    """Price sources in the order of the settings, those in no order after them, then the exchanges."""
    ranked = {"Metals": settings.metal_sources, "Coins": settings.coin_sources}
    known = {feed.name: _feed(feed) for feed in feeds}
    named = {kind: [known[name] for name in names if name in known] for kind, names in ranked.items()}
    rest = [each for name, each in known.items() if not any(name in names for names in ranked.values())]
    exchanges = [lane for gate in gates.values() for lane in _lanes(gate)]
    return SourcesStatus(named, {"Other prices": rest, "Exchanges": exchanges}, clock)


def make_drills(settings: MarketSettings, audit: Auditor, http: HttpClient, clock: Clock) -> Drills:
    """Possible only where prices come from this machine."""
    url = settings.prices_url
    is_local = url is not None and places.is_loopback(places.split(url).hostname or "")
    saboteur = LocalFaults(http, url, slow=settings.source_timeout * SLOWED) if url and is_local else None
    return Drills(saboteur, (*settings.metal_sources, *settings.coin_sources), audit, clock)


def _feed(feed: Feed) -> Watched:
    return Watched(
        feed.name, feed.health, lambda: feed.retry_in, lambda: feed.pace.delay, lambda: feed.last_good
    )


def _lanes(gate: Gate) -> Iterator[Watched]:
    for lane in (gate.reads, gate.orders):
        yield Watched(lane.health.name, lane.health, _rest(gate, lane.breaker))


def _rest(gate: Gate, breaker: Breaker) -> Callable[[], float]:
    return lambda: max(gate.shut_for, breaker.retry_in)
