"""Orders nobody has an answer for: looked for until they are found, proven absent, or shown to a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from order_bench import CHIEF, TRADER, USER, D, OrderBench

from bot.errors import (
    KeyRefused,
    OrderUnfit,
    OutcomeUnknown,
    PeerUnavailable,
    StorageError,
    UnknownOrder,
)
from bot.models.notice import Kind
from bot.models.order import OrderState, OrderStatus

S = OrderState


@pytest.fixture
def bench() -> OrderBench:
    return OrderBench()


@pytest.mark.parametrize("fault", ["lost", "bug", "duplicate"])
async def test_a_lost_answer_is_found_while_the_person_waits(bench: OrderBench, fault: str) -> None:
    """The order was placed; nobody sends it again."""
    drafts = await bench.buy()
    bench.venue.place_faults = [fault]
    if fault == "duplicate":
        bench.venue._take(drafts[0].order)
    order = await bench.confirmed(drafts)
    assert S.FILLED is order.state
    assert ([1], 1) == (list(bench.venue.ledger.values()), bench.venue.calls["place"])


async def test_what_is_not_found_at_first_is_unknown_and_then_done(bench: OrderBench) -> None:
    """An exchange may show an order a minute after it has accepted it."""
    bench.venue.arrives_within, bench.venue.visible_after = 90.0, 60.0
    bench.venue.place_faults = ["lost"]
    assert S.UNKNOWN is (await bench.confirmed(await bench.buy())).state
    await bench.tick(50)
    assert S.UNKNOWN is bench.journal.rows[1].state
    await bench.tick(60)
    assert S.FILLED is bench.journal.rows[1].state
    assert ["order:1:filled"] == list(bench.journal.notices)


async def test_what_never_arrived_had_no_effect(bench: OrderBench) -> None:
    """That is said after two looks past the time in which it could arrive, and not before."""
    bench.venue.place_faults = ["never"]
    bench.venue.arrives_within = 20.0
    assert S.UNKNOWN is (await bench.confirmed(await bench.buy())).state
    await bench.tick(19)
    assert S.UNKNOWN is bench.journal.rows[1].state
    await bench.tick(60)
    assert (S.ABSENT, "absent: ") == (bench.journal.rows[1].state, bench.journal.rows[1].reason)
    assert [Kind.ORDER] == [notice.kind for notice in bench.journal.notices.values()]
    assert 1 == bench.venue.calls["place"]


async def test_a_network_error_is_not_an_absence(bench: OrderBench) -> None:
    """During an outage accepted orders are not dropped."""
    bench.venue.place_faults = ["lost"]
    bench.venue.find_faults = [PeerUnavailable("bybit", "away")] * 12
    assert S.UNKNOWN is (await bench.confirmed(await bench.buy())).state
    await bench.tick(300)
    assert S.FILLED is bench.journal.rows[1].state


async def test_a_killed_process_leaves_an_order_that_is_looked_for(bench: OrderBench) -> None:
    """Whether it went out before the kill or not: it is never sent again."""
    for number, fault in enumerate(("hang before", "hang after"), start=1):
        drafts = await bench.buy(key=f"m{number}")
        bench.venue.place_faults, bench.venue.hung = [fault], asyncio.Event()
        waiting = asyncio.create_task(bench.orders.confirm(TRADER, drafts, f"t{number}"))
        await bench.venue.hung.wait()
        await bench.kill()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        bench.start()
    assert [S.SENDING, S.SENDING] == [order.state for order in bench.journal.rows.values()]
    await bench.orders.resume()
    await bench.orders.resume()
    await bench.tick(60)
    assert [S.ABSENT, S.FILLED] == [order.state for order in bench.journal.rows.values()]
    assert (2, 1) == (bench.venue.calls["place"], sum(bench.venue.ledger.values()))
    assert 2 == len(bench.journal.notices)


async def test_a_tap_that_comes_again_after_a_kill_gets_the_same_order(bench: OrderBench) -> None:
    """As it stands; nothing is sent."""
    drafts = await bench.buy()
    bench.venue.place_faults = ["hang after"]
    waiting = asyncio.create_task(bench.orders.confirm(TRADER, drafts, "t1"))
    await bench.venue.hung.wait()
    await bench.kill()
    await asyncio.gather(waiting, return_exceptions=True)
    bench.start()
    [order] = await bench.orders.confirm(TRADER, drafts, "t1")
    assert S.SENDING is order.state
    await bench.orders.resume()
    await bench.tick(5)
    [order] = await bench.orders.confirm(TRADER, drafts, "t1")
    assert S.FILLED is order.state
    assert 1 == bench.venue.calls["place"]


async def test_an_order_that_is_being_sent_is_not_looked_for_by_others(bench: OrderBench) -> None:
    """Whoever waits for it is told; nobody is told twice."""
    drafts = await bench.buy()
    bench.venue.visible_after = 2.0
    waiting = asyncio.create_task(bench.orders.confirm(TRADER, drafts, "t1"))
    await bench.tick(1)
    await bench.orders.resume()
    await bench.tick(10)
    assert S.FILLED is (await waiting)[0].state
    assert {} == bench.journal.notices


async def test_a_refused_key_leaves_the_order_unknown(bench: OrderBench) -> None:
    """The account is stopped, once; the order is looked for on."""
    bench.venue.place_faults = ["lost"]
    bench.venue.find_faults = [KeyRefused("bybit", 403, "expired")] * 8
    assert S.UNKNOWN is (await bench.confirmed(await bench.buy())).state
    assert ["expired"] == bench.accounts.refused
    await bench.tick(400)
    assert S.FILLED is bench.journal.rows[1].state


async def test_what_nobody_can_find_out_is_shown_to_people(bench: OrderBench) -> None:
    """A venue that gives no proof: after ten minutes its owner and the admins are to look."""
    bench.venue.place_faults, bench.venue.arrives_within = ["never"], None
    await bench.confirmed(await bench.buy())
    with pytest.raises(OrderUnfit):
        await bench.orders.settle_by_hand(TRADER, 1)
    await bench.tick(660)
    assert ((1,), ("orders: #1 BTCUSDT",)) == (bench.orders.stuck, bench.attention.matters)
    told = [(to, kind) for to, kind, _ in bench.bell.told.values()]
    assert [(TRADER, Kind.ORDER_STUCK), ("admins", Kind.ORDER_STUCK)] == told
    with pytest.raises(UnknownOrder):
        await bench.orders.settle_by_hand(USER, 1)
    order = await bench.orders.settle_by_hand(CHIEF, 1)
    assert (S.ABSENT, "by hand: ") == (order.state, order.reason)
    assert ((), ()) == (bench.orders.stuck, bench.attention.matters)
    assert order == await bench.orders.settle_by_hand(TRADER, 1)
    await bench.tick(60)
    assert 2 == len(bench.bell.told)


async def test_a_person_cannot_settle_what_one_more_look_finds(bench: OrderBench) -> None:
    """Nor while the venue does not answer; where its key is gone, there is nobody else to ask."""
    bench.venue.place_faults, bench.venue.arrives_within = ["lost"], None
    bench.venue.visible_after = 1e9
    await bench.confirmed(await bench.buy())
    await bench.tick(660)
    bench.venue.find_faults = [PeerUnavailable("bybit", "away")]
    with pytest.raises(PeerUnavailable):
        await bench.orders.settle_by_hand(TRADER, 1)
    bench.venue.visible_after = 0.0
    assert S.FILLED is (await bench.orders.settle_by_hand(TRADER, 1)).state

    bench.venue.place_faults, bench.venue.visible_after = ["never"], 1e9
    await bench.confirmed(await bench.buy(key="m2"), "t2")
    await bench.tick(660)
    bench.accounts.gone = True
    assert S.ABSENT is (await bench.orders.settle_by_hand(TRADER, 2)).state


async def test_an_open_order_the_venue_no_longer_knows_is_shown(bench: OrderBench) -> None:
    """It was accepted, so it is not absent; a person may say that it is gone."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    del bench.venue.taken[order.order.client_id]
    await bench.tick(700)
    assert (S.OPEN, (1,)) == (bench.journal.rows[1].state, bench.orders.stuck)
    assert S.CANCELLED is (await bench.orders.settle_by_hand(TRADER, 1)).state


