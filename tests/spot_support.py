"""Spot prices of sources that say what they are told to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.models.price import Metal, Point, Spot
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.attention import Attention
from bot.services.melting import Melting
from bot.services.spot_price_service import SpotPrices

D = Decimal
WEDNESDAY = 1_795_622_400.0  # 2026-11-25, 11:00 in New York
SATURDAY = WEDNESDAY + 3 * 86_400
PRICES = {Metal.GOLD: "4392", Metal.SILVER: "51.2", Metal.PLATINUM: "1570", Metal.PALLADIUM: "1410"}
FACTORS = dict(zip(Metal, map(D, ("0.90", "0.70", "0.80", "0.80")), strict=True))


class SaidSource:
    """A source of spot prices; it answers after `seconds`, `age` seconds old ones, or with `failure`."""

    def __init__(self, name: str, clock: ManualClock) -> None:
        self.name = name
        self.clock = clock
        self.prices = dict(PRICES)
        self.age = 2.0
        self.seconds = 0.0
        self.failure: Exception | None = None
        self.asked: list[Metal] = []

    async def spot(self, metal: Metal) -> Spot:
        self.asked.append(metal)
        if self.seconds:
            await self.clock.sleep(self.seconds)
        if self.failure is not None:
            raise self.failure
        at = self.clock.time() - self.age
        return Spot(metal, D(self.prices[metal]), at, self.name, is_futures=self.name == "yahoo")


class MemoryPrices:
    """Last good prices and past ones, in memory; `failure` is raised by what writes."""

    def __init__(self) -> None:
        self.good: dict[Metal, Spot] = {}
        self.noted: list[tuple[str, Decimal, float]] = []
        self.failure: Exception | None = None

    async def spots(self) -> Sequence[Spot]:
        return list(self.good.values())

    async def keep(self, spot: Spot) -> None:
        if self.failure is not None:
            raise self.failure
        self.good[spot.metal] = spot

    async def note(self, series: str, price: Decimal, at: float) -> None:
        self.noted.append((series, price, at))

    async def points(self, series: str, since: float) -> Sequence[Point]:
        return [Point(at, price) for name, price, at in self.noted if name == series and at >= since]


class SpotBench:
    """Spot prices of three sources; nothing happens unless the clock is ticked."""

    def __init__(self, clock: ManualClock | None = None, *names: str) -> None:
        self.clock = clock or ManualClock(WEDNESDAY)
        self.sources = [SaidSource(name, self.clock) for name in names or ("gold-api", "swissquote", "yahoo")]
        self.kept = MemoryPrices()
        self.attention = Attention()
        self.told: list[str] = []
        self.attention.on_open.append(lambda topic, matter: self.told.append(f"{topic}: {matter}"))
        self.supervisor = Supervisor()
        self.spot = self.after_restart()
        self.melting = Melting(self.spot, FACTORS)

    def after_restart(self) -> SpotPrices:
        """A new process on the same records."""
        return SpotPrices(
            self.sources, self.kept, self.kept, self.attention, self.clock, self.supervisor, ttl=60.0
        )

    @property
    def asked(self) -> list[int]:
        """How often each source was asked."""
        return [len(source.asked) for source in self.sources]
