"""Answers of sources of metals, in the shapes that were seen, and what is made of them; damaged ones are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bot.gateways.feed_reading import NotOffered, NotWhole, TooOften
from bot.gateways.metals import parsing as parse
from bot.models.price import Metal, Spot

NOW = 1_787_000_000.0
GOLD_API: dict[str, Any] = {
    "currency": "USD",
    "currencySymbol": "$",
    "exchangeRate": 1.0,
    "name": "Gold",
    "price": 4392.000000,
    "symbol": "XAU",
    "updatedAt": "2026-08-18T09:20:30Z",
    "updatedAtReadable": "a few seconds ago",
}
QUOTE: dict[str, Any] = {
    "spreadProfile": "premium",
    "bidSpread": 15.4,
    "askSpread": 15.4,
    "bid": 4389.246,
    "ask": 4389.554,
}
PLATFORM: dict[str, Any] = {
    "topo": {"platform": "SwissquoteLtd", "server": "Live5"},
    "spreadProfilePrices": [QUOTE, QUOTE | {"spreadProfile": "prime", "bid": 4389.3}],
    "ts": 1787044830123,
}
META: dict[str, Any] = {
    "currency": "USD",
    "symbol": "GC=F",
    "exchangeName": "CMX",
    "instrumentType": "FUTURE",
    "regularMarketTime": 1787044821,
    "regularMarketPrice": 4448.4,
    "chartPreviousClose": 4415.0,
    "shortName": "Gold Dec 26",
}
TICKER: dict[str, Any] = {
    "a": ["4397.10000", "1", "1.000"],
    "b": ["4396.20000", "2", "2.000"],
    "c": ["4396.71000", "0.01200000"],
    "v": ["212.53000000", "655.10000000"],
    "t": [1180, 3350],
    "o": "4401.00000",
}


def chart(**changed: Any) -> dict[str, Any]:
    return {"chart": {"result": [{"meta": META | changed, "timestamp": [1]}], "error": None}}


def kraken(ticker: dict[str, Any] = TICKER, pair: str = "PAXGUSD", error: object = ()) -> dict[str, Any]:
    return {"error": list(error) if isinstance(error, tuple) else error, "result": {pair: ticker}}


READ: dict[str, Callable[[bytes], Spot]] = {
    "gold-api": lambda content: parse.gold_api(content, Metal.GOLD),
    "swissquote": lambda content: parse.swissquote(content, Metal.GOLD),
    "yahoo": lambda content: parse.yahoo(content, Metal.GOLD),
    "paxg": lambda content: parse.kraken(content, NOW),
}
GOOD: dict[str, Any] = {
    "gold-api": GOLD_API,
    "swissquote": [PLATFORM, PLATFORM | {"ts": 1787044000000, "spreadProfilePrices": []}],
    "yahoo": chart(),
    "paxg": kraken(),
}
# How each spells an answer with another price.
PRICED: dict[str, Callable[[Any], Any]] = {
    "gold-api": lambda price: GOLD_API | {"price": price},
    "swissquote": lambda price: [PLATFORM | {"spreadProfilePrices": [QUOTE | {"bid": price, "ask": price}]}],
    "yahoo": lambda price: chart(regularMarketPrice=price),
    "paxg": lambda price: kraken(TICKER | {"c": [price, "1"]}),
}


def read(source: str, answer: object) -> Spot:
    return READ[source](answer if isinstance(answer, bytes) else json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("source", "price", "at", "is_futures"),
    [
        ("gold-api", "4392.0", 1787044830.0, False),
        ("swissquote", "4389.4", 1787044830.123, False),
        ("yahoo", "4448.4", 1787044821.0, True),
        ("paxg", "4396.71", NOW, False),
    ],
)
def test_an_answer_as_it_was_seen(source: str, price: str, at: float, is_futures: bool) -> None:
    """Exact, with the time that the source tells, and futures told from spot."""
    expected = Spot(Metal.GOLD, Decimal(price), at, source, is_futures=is_futures)
    assert expected == read(source, GOOD[source])


BAD_PRICES = [
    *(0, -1, "0", "NaN", "Infinity", "-Infinity", float("nan"), float("inf"), "1e400000", 1e13, 1e-19),
    *(None, "", "gold", True, [], {}, "4,392.0", "sNaN", "1e9999999", "1e-9999999"),
]


@pytest.mark.parametrize("source", READ)
@pytest.mark.parametrize("price", BAD_PRICES, ids=str)
def test_what_is_no_price(source: str, price: object) -> None:
    """It is refused, whatever it is spelled as, and never shown."""
    with pytest.raises(NotWhole):
        read(source, PRICED[source](price))


@pytest.mark.parametrize("source", READ)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html><p>hello",
        b"[]",
        b"{}",
        b"null",
        b"1",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"price": 1' + b"0" * 5000 + b"}",
    ],
    ids=lambda content: str(content[:12]),
)
def test_what_is_no_answer(source: str, content: bytes) -> None:
    """A page, nothing, an empty list, too deep or too long a number: as good as none."""
    with pytest.raises(NotWhole):
        read(source, content)


@pytest.mark.parametrize("source", READ)
def test_half_of_an_answer(source: str) -> None:
    """Cut JSON is none."""
    whole = json.dumps(GOOD[source]).encode()
    with pytest.raises(NotWhole):
        read(source, whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("gold-api", GOLD_API | {"currency": "EUR"}),
        ("gold-api", GOLD_API | {"symbol": "XAG"}),
        ("gold-api", GOLD_API | {"updatedAt": "yesterday"}),
        ("gold-api", GOLD_API | {"updatedAt": "2026-08-18T09:20:30"}),
        ("gold-api", {key: value for key, value in GOLD_API.items() if key != "currency"}),
        ("gold-api", {key: value for key, value in GOLD_API.items() if key != "price"}),
        ("gold-api", {key: value for key, value in GOLD_API.items() if key != "updatedAt"}),
        ("swissquote", [PLATFORM | {"ts": None}]),
        ("swissquote", [PLATFORM | {"ts": 10**20}]),
        ("swissquote", [PLATFORM | {"spreadProfilePrices": []}]),
        ("swissquote", [PLATFORM | {"spreadProfilePrices": [QUOTE | {"bid": 4400}]}]),
        ("swissquote", [PLATFORM | {"spreadProfilePrices": [QUOTE | {"bid": 1}]}]),
        ("swissquote", [1]),
        ("yahoo", chart(currency="GBp")),
        ("yahoo", chart(symbol="SI=F")),
        ("yahoo", chart(regularMarketTime=0)),
        ("yahoo", {"chart": {"result": None, "error": {"code": "Not Found"}}}),
        ("yahoo", {"chart": {"result": [], "error": None}}),
        ("paxg", kraken(pair="XXBTZUSD")),
        ("paxg", kraken(pair="PAXGEUR")),
        ("paxg", kraken({})),
        ("paxg", kraken(error=["EService:Unavailable"])),
        ("paxg", {"error": [], "result": {}}),
        ("paxg", {"error": [], "result": {"PAXGUSD": TICKER, "XAUTUSD": TICKER}}),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:40],
)
def test_what_was_not_asked_for_or_cannot_be(source: str, answer: object) -> None:
    """Another currency or metal, no time, a crossed or hollow quote, a missing field."""
    with pytest.raises(NotWhole):
        read(source, answer)


def test_kraken_says_no_with_a_200() -> None:
    """Too often is told from what it does not know; its key may be spelled otherwise than asked for."""
    with pytest.raises(TooOften):
        read("paxg", {"error": ["EAPI:Rate limit exceeded"]})
    with pytest.raises(NotOffered):
        read("paxg", {"error": ["EQuery:Unknown asset pair"]})
    assert read("paxg", kraken(pair="XPAXGZUSD")).price == Decimal("4396.71")


def test_more_digits_than_a_price_can_have() -> None:
    """They are cut to 28, so that nobody has to carry them about."""
    price = read("gold-api", GOLD_API | {"price": "4392." + "1" * 10_000}).price
    assert len(price.as_tuple().digits) == 28
