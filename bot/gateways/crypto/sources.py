"""Where coins' prices come from; each meets a Protocol of `bot.services.price_sources`."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from pydantic import SecretStr

from bot.errors import PeerRefused
from bot.gateways.crypto import parsing as parse
from bot.gateways.feed import Feed
from bot.models.price import Candle, Coin

LARGEST = 300  # coins of a list that is ordered by rank
PAGE = 250  # CoinGecko gives no more at a time
CANDLES = 1000  # and Bybit no more of these
INTERVALS = {60: "1", 300: "5", 3600: "60", 14_400: "240", 86_400: "D"}


class Binance:
    """Binance's market data: pairs with USDT. Its own host for them is not closed to any country."""

    name = "binance"
    url = "https://data-api.binance.vision"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def coins(self) -> Sequence[Coin]:
        return await self._feed.get("/api/v3/ticker/24hr", parse.binance, query="type=MINI")


class CoinPaprika:
    """CoinPaprika: the largest 300 by rank."""

    name = "coinpaprika"
    url = "https://api.coinpaprika.com"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def coins(self) -> Sequence[Coin]:
        return await self._feed.get("/v1/tickers", parse.coinpaprika, query=f"limit={LARGEST}")


class CoinGecko:
    """CoinGecko: the largest 250 by capitalisation."""

    name = "coingecko"
    url = "https://api.coingecko.com"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def coins(self) -> Sequence[Coin]:
        asked = {"vs_currency": "usd", "per_page": PAGE, "page": 1, "price_change_percentage": "1h"}
        return await self._feed.get("/api/v3/coins/markets", parse.coingecko, query=urlencode(asked))


class CoinCap:
    """CoinCap v3: the largest 300 by rank, for who has a key."""

    name = "coincap"
    url = "https://rest.coincap.io"

    def __init__(self, feed: Feed, key: SecretStr) -> None:
        self._feed = feed
        self._key = key

    async def coins(self) -> Sequence[Coin]:
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}"}
        return await self._feed.get("/v3/assets", parse.coincap, query=f"limit={LARGEST}", headers=headers)


class BybitMarket:
    """Bybit's spot market: pairs with USDT, and their candles."""

    name = "bybit"
    url = "https://api.bybit.com"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def coins(self) -> Sequence[Coin]:
        return await self._feed.get("/v5/market/tickers", parse.bybit, query="category=spot")

    async def candles(self, symbol: str, seconds: int, limit: int) -> Sequence[Candle]:
        """At most the last 1000; the newest is not finished."""
        interval = INTERVALS.get(seconds)
        if interval is None:
            raise PeerRefused(self.name, 400, "no such interval")
        pair = symbol + parse.QUOTE
        asked = {"category": "spot", "symbol": pair, "interval": interval, "limit": min(limit, CANDLES)}
        return await self._feed.get(
            "/v5/market/kline", lambda content: parse.candles(content, pair), query=urlencode(asked)
        )
