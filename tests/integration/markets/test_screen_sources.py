"""The screener on the local sources: one list of all of them, and of those that answer."""

from __future__ import annotations

from market_bench import Bench, local_prices
from screen_support import MemoryKeeper

from bot.models.screen_query import Order
from bot.models.screening import Trouble
from bot.resilience.tasks import Supervisor
from bot.services.screener_service import Screener
from bot.views.screener import sources_line


def screener_of(bench: Bench) -> Screener:
    return Screener(bench.sources.coins, MemoryKeeper(), bench.clock, Supervisor())


async def test_all_sources_make_one_list():
    """The largest coins are the same ones everywhere; another coin under a symbol stands apart."""
    async with local_prices() as bench:
        found = await screener_of(bench).top(Order.TOP, 200)

        by_symbol = {row.symbol: row for row in found.rows}
        assert {note.name for note in found.sources if note.trouble is None} == {
            source.name for source in bench.sources.coins
        }
        assert {"binance", "coinpaprika", "coingecko", "bybit", "coincap"} == set(by_symbol["BTC"].sources)
        assert (True, True) == (by_symbol["BTC"].cap is not None, any("#2" in symbol for symbol in by_symbol))


async def test_who_asks_to_slow_down_is_named():
    """And the others make the list."""
    async with local_prices(coin_sources="binance,coingecko") as bench:
        bench.strike("coingecko", "status", status=429, retry_after=30)
        found = await screener_of(bench).top(Order.TOP, 10)

        [binance, gecko] = found.sources
        assert (None, Trouble.BUSY) == (binance.trouble, gecko.trouble)
        line = f"✓ Binance {binance.coins} · ✗ CoinGecko asked too often · data just now"
        assert line == sources_line(found, bench.clock.time())
