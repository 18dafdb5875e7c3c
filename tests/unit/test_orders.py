"""Orders from draft to answer: each is placed once, on terms that were shown, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from order_bench import CHIEF, REAL_ID, TRADER, USER, D, OrderBench

from bot.errors import (
    CannotTrade,
    KeyRefused,
    NoAccount,
    NotAllowed,
    OrderTooLarge,
    OrderUnfit,
    OutcomeUnknown,
    PeerRefused,
    PeerUnavailable,
    QuoteLapsed,
    RequestConflict,
    StorageError,
    TradingPaused,
    UnknownOrder,
    UnknownSymbol,
)
from bot.models.market import Side
from bot.models.order import OrderState, OrderStatus
from bot.models.order_draft import OrderWish
from bot.models.role import Role

S = OrderState


@pytest.fixture
def bench() -> OrderBench:
    return OrderBench()


async def test_a_confirmed_order_is_placed_and_known(bench: OrderBench) -> None:
    """Bought at the market's price, journalled with its fill, and what is shown of the account is dropped."""
    order = await bench.confirmed(await bench.buy())
    assert (S.FILLED, D("0.01"), D(10_000)) == (order.state, order.filled, order.average)
    assert [(1, D("0.01"))] == [(fill.order_number, fill.amount) for fill in bench.journal.fills]
    assert {REAL_ID} == set(bench.prices.dropped)
    assert {} == bench.journal.notices


async def test_a_draft_sends_and_writes_nothing(bench: OrderBench) -> None:
    """It is only looked at."""
    await bench.buy()
    assert (0, {}) == (bench.venue.calls["place"], bench.journal.rows)


async def test_a_limit_order_is_open_at_once(bench: OrderBench) -> None:
    """Nobody waits for it to be filled; the owner is told when it is."""
    order = await bench.confirmed(await bench.buy(price=D(9900)), within=1.0)
    assert S.OPEN is order.state
    bench.venue.settle(order.order.client_id, OrderStatus.FILLED)
    await bench.tick(20)
    assert S.FILLED is bench.journal.rows[1].state
    assert [(TRADER, "order:1:filled")] == [(each.to, each.key) for each in bench.journal.notices.values()]
    assert 1 == bench.bell.rung


async def test_a_hundred_parallel_confirms_are_one_order(bench: OrderBench) -> None:
    """Each of them reads the same answer."""
    drafts = await bench.buy()
    taps = [bench.orders.confirm(TRADER, drafts, f"tap{number % 7}") for number in range(100)]
    answers = asyncio.gather(*taps)
    await bench.tick(10)
    orders = {order for each in await answers for order in each}
    assert [S.FILLED] == [order.state for order in orders]
    assert {drafts[0].order.client_id: 1} == bench.venue.ledger


async def test_a_command_that_comes_twice_is_one_order(bench: OrderBench) -> None:
    """Both of its drafts stand for the same order, whichever is confirmed, or both."""
    first, second = await bench.buy(key="m1"), await bench.buy(key="m1")
    orders = {await bench.confirmed(first, "t1"), await bench.confirmed(second, "t2")}
    assert 1 == len(orders)
    assert [1] == list(bench.venue.ledger.values())
    other = await bench.confirmed(await bench.buy(key="m2"), "t3")
    assert other not in orders


async def test_a_tap_stands_for_what_it_confirmed(bench: OrderBench) -> None:
    """It cannot confirm another order."""
    await bench.confirmed(await bench.buy(key="m1"), "t1")
    with pytest.raises(RequestConflict):
        await bench.orders.confirm(TRADER, await bench.buy(key="m2"), "t1")
    assert await bench.orders.known("t1")
    assert not await bench.orders.known("t2")


async def test_a_price_is_good_for_a_minute(bench: OrderBench) -> None:
    """After that the order is shown again, under the same id: one of both can be placed."""
    drafts = await bench.buy()
    await bench.tick(61)
    with pytest.raises(QuoteLapsed):
        await bench.orders.confirm(TRADER, drafts, "t1")
    again = (await bench.orders.requoted(TRADER, drafts)).drafts
    assert drafts[0].order == again[0].order
    order = await bench.confirmed(again, "t2")
    assert order in await bench.orders.confirm(TRADER, drafts, "t1")
    assert [1] == list(bench.venue.ledger.values())


async def test_a_market_that_has_moved_is_not_bought(bench: OrderBench) -> None:
    """By more than 1 %; who names a price gets that or a better one anyway."""
    drafts, limit = await bench.buy(), await bench.buy(key="m2", price=D(9900))
    bench.prices.price = D("10101")
    with pytest.raises(QuoteLapsed):
        await bench.orders.confirm(TRADER, drafts, "t1")
    assert S.OPEN is (await bench.confirmed(limit, "t2")).state
    bench.prices.price = D("10100")
    assert S.FILLED is (await bench.confirmed(drafts, "t1")).state


