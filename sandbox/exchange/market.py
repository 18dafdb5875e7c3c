"""The public endpoints: time, instruments, tickers, candles."""

from decimal import Decimal
from typing import Any

from sandbox.exchange.calls import Call, page, whole_number
from sandbox.exchange.errors import bad_parameter
from sandbox.exchange.instruments import INSTRUMENTS, Instrument, of_category
from sandbox.exchange.market_wire import instrument_info, ticker
from sandbox.exchange.prices import moved
from sandbox.exchange.rules import category_of
from sandbox.exchange.texts import text

JSON = dict[str, Any]

MINUTES = {
    "1": 1,
    "3": 3,
    "5": 5,
    "15": 15,
    "30": 30,
    "60": 60,
    "120": 120,
    "240": 240,
    "360": 360,
    "720": 720,
}
INTERVALS = {name: minutes * 60_000 for name, minutes in MINUTES.items()} | {
    "D": 86_400_000,
    "W": 604_800_000,
}
SAMPLES = 8


def server_time(call: Call) -> JSON:
    """The clock."""
    now = call.world.clock()
    return {"timeSecond": str(int(now)), "timeNano": str(int(now * 1e9))}


def instruments_info(call: Call) -> JSON:
    """What can be traded; nothing in inverse, option and before its launch."""
    category = category_of(call.query)
    listed = [] if call.query.get("status", "Trading") != "Trading" else of_category(category)
    symbol, base = call.query.get("symbol"), call.query.get("baseCoin")
    if symbol is not None:
        listed = [_named(category, symbol)]
    if base is not None:
        listed = [instrument for instrument in listed if instrument.base == base]
    infos = [instrument_info(instrument) for instrument in listed]
    if category == "spot":
        return {"category": category, "list": infos}
    return {"category": category, **page(call.query, infos, usual=500, most=1000)}


def tickers(call: Call) -> JSON:
    """Prices of one symbol, or of all of a category."""
    category, symbol = category_of(call.query), call.query.get("symbol")
    chosen = of_category(category) if symbol is None else [_named(category, symbol)]
    now = call.world.clock()
    listed = [
        ticker(instrument, call.world.quote(instrument), call.world.prices.day(instrument, now))
        for instrument in chosen
    ]
    return {"category": category, "list": listed}


def kline(call: Call) -> JSON:
    """Candles, the newest first; the newest is not finished."""
    query = call.query
    instrument = _named(query.get("category", "linear"), query.get("symbol", ""))
    interval = INTERVALS.get(query.get("interval", ""))
    if interval is None:
        raise bad_parameter("Invalid period!")
    now = int(call.world.clock() * 1000)
    end = min(whole_number(query, "end", now), now)
    limit = whole_number(query, "limit", 200, most=1000)
    starts = range(-(-whole_number(query, "start", 0) // interval) * interval, end + 1, interval)
    chosen = starts[:limit] if query.get("start") and not query.get("end") else starts[-limit:]
    candles = [_candle(call, instrument, start, interval, now) for start in chosen]
    return {"category": instrument.category, "symbol": instrument.symbol, "list": candles[::-1]}


def _candle(call: Call, instrument: Instrument, start: int, interval: int, now: int) -> list[str]:
    seed = call.world.prices.seed
    path = [moved(seed, instrument, start + interval * part // SAMPLES) for part in range(SAMPLES + 1)]
    if start + interval > now:
        path[-1] = call.world.prices.last(instrument, now / 1000)
    volume = instrument.amount(instrument.turnover * interval / 86_400_000 / path[0])
    shown = (path[0], max(path), min(path), path[-1], volume, volume * path[0])
    return [str(start), *(text(Decimal(value)) for value in shown)]


def _named(category: str, symbol: str) -> Instrument:
    found = INSTRUMENTS.get((category, symbol))
    if found is None:
        raise bad_parameter("Not supported symbols")
    return found
