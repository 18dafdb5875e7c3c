"""Bybit in trouble: what an answer that is none, or that says no, means to reads and to orders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from bybit_bench import ANNA, LINEAR, NOW, SPOT, Bench, limit, local_bybit, market

from bot.errors import (
    KeyRefused,
    OrderRefused,
    OutcomeUnknown,
    PeerBusy,
    PeerError,
    PeerRefused,
    PeerUnavailable,
)
from bot.gateways.exchanges.bybit import BybitExchange, ServerClock
from bot.gateways.exchanges.gate import AddressBusy
from bot.models.account import Credentials
from bot.models.order import OrderStatus, Refusal
from bot.resilience.clock import ManualClock
from sandbox.exchange.demo import TRADER, DemoKey

CREATE, CANCEL, STOPS = "/order/create", "/order/cancel", "/position/trading-stop"
REALTIME, HISTORY = "/order/realtime", "/order/history"

Work = Callable[[BybitExchange], Awaitable[object]]

READS: dict[str, Work] = {
    "/market/instruments-info": lambda exchange: exchange.instruments(SPOT),
    "/market/tickers": lambda exchange: exchange.tickers(SPOT, ["BTCUSDT", "ETHUSDT"]),
    "/account/wallet-balance": lambda exchange: exchange.balance(),
    "/position/list": lambda exchange: exchange.positions(),
    REALTIME: lambda exchange: exchange.open_orders(LINEAR),
    HISTORY: lambda exchange: exchange.find(SPOT, "BTCUSDT", "never"),
    "/user/query-api": lambda exchange: exchange.rights(),
}
ORDERS: dict[str, Work] = {
    CREATE: lambda exchange: exchange.place(market("f1")),
    CANCEL: lambda exchange: exchange.cancel(SPOT, "BTCUSDT", "f1"),
    STOPS: lambda exchange: exchange.protect("BTCUSDT", Decimal(1), None),
}
NO_ANSWER: dict[str, dict[str, Any]] = {
    "503": {"kind": "status", "status": 503},
    "502 page": {"kind": "html"},
    "reset": {"kind": "reset"},
    "cut off": {"kind": "cut"},
    "page with 200": {"kind": "answer", "body": "<html>hello</html>", "content_type": "text/html"},
    "no code": {"kind": "answer", "body": {"result": {"list": []}}},
    "code that is none": {"kind": "answer", "body": {"retCode": True, "result": {}, "time": 1}},
    "a list": {"kind": "answer", "body": []},
    "half of it": {"kind": "answer", "body": '{"retCode":0,"retMsg":"OK","result":{"li'},
    "deep": {"kind": "answer", "body": "[" * 100_000},
    "empty result": {"kind": "answer", "body": {"retCode": 0, "retMsg": "OK", "result": {}, "time": 1}},
    "no result": {"kind": "answer", "body": {"retCode": 0, "retMsg": "OK", "time": 1}},
    "trouble inside": {"kind": "answer", "body": {"retCode": 10016, "retMsg": "", "result": {}, "time": 1}},
}
ENDED = {
    "orderId": "1",
    "orderLinkId": "",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Market",
    "orderStatus": "Filled",
    "qty": "0.01",
    "price": "",
    "cumExecQty": "0.01",
    "avgPrice": "50000",
    "cumExecFee": "",
}
NOT_FOR_ORDERS = {"empty result"}  # a cancellation is answered with nothing that matters


@pytest.fixture
async def bybit() -> AsyncIterator[Bench]:
    async with local_bybit() as bench:
        yield bench


@pytest.mark.parametrize("path", READS)
async def test_a_read_without_a_whole_answer(bybit: Bench, path: str) -> None:
    """It is unavailable, never empty: an account is not without money because a page says nothing."""
    exchange = bybit.client()
    for fault in NO_ANSWER.values():
        bybit.strike(path, **fault)
        with pytest.raises(PeerUnavailable) as caught:
            await READS[path](exchange)
        assert PeerUnavailable is type(caught.value)
    await READS[path](exchange)


@pytest.mark.parametrize("path", ORDERS)
async def test_an_order_without_a_whole_answer(bybit: Bench, path: str) -> None:
    """Perhaps it was done: nobody may say that it was not."""
    exchange = bybit.client()
    for name, fault in NO_ANSWER.items():
        if name in NOT_FOR_ORDERS and path != CREATE:
            continue
        bybit.strike(path, **fault)
        with pytest.raises(OutcomeUnknown):
            await ORDERS[path](exchange)


@pytest.mark.parametrize(
    "account",
    [
        {"accountType": "UNIFIED"},
        {"accountType": "UNIFIED", "coin": {}},
        {"accountType": "UNIFIED", "coin": [{"coin": "BTC"}]},
        {"accountType": "UNIFIED", "coin": [{"coin": "BTC", "walletBalance": ""}]},
        {"accountType": "UNIFIED", "coin": [{"coin": "BTC", "walletBalance": "NaN"}]},
        {"accountType": "UNIFIED", "coin": [{"coin": "BTC", "walletBalance": 1.5}]},
        {"accountType": "CONTRACT", "coin": []},
    ],
)
async def test_a_balance_is_whole_or_none(bybit: Bench, account: dict[str, Any]) -> None:
    """Yes with half of what it should hold is no balance."""
    body = {"retCode": 0, "retMsg": "OK", "result": {"list": [account]}, "time": 1}
    bybit.strike("/account/wallet-balance", "answer", body=body)
    with pytest.raises(PeerUnavailable):
        await bybit.client().balance()


@pytest.mark.parametrize("work", [READS["/account/wallet-balance"], ORDERS[CREATE]])
@pytest.mark.parametrize(
    ("fault", "error", "retry_after"),
    [
        ({"kind": "status", "status": 403}, AddressBusy, 600.0),
        ({"kind": "status", "status": 429, "retry_after": 7}, AddressBusy, 7.0),
        ({"kind": "answer", "body": {"retCode": 10006, "retMsg": ""}}, PeerBusy, None),
        ({"kind": "answer", "body": {"retCode": 10018, "retMsg": ""}}, AddressBusy, None),
    ],
)
async def test_too_often(
    bybit: Bench, work: Work, fault: dict[str, Any], error: type[PeerBusy], retry_after: float | None
) -> None:
    """Certainly not done; who has to wait, the account or all of us, and how long if that is said."""
    bybit.strike("/v5/", **fault)
    with pytest.raises(PeerBusy) as caught:
        await work(bybit.client())
    assert (error, retry_after, []) == (type(caught.value), caught.value.retry_after, bybit.placed)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (110007, Refusal.FUNDS),
        (170131, Refusal.FUNDS),
        (110072, Refusal.DUPLICATE),
        (170141, Refusal.DUPLICATE),
        (110001, Refusal.NOT_FOUND),
        (170213, Refusal.NOT_FOUND),
        (10001, Refusal.RULES),
        (170136, Refusal.RULES),
        (170121, Refusal.MARKET),
        (999999, Refusal.OTHER),
    ],
)
async def test_refusals_have_reasons(bybit: Bench, code: int, reason: Refusal) -> None:
    """A code of the venue's becomes a reason of ours; what it means by others stays its own."""
    bybit.refuse(CREATE, code)
    with pytest.raises(OrderRefused) as caught:
        await bybit.client().place(market("g1"))
    assert (code, reason.value) == (caught.value.status, caught.value.reason)
    bybit.refuse("/account/wallet-balance", code)
    with pytest.raises(PeerRefused) as refused:
        await bybit.client().balance()
    assert PeerRefused is type(refused.value)


