"""The local price sources: each in its service's shape, strict, and agreeing as well as real ones do."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from prices_bench import NOW, Bench, running_prices

from sandbox.prices.assets import COINS, METALS
from sandbox.prices.coin_sources import COINCAP_KEY

QUOTES = "/swissquote/public-quotes/bboquotes/instrument"
CHART = "/yahoo/v8/finance/chart"
BINANCE = "/binance/api/v3/ticker/24hr"
MARKETS = "/coingecko/api/v3/coins/markets"


@pytest.fixture
async def prices() -> AsyncIterator[Bench]:
    async with running_prices() as bench:
        yield bench


async def test_metals_cost_nearly_the_same_everywhere(prices: Bench) -> None:
    """Spot within 0.5 %, the future 1.3 % above, the token near; all of them in their service's shape."""
    spot = await prices.get("/gold-api/price/XAU")
    (first, _) = await prices.get(f"{QUOTES}/XAU/USD")
    meta = (await prices.get(f"{CHART}/GC=F?range=1d&interval=1d"))["chart"]["result"][0]["meta"]
    token = (await prices.get("/kraken/0/public/Ticker?pair=PAXGUSD"))["result"]["PAXGUSD"]
    quote = first["spreadProfilePrices"][0]
    assert (spot["currency"], spot["symbol"], spot["updatedAt"][-1]) == ("USD", "XAU", "Z")
    assert quote["bid"] < quote["ask"]
    assert (meta["currency"], meta["regularMarketTime"], first["ts"]) == ("USD", NOW, NOW * 1000)
    told = [(quote["bid"] + quote["ask"]) / 2, meta["regularMarketPrice"], float(token["c"][0])]
    assert [round(price / spot["price"], 3) for price in told] == [0.999, 1.013, 1.001]


@pytest.mark.parametrize("code", METALS)
async def test_every_metal_has_a_price(prices: Bench, code: str) -> None:
    """At gold-api and Swissquote by its code, at Yahoo by its future."""
    future = {"XAU": "GC=F", "XAG": "SI=F", "XPT": "PL=F", "XPD": "PA=F"}[code]
    assert (await prices.get(f"/gold-api/price/{code}"))["price"] > 0
    assert await prices.get(f"{QUOTES}/{code}/USD") != []
    assert (await prices.get(f"{CHART}/{future}"))["chart"]["error"] is None


async def test_gold_api_tells_the_same_for_half_a_minute(prices: Bench) -> None:
    """As outside: asking more often is no use."""
    prices.clock.now = NOW // 30 * 30
    first = await prices.get("/gold-api/price/XAU")
    prices.clock.now += 29
    assert await prices.get("/gold-api/price/XAU") == first
    prices.clock.now += 1
    assert await prices.get("/gold-api/price/XAU") != first


async def test_coins_cost_what_they_cost_at_the_exchange(prices: Bench) -> None:
    """To the digit at Bybit and Binance; the lists lag a little."""
    (listed,) = (await prices.get("/bybit/v5/market/tickers?category=spot&symbol=BTCUSDT"))["result"]["list"]
    binance = await prices.get(f"{BINANCE}?symbol=BTCUSDT&type=MINI")
    paprika = (await prices.get("/coinpaprika/v1/tickers?limit=1"))[0]
    gecko = (await prices.get(f"{MARKETS}?vs_currency=usd&per_page=1"))[0]
    bearer = {"Authorization": f"Bearer {COINCAP_KEY}"}
    cap = (await prices.get("/coincap/v3/assets?limit=1", **bearer))["data"][0]
    exact = float(listed["lastPrice"])
    assert float(binance["lastPrice"]) == exact
    told = [paprika["quotes"]["USD"]["price"], gecko["current_price"], float(cap["priceUsd"])]
    assert told == pytest.approx([exact] * 3, rel=0.002)


