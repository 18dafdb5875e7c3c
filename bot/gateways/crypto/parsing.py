"""What sources of coins say, in our words. Every function raises NotWhole for what it cannot rely on.

Of a coin without a price nothing is told; what else a source says of it and cannot be used is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from itertools import pairwise

from bot.gateways.feed_reading import (
    Item,
    NotOffered,
    NotWhole,
    TooOften,
    amount,
    coins,
    date,
    fraction,
    listed,
    name,
    parsed,
    price,
    rank,
    seconds,
    symbol,
    whole,
)
from bot.models.price import Candle, Coin

QUOTE = "USDT"
MILLISECONDS = 1000
BYBIT_BUSY = (10006, 10018)
BYBIT_UNKNOWN = 10001
QUOTED = re.compile(rf".+{QUOTE}")
LEVERAGED = re.compile(r"(.{2,}?)(?:UP|DOWN|BULL|BEAR|[2-5][LS])")


def binance(content: bytes) -> list[Coin]:
    """`ticker/24hr` of all pairs, MINI or FULL: coins by their pair with USDT, which counts as USD."""
    with whole():
        pairs = [item for item in listed(parsed(content)) if item.get("count") != 0]  # the others are dead
        return _by_pair(pairs, _binance)


def _binance(item: Item) -> Coin:
    last = price(item["lastPrice"])
    return Coin(
        symbol=_base(item),
        price=last,
        at=seconds(item["closeTime"], per_second=MILLISECONDS),
        source="binance",
        volume=amount(item.get("quoteVolume")),
        change_24h=_change(last, amount(item.get("openPrice"))),
    )


def coinpaprika(content: bytes) -> list[Coin]:
    """`tickers`: `[{"symbol", "name", "rank", "last_updated", "quotes": {"USD": {…}}}]`."""
    with whole():
        return coins(listed(parsed(content)), _paprika)


def _paprika(item: Item) -> Coin:
    usd = item["quotes"]["USD"]
    return Coin(
        symbol=symbol(item["symbol"]),
        price=price(usd["price"]),
        at=date(item["last_updated"]),
        source="coinpaprika",
        name=name(item.get("name")),
        volume=amount(usd.get("volume_24h")),
        cap=_cap(usd.get("market_cap")),
        rank=rank(item.get("rank")),
        change_1h=fraction(usd.get("percent_change_1h")),
        change_24h=fraction(usd.get("percent_change_24h")),
    )


def coingecko(content: bytes) -> list[Coin]:
    """`coins/markets` in USD: `[{"symbol", "current_price", "market_cap", "market_cap_rank", …}]`."""
    with whole():
        return coins(listed(parsed(content)), _gecko)


def _gecko(item: Item) -> Coin:
    return Coin(
        symbol=symbol(item["symbol"]),
        price=price(item["current_price"]),
        at=date(item["last_updated"]),
        source="coingecko",
        name=name(item.get("name")),
        volume=amount(item.get("total_volume")),
        cap=_cap(item.get("market_cap")),
        rank=rank(item.get("market_cap_rank")),
        change_1h=fraction(item.get("price_change_percentage_1h_in_currency")),
        change_24h=fraction(item.get("price_change_percentage_24h")),
    )


def coincap(content: bytes) -> list[Coin]:
    """`assets` of version 3: `{"timestamp", "data": [{"symbol", "priceUsd", …}]}`, numbers as text."""
    with whole():
        answer = parsed(content)
        at = seconds(answer["timestamp"], per_second=MILLISECONDS)
        return coins(listed(answer["data"]), lambda item: _asset(item, at))


def _asset(item: Item, at: float) -> Coin:
    return Coin(
        symbol=symbol(item["symbol"]),
        price=price(item["priceUsd"]),
        at=at,
        source="coincap",
        name=name(item.get("name")),
        volume=amount(item.get("volumeUsd24Hr")),
        cap=_cap(item.get("marketCapUsd")),
        rank=rank(item.get("rank")),
        change_24h=fraction(item.get("changePercent24Hr")),
    )


def bybit(content: bytes) -> list[Coin]:
    """`market/tickers` of spot: coins by their pair with USDT, which counts as USD."""
    with whole():
        answer = parsed(content)
        pairs, at = listed(_result(answer)["list"]), seconds(answer["time"], per_second=MILLISECONDS)
        return _by_pair(pairs, lambda item: _ticker(item, at))


def _ticker(item: Item, at: float) -> Coin:
    return Coin(
        symbol=_base(item),
        price=price(item["lastPrice"]),
        at=at,
        source="bybit",
        volume=amount(item.get("turnover24h")),
        change_24h=fraction(item.get("price24hPcnt"), per=1),
    )


def candles(content: bytes, pair: str) -> list[Candle]:
    """Bybit's `market/kline`, which begins with the newest, oldest first."""
    with whole():
        result = _result(parsed(content))
        if result["symbol"] != pair or not result["list"]:
            raise NotWhole("not what was asked for")
        found = [_candle(row) for row in reversed(result["list"])]
        if any(later.at <= earlier.at for earlier, later in pairwise(found)):
            raise NotWhole("not in order")
        return found


def _candle(row: list[object]) -> Candle:
    start, first, high, low, last = row[:5]
    candle = Candle(seconds(start, per_second=MILLISECONDS), *map(price, (first, high, low, last)))
    if not candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high:
        raise NotWhole("not a candle")
    return candle


def _result(answer: Item) -> Item:
    """Bybit says no with a 200."""
    code = answer["retCode"]
    if code in BYBIT_BUSY:
        raise TooOften
    if code == BYBIT_UNKNOWN:
        raise NotOffered
    if code != 0 or isinstance(code, bool):
        raise NotWhole("trouble of its own")
    result: Item = answer["result"]
    return result


def _by_pair(pairs: Iterable[Item], read: Callable[[Item], Coin]) -> list[Coin]:
    """Coins against USDT; a leveraged token (BTCUP, ETH3S) is none, which is told by the coin in its name."""
    quoted = [item for item in pairs if QUOTED.fullmatch(str(item.get("symbol")))]
    bases = {_base(item) for item in quoted}
    return coins([item for item in quoted if not _is_leveraged(_base(item), bases)], read)


def _is_leveraged(base: str, bases: Collection[str]) -> bool:
    """JUP and SYRUP are coins, since there is no J and no SYR."""
    found = LEVERAGED.fullmatch(base)
    return found is not None and found[1] in bases


def _base(item: Item) -> str:
    return symbol(item["symbol"]).removesuffix(QUOTE)


def _change(last: Decimal, before: Decimal | None) -> Decimal | None:
    return last / before - 1 if before else None


def _cap(value: object) -> Decimal | None:
    """No coin is worth nothing: a 0 means that it is not known."""
    return amount(value) or None
