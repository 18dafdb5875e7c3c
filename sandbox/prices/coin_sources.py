"""Sources of coins: Binance's market data, CoinPaprika, CoinGecko, CoinCap v3. Some symbols collide, as outside."""

from decimal import Decimal
from typing import Any

from sandbox.exchange.texts import text
from sandbox.prices.assets import COINS, Coin
from sandbox.prices.calls import Call, Refusal, iso
from sandbox.prices.world import DAY, HOUR, View

JSON = dict[str, Any]

COINCAP_KEY = "SandboxCoinCapKey0001"
WEEK = 7 * DAY
PAGE = 250
BINANCE_SHARE = 3  # what Binance trades of a coin, in turnovers of the local exchange
ALL_SHARE = 5  # what all trade of it
# Pairs that a list of coins should not show: leveraged tokens, quotes other than USDT, pairs nobody trades any more.
LEVERAGED = {
    "BTCUPUSDT": 4,
    "BTCDOWNUSDT": 0.2,
    "ETHBULLUSDT": 11,
    "ETHBEARUSDT": 0.03,
    "BTC3LUSDT": 2,
    "BTC3SUSDT": 1,
}
OTHER_QUOTES = {"ETHBTC": "0.0349", "SOLBTC": "0.00168", "LINKETH": "0.0045"}
DEAD = ("LUNAUSDT", "FTTUSDT")


def binance(call: Call) -> list[JSON] | JSON:
    """`ticker/24hr`: of one `symbol`, else of all pairs; `type` FULL or MINI."""
    call.demand_only("symbol", "type", refuse=_too_many)
    kind = call.query.get("type", "FULL")
    if kind not in ("FULL", "MINI"):
        raise Refusal(400, {"code": -1139, "msg": "Invalid ticker type."})
    listed = {entry["symbol"]: entry for entry in _pairs(call.view)}
    if kind == "FULL":
        listed = {name: _full(entry) for name, entry in listed.items()}
    if (symbol := call.query.get("symbol")) is None:
        return list(listed.values())
    if symbol not in listed:
        raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
    return listed[symbol]


def _pairs(view: View) -> list[JSON]:
    traded = [coin for coin in COINS if coin.traded]
    pairs = [
        _pair(coin.symbol + "USDT", view, *_path(coin, view), coin.instrument.turnover * BINANCE_SHARE)
        for coin in traded
    ]
    odd = [(name, Decimal(str(price)), Decimal(90_000)) for name, price in LEVERAGED.items()]
    odd += [(name, Decimal(price), Decimal(150)) for name, price in OTHER_QUOTES.items()]
    pairs += [_pair(name, view, price, price, turnover) for name, price, turnover in odd]
    twice = [coin for coin in traded if coin.symbol in ("BTC", "ETH")]
    pairs += [
        _pair(coin.symbol + "FDUSD", view, *_path(coin, view), coin.instrument.turnover) for coin in twice
    ]
    return pairs + [_pair(name, view, Decimal(0), Decimal(0), Decimal(0)) for name in DEAD]


def _path(coin: Coin, view: View) -> tuple[Decimal, Decimal]:
    return view.price(coin.instrument), view.ago(coin.instrument, DAY)


def _pair(symbol: str, view: View, last: Decimal, before: Decimal, turnover: Decimal) -> JSON:
    volume = (turnover / last).quantize(Decimal("0.00001")) if last else last
    return {
        "symbol": symbol,
        "openPrice": _eight(before),
        "highPrice": _eight(max(last, before)),
        "lowPrice": _eight(min(last, before)),
        "lastPrice": _eight(last),
        "volume": _eight(volume),
        "quoteVolume": _eight(turnover),
        "openTime": int((view.at - DAY) * 1000),
        "closeTime": int(view.at * 1000),
        "firstId": 1 if turnover else -1,
        "lastId": 64_000 if turnover else -1,
        "count": 64_000 if turnover else 0,
    }


def _full(entry: JSON) -> JSON:
    last, before = Decimal(entry["lastPrice"]), Decimal(entry["openPrice"])
    change = last - before
    return entry | {
        "priceChange": _eight(change),
        "priceChangePercent": f"{change / before * 100 if before else 0:.3f}",
        "weightedAvgPrice": _eight((last + before) / 2),
        "prevClosePrice": entry["openPrice"],
        "bidPrice": entry["lastPrice"],
        "askPrice": entry["lastPrice"],
    }


def _eight(value: Decimal) -> str:
    return f"{value:.8f}"


def _too_many(name: str) -> Refusal:
    return Refusal(400, {"code": -1101, "msg": f"Too many parameters; received '{name}'."})


def coinpaprika(call: Call) -> list[JSON]:
    """`tickers?limit=…`: by rank, quotes in USD."""
    call.demand_only("limit", "quotes", refuse=_invalid)
    if call.query.get("quotes", "USD") != "USD":
        raise _invalid("quotes")
    limit, view = call.number("limit", len(COINS), 1, 100_000, _invalid), call.view
    return [_paprika(coin, view) for coin in sorted(COINS, key=lambda coin: coin.rank)[:limit]]


