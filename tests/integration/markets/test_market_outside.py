"""A source that fails is told of once, and seen from outside."""

from __future__ import annotations

from contextlib import suppress

from market_bench import local_prices
from structlog.testing import capture_logs

from bot.app.outside import make_sources_status
from bot.errors import PeerError
from bot.models.source_status import State
from bot.settings.desks import MarketSettings


async def test_an_outage_is_two_lines_of_log_and_seen_in_sources() -> None:
    """Over rests and tries; the next source is asked meanwhile."""
    async with local_prices() as bench:
        status = make_sources_status(MarketSettings(), bench.sources.feeds, {}, bench.clock)
        with capture_logs() as logs:
            bench.faults.add({"kind": "reset", "path": "^/gold-api/"})
            for _ in range(7):
                with suppress(PeerError):
                    await bench.ask("gold-api")
            [metals, *_] = status.look()
            assert (State.RESTING, "swissquote") == (metals.sources[0].state, metals.next)
            bench.faults.clear()
            await bench.clock.tick(61)
            await bench.ask("gold-api")
        assert ["peer is failing", "peer is back"] == [line["event"] for line in logs]
        [metals, *_] = status.look()
        assert (State.UP, "gold-api", 0.0) == (metals.sources[0].state, metals.next, metals.sources[0].age)