async def test_an_old_price_decides_nothing(bench: OrderBench) -> None:
    """Where the price of now cannot be had, nothing is placed."""
    drafts = await bench.buy()
    bench.prices.away = [PeerUnavailable("bybit", "away")]
    with pytest.raises(PeerUnavailable):
        await bench.orders.confirm(TRADER, drafts, "t1")
    assert {} == bench.journal.rows


async def test_limits_and_pauses_are_those_of_the_moment(bench: OrderBench) -> None:
    """They may have changed since the draft."""
    drafts = await bench.buy()
    await bench.orders.pause(TRADER, paused=True)
    with pytest.raises(TradingPaused):
        await bench.orders.confirm(TRADER, drafts, "t1")
    with pytest.raises(TradingPaused):
        await bench.buy(key="m2")
    await bench.orders.pause(TRADER, paused=False)
    assert await bench.orders.pause_all(CHIEF, "@chief", paused=True)
    with pytest.raises(TradingPaused) as refused:
        await bench.buy(key="m2")
    assert refused.value.everybody
    assert await bench.orders.pause_all(CHIEF, "@chief", paused=False)
    with pytest.raises(OrderTooLarge):
        await bench.orders.confirm(TRADER, [replace(drafts[0], worth=D(1001))], "t1")
    assert {} == bench.venue.ledger


async def test_only_admins_pause_everybody(bench: OrderBench) -> None:
    """A trader may not."""
    with pytest.raises(NotAllowed):
        await bench.orders.pause_all(TRADER, "@trader", paused=True)


async def test_real_money_is_for_traders_at_that_moment(bench: OrderBench) -> None:
    """Everybody else has paper."""
    drafts = await bench.buy()
    bench.roles.roles[TRADER] = Role.USER
    for refused in (bench.orders.confirm(TRADER, drafts, "t1"), bench.buy(key="m2")):
        with pytest.raises(NotAllowed):
            await refused
    del bench.roles.roles[TRADER]
    with pytest.raises(NotAllowed):
        await bench.buy(key="m2")
    assert S.FILLED is (await bench.confirmed(await bench.buy(USER), user_id=USER)).state


@pytest.mark.parametrize("changes", [{"can_trade": False}, {"refused": "expired"}])
async def test_a_key_that_may_not_trade_is_not_tried(bench: OrderBench, changes) -> None:
    """Neither one that may only look nor one the venue has refused."""
    drafts = await bench.buy()
    bench.accounts.real = replace(bench.accounts.real, **changes)
    with pytest.raises(CannotTrade):
        await bench.orders.confirm(TRADER, drafts, "t1")
    assert 0 == bench.venue.calls["place"]


async def test_an_unknown_symbol_is_named(bench: OrderBench) -> None:
    """With the nearest."""
    with pytest.raises(UnknownSymbol):
        await bench.orders.draft(TRADER, OrderWish(Side.BUY, "btx", D(1)), "m1")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("unavailable", "unreached: "),
        ("busy", "unreached: "),
        ("funds", "funds: ab not enough"),
        ("rules", "rules: ab not enough"),
        ("key", "key: API key is invalid"),
    ],
)
async def test_what_was_not_placed_had_no_effect_and_says_why(
    bench: OrderBench, fault: str, reason: str
) -> None:
    """It is not tried again, by nobody."""
    bench.venue.place_faults = [fault]
    order = await bench.confirmed(await bench.buy())
    assert S.REFUSED is order.state
    assert (order.reason or "").startswith(reason)
    await bench.tick(1000)
    assert ({}, 1) == (bench.venue.ledger, bench.venue.calls["place"])
    assert (["API key is invalid"] if fault == "key" else []) == bench.accounts.refused


@pytest.mark.parametrize(
    "error", [NoAccount(), PeerUnavailable("bybit", "away"), KeyRefused("bybit", 401, "no")]
)
async def test_a_client_that_cannot_be_had_places_nothing(bench: OrderBench, error: Exception) -> None:
    """The account may have been disconnected since the draft."""
    drafts = await bench.buy()
    bench.exchanges.away = [error]
    assert S.REFUSED is (await bench.confirmed(drafts)).state


async def test_what_cannot_be_written_down_is_not_sent(bench: OrderBench) -> None:
    """The disk is full before anything has happened."""
    drafts = await bench.buy()
    bench.journal.failures = [StorageError("disk full")]
    with pytest.raises(StorageError):
        await bench.orders.confirm(TRADER, drafts, "t1")
    assert 0 == bench.venue.calls["place"]


async def test_an_outcome_that_cannot_be_written_down_is_told_and_found_again(bench: OrderBench) -> None:
    """The answer is true; the journal learns it later."""
    drafts = await bench.buy()
    accept, bench.journal.accept = bench.journal.accept, None

    async def accept_then_break(*args):
        accepted = await accept(*args)
        bench.journal.failures = [StorageError("disk full")] * 2
        return accepted

    bench.journal.accept = accept_then_break
    assert S.FILLED is (await bench.confirmed(drafts)).state
    assert S.SENDING is bench.journal.rows[1].state
    await bench.orders.resume()
    await bench.tick(5)
    assert S.FILLED is bench.journal.rows[1].state
    assert [1] == list(bench.venue.ledger.values())


