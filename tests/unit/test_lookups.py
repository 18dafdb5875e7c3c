"""Lookups: shared, aged, dropped after orders, and stale rather than nothing."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable
from typing import Any

import pytest
from lookup_support import LookupBench, a_position, an_account, an_order

from bot.errors import KeyRefused, OutcomeUnknown, PeerBusy, PeerError, PeerUnavailable, StorageError
from bot.models.lookup import Aged, Look
from bot.models.market import AccountType
from bot.resilience.clock import SystemClock
from bot.resilience.slots import Slots

ANNA, BORIS = 1, 2
CALL = 0.3
AWAY = PeerUnavailable("bybit", "connection refused")
REFUSED = KeyRefused("bybit", 401, "API key is invalid.")


async def timed(bench: LookupBench, work: Awaitable[Any], step: float = 0.01) -> tuple[Any, float]:
    """What it comes to, and how long it took by the bench's clock."""
    begun, task = bench.clock.monotonic(), asyncio.ensure_future(work)
    for _ in range(2000):
        await asyncio.sleep(0)
        if task.done():
            break
        await bench.clock.tick(step)
    return await task, bench.clock.monotonic() - begun


async def test_each_number_says_whose_it_is_and_how_old() -> None:
    """The age counts from when the venue answered."""
    bench = LookupBench()
    found = await bench.lookups.balance(ANNA)
    assert Aged(bench.venue.holdings, "bybit …a3f9", 0.0) == found

    await bench.clock.tick(4)
    again = await bench.lookups.balance(ANNA)
    assert (4.0, False) == (again.age, again.stale)
    assert 1 == bench.venue.asked("balance")


@pytest.mark.parametrize(("what", "ttl"), [("balance", 15), ("positions", 10), ("orders", 10)])
async def test_each_kind_is_fresh_for_its_time(what: str, ttl: float) -> None:
    """Not asked for a moment before, asked for anew from then on."""
    bench = LookupBench()
    look = {
        "balance": bench.lookups.balance,
        "positions": bench.lookups.positions,
        "orders": bench.lookups.open_orders,
    }[what]
    asked = []
    for wait in (0, ttl - 0.1, 0.1):
        await bench.clock.tick(wait)
        await look(ANNA)
        asked.append(bench.venue.asked(what))
    assert [1, 1, 2] == asked


async def test_open_orders_are_those_of_the_market_one_trades() -> None:
    """And the source says which."""
    bench = LookupBench()
    assert "bybit …a3f9 · spot" == (await bench.lookups.open_orders(ANNA)).source
    bench.accounts.account_type = AccountType.LINEAR
    assert "bybit …a3f9 · linear" == (await bench.lookups.open_orders(ANNA)).source
    markets = [call[2] for call in bench.venue.calls if call[0] == "orders"]
    assert [AccountType.SPOT, AccountType.LINEAR] == markets


async def test_a_thousand_requests_at_once_are_one_call_a_key() -> None:
    """50 users, 20 requests each, of four kinds: nobody fails, and nobody waits for more than one call."""
    bench = LookupBench(seconds=CALL)
    looks = (
        bench.lookups.balance,
        bench.lookups.positions,
        bench.lookups.open_orders,
        bench.lookups.portfolio,
    )
    requests = [
        look(user) for look, user in zip(itertools.cycle(looks), sorted([*range(50)] * 20), strict=False)
    ]
    assert 1000 == len(requests)
    answers, seconds = await timed(bench, asyncio.gather(*requests, return_exceptions=True))

    assert [] == [answer for answer in answers if isinstance(answer, BaseException)]
    assert 150 == len(bench.venue.calls) == len(set(bench.venue.calls))
    assert seconds <= 1.3 * CALL


async def test_a_cold_portfolio_takes_as_long_as_one_call() -> None:
    """The three at once."""
    bench = LookupBench(seconds=CALL)
    _, seconds = await timed(bench, bench.lookups.portfolio(ANNA))
    assert CALL <= seconds <= 1.3 * CALL


async def test_a_warm_portfolio_takes_no_time_to_speak_of() -> None:
    """5 ms are promised on a machine that does nothing else; the fastest of some tries is judged."""
    bench = LookupBench(SystemClock())
    await bench.lookups.portfolio(ANNA)
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        await bench.lookups.portfolio(ANNA)
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.005
    assert 3 == len(bench.venue.calls)