async def test_what_cannot_be_shown_is_shown_later(bench: OrderBench) -> None:
    """And one of several that is settled leaves the others open."""
    bench.venue.place_faults, bench.venue.arrives_within = ["never", "never"], None
    for number in (1, 2):
        await bench.confirmed(await bench.buy(key=f"m{number}"), f"t{number}")
    tell, failures = bench.bell.tell, [StorageError("disk full")]

    async def tell_or_fail(*args, **more):
        if failures:
            raise failures.pop()
        await tell(*args, **more)

    bench.bell.tell = tell_or_fail  # type: ignore[method-assign]
    await bench.tick(800)
    assert (1, 2) == bench.orders.stuck
    await bench.orders.settle_by_hand(TRADER, 1)
    assert ((2,), ("orders: #2 BTCUSDT",)) == (bench.orders.stuck, bench.attention.matters)


async def test_a_watched_order_whose_outcome_cannot_be_written_is_looked_at_again(bench: OrderBench) -> None:
    """Nothing is told before it stands in the journal."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    bench.venue.settle(order.order.client_id, OrderStatus.CANCELLED)
    bench.journal.failures = [StorageError("disk full")]
    await bench.tick(6)
    assert (S.OPEN, {}) == (bench.journal.rows[1].state, bench.journal.notices)
    await bench.tick(16)
    assert S.CANCELLED is bench.journal.rows[1].state
    assert 1 == len(bench.journal.notices)


async def test_a_mistake_while_looking_is_mended_by_the_next_round(bench: OrderBench) -> None:
    """The task has ended with its trace in the log; the job that resumes begins another."""
    order = await bench.confirmed(await bench.buy(price=D(9900)))
    bench.venue.find_faults = [ValueError("cannot read that")]
    await bench.tick(16)
    bench.venue.settle(order.order.client_id, OrderStatus.FILLED)
    await bench.tick(100)
    assert S.OPEN is bench.journal.rows[1].state
    await bench.orders.resume()
    await bench.tick(16)
    assert S.FILLED is bench.journal.rows[1].state


async def test_an_order_of_a_refused_account_can_be_settled(bench: OrderBench) -> None:
    """The key is not refused twice."""
    bench.venue.place_faults = ["never"]
    bench.venue.find_faults = [KeyRefused("bybit", 403, "expired")] * 99
    await bench.confirmed(await bench.buy())
    await bench.tick(660)
    assert S.ABSENT is (await bench.orders.settle_by_hand(TRADER, 1)).state
    assert ["expired"] == bench.accounts.refused
    bench.accounts.real = replace(bench.accounts.real, refused=None)


async def test_nobody_waits_long_for_a_venue_that_does_not_answer(bench: OrderBench) -> None:
    """A slow venue is looked at again behind the scenes; the person reads that it is being checked."""
    bench.venue.place_faults, find = ["lost"], bench.venue.find

    async def slow(*args):
        await bench.clock.sleep(10)
        raise PeerUnavailable("bybit", "no answer in time")

    bench.venue.find = slow  # type: ignore[method-assign]
    order = await bench.confirmed(await bench.buy(), within=12.0)
    assert S.UNKNOWN is order.state
    bench.venue.find = find  # type: ignore[method-assign]
    await bench.tick(60)
    assert S.FILLED is bench.journal.rows[1].state


async def test_an_account_that_is_gone_leaves_the_order_to_people(bench: OrderBench) -> None:
    """It was disconnected while one of its orders was in doubt."""
    bench.venue.place_faults = ["lost"]
    drafts = await bench.buy()
    task = asyncio.create_task(bench.orders.confirm(TRADER, drafts, "t1"))
    while not bench.journal.rows:
        await asyncio.sleep(0)
    bench.accounts.gone = True
    await bench.tick(700)
    assert S.UNKNOWN is (await task)[0].state
    assert (1,) == bench.orders.stuck


async def test_a_watch_that_began_while_it_was_sent_counts_from_the_end_of_that(bench: OrderBench) -> None:
    """The job that resumes may come between writing down and sending; what is still under way is not absent."""
    bench.venue.arrives_within = 10.0
    drafts, accept = await bench.buy(), bench.journal.accept

    async def accept_and_resume(*args):
        accepted = await accept(*args)
        await bench.orders.resume()
        return accepted

    async def slow(order):
        await bench.clock.sleep(19.2)
        bench.supervisor.start(arrive(order), name="under way")
        raise OutcomeUnknown("bybit", "no answer in time")

    async def arrive(order):
        await bench.clock.sleep(9.9)
        bench.venue._take(order)

    bench.journal.accept, bench.venue.place = accept_and_resume, slow  # type: ignore[method-assign]
    assert S.UNKNOWN is (await bench.confirmed(drafts, within=26.9)).state
    await bench.tick(60)
    assert S.FILLED is bench.journal.rows[1].state
