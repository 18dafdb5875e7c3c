"""Bybit's answers, as recorded in its documentation, and what is made of them."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest

from bot.errors import KeyRefused, PeerBusy, PeerRefused, PeerUnavailable
from bot.gateways.exchanges import bybit_parsing as parse
from bot.gateways.exchanges import bybit_wire as wire
from bot.gateways.exchanges.bybit_wire import Call, Result
from bot.gateways.http_client import Answer
from bot.models.account import Credentials, KeyRights
from bot.models.market import AccountType
from bot.models.order import OrderStatus

SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR

ORDER = {
    "orderId": "fd4300ae-7847-404e-b947-b46980a4d140",
    "orderLinkId": "test000005",
    "blockTradeId": "",
    "symbol": "ETHUSDT",
    "price": "1600.00",
    "qty": "0.10",
    "side": "Buy",
    "isLeverage": "",
    "positionIdx": 1,
    "orderStatus": "New",
    "cancelType": "UNKNOWN",
    "rejectReason": "EC_NoError",
    "avgPrice": "0",
    "leavesQty": "0.10",
    "cumExecQty": "0.00",
    "cumExecValue": "0",
    "cumExecFee": "0",
    "timeInForce": "GTC",
    "orderType": "Limit",
    "stopOrderType": "UNKNOWN",
    "reduceOnly": False,
    "createdTime": "1684738540559",
    "updatedTime": "1684738540561",
}
FILLED = {
    "orderStatus": "Filled",
    "cumExecQty": "0.10",
    "cumExecValue": "160",
    "avgPrice": "1600",
    "cumExecFee": "0.1",
}
INSTRUMENT = {
    "symbol": "BTCUSDT",
    "contractType": "LinearPerpetual",
    "status": "Trading",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "settleCoin": "USDT",
    "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
    "lotSizeFilter": {
        "maxOrderQty": "1190.000",
        "minOrderQty": "0.001",
        "qtyStep": "0.001",
        "postOnlyMaxOrderQty": "1190.000",
        "maxMktOrderQty": "500.000",
        "minNotionalValue": "5",
    },
}
KEY = {
    "id": "13770661",
    "readOnly": 0,
    "permissions": {
        "ContractTrade": ["Order", "Position"],
        "Spot": ["SpotTrade"],
        "Wallet": ["AccountTransfer", "SubMemberTransfer"],
        "Options": [],
        "Derivatives": [],
    },
    "ips": ["*"],
    "expiredAt": "2023-12-22T07:20:25Z",
    "uta": 1,
}


def result(**data: Any) -> Result:
    return Result(data, 0.0)


def answer(code: int, headers: dict[str, str] | None = None, status: int = 200) -> Answer:
    body = {"retCode": code, "retMsg": "no", "result": {}, "time": 1_672_738_134_824}
    return Answer(status, headers or {}, json.dumps(body).encode())


def test_a_request_is_signed() -> None:
    """Time, key, window and the payload as it is sent, under the secret."""
    headers = wire.signed(Credentials("key1", "secret"), "a=1&b=%2C", 1_672_738_134.8249)
    signed = hmac.new(b"secret", b"1672738134824key15000a=1&b=%2C", hashlib.sha256).hexdigest()
    assert ("1672738134824", "5000", "key1", signed) == (
        headers["X-BAPI-TIMESTAMP"],
        headers["X-BAPI-RECV-WINDOW"],
        headers["X-BAPI-API-KEY"],
        headers["X-BAPI-SIGN"],
    )


@pytest.mark.parametrize("key", ["", "a b", "é", "a\r\nX-Evil: 1", "a\x00"])
def test_a_key_that_cannot_be_sent(key: str) -> None:
    """Such a thing is no key of theirs; it never gets into a header."""
    with pytest.raises(KeyRefused):
        wire.signed(Credentials(key, "secret"), "", 0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-bapi-limit-reset-timestamp": "1672738136324"}, 1.5),
        ({"x-bapi-limit-reset-timestamp": "1672738130000"}, 0.0),
        ({"x-bapi-limit-reset-timestamp": "soon"}, None),
        ({"x-bapi-limit-reset-timestamp": "9" * 400, "retry-after": "2"}, 2.0),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Until the account's limit is reset, by the venue's own clock."""
    with pytest.raises(PeerBusy) as caught:
        wire.read(answer(10006, headers), Call.ORDER)
    assert seconds == caught.value.retry_after


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, KeyRefused), (404, PeerRefused), (408, PeerUnavailable), (302, PeerUnavailable)],
)
def test_statuses(status: int, error: type[Exception]) -> None:
    """Who is not let in has the wrong key; what is not there is no failure of the venue's."""
    with pytest.raises(error):
        wire.read(answer(0, status=status), Call.READ)


def test_an_order_at_rest() -> None:
    """Nothing is filled, so there is neither an average nor a fee."""
    order = parse.order(ORDER, LINEAR)
    assert ("test000005", OrderStatus.OPEN, Decimal("1600.00"), Decimal("0.10")) == (
        order.client_id,
        order.status,
        order.price,
        order.amount,
    )
    assert (0, None, None, 1_684_738_540.559) == (order.filled, order.average, order.fee, order.created_at)