@pytest.mark.parametrize("error", [AWAY, PeerBusy("bybit", "10006", 2.0), OutcomeUnknown("bybit", "reset")])
async def test_a_venue_that_is_away_leaves_the_last_numbers_with_their_age(error: PeerError) -> None:
    """A lost answer to a question is no answer."""
    bench = LookupBench()
    await bench.lookups.balance(ANNA)
    bench.venue.failures["balance"] = error
    await bench.clock.tick(300)
    found = await bench.lookups.balance(ANNA)
    assert (bench.venue.holdings, 300.0, True) == (found.value, found.age, found.stale)


@pytest.mark.parametrize("error", [AWAY, OutcomeUnknown("bybit", "reset")])
async def test_nothing_known_and_nobody_there_is_an_error_never_zero(error: PeerError) -> None:
    """An empty account is something else."""
    bench = LookupBench()
    bench.venue.failures["balance"] = error
    with pytest.raises(PeerUnavailable):
        await bench.lookups.balance(ANNA)


async def test_a_venue_that_hangs_has_its_time() -> None:
    """Then it counts as away, and whoever waits is let go."""
    bench = LookupBench(seconds=3600)
    with pytest.raises(PeerUnavailable):
        await timed(bench, bench.lookups.balance(ANNA), step=0.1)
    assert 12.0 == pytest.approx(bench.clock.time() - 1_800_000_000.0, abs=0.1)


async def test_a_refused_key_is_told_to_its_account_and_shows_nothing_old() -> None:
    """What the key once showed is nobody's business any more."""
    bench = LookupBench()
    await bench.lookups.balance(ANNA)
    bench.venue.failures["balance"] = REFUSED
    await bench.clock.tick(60)
    with pytest.raises(KeyRefused):
        await bench.lookups.balance(ANNA)
    assert [(ANNA, "API key is invalid.")] == bench.accounts.refusals


async def test_a_refused_key_is_told_to_who_asks_even_if_that_cannot_be_written_down() -> None:
    """A full disk hides nothing; an account that is known as refused is not told so again."""
    bench = LookupBench()
    bench.venue.failures["balance"] = REFUSED

    async def full(*_: object) -> None:
        raise StorageError("disk full")

    refuse, bench.accounts.refuse = bench.accounts.refuse, full  # type: ignore[method-assign]
    with pytest.raises(KeyRefused):
        await bench.lookups.balance(ANNA)
    bench.accounts.refuse = refuse  # type: ignore[method-assign]
    bench.accounts.accounts[ANNA] = an_account(ANNA, refused="API key is invalid.")
    with pytest.raises(KeyRefused):
        await bench.lookups.balance(ANNA)
    assert [] == bench.accounts.refusals


async def test_an_order_drops_what_was_known_and_what_is_on_its_way() -> None:
    """Who looks after the order sees nothing from before it, even of a call that was under way."""
    bench = LookupBench(seconds=CALL)
    before = asyncio.create_task(bench.lookups.portfolio(ANNA))
    other = asyncio.create_task(bench.lookups.balance(BORIS))
    await bench.clock.tick(0.1)
    old = bench.venue.holdings
    bench.venue.holdings = type(old)(())
    bench.venue.open_positions, bench.venue.waiting = [a_position("ETHUSDT")], [an_order("qm2")]
    bench.lookups.drop(ANNA)
    await bench.clock.tick(CALL)
    assert (await before).balance.value == old
    assert (await other).value == old

    after, _ = await timed(bench, bench.lookups.portfolio(ANNA))
    assert (bench.venue.holdings, "ETHUSDT", "qm2") == (
        after.balance.value,
        after.positions.value[0].symbol,
        after.orders.value[0].client_id,
    )
    await bench.lookups.balance(BORIS)
    assert 3 == bench.venue.asked("balance")


async def test_a_portfolio_has_the_parts_that_could_be_had() -> None:
    """And of the others why not."""
    bench = LookupBench()
    bench.venue.failures["positions"] = AWAY
    found = await bench.lookups.portfolio(ANNA)
    assert AWAY is found.positions
    assert (bench.venue.holdings, [an_order()]) == (found.balance.value, list(found.orders.value))


