"""Where metals' prices come from; each meets `bot.services.price_sources.SpotSource`."""

from __future__ import annotations

from bot.errors import PeerRefused
from bot.gateways.feed import Feed
from bot.gateways.metals import parsing as parse
from bot.models.price import Metal, Spot
from bot.resilience.clock import Clock

# Yahoo answers nobody else.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Quartermaster"


class GoldApi:
    """gold-api.com: spot, no key; the same for half a minute."""

    name = "gold-api"
    url = "https://api.gold-api.com"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def spot(self, metal: Metal) -> Spot:
        return await self._feed.get(f"/price/{metal.value}", lambda content: parse.gold_api(content, metal))


class Swissquote:
    """Swissquote's public quotes: spot, the middle of bid and ask."""

    name = "swissquote"
    url = "https://forex-data-feed.swissquote.com"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def spot(self, metal: Metal) -> Spot:
        path = f"/public-quotes/bboquotes/instrument/{metal.value}/USD"
        return await self._feed.get(path, lambda content: parse.swissquote(content, metal))


class Yahoo:
    """Yahoo's charts: front futures, labelled so."""

    name = "yahoo"
    url = "https://query1.finance.yahoo.com"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def spot(self, metal: Metal) -> Spot:
        path = f"/v8/finance/chart/{parse.FUTURES[metal]}"
        return await self._feed.get(
            path,
            lambda content: parse.yahoo(content, metal),
            query="range=1d&interval=1d",
            headers={"User-Agent": BROWSER},
        )


class Paxg:
    """A token of an ounce of gold at Kraken: gold only, at all hours."""

    name = "paxg"
    url = "https://api.kraken.com"

    def __init__(self, feed: Feed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock

    async def spot(self, metal: Metal) -> Spot:
        if metal is not Metal.GOLD:
            raise PeerRefused(self.name, 404, "knows gold only")
        return await self._feed.get(
            "/0/public/Ticker",
            lambda content: parse.kraken(content, self._clock.time()),
            query="pair=PAXGUSD",
        )