@pytest.mark.parametrize(
    ("changes", "account_type", "fee"),
    [
        ({}, LINEAR, "0.1"),
        ({}, SPOT, "160"),
        ({"side": "Sell"}, SPOT, "0.1"),
        ({"cumExecFee": ""}, SPOT, None),
        ({"cumFeeDetail": {"ETH": "0.0001"}}, SPOT, "0.16"),
        ({"cumFeeDetail": {"USDT": "0.16", "ETH": "0.0001"}}, SPOT, "0.32"),
        ({"cumFeeDetail": {"MNT": "0.2"}}, SPOT, None),
        ({"cumFeeDetail": {}}, LINEAR, "0.1"),
    ],
)
def test_fees_are_told_in_quote(changes: dict[str, Any], account_type: AccountType, fee: str | None) -> None:
    """What spot takes in coins is turned into dollars at the order's price; a third coin cannot be."""
    order = parse.order({**ORDER, **FILLED, **changes}, account_type)
    assert (None if fee is None else Decimal(fee)) == order.fee


def test_fees_fill_by_fill() -> None:
    """Each at its own price; one that cannot be told leaves the sum untold, and so does none at all."""
    eth = {"symbol": "ETHUSDT", "execFee": "0.0001", "feeCurrency": "ETH", "execPrice": "1600"}
    usdt = {"symbol": "ETHUSDT", "execFee": "0.2", "feeCurrency": "", "execPrice": "1600"}
    assert Decimal("0.36") == parse.fee_of_fills([eth, usdt])
    assert [None, None] == [parse.fee_of_fills([]), parse.fee_of_fills([eth, {**eth, "feeCurrency": "MNT"}])]


def test_an_average_without_its_name() -> None:
    """Where it is left out it follows from the value."""
    assert Decimal(1600) == parse.order({**ORDER, **FILLED, "avgPrice": ""}, SPOT).average


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PartiallyFilled", OrderStatus.OPEN),
        ("PartiallyFilledCanceled", OrderStatus.CANCELLED),
        ("Deactivated", OrderStatus.CANCELLED),
        ("Rejected", OrderStatus.REJECTED),
    ],
)
def test_words_of_state(word: str, status: OrderStatus) -> None:
    """All of the venue's words become one of ours."""
    assert status is parse.order({**ORDER, "orderStatus": word}, SPOT).status


@pytest.mark.parametrize(
    "change",
    [
        {"orderStatus": "Pondering"},
        {"side": ""},
        {"qty": ""},
        {"qty": 1},
        {"cumExecQty": "NaN"},
        {"orderId": None},
        {"createdTime": "yesterday"},
        {"orderStatus": "Filled", "cumExecQty": "1", "avgPrice": "", "cumExecValue": ""},
    ],
)
def test_an_order_that_is_not_whole(change: dict[str, Any]) -> None:
    """Half an order is none: what became of money is not guessed."""
    with pytest.raises(parse.NotWhole):
        parse.order({**ORDER, **change}, SPOT)


def test_what_can_be_traded() -> None:
    """Only what is traded now, of the futures only USDT perpetuals; the smaller of two limits holds."""
    others = [{"status": "PreLaunch"}, {"contractType": "LinearFutures"}, {"settleCoin": "USDC"}]
    page = [INSTRUMENT, *({**INSTRUMENT, "symbol": "OTHER", **change} for change in others)]
    found = parse.instruments(page, LINEAR)
    assert ["BTCUSDT"] == list(found)
    btc = found["BTCUSDT"]
    assert (Decimal("0.10"), Decimal("0.001"), Decimal(5), Decimal(500)) == (
        btc.price_step,
        btc.amount_step,
        btc.min_cost,
        btc.max_amount,
    )


def test_instruments_without_steps() -> None:
    """Without a step no amount can be made whole."""
    for filters in ({"lotSizeFilter": {"minOrderQty": "1"}}, {"priceFilter": {"tickSize": "0"}}):
        with pytest.raises(parse.NotWhole):
            parse.instruments([{**INSTRUMENT, **filters}], LINEAR)


def test_closed_positions_are_none() -> None:
    """Bybit goes on listing them, with an empty side."""
    closed = {"symbol": "BTCUSDT", "side": "", "size": "0", "avgPrice": "0", "liqPrice": ""}
    assert [] == parse.positions([closed])


@pytest.mark.parametrize(
    ("change", "rights"),
    [
        ({}, KeyRights(can_trade=True, can_withdraw=False, expires_at=1_703_229_625.0)),
        ({"readOnly": 1, "expiredAt": ""}, KeyRights(can_trade=False, can_withdraw=False)),
        ({"expiredAt": "1970-01-01T00:00:00Z"}, KeyRights(can_trade=True, can_withdraw=False)),
        (
            {"permissions": {"Wallet": ["Withdraw"]}, "expiredAt": ""},
            KeyRights(can_trade=False, can_withdraw=True),
        ),
    ],
)
def test_rights(change: dict[str, Any], rights: KeyRights) -> None:
    """Nothing is assumed of a key but what is said of it."""
    assert rights == parse.rights(result(**{**KEY, **change}))


def test_silence_about_withdrawing_is_no_answer() -> None:
    """A key that might withdraw is not one that may not."""
    with pytest.raises(parse.NotWhole):
        parse.rights(result(**{**KEY, "permissions": {"Spot": ["SpotTrade"]}}))


def test_pages() -> None:
    """A list is a list of objects; the next page begins at a text."""
    for data in ({}, {"list": None}, {"list": {}}, {"list": [1]}):
        with pytest.raises(parse.NotWhole):
            parse.items(result(**data))
    assert ["", "", "p2"] == [
        parse.cursor(result(**data)) for data in ({}, {"nextPageCursor": ""}, {"nextPageCursor": "p2"})
    ]
    with pytest.raises(parse.NotWhole):
        parse.cursor(result(nextPageCursor=7))