async def test_a_portfolio_of_nothing_is_the_error_itself() -> None:
    """One clear line instead of three."""
    bench = LookupBench()
    bench.venue.failures = dict.fromkeys(("balance", "positions", "orders"), REFUSED)
    with pytest.raises(KeyRefused):
        await bench.lookups.portfolio(ANNA)


async def test_a_part_that_hangs_does_not_keep_the_others() -> None:
    """Each has its own deadline."""
    bench = LookupBench()
    ask = bench.venue.answer

    async def answer(what: str, *about: Any) -> None:
        await ask(what, *about)
        if what == "positions":
            await asyncio.Event().wait()

    bench.venue.answer = answer  # type: ignore[method-assign]
    found, seconds = await timed(bench, bench.lookups.portfolio(ANNA), step=0.1)
    assert isinstance(found.positions, PeerUnavailable)
    assert bench.venue.holdings == found.balance.value
    assert seconds == pytest.approx(12, abs=0.1)


async def test_refresh_asks_anew_once_in_three_seconds() -> None:
    """Within them nothing is asked, and the caller is told so; each look has its own time."""
    bench, look = LookupBench(), Look.BALANCE
    await bench.lookups.balance(ANNA)
    done = []
    for wait in (0, 2.9, 0.2):
        await bench.clock.tick(wait)
        done.append(await bench.lookups.refresh(ANNA, look))
        await bench.lookups.balance(ANNA)
    assert [True, False, True] == done
    assert 3 == bench.venue.asked("balance")
    assert await bench.lookups.refresh(ANNA, Look.POSITIONS)
    assert await bench.lookups.refresh(BORIS, look)


async def test_refreshing_the_portfolio_refreshes_its_parts() -> None:
    """All three, and nothing of anybody else's."""
    bench = LookupBench()
    for user in (ANNA, BORIS):
        await bench.lookups.portfolio(user)
    await bench.lookups.refresh(ANNA, Look.PORTFOLIO)
    for user in (ANNA, BORIS):
        await bench.lookups.portfolio(user)
    assert [6, 3] == [sum(call[1] == user for call in bench.venue.calls) for user in (ANNA, BORIS)]


async def test_refreshing_while_the_venue_is_away_costs_nobody_what_is_known() -> None:
    """The last numbers stay."""
    bench = LookupBench()
    await bench.lookups.balance(ANNA)
    bench.venue.failures["balance"] = AWAY
    await bench.clock.tick(1)
    await bench.lookups.refresh(ANNA, Look.BALANCE)
    assert (await bench.lookups.balance(ANNA)).stale


async def test_who_asks_counts_as_active_even_if_that_cannot_be_written_down() -> None:
    """To look needs no record."""
    bench = LookupBench()
    await bench.lookups.balance(ANNA)
    assert [ANNA] == bench.accounts.touched

    async def full(_: int) -> None:
        raise StorageError("disk full")

    bench.accounts.touch = full  # type: ignore[method-assign]
    assert bench.venue.holdings == (await bench.lookups.balance(ANNA)).value


@pytest.mark.parametrize(
    ("look", "last"), [("balance", "balance"), ("portfolio", "balance"), ("portfolio", "orders")]
)
async def test_who_waits_for_a_venue_keeps_nobody_from_working(look: str, last: str) -> None:
    """Until the last part is there, the place among those who work is lent to others."""
    bench, slots, answered = LookupBench(), Slots(1), asyncio.Event()
    ask = bench.venue.answer

    async def answer(what: str, *about: Any) -> None:
        await ask(what, *about)
        if what == last:
            await answered.wait()

    async def look_at() -> None:
        async with slots.occupied():
            await getattr(bench.lookups, look)(ANNA)

    bench.venue.answer = answer  # type: ignore[method-assign]
    looking = asyncio.create_task(look_at())
    await bench.clock.tick(1)
    async with asyncio.timeout(1), slots.occupied():
        assert not looking.done()
    answered.set()
    await looking


async def test_the_caches_tell_how_they_do() -> None:
    """By name, for /stats."""
    bench = LookupBench()
    for _ in range(3):
        await bench.lookups.portfolio(ANNA)
    figures = bench.lookups.caches()
    assert ["balances", "positions", "open orders", "tickers", "instruments"] == list(figures)
    assert (1, 2, 1) == (figures["balances"].size, figures["balances"].hits, figures["balances"].loads)
