"""Spot prices over the wire: the local sources fail and lie in turn, and what is shown stays true."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from market_bench import Bench, local_prices
from spot_support import MemoryPrices

from bot.models.lookup import Aged
from bot.models.price import Metal
from bot.resilience.tasks import Supervisor
from bot.services.attention import Attention
from bot.services.spot_price_service import SpotPrices

A_MINUTE = 61.0


class SpotDesk:
    """Spot prices of the local sources."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.attention = Attention()
        self.kept = MemoryPrices()
        self.spot = SpotPrices(
            bench.sources.spot, self.kept, self.kept, self.attention, bench.clock, Supervisor()
        )

    async def later(self, metal: Metal = Metal.GOLD) -> tuple[str, bool]:
        """Whose price it is after a minute, and whether it is stale."""
        await self.bench.clock.tick(A_MINUTE)
        quote = await self.spot.get(metal)
        return quote.source, quote.stale


@pytest.fixture
async def desk() -> AsyncIterator[SpotDesk]:
    async with local_prices() as bench:
        yield SpotDesk(bench)


async def test_every_metal_has_a_price(desk: SpotDesk) -> None:
    """Of the source that stands first."""
    board = await desk.spot.all()
    assert ["gold-api"] * 4 == [found.source for found in board.prices.values() if isinstance(found, Aged)]


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 429}, {"kind": "html"}, {"kind": "reset"}, {"kind": "cut"}]
)
async def test_each_source_takes_the_place_of_the_one_before(
    desk: SpotDesk, fault: dict[str, object]
) -> None:
    """Futures among them; in the end the last good price stays, then is stale."""
    assert "gold-api" == (await desk.spot.get(Metal.GOLD)).source
    shown = []
    for name in ("gold-api", "swissquote", "yahoo", "paxg"):
        desk.bench.strike(name, **fault)
        shown.append(await desk.later())
    assert [("swissquote", False), ("yahoo", False), ("paxg", False), ("paxg", False)] == shown
    await desk.bench.clock.tick(900)
    assert ("paxg", True) == await desk.later()


@pytest.mark.parametrize("factor", ["1000", "0.001", "1.2"])
async def test_a_source_that_jumps_alone_is_refused(desk: SpotDesk, factor: str) -> None:
    """Another one's price counts instead, and admins are told of it."""
    await desk.spot.get(Metal.GOLD)
    skews = desk.bench.world.skews
    skews["gold-api"] = replace(skews["gold-api"], factor=Decimal(factor))
    assert ("swissquote", False) == await desk.later()
    [matter] = desk.attention.matters
    assert matter.startswith("price XAU: gold-api ")
