"""What sources of metals say, in our words. Every function raises NotWhole for what it cannot rely on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bot.gateways.feed_reading import (
    NotOffered,
    NotWhole,
    TooOften,
    date,
    listed,
    parsed,
    price,
    seconds,
    whole,
)
from bot.models.price import Metal, Spot

USD = "USD"
WIDEST = Decimal("1.2")  # an ask so many times the bid is no market
FUTURES = {
    Metal.GOLD: "GC=F",
    Metal.SILVER: "SI=F",
    Metal.PLATINUM: "PL=F",
    Metal.PALLADIUM: "PA=F",
}
COIN = "PAXG"


def gold_api(content: bytes, metal: Metal) -> Spot:
    """gold-api.com's `price/XAU`: `{"price", "currency", "symbol", "updatedAt", …}`."""
    with whole():
        answer = parsed(content)
        _demand(answer["symbol"] == metal.value and answer["currency"] == USD)
        return Spot(metal, price(answer["price"]), date(answer["updatedAt"]), "gold-api")


def swissquote(content: bytes, metal: Metal) -> Spot:
    """Swissquote's quotes: the middle between bid and ask, of the platform that has looked last."""
    with whole():
        platform = max(listed(parsed(content)), key=lambda each: seconds(each["ts"], per_second=1000))
        quote = listed(platform["spreadProfilePrices"])[0]
        bid, ask = price(quote["bid"]), price(quote["ask"])
        _demand(bid <= ask <= bid * WIDEST)
        return Spot(metal, (bid + ask) / 2, seconds(platform["ts"], per_second=1000), "swissquote")


def yahoo(content: bytes, metal: Metal) -> Spot:
    """Yahoo's chart of the front future, which is not spot: 1 % apart is usual."""
    with whole():
        chart = parsed(content)["chart"]
        _demand(chart["error"] is None)
        meta = listed(chart["result"])[0]["meta"]
        _demand(meta["symbol"] == FUTURES[metal] and meta["currency"] == USD)
        at = seconds(meta["regularMarketTime"])
        return Spot(metal, price(meta["regularMarketPrice"]), at, "yahoo", is_futures=True)


def kraken(content: bytes, now: float) -> Spot:
    """Kraken's ticker of PAXG, a token of an ounce of gold; it tells no time, so it is as of `now`."""
    with whole():
        answer = parsed(content)
        if errors := answer["error"]:
            raise _refusal(errors)
        [(pair, ticker)] = answer["result"].items()
        _demand(COIN in pair and USD in pair)
        return Spot(Metal.GOLD, price(ticker["c"][0]), now, "paxg")


def _refusal(errors: Any) -> Exception:
    """Kraken says no with a 200: `EQuery:Unknown asset pair`, `EAPI:Rate limit exceeded`, `EService:Busy`."""
    words = str(errors)
    if "Rate limit" in words or "Too many requests" in words or "Throttled" in words:
        return TooOften()
    return NotOffered() if "EQuery" in words else NotWhole("error")


def _demand(fits: object) -> None:
    if not fits:
        raise NotWhole("not what was asked for")
