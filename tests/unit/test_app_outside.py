"""What admins are shown of outside systems, put together from the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from bot.app.outside import Feed, make_drills, make_sources_status
from bot.errors import PeerBusy
from bot.gateways.exchanges.gate import Gate
from bot.gateways.http_client import HttpClient
from bot.models.audit import Act
from bot.models.source_status import SourceStatus, State
from bot.resilience.clock import ManualClock
from bot.resilience.peer import PeerHealth
from bot.resilience.tasks import Supervisor
from bot.settings.desks import MarketSettings


class NoAudit:
    async def note(self, act: Act) -> None: ...


@dataclass
class StandIn:
    """A price source that was not asked yet."""

    name: str
    health: PeerHealth
    last_good: float | None = None
    retry_in: float = 0.0
    pace: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(delay=0.5))


def feeds(clock: ManualClock, *names: str) -> list[Feed]:
    return [StandIn(name, PeerHealth(name, clock)) for name in names]


@pytest.mark.parametrize(
    ("url", "possible"),
    [
        (None, False),
        ("http://127.0.0.1:8094", True),
        ("http://localhost:8094", True),
        ("http://[::1]:8094", True),
        ("https://prices.example.org", False),
        ("http://192.168.0.9:8094", False),
    ],
)
async def test_only_the_local_world_is_drilled(url: str | None, possible: bool) -> None:
    """Where prices come from another machine nothing can be made to fail."""
    drills = make_drills(
        MarketSettings(PRICES_API_URL=url), NoAudit(), HttpClient(Supervisor()), ManualClock()
    )
    assert possible is drills.possible
    assert ("gold-api" in drills.sources, "bybit" in drills.sources) == (possible, possible)


async def test_sources_stand_in_the_order_of_the_settings() -> None:
    """What is in no order comes after, and the exchanges last, reads and orders apart."""
    clock = ManualClock()
    settings = MarketSettings(METAL_SOURCES="yahoo, gold-api", COIN_SOURCES="binance")
    made = feeds(clock, "gold-api", "bybit", "binance", "yahoo")
    gates = {"bybit": Gate("bybit", clock, Supervisor())}
    groups = make_sources_status(settings, made, gates, clock).look()
    assert [
        ("Metals", ["yahoo", "gold-api"], "yahoo"),
        ("Coins", ["binance"], "binance"),
        ("Other prices", ["bybit"], None),
        ("Exchanges", ["bybit (reads)", "bybit (orders)"], None),
    ] == [(group.name, [each.name for each in group.sources], group.next) for group in groups]
    assert 0.5 == groups[0].sources[0].delay


async def test_an_exchange_that_wants_silence_rests() -> None:
    """Reads and orders alike, for as long as it said."""
    clock = ManualClock()
    gate = Gate("bybit", clock, Supervisor())
    gate.slow_down(PeerBusy("bybit", "429", 30.0), None)
    [group] = make_sources_status(MarketSettings(), (), {"bybit": gate}, clock).look()
    assert [(State.RESTING, 30.0)] * 2 == [_rest(each) for each in group.sources]


def _rest(source: SourceStatus) -> tuple[State, float]:
    return source.state, source.back_in