async def test_whoever_waits_may_go_and_the_order_is_sent_all_the_same(bench: OrderBench) -> None:
    """Cancelling the wait cancels nothing that was begun."""
    drafts = await bench.buy()
    waiting = asyncio.create_task(bench.orders.confirm(TRADER, drafts, "t1"))
    while not bench.journal.rows:
        await asyncio.sleep(0)
    waiting.cancel()
    await bench.tick(10)
    assert S.FILLED is bench.journal.rows[1].state


async def test_cancelling_an_open_order(bench: OrderBench) -> None:
    """Once, with no notice: who has asked for it reads it in the answer. Again is no harm."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    assert S.CANCELLED is (await bench.orders.cancel(TRADER, order.number)).state
    assert S.CANCELLED is (await bench.orders.cancel(TRADER, order.number)).state
    await bench.tick(60)
    assert (1, {}) == (bench.venue.calls["cancel"], bench.journal.notices)
    assert [] == await bench.orders.unsettled_of(TRADER)


async def test_an_order_that_was_filled_meanwhile_is_not_cancelled(bench: OrderBench) -> None:
    """The answer says what has become of it."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    bench.venue.settle(order.order.client_id, OrderStatus.FILLED)
    assert S.FILLED is (await bench.orders.cancel(TRADER, order.number)).state


async def test_a_cancel_without_an_answer_is_looked_up(bench: OrderBench) -> None:
    """And one that never went out is said to have changed nothing."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    bench.venue.cancel_faults = [PeerUnavailable("bybit", "away"), KeyRefused("bybit", 403, "expired")]
    with pytest.raises(PeerUnavailable):
        await bench.orders.cancel(TRADER, order.number)
    with pytest.raises(KeyRefused):
        await bench.orders.cancel(TRADER, order.number)
    assert ["expired"] == bench.accounts.refused
    bench.venue.cancel_faults = [OutcomeUnknown("bybit", "no answer")]
    waiting = asyncio.create_task(bench.orders.cancel(TRADER, order.number))
    await bench.tick(10)
    assert S.OPEN is (await waiting).state
    assert [order.number] == [each.number for each in await bench.orders.unsettled_of(TRADER)]


async def test_nobody_cancels_anothers_order(bench: OrderBench) -> None:
    """Nor one that there is not."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    for user_id, number in ((USER, order.number), (CHIEF, order.number), (TRADER, 99)):
        with pytest.raises(UnknownOrder):
            await bench.orders.cancel(user_id, number)


async def test_what_is_sold_out_is_what_is_free_now(bench: OrderBench) -> None:
    """Asked of the venue, not of a cache."""
    with pytest.raises(OrderUnfit):
        await bench.orders.draft(TRADER, OrderWish(Side.SELL, "btc", None), "m1")


async def test_a_refusal_that_is_none_of_the_known_ones_is_one_all_the_same(bench: OrderBench) -> None:
    """The venue understood and said no; the account's owner hears it even if that cannot be written down."""
    drafts = await bench.buy()
    bench.exchanges.away = [PeerRefused("bybit", 400, "under maintenance")]
    assert "other: under maintenance" == (await bench.confirmed(drafts)).reason
    assert () == bench.orders.stuck


async def test_a_pair_in_another_coin_is_worth_what_that_coin_is(bench: OrderBench) -> None:
    """Limits are in dollars; where nobody can tell, there is no order."""
    pairs = {
        "ETHBTC": ("ETH", "BTC"),
        "ETHXYZ": ("ETH", "XYZ"),
        "ETHSOL": ("ETH", "SOL"),
        "SOL": ("SOL", "ETH"),
    }
    instrument = bench.prices.instrument

    async def with_pairs(venue, account_type, typed):
        found = await instrument(venue, account_type, "btc" if typed in pairs else typed)
        if typed not in pairs:
            return found
        base, quote = pairs[typed]
        return replace(found, symbol=typed, base=base, quote=quote)

    bench.prices.instrument = with_pairs
    bench.prices.price = D("0.05")
    [draft] = (await bench.orders.draft(TRADER, OrderWish(Side.BUY, "ETHBTC", D(100_000)), "m1")).drafts
    assert D("250.00") == draft.worth
    for unknown in ("ETHXYZ", "ETHSOL"):
        with pytest.raises(OrderUnfit, match="I cannot tell what"):
            await bench.orders.draft(TRADER, OrderWish(Side.BUY, unknown, D(100_000)), "m2")


async def test_a_person_has_their_own_limits(bench: OrderBench) -> None:
    """They are told before anything is confirmed."""
    choices = bench.accounts.choices

    async def with_limits(user_id):
        return replace(await choices(user_id), order_limit=D(50), day_limit=D(100))

    bench.accounts.choices = with_limits
    with pytest.raises(OrderTooLarge) as refused:
        await bench.buy()
    assert D(50) == refused.value.limit
