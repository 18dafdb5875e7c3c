"""Sources of metals: gold-api.com, Swissquote's public quotes, Yahoo's charts of futures, Kraken's PAXG."""

from decimal import Decimal
from typing import Any

from sandbox.prices.assets import METAL_NAMES, METALS
from sandbox.prices.calls import Call, Refusal, iso

JSON = dict[str, Any]

GOLD_API_CACHE = 30  # seconds for which gold-api.com tells the same price
FUTURES = {"GC=F": "XAU", "SI=F": "XAG", "PL=F": "XPT", "PA=F": "XPD"}
RANGES = ("1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max")
INTERVALS = ("1m", "2m", "5m", "15m", "30m", "60m", "90m", "1h", "1d", "5d", "1wk", "1mo", "3mo")
HALF_SPREADS = {"premium": Decimal("0.00012"), "prime": Decimal("0.00008"), "elite": Decimal("0.00005")}
PLATFORMS = (("SwissquoteLtd", "Live5"), ("AT", "AT"))
TOKEN = "PAXGUSD"
DAY = 86_400


def gold_api(call: Call) -> JSON:
    """`/price/XAU`, also `/price/XAU/USD`; other currencies are not built."""
    call.demand_only(refuse=_no_parameter)
    symbol = call.names["symbol"]
    if symbol not in METALS:
        raise Refusal(404, {"error": "Symbol not found"})
    if call.names.get("currency", "USD") != "USD":
        raise Refusal(404, {"error": "Currency not found"})
    view = call.view.since(GOLD_API_CACHE)
    return {
        "currency": "USD",
        "currencySymbol": "$",
        "exchangeRate": 1.0,
        "name": METAL_NAMES[symbol],
        "price": float(view.price(METALS[symbol])),
        "symbol": symbol,
        "updatedAt": iso(view.at),
        "updatedAtReadable": "a few seconds ago",
    }


def swissquote(call: Call) -> list[JSON]:
    """Bid and ask on each platform, for three kinds of accounts; nothing where nothing is traded."""
    call.demand_only(refuse=_no_parameter)
    metal, view = METALS.get(call.names["symbol"]), call.view
    if metal is None or call.names["currency"] != "USD":
        return []
    last = view.price(metal)
    profiles = [_profile(name, last, half) for name, half in HALF_SPREADS.items()]
    return [
        {
            "topo": {"platform": platform, "server": server},
            "spreadProfilePrices": profiles,
            "ts": int(view.at * 1000),
        }
        for platform, server in PLATFORMS
    ]


def _profile(name: str, last: Decimal, half: Decimal) -> JSON:
    spread = float(last * half)
    return {
        "spreadProfile": name,
        "bidSpread": spread,
        "askSpread": spread,
        "bid": float(last * (1 - half)),
        "ask": float(last * (1 + half)),
    }


def yahoo(call: Call) -> JSON:
    """The front future of a metal; who does not look like a browser is told to ask less often."""
    if not call.headers.get("User-Agent", "").startswith("Mozilla/5.0 ("):
        raise Refusal(429, "Too Many Requests\r\n")
    call.demand_only("range", "interval", refuse=_unprocessable)
    if call.query.get("range", "1d") not in RANGES or call.query.get("interval", "1d") not in INTERVALS:
        raise _unprocessable("range or interval")
    symbol = call.names["symbol"]
    if symbol not in FUTURES:
        raise Refusal(404, _chart_error("Not Found", "No data found, symbol may be delisted"))
    view, metal = call.view, METALS[FUTURES[symbol]]
    price, before = float(view.price(metal)), float(view.ago(metal, DAY))
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "CMX",
        "fullExchangeName": "COMEX",
        "instrumentType": "FUTURE",
        "regularMarketTime": int(view.at),
        "regularMarketPrice": price,
        "chartPreviousClose": before,
        "previousClose": before,
        "shortName": f"{METAL_NAMES[FUTURES[symbol]]} (front)",
        "dataGranularity": call.query.get("interval", "1d"),
        "range": call.query.get("range", "1d"),
    }
    quote = {"open": [before], "high": [max(price, before)], "low": [min(price, before)], "close": [price]}
    indicators = {"quote": [quote | {"volume": [183_000]}]}
    result = {"meta": meta, "timestamp": [int(view.at)], "indicators": indicators}
    return {"chart": {"result": [result], "error": None}}


def _chart_error(code: str, description: str) -> JSON:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


def _unprocessable(name: str) -> Refusal:
    return Refusal(422, _chart_error("Unprocessable Entity", f"Invalid input - {name}"))


def kraken(call: Call) -> JSON:
    """The token of an ounce of gold; every answer is a 200."""
    if call.query.get("pair") != TOKEN or len(call.query) != 1:
        return {"error": ["EQuery:Unknown asset pair"]}
    view, gold = call.view, METALS["XAU"]
    price, before = view.price(gold), view.ago(gold, DAY)
    high, low = max(price, before), min(price, before)
    ticker = {
        "a": [f"{price * Decimal('1.0002'):.2f}", "1", "1.000"],
        "b": [f"{price * Decimal('0.9998'):.2f}", "2", "2.000"],
        "c": [f"{price:.2f}", "0.01200000"],
        "v": ["212.53000000", "655.10000000"],
        "p": [f"{(price + before) / 2:.5f}", f"{(price + before) / 2:.5f}"],
        "t": [1180, 3350],
        "l": [f"{low:.2f}", f"{low:.2f}"],
        "h": [f"{high:.2f}", f"{high:.2f}"],
        "o": f"{before:.2f}",
    }
    return {"error": [], "result": {TOKEN: ticker}}


def _no_parameter(name: str) -> Refusal:
    return Refusal(400, {"error": f"unknown parameter {name}"})
