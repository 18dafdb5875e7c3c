"""The words of an order: understood as meant, or asked back; nothing is guessed."""

from __future__ import annotations

from decimal import Decimal as Number
from typing import Any

import pytest

from bot.handlers.arguments import BadArgument
from bot.handlers.order_arguments import parse_close, parse_order, parse_order_number, parse_pause
from bot.models.market import Side
from bot.models.order_draft import OrderWish

BUY, SELL = Side.BUY, Side.SELL


def wish(symbol: str, amount: str | None, unit: str = "", side: Side = BUY, **prices: str) -> OrderWish:
    exact: dict[str, Any] = {name: Number(price) for name, price in prices.items()}
    return OrderWish(side, symbol, amount and Number(amount), unit, **exact)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BTC 0.01", wish("BTC", "0.01")),
        ("btc/usdt .5", wish("btc/usdt", "0.5")),
        ("BTC 100 USDT", wish("BTC", "100", "USDT")),
        ("BTC 100 usdt", wish("BTC", "100", "USDT")),
        ("BTC 0.01 @ 60000", wish("BTC", "0.01", price="60000")),
        ("BTC 0.01 @60000", wish("BTC", "0.01", price="60000")),
        ("BTC 0.01@60000", wish("BTC", "0.01", price="60000")),
        ("BTC 100 USDT limit 60000", wish("BTC", "100", "USDT", price="60000")),
        ("BTC 0.01 at 60000.5", wish("BTC", "0.01", price="60000.5")),
        ("BTC 1 SL 55000 tp 70000", wish("BTC", "1", stop_loss="55000", take_profit="70000")),
        (
            "  BTC 1  tp 70000 limit 60000 stop 55000 ",
            wish("BTC", "1", price="60000", stop_loss="55000", take_profit="70000"),
        ),
        ("1INCH 5", wish("1INCH", "5")),
    ],
)
def test_an_order_is_read(text: str, expected: OrderWish) -> None:
    """In any of its spellings."""
    assert expected == parse_order(text, BUY)


def test_all_is_for_selling() -> None:
    """In any case."""
    assert wish("ETH", None, side=SELL) == parse_order("ETH ALL", SELL)
    assert wish("ETH", None, side=SELL, price="4000") == parse_order("ETH all @ 4000", SELL)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "Say what, and how much."),
        ("  ", "Say what, and how much."),
        ("BTC", "Say how much."),
        ("1000", "Say first what, then how much."),
        ("all", "Say first what, then how much."),
        ("1INCH", "Say how much."),
        ("0.01 BTC", "Say first what, then how much."),
        ("-1 BTC", "Say first what, then how much."),
        ("BTC all", "“all” is for selling: say how much to buy."),
        ("BTC 1,5", "“1,5” may be 1.5 or 15: write it with a point, or without the comma."),
        ("BTC NaN", "“NaN” is no number I can use: write plain digits and one point, as in 0.01."),
        ("BTC inf", "“inf” is no number I can use: write plain digits and one point, as in 0.01."),
        ("BTC 1e-30", "“1e-30” is no number I can use: write plain digits and one point, as in 0.01."),
        ("BTC ٣", "“٣” is no number I can use: write plain digits and one point, as in 0.01."),
        ("BTC ten", "“ten” is no number I can use: write plain digits and one point, as in 0.01."),
        ("BTC 0", "“0” does not work: it must be more than zero."),
        ("BTC -0.1", "“-0.1” does not work: it must be more than zero."),
        (
            "BTC 1" + "0" * 400,
            "“1" + "0" * 19 + "…” is too long: at most 12 digits before the point and 12 after it.",
        ),
        ("BTC 1 USDT 60000", "I do not understand “60000”."),
        ("BTC 1 60000", "I do not understand “60000”."),
        ("BTC 1 @", "The number of the price is missing."),
        ("BTC 1 sl", "The number of the stop-loss is missing."),
        ("BTC 1 @ 5 limit 6", "You have said the price twice."),
        ("BTC 1 tp 5 tp 6", "You have said the take-profit twice."),
        ("BTC 1 @ cheap", "“cheap” is no number I can use: write plain digits and one point, as in 0.01."),
        ("<b> 1", "“<b>” is no symbol."),
        ("B\u202eTC 1", "“BTC” is no symbol."),
        ("B\x00TC 1", "“BTC” is no symbol."),
        ("🙂 1", "“🙂” is no symbol."),
        ("B" * 33 + " 1", "“" + "B" * 20 + "…” is no symbol."),
    ],
)
def test_what_is_unclear_is_asked_back(text: str | None, problem: str) -> None:
    """With one line that says what is wrong, and an example."""
    with pytest.raises(BadArgument) as refused:
        parse_order(text, BUY)
    assert problem == refused.value.problem
    assert refused.value.remedy.startswith("Write for example: /buy ")


def test_all_has_no_unit() -> None:
    """It is all there is."""
    with pytest.raises(BadArgument) as refused:
        parse_order("ETH all USDT", SELL)
    assert "I do not understand “USDT”." == refused.value.problem


def test_the_other_commands_are_read() -> None:
    """What may be left out is None."""
    assert [None, "all", "btc-usdt"] == [parse_close(text) for text in (None, "ALL", "btc-usdt")]
    assert [None, 17, 17] == [parse_order_number(text) for text in ("", "17", "#17")]
    assert [False, True] == [parse_pause(text) for text in (None, "All")]


@pytest.mark.parametrize(
    ("parse", "text", "problem"),
    [
        (parse_close, "BTC ETH", "One symbol is enough, or “all”."),
        (parse_close, "<x>", "“<x>” is no symbol."),
        (parse_order_number, "17 18", "One order's number is enough."),
        (parse_order_number, "0", "“0” is no order's number."),
        (parse_order_number, "1e3", "“1e3” is no order's number."),
        (parse_order_number, "9" * 400, f"“{'9' * 20}…” is no order's number."),
        (parse_pause, "now", "Only “all” may follow."),
    ],
)
def test_the_other_commands_refuse_what_they_cannot_read(parse: Any, text: str, problem: str) -> None:
    """One clear line each."""
    with pytest.raises(BadArgument) as refused:
        parse(text)
    assert problem == refused.value.problem
