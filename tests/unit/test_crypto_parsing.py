"""Answers of sources of coins, in the shapes that were seen, and what is made of them; damaged ones are refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from bot.gateways.crypto import parsing as parse
from bot.gateways.feed_reading import NotOffered, NotWhole, TooOften
from bot.models.price import Candle, Coin

D = Decimal
AT = 1787044830.0
PAIR: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "openPrice": "80000.00000000",
    "highPrice": "85000.00000000",
    "lowPrice": "79000.00000000",
    "lastPrice": "84000.00000000",
    "volume": "22500.50000000",
    "quoteVolume": "1890000000.00000000",
    "openTime": 1786958430000,
    "closeTime": 1787044830000,
    "firstId": 1,
    "lastId": 9,
    "count": 9,
}
USD: dict[str, Any] = {
    "price": 84000.12,
    "volume_24h": 9500000000.5,
    "market_cap": 1675800000000,
    "percent_change_1h": -0.25,
    "percent_change_24h": 5,
    "percent_change_7d": 7.1,
}
PAPRIKA: dict[str, Any] = {
    "id": "btc-bitcoin",
    "name": "Bitcoin",
    "symbol": "BTC",
    "rank": 1,
    "last_updated": "2026-08-18T09:20:30Z",
    "quotes": {"USD": USD},
}
GECKO: dict[str, Any] = {
    "id": "bitcoin",
    "symbol": "btc",
    "name": "Bitcoin",
    "current_price": 84000.12,
    "market_cap": 1675800000000,
    "market_cap_rank": 1,
    "total_volume": 9500000000.5,
    "price_change_percentage_24h": 5.0,
    "price_change_percentage_1h_in_currency": -0.25,
    "last_updated": "2026-08-18T09:20:30.000Z",
}
ASSET: dict[str, Any] = {
    "id": "bitcoin",
    "rank": "1",
    "symbol": "BTC",
    "name": "Bitcoin",
    "marketCapUsd": "1675800000000",
    "volumeUsd24Hr": "9500000000.5",
    "priceUsd": "84000.12",
    "changePercent24Hr": "5.0",
}
TICKER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "lastPrice": "84000.12",
    "turnover24h": "630000000",
    "price24hPcnt": "0.05",
}


def bybit(listed: object, **changed: Any) -> dict[str, Any]:
    result = {"category": "spot", "symbol": "BTCUSDT", "list": listed}
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": 1787044830000} | changed


READ: dict[str, Callable[[bytes], Sequence[Coin]]] = {
    "binance": parse.binance,
    "coinpaprika": parse.coinpaprika,
    "coingecko": parse.coingecko,
    "coincap": parse.coincap,
    "bybit": parse.bybit,
}
# How each spells a list of coins, and one coin with another price or symbol.
SPELLED: dict[str, Callable[[list[Any]], Any]] = {
    "binance": list,
    "coinpaprika": list,
    "coingecko": list,
    "coincap": lambda coins: {"timestamp": 1787044830000, "data": coins},
    "bybit": bybit,
}
ONE: dict[str, Callable[..., dict[str, Any]]] = {
    "binance": lambda price="84000.12", name="BTC": PAIR | {"lastPrice": price, "symbol": f"{name}USDT"},
    "coinpaprika": lambda price=84000.12, name="BTC": (
        PAPRIKA | {"symbol": name, "quotes": {"USD": USD | {"price": price}}}
    ),
    "coingecko": lambda price=84000.12, name="BTC": GECKO | {"symbol": name.lower(), "current_price": price},
    "coincap": lambda price="84000.12", name="BTC": ASSET | {"symbol": name, "priceUsd": price},
    "bybit": lambda price="84000.12", name="BTC": TICKER | {"symbol": f"{name}USDT", "lastPrice": price},
}


def read(source: str, answer: object) -> Sequence[Coin]:
    return READ[source](answer if isinstance(answer, bytes) else json.dumps(answer).encode())


def symbols(source: str, coins: list[Any]) -> list[str]:
    return [coin.symbol for coin in read(source, SPELLED[source](coins))]


def test_binances_pairs() -> None:
    """Volume is what was traded in USDT; the change is worked out exactly."""
    expected = Coin("BTC", D(84000), AT, "binance", volume=D(1_890_000_000), change_24h=D("0.05"))
    assert [expected] == read("binance", [PAIR])


@pytest.mark.parametrize(
    ("source", "item"), [("coinpaprika", PAPRIKA), ("coingecko", GECKO), ("coincap", ASSET)]
)
def test_lists_by_rank(source: str, item: dict[str, Any]) -> None:
    """Name, volume, capitalisation, rank; percent become fractions."""
    hour = None if source == "coincap" else D("-0.0025")
    figures: dict[str, Any] = {"name": "Bitcoin", "volume": D("9500000000.5"), "cap": D(1_675_800_000_000)}
    figures |= {"rank": 1, "change_1h": hour, "change_24h": D("0.05")}
    expected = Coin("BTC", D("84000.12"), AT, source, **figures)
    assert [expected] == read(source, SPELLED[source]([item]))


def test_bybits_tickers() -> None:
    """Its change is a fraction already."""
    expected = Coin("BTC", D("84000.12"), AT, "bybit", volume=D(630_000_000), change_24h=D("0.05"))
    assert [expected] == read("bybit", bybit([TICKER]))


@pytest.mark.parametrize("source", ["binance", "bybit"])
def test_what_is_left_out_of_pairs(source: str) -> None:
    """Other quotes and leveraged tokens, by the coin in their names; JUP and SYRUP are coins, STETH3 too."""
    one = ONE[source]
    pairs = [one(name=name) for name in ("BTC", "ETH", "JUP", "SYRUP", "STETH3")]
    tokens = ("BTCUP", "BTCDOWN", "ETHBULL", "ETHBEAR", "BTC3L", "ETH2S")
    pairs += [one(name=name) for name in tokens]
    pairs += [one() | {"symbol": name} for name in ("ETHBTC", "BTCEUR", "USDT", "BTCFDUSD")]
    assert symbols(source, pairs) == ["BTC", "ETH", "JUP", "SYRUP", "STETH3"]


def test_dead_pairs_of_binance() -> None:
    """A pair without a trade has no price, even if it says one; a list of nothing else is no list."""
    dead = PAIR | {"symbol": "LUNAUSDT", "count": 0}
    assert symbols("binance", [PAIR, dead, dead | {"lastPrice": "0"}]) == ["BTC"]
    with pytest.raises(NotWhole):
        read("binance", [dead])


BAD_PRICES = [0, -1, "0", "NaN", "Infinity", float("nan"), float("inf"), 1e13, "1e400000", None, "", True, []]


@pytest.mark.parametrize("source", READ)
@pytest.mark.parametrize("price", BAD_PRICES, ids=str)
def test_a_coin_without_a_price(source: str, price: object) -> None:
    """It is left out of a list that is well otherwise; one of nothing else is refused."""
    one = ONE[source]
    is_json = not (isinstance(price, float) and price in (float("inf"),)) and price == price
    if is_json:
        assert symbols(source, [one(), one(price=price, name="BAD")]) == ["BTC"]
    with pytest.raises(NotWhole):
        read(source, SPELLED[source]([one(price=price)]))


@pytest.mark.parametrize("source", READ)
def test_a_list_that_is_damaged_in_most_places(source: str) -> None:
    """Two of three coins without a price: nothing of it is believed."""
    one = ONE[source]
    with pytest.raises(NotWhole):
        read(source, SPELLED[source]([one(), one(price=None, name="ETH"), one(price=0, name="SOL")]))


@pytest.mark.parametrize("source", READ)
@pytest.mark.parametrize(
    "content",
    [b"", b"<html>hello", b"[]", b"{}", b"null", b"1", b"[1]", b'[{"symbol"', b"[" * 100_000, b"\xff"],
    ids=lambda content: str(content[:12]),
)
def test_what_is_no_answer(source: str, content: bytes) -> None:
    """A page, nothing, an empty list, cut JSON: as good as none, never an empty market."""
    with pytest.raises(NotWhole):
        read(source, content)


@pytest.mark.parametrize("source", READ)
def test_lists_of_nothing_and_of_no_coins(source: str) -> None:
    """Neither is a market."""
    for listed in ([], [1], [{}], {}, None):
        with pytest.raises(NotWhole):
            read(source, listed if SPELLED[source] is list else SPELLED[source](listed))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, "NaN", -1, "", [], True, 1e19])
def test_what_cannot_be_used_besides_the_price(value: object) -> None:
    """Volume, capitalisation and rank are not told then, and the coin stays."""
    item = GECKO | {"total_volume": value, "market_cap": value, "market_cap_rank": value}
    [coin] = read("coingecko", [item])
    assert (coin.volume, coin.cap, coin.rank) == (None, None, None)


def test_changes_that_cannot_be() -> None:
    """A fall by more than all, and no number, are not told; a coin that was new a day ago has no change."""
    item = GECKO | {
        "price_change_percentage_24h": -101,
        "price_change_percentage_1h_in_currency": "NaN",
        "name": "a" * 100 + "\u202e",
    }
    [coin] = read("coingecko", [item])
    assert (coin.change_24h, coin.change_1h, coin.name) == (None, None, "a" * 60)
    [new] = read("binance", [PAIR | {"openPrice": "0.0"}])
    assert new.change_24h is None
    assert read("coingecko", [GECKO | {"market_cap": 0, "market_cap_rank": 1.5, "name": 7}])[0].cap is None


@pytest.mark.parametrize("bad", ["", "A" * 21, 7, None, "B\u202eTC"])
def test_a_coin_without_a_symbol(bad: object) -> None:
    """It is left out: nobody could ask for it."""
    assert [coin.symbol for coin in read("coinpaprika", [PAPRIKA, PAPRIKA | {"symbol": bad}])] == ["BTC"]


def test_another_currency_is_no_price() -> None:
    """CoinPaprika names the currency of its quotes."""
    with pytest.raises(NotWhole):
        read("coinpaprika", [PAPRIKA | {"quotes": {"EUR": USD}}])


def test_bybit_says_no_with_a_200() -> None:
    """Too often, unknown, trouble of its own."""
    for code, error in (
        (10006, TooOften),
        (10018, TooOften),
        (10001, NotOffered),
        (10016, NotWhole),
        (True, NotWhole),
    ):
        with pytest.raises(error):
            read("bybit", bybit([TICKER], retCode=code))


ROWS = [
    ["1787043600000", "84010", "84100", "83900", "84050", "12", "1"],
    ["1787040000000", "84000", "84020", "83000", "84010", "15", "1"],
]


def candles(rows: object, **changed: Any) -> list[Candle]:
    return parse.candles(json.dumps(bybit(rows, **changed)).encode(), "BTCUSDT")


def test_candles_begin_with_the_oldest() -> None:
    """Bybit tells the newest first."""
    first = Candle(1787040000.0, D(84000), D(84020), D(83000), D(84010))
    second = Candle(1787043600.0, D(84010), D(84100), D(83900), D(84050))
    assert [first, second] == candles(ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        None,
        [["1787043600000", "84010"]],
        [["x", "1", "1", "1", "1"]],
        [["1787043600000", "2", "1", "1", "1"]],
        [["1787043600000", "1", "1", "2", "1"]],
        [["1787043600000", "1", "1", "0", "1"]],
        [["1787043600000", "1", "NaN", "1", "1"]],
        ROWS[::-1],
        [ROWS[0], ROWS[0]],
    ],
    ids=str,
)
def test_what_are_no_candles(rows: object) -> None:
    """One that cannot be, out of order, twice, none: the whole of them is refused."""
    with pytest.raises(NotWhole):
        candles(rows)


def test_candles_of_another_symbol() -> None:
    """They are not what was asked for."""
    with pytest.raises(NotWhole):
        parse.candles(json.dumps(bybit(ROWS)).encode(), "ETHUSDT")