async def test_candles_are_bybits(prices: Bench) -> None:
    """The newest first."""
    path = "/bybit/v5/market/kline?category=spot&symbol=BTCUSDT&interval=60&limit=3"
    starts = [int(candle[0]) for candle in (await prices.get(path))["result"]["list"]]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == 3


async def test_some_symbols_mean_two_coins(prices: Bench) -> None:
    """Five of them, by rank and price far apart; stable coins stand at 1."""
    listed = await prices.get("/coinpaprika/v1/tickers")
    twice = {symbol for symbol, times in Counter(coin["symbol"] for coin in listed).items() if times > 1}
    assert twice == {"SOL", "UNI", "SUI", "DOT", "PEPE"}
    assert len(listed) == len({coin["id"] for coin in listed}) == len(COINS)
    [tether] = [coin for coin in listed if coin["symbol"] == "USDT"]
    assert tether["quotes"]["USD"]["percent_change_24h"] == 0


async def test_binance_lists_what_a_screener_has_to_leave_out(prices: Bench) -> None:
    """Leveraged tokens, other quotes, dead pairs; and honest coins whose names end like those of tokens."""
    listed = {pair["symbol"]: pair for pair in await prices.get(f"{BINANCE}?type=MINI")}
    assert {"BTCUPUSDT", "ETHBEARUSDT", "ETHBTC", "BTCFDUSD", "JUPUSDT", "SYRUPUSDT"} <= listed.keys()
    assert (listed["LUNAUSDT"]["count"], listed["LUNAUSDT"]["lastPrice"]) == (0, "0.00000000")
    full = await prices.get(f"{BINANCE}?symbol=BTCUSDT")
    assert {"priceChangePercent", "bidPrice", "askPrice"} <= full.keys()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/gold-api/price/ZZZ", 404, "not found"),
        ("/gold-api/price/XAU/EUR", 404, "not found"),
        ("/gold-api/price/XAU?currency=EUR", 400, "currency"),
        (f"{QUOTES}/ZZZ/USD", 200, "[]"),
        (f"{CHART}/XX=F", 404, "Not Found"),
        (f"{CHART}/GC=F?range=7d", 422, "Unprocessable"),
        ("/kraken/0/public/Ticker?pair=ZZZ", 200, "EQuery:Unknown asset pair"),
        (f"{BINANCE}?symbol=ZZZ", 400, "-1121"),
        (f"{BINANCE}?type=SMALL", 400, "-1139"),
        (f"{BINANCE}?limit=1", 400, "-1101"),
        ("/coinpaprika/v1/tickers?limit=0", 400, "limit"),
        ("/coinpaprika/v1/tickers?quotes=EUR", 400, "quotes"),
        (MARKETS, 422, "vs_currency"),
        (f"{MARKETS}?vs_currency=eur", 400, "vs_currency"),
        (f"{MARKETS}?vs_currency=usd&per_page=251", 422, "per_page"),
        ("/coincap/v3/assets", 401, "Unauthorized"),
        ("/bybit/v5/account/info", 404, "404"),
        ("/elsewhere/v1/prices", 404, "404"),
    ],
)
async def test_what_a_source_refuses(prices: Bench, path: str, status: int, words: str) -> None:
    """In its own way: a status, a list of nothing, or an error inside a 200."""
    answered, body = await prices.ask(path)
    assert answered == status
    assert words in str(body)


async def test_yahoo_wants_a_browser(prices: Bench) -> None:
    """A client that says what it is is told to ask less often."""
    status, body = await prices.ask(f"{CHART}/GC=F", **{"User-Agent": "python-httpx"})
    assert (status, body.strip()) == (429, "Too Many Requests")


async def test_coingecko_comes_in_pages(prices: Bench) -> None:
    """Symbols in small letters, and one entry without a price."""
    pages = [await prices.get(f"{MARKETS}?vs_currency=usd&per_page=30&page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [30, len(COINS) - 29, 0]
    assert (pages[0][0]["symbol"], pages[1][-1]["current_price"]) == ("btc", None)