async def test_a_lost_answer_is_found_again(bybit: Bench) -> None:
    """The order was placed, once; its id finds it."""
    exchange = bybit.client()
    bybit.strike(CREATE, "lose_answer")
    with pytest.raises(OutcomeUnknown):
        await exchange.place(market("h1"))
    order = await exchange.find(SPOT, "BTCUSDT", "h1")
    assert order is not None
    assert (OrderStatus.FILLED, ["h1"]) == (order.status, bybit.placed)


async def test_an_order_that_does_not_show_yet(bybit: Bench) -> None:
    """Not found is no proof, and no error; it is found as soon as it shows, well within the time we give it."""
    exchange = bybit.client()
    bybit.world.delays.append(30.0)
    await exchange.place(market("i1"))
    assert await exchange.find(SPOT, "BTCUSDT", "i1") is None
    await bybit.clock.tick(30)
    assert await exchange.find(SPOT, "BTCUSDT", "i1") is not None
    assert exchange.arrives_within is not None
    assert exchange.arrives_within > 30


async def test_not_found_needs_two_whole_answers(bybit: Bench) -> None:
    """One list without it and one that is not there: unknown."""
    exchange = bybit.client()
    for path in (REALTIME, HISTORY):
        bybit.strike(path, "status", status=503)
        with pytest.raises(PeerUnavailable):
            await exchange.find(SPOT, "BTCUSDT", "never")


async def test_an_order_that_only_history_knows(bybit: Bench) -> None:
    """Ended long ago, it has left the list of the newer ones."""
    exchange = bybit.client()
    await exchange.place(market("j1"))
    bybit.strike(REALTIME, "answer", body={"retCode": 0, "result": {"list": []}, "time": 1})
    assert await exchange.find(SPOT, "BTCUSDT", "j1") is not None


async def test_a_fee_that_only_the_fills_tell(bybit: Bench) -> None:
    """It is put together from them; where they cannot be had the order is there all the same, without it."""
    exchange = bybit.client()
    shown = ENDED | {"orderId": await exchange.place(market("n1")), "orderLinkId": "n1"}
    fees = []
    for trouble in (None, {"kind": "status", "status": 503}, {"kind": "answer", "body": {"retCode": 10001}}):
        bybit.faults.clear()
        bybit.strike(REALTIME, "answer", body={"retCode": 0, "result": {"list": [shown]}, "time": 1})
        if trouble:
            bybit.strike("/execution/list", **trouble)
        order = await exchange.find(SPOT, "BTCUSDT", "n1")
        assert order is not None
        fees.append(order.fee)
    assert [None, None] == fees[1:]
    assert abs(fees[0] - Decimal("0.5")) < Decimal("0.001")


