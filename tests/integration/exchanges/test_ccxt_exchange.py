"""ccxt's traps, against a venue that lays them: what is no answer, what was perhaps done, what was rounded."""

from __future__ import annotations

import asyncio
import logging
import time
from decimal import Decimal
from typing import Any

import pytest
from benches import SYMBOL, Bench
from local_venue import KEY, LocalVenue, ccxt_clients, local_venue

from bot.errors import (
    KeyRefused,
    OrderRefused,
    OutcomeUnknown,
    PeerBusy,
    PeerRefused,
    PeerUnavailable,
)
from bot.gateways.exchanges import ccxt_client
from bot.gateways.exchanges.ccxt_exchange import CcxtClients, CcxtExchange
from bot.models.account import Account, Credentials
from bot.models.market import AccountType, Side
from bot.models.order import OrderStatus, Refusal
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor

D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
BUY = Side.BUY
ACCOUNT = Account(1, 7, "bybit")


@pytest.fixture
def desk(over_ccxt: CcxtExchange, venue: LocalVenue) -> Bench:
    return Bench(over_ccxt, venue.set_price)


@pytest.mark.parametrize(
    "fault", [{"kind": "html"}, {"kind": "answer", "body": {}}, {"kind": "answer", "body": None}]
)
async def test_an_answer_that_is_none_is_no_empty_balance(
    desk: Bench, venue: LocalVenue, fault: dict[str, Any]
) -> None:
    """A page, or JSON without a balance in it: by itself ccxt makes an account with nothing of it."""
    await desk.exchange.balance()
    venue.fail(path="wallet-balance", **fault)
    with pytest.raises(PeerUnavailable):
        await desk.exchange.balance()
    assert (D(10_000), D(10_000)) == await desk.has("USDT")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503}, PeerUnavailable),
        ({"kind": "reset"}, PeerUnavailable),
        ({"kind": "cut"}, PeerUnavailable),
        (
            {"kind": "answer", "body": {"retCode": 10006, "retMsg": "Too many visits!", "result": {}}},
            PeerBusy,
        ),
        (
            {"kind": "answer", "body": {"retCode": 10005, "retMsg": "Permission denied", "result": {}}},
            KeyRefused,
        ),
        ({"kind": "answer", "body": {"retCode": 33004, "retMsg": "Key expired", "result": {}}}, KeyRefused),
    ],
    ids=str,
)
async def test_a_read_that_fails_says_why(
    desk: Bench, venue: LocalVenue, fault: dict[str, Any], error: type[Exception]
) -> None:
    """Away, too often, or a key that is not good for it."""
    await desk.exchange.balance()
    for _ in range(2):  # a read that was reset on a used connection is sent again by the HTTP library
        venue.fail(path="wallet-balance", **fault)
    with pytest.raises(error) as failure:
        await desk.exchange.balance()
    assert error is failure.type


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose_answer"},
        {"kind": "html"},
        {"kind": "cut"},
        {"kind": "status", "status": 503},
        {"kind": "answer", "body": {"retCode": 10016, "retMsg": "System error", "result": {}}},
    ],
    ids=str,
)
async def test_an_order_without_a_verdict_is_unknown(
    desk: Bench, venue: LocalVenue, fault: dict[str, Any]
) -> None:
    """Whether it was done or not: only looking tells."""
    order = desk.order(BUY, "0.01")
    await desk.exchange.server_time()
    venue.fail(path="order/create", **fault)
    with pytest.raises(OutcomeUnknown):
        await desk.exchange.place(order)
    assert venue.accepted() == (await desk.find(order) is not None)


async def test_an_order_that_is_not_answered_in_time_is_unknown(
    venue: LocalVenue, supervisor: Supervisor
) -> None:
    """The deadline is for the whole call."""
    exchange = ccxt_clients(venue, supervisor, timeout=0.3)(ACCOUNT, KEY)
    desk = Bench(exchange, venue.set_price)
    await exchange.balance()
    venue.fail("hang", "order/create")
    with pytest.raises(OutcomeUnknown):
        await exchange.place(desk.order(BUY, "0.01"))
    await exchange.close()


async def test_an_order_that_was_too_much_was_not_done(desk: Bench, venue: LocalVenue) -> None:
    """It may be asked for again."""
    order = desk.order(BUY, "0.01")
    venue.fail("answer", "order/create", body={"retCode": 10006, "retMsg": "Too many visits!", "result": {}})
    with pytest.raises(PeerBusy):
        await desk.exchange.place(order)
    assert 0 == venue.accepted()
    await desk.exchange.place(order)