def _paprika(coin: Coin, view: View) -> JSON:
    price = view.price(coin.instrument)
    usd = {
        "price": float(price),
        "volume_24h": float(coin.instrument.turnover * ALL_SHARE),
        "volume_24h_change_24h": 0.0,
        "market_cap": int(price * coin.supply),
        "percent_change_1h": round(float(view.change(coin.instrument, HOUR)), 2),
        "percent_change_24h": round(float(view.change(coin.instrument, DAY)), 2),
        "percent_change_7d": round(float(view.change(coin.instrument, WEEK)), 2),
    }
    return {
        "id": coin.id,
        "name": coin.name,
        "symbol": coin.symbol,
        "rank": coin.rank,
        "total_supply": int(coin.supply),
        "max_supply": None,
        "last_updated": iso(view.at),
        "quotes": {"USD": usd},
    }


def _invalid(name: str) -> Refusal:
    return Refusal(400, {"error": f"invalid parameters: {name}"})


def coingecko(call: Call) -> list[JSON]:
    """`coins/markets?vs_currency=usd`, page by page; for the last coin there is no price, as for dead ones outside."""
    known = ("vs_currency", "order", "per_page", "page", "price_change_percentage")
    call.demand_only(*known, refuse=lambda name: Refusal(422, {"error": f"invalid parameter {name}"}))
    currency = call.query.get("vs_currency")
    if currency is None:
        raise Refusal(422, {"error": "Missing parameter vs_currency"})
    if currency != "usd":
        raise Refusal(400, {"error": "invalid vs_currency"})
    size = call.number("per_page", 100, 1, PAGE, _gecko_number)
    start = (call.number("page", 1, 1, 10_000, _gecko_number) - 1) * size
    view, hourly = call.view, "1h" in call.query.get("price_change_percentage", "").split(",")
    ordered = sorted(COINS, key=lambda coin: coin.rank)
    listed = [_gecko(coin, view, hourly=hourly) for coin in ordered]
    listed.append(_gecko(ordered[-1], view, hourly=hourly) | _GONE)
    return listed[start : start + size]


_GONE = {
    "id": "gone",
    "symbol": "gone",
    "name": "Gone",
    "current_price": None,
    "market_cap": None,
    "market_cap_rank": None,
    "price_change_percentage_24h": None,
}


def _gecko(coin: Coin, view: View, *, hourly: bool) -> JSON:
    price, before = view.price(coin.instrument), view.ago(coin.instrument, DAY)
    hour = {"price_change_percentage_1h_in_currency": float(view.change(coin.instrument, HOUR))}
    return {
        "id": coin.name.lower().replace(" ", "-"),
        "symbol": coin.symbol.lower(),
        "name": coin.name,
        "image": "",
        "current_price": float(price),
        "market_cap": int(price * coin.supply),
        "market_cap_rank": coin.rank,
        "total_volume": float(coin.instrument.turnover * ALL_SHARE),
        "high_24h": float(max(price, before)),
        "low_24h": float(min(price, before)),
        "price_change_24h": float(price - before),
        "price_change_percentage_24h": float(view.change(coin.instrument, DAY)),
        "circulating_supply": float(coin.supply),
        "last_updated": iso(view.at).replace("Z", ".000Z"),
    } | (hour if hourly else {})


def _gecko_number(name: str) -> Refusal:
    return Refusal(422, {"error": f"invalid {name}"})


def coincap(call: Call) -> JSON:
    """`assets?limit=…`, with the key `SandboxCoinCapKey0001` as a bearer."""
    if call.headers.get("Authorization", "") != f"Bearer {COINCAP_KEY}":
        raise Refusal(401, {"error": "Unauthorized: API key is missing or invalid"})
    call.demand_only("limit", "offset", refuse=_cap_parameter)
    start, view = call.number("offset", 0, 0, 100_000, _cap_parameter), call.view
    limit = call.number("limit", 100, 1, 2000, _cap_parameter)
    listed = sorted(COINS, key=lambda coin: coin.rank)[start : start + limit]
    return {"timestamp": int(view.at * 1000), "data": [_asset(coin, view) for coin in listed]}


def _asset(coin: Coin, view: View) -> JSON:
    price = view.price(coin.instrument)
    return {
        "id": coin.name.lower().replace(" ", "-"),
        "rank": str(coin.rank),
        "symbol": coin.symbol,
        "name": coin.name,
        "supply": text(coin.supply),
        "maxSupply": None,
        "marketCapUsd": text(price * coin.supply),
        "volumeUsd24Hr": text(coin.instrument.turnover * ALL_SHARE),
        "priceUsd": text(price),
        "changePercent24Hr": text(view.change(coin.instrument, DAY)),
        "vwap24Hr": text(price),
    }


def _cap_parameter(name: str) -> Refusal:
    return Refusal(400, {"error": f"invalid {name}"})