async def test_a_list_without_an_end(bybit: Bench) -> None:
    """A venue that names a next page for ever is not followed for ever."""
    body = {"retCode": 0, "result": {"list": [ENDED] * 50, "nextPageCursor": "more"}, "time": 1}
    bybit.strike(REALTIME, "answer", body=body, times=None)
    with pytest.raises(PeerUnavailable, match="without an end"):
        await bybit.client().open_orders(SPOT)


async def test_a_refusal_that_has_no_other_meaning(bybit: Bench) -> None:
    """Parameters that are wrong are no unknown symbol where several were asked for, and no missing position."""
    bybit.refuse("/market/tickers", 10001)
    with pytest.raises(PeerRefused):
        await bybit.client().tickers(SPOT, ["BTCUSDT", "ETHUSDT"])
    bybit.refuse(STOPS, 10001)
    with pytest.raises(OrderRefused) as caught:
        await bybit.client().protect("BTCUSDT", Decimal(1), None)
    assert Refusal.RULES.value == caught.value.reason


async def test_nobody_there(bybit: Bench) -> None:
    """Neither a read nor an order has reached anybody."""
    bybit.url = "http://127.0.0.1:1"
    exchange = bybit.client()
    for work in (READS["/account/wallet-balance"], ORDERS[CREATE]):
        with pytest.raises(PeerUnavailable, match="not reached"):
            await work(exchange)


async def test_slow_answers() -> None:
    """Whoever takes longer than we wait has not answered."""
    async with local_bybit(timeout=0.2) as bybit:
        for path, kind, error in (("/account", "drip", PeerUnavailable), (CREATE, "hang", OutcomeUnknown)):
            bybit.strike(path, kind, seconds=5, bytes_per_second=10)
            work = ORDERS[CREATE] if path == CREATE else READS["/account/wallet-balance"]
            with pytest.raises(error):
                await work(bybit.client())


async def test_a_clock_that_is_off(bybit: Bench) -> None:
    """The first call learns the difference, all clients go by it, and an order is still placed once."""
    for difference in (-300.0, 300.0):
        clients, trader = bybit.clients(ManualClock(NOW + difference)), Credentials(*TRADER)
        await clients(ANNA, trader).place(limit(f"first{difference:.0f}", "0.001", "40000"))
        bybit.faults.clear()
        bybit.strike("/market/time", "status", status=503)
        await clients(ANNA, trader).place(limit(f"second{difference:.0f}", "0.001", "40000"))
        bybit.faults.clear()
    assert ["first-300", "second-300", "first300", "second300"] == bybit.placed


async def test_the_offset_is_measured_in_the_middle() -> None:
    """The venue's clock was read half-way between our sending and our hearing of it."""
    clock = ManualClock(NOW)
    server = ServerClock(clock)
    server.learn(NOW + 10, NOW - 2, NOW)
    assert NOW + 11 == server.now()


async def test_a_clock_that_stays_off(bybit: Bench) -> None:
    """Refused for its time again, an order was certainly not placed, and is not tried a third time."""
    for path, times in (("/v5/order", 2), ("/v5/", 2)):
        bybit.faults.clear()
        bybit.refuse(path, 10002, times=times)
        with pytest.raises(PeerUnavailable):
            await bybit.client().place(market("l1"))
    bybit.faults.clear()
    for body in ("{}", '{"retCode":0,"result":{}}'):
        bybit.strike("/market/time", "answer", body=body)
        with pytest.raises(PeerUnavailable):
            await bybit.client().server_time()
    assert [] == bybit.placed


async def test_what_waits_too_long_is_not_sent_again(bybit: Bench) -> None:
    """An order that was held up is not sent when nobody looks for it any more."""
    ours = ManualClock(NOW + 300)

    class Held(BybitExchange):
        async def server_time(self) -> float:
            await ours.tick(21)
            return await super().server_time()

    exchange = Held(bybit.http, ours, Credentials(*TRADER), url=bybit.url)
    with pytest.raises(PeerUnavailable, match="too late"):
        await exchange.place(market("m1"))
    assert [] == bybit.placed


async def test_errors_tell_no_secrets(bybit: Bench) -> None:
    """Neither the key nor the secret is in any error, nor in what it came from; the venue repeats the key in one."""
    wrong = DemoKey(TRADER.key, "canary-secret-1")
    caught: list[BaseException] = []
    works = [READS["/account/wallet-balance"], *ORDERS.values()]
    faults = [{}, *NO_ANSWER.values(), {"kind": "status", "status": 401}]
    for work in works:
        for fault in faults:
            if fault:
                bybit.strike("/v5/", **fault)
            try:
                await work(bybit.client(wrong))
            except PeerError as error:
                caught.append(error)
    assert {KeyRefused, PeerUnavailable, OutcomeUnknown} == {type(error) for error in caught}
    told = "".join(f"{error} {error!r} {vars(error)}" for top in caught for error in _chain(top))
    assert (False, False) == (wrong.secret in told, wrong.key in told)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