async def test_a_clock_that_is_wrong_is_set(venue: LocalVenue, desk: Bench) -> None:
    """What the venue refuses for its time it did not look at; it is sent again once, and goes by its clock then."""
    venue.world.clock = lambda: time.time() + 3_600
    await desk.exchange.place(desk.order(BUY, "0.01"))
    assert 1 == venue.accepted()
    assert abs(await desk.exchange.server_time() - time.time() - 3_600) < 5


async def test_a_clock_that_cannot_be_set_is_no_reason_to_go_on(desk: Bench, venue: LocalVenue) -> None:
    """Once is enough."""
    for _ in range(2):
        venue.fail("answer", "order/create", body={"retCode": 10002, "retMsg": "timestamp", "result": {}})
    with pytest.raises(PeerBusy):
        await desk.exchange.place(desk.order(BUY, "0.01"))
    assert 0 == venue.accepted()


async def test_a_venue_that_cannot_be_reached_was_sent_nothing(supervisor: Supervisor) -> None:
    """An order that found no connection had no effect."""
    async with local_venue() as venue:
        exchange = ccxt_clients(venue, supervisor)(ACCOUNT, KEY)
        await exchange.balance()
    with pytest.raises(PeerUnavailable):
        await exchange.place(Bench(exchange, venue.set_price).order(BUY, "0.01"))
    await exchange.close()


async def test_who_gives_up_does_not_stop_an_order(desk: Bench, venue: LocalVenue) -> None:
    """It runs to its end, and closing the client waits for that."""
    await desk.exchange.balance()
    venue.faults.set({"latency": {"kind": "constant", "ms": 100}})
    placing = asyncio.create_task(desk.exchange.place(desk.order(BUY, "0.01")))
    await asyncio.sleep(0.05)
    placing.cancel()
    await asyncio.gather(placing, return_exceptions=True)
    await desk.exchange.close()
    assert 1 == venue.accepted()


@pytest.mark.parametrize(
    "wrong",
    [Credentials("NoSuchKey00000001", KEY.secret), Credentials(KEY.key, "CanarySecret00000001")],
    ids=["unknown key", "wrong secret"],
)
async def test_a_key_that_is_refused_is_not_repeated(
    venue: LocalVenue, supervisor: Supervisor, wrong: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither key nor secret stands in the error, in its causes' order of words, or in the log."""
    caplog.set_level(logging.INFO)
    exchange = ccxt_clients(venue, supervisor)(ACCOUNT, wrong)
    with pytest.raises(KeyRefused) as refusal:
        await exchange.balance()
    await exchange.close()
    for text in (str(refusal.value), repr(refusal.value), caplog.text, repr(exchange)):
        assert wrong.key not in text
        assert wrong.secret not in text


async def test_ccxt_rounds_nothing_behind_our_back(desk: Bench, venue: LocalVenue) -> None:
    """What it would send is what was asked for, to the last digit, or nothing is sent."""
    order = desk.order(BUY, "0.0150", LINEAR, price=D("49999.9"))
    await desk.exchange.place(order)
    found = await desk.find(order)
    assert found is not None
    assert (D("0.015"), D("49999.9"), OrderStatus.OPEN) == (found.amount, found.price, found.status)
    with pytest.raises(OrderRefused) as refusal:
        await desk.exchange.place(desk.order(BUY, "0.0155", LINEAR))
    assert (Refusal.RULES, 1) == (refusal.value.reason, venue.accepted())


async def test_clients_share_the_markets(venue: LocalVenue, supervisor: Supervisor) -> None:
    """A second account costs no second look at what is traded; the list itself is always a new one."""
    clients = ccxt_clients(venue, supervisor)
    first, second = (clients(Account(number, 7, "bybit"), KEY) for number in (1, 2))
    await first.balance()
    venue.fail("status", "instruments-info", status=503)
    await second.balance()
    with pytest.raises(PeerUnavailable):
        await second.instruments(SPOT)
    assert SYMBOL in await second.instruments(SPOT)
    for exchange in (first, second):
        await exchange.close()


async def test_an_exchange_that_nobody_knows(supervisor: Supervisor) -> None:
    """One clear line, at the first call."""
    exchange = CcxtClients("nosuchexchange", SystemClock(), supervisor)(ACCOUNT, KEY)
    with pytest.raises(PeerRefused) as refusal:
        await exchange.balance()
    assert "no exchange of that name" in refusal.value.message


async def test_what_is_not_installed_says_what_to_do(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an optional part, and one command brings it."""
    monkeypatch.setattr(ccxt_client, "is_installed", lambda: False)
    exchange = CcxtClients("okx", SystemClock(), supervisor)(ACCOUNT, KEY)
    with pytest.raises(PeerRefused) as refusal:
        await exchange.rights()
    assert "make exchanges" in refusal.value.message
