"""The list of coins: who is asked when, what is left when sources fail, and what a restart remembers."""

from __future__ import annotations

import asyncio
import time

import pytest
from screen_support import D, ScreenBench

from bot.errors import PeerBusy, PeerUnavailable, UnknownSymbol
from bot.models.price import Coin
from bot.models.screen_query import Order, read_query
from bot.models.screening import SourceNote, Trouble

BUSY = PeerBusy("coingecko", "answered 429", 30.0)
AWAY = PeerUnavailable("somebody", "no answer")
ALL_THREE = (SourceNote("binance", 3), SourceNote("coinpaprika", 3), SourceNote("coingecko", 2))


@pytest.fixture
def bench() -> ScreenBench:
    return ScreenBench()


async def test_all_sources_make_one_list(bench):
    """Each is asked once, for everybody who asks within the hour."""
    found = await asyncio.gather(*(bench.screener.top(Order.TOP, 2) for _ in range(10)))
    await bench.clock.tick(3599)
    later = await bench.screener.top(Order.VOLUME, 10)

    assert (["BTC", "ETH"], 4) == ([row.symbol for row in found[0].rows], found[0].found)
    assert (ALL_THREE, bench.clock.time() - 3599, False) == (later.sources, later.at, later.stale)
    assert [1, 1, 1] == bench.asked


async def test_an_old_list_is_made_anew(bench):
    """After an hour."""
    await bench.screener.top(Order.TOP, 5)
    await bench.clock.tick(3600)
    bench.binance.prices["BTC"] = "62000"
    found = await bench.screener.top(Order.TOP, 1)

    assert (D(62000), bench.clock.time(), [2, 2, 2]) == (found.rows[0].price, found.at, bench.asked)


async def test_who_fails_is_named_and_the_others_are_there(bench):
    """With the reason; a list without all of them is made anew after five minutes."""
    bench.gecko.failure = BUSY
    bench.paprika.failure = AWAY
    found = await bench.screener.top(Order.TOP, 10)
    notes = (
        SourceNote("binance", 3),
        SourceNote("coinpaprika", 0, Trouble.AWAY),
        SourceNote("coingecko", 0, Trouble.BUSY),
    )
    assert (notes, {"BTC", "ETH", "DOGE"}) == (found.sources, {row.symbol for row in found.rows})

    bench.fail(None)
    await bench.clock.tick(299)
    assert notes == (await bench.screener.top(Order.TOP, 10)).sources
    await bench.clock.tick(1)
    assert ALL_THREE == (await bench.screener.top(Order.TOP, 10)).sources


async def test_who_is_late_is_not_waited_for(bench):
    """Ten seconds are what a source has."""
    bench.gecko.seconds = 60.0
    asking = asyncio.create_task(bench.screener.top(Order.TOP, 10))
    await bench.clock.tick(9.9)
    assert not asking.done()
    await bench.clock.tick(0.1)
    assert SourceNote("coingecko", 0, Trouble.LATE) == (await asking).sources[2]


async def test_the_last_list_stays_when_nobody_answers(bench):
    """Marked, with its age, for a day; then there is none."""
    await bench.screener.top(Order.TOP, 10)
    bench.fail(AWAY)
    await bench.clock.tick(3600)
    stale = await bench.screener.top(Order.TOP, 10)
    assert (True, bench.clock.time() - 3600, 4) == (stale.stale, stale.at, len(stale.rows))

    await bench.clock.tick(25 * 3600)
    with pytest.raises(PeerUnavailable):
        await bench.screener.top(Order.TOP, 10)


async def test_a_failure_inside_is_no_failure_of_the_others(bench):
    """Whatever a source raises."""
    bench.binance.failure = KeyError("lastPrice")
    found = await bench.screener.top(Order.TOP, 10)
    assert (Trouble.AWAY, 3) == (found.sources[0].trouble, len(found.rows))


async def test_a_refresh_has_a_time_of_its_own_for_each_person(bench):
    """Thirty seconds; and what one has had made anew serves all for ten."""
    screener = bench.screener
    await screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    assert [True, False, True] == [screener.may_refresh(1), screener.may_refresh(1), screener.may_refresh(2)]
    await screener.top(Order.TOP, 1, refresh=True)
    await screener.top(Order.TOP, 1, refresh=True)
    assert [2, 2, 2] == bench.asked
    await bench.clock.tick(30)
    assert screener.may_refresh(1)
    await screener.top(Order.TOP, 1, refresh=True)
    assert [3, 3, 3] == bench.asked


async def test_a_refresh_that_fails_leaves_what_there_was(bench):
    """And says so."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    bench.fail(AWAY)
    found = await bench.screener.top(Order.TOP, 1, refresh=True)
    assert (True, bench.clock.time() - 60) == (found.stale, found.at)


# -- over restarts -----------------------------------------------------------------------------------------------


async def test_a_restart_asks_nobody_while_the_list_is_young(bench):
    """It goes on with its true age."""
    await bench.screener.top(Order.TOP, 1)
    began = bench.clock.time()
    await bench.clock.tick(1800)
    found = await bench.restarted().top(Order.TOP, 1)
    assert ([1, 1, 1], began) == (bench.asked, found.at)

    await bench.clock.tick(1800)
    await bench.screener.top(Order.TOP, 1)
    assert [2, 2, 2] == bench.asked


async def test_a_restart_without_sources_shows_the_old_list(bench):
    """Up to a day old; a list of later than now is not believed."""
    await bench.screener.top(Order.TOP, 1)
    bench.fail(AWAY)
    await bench.clock.tick(20 * 3600)
    assert (await bench.restarted().top(Order.TOP, 1)).stale
    assert (await bench.screener.top(Order.TOP, 1)).stale

    await bench.clock.tick(4 * 3600)
    with pytest.raises(PeerUnavailable):
        await bench.restarted().top(Order.TOP, 1)
    await bench.clock.tick(-25 * 3600)
    with pytest.raises(PeerUnavailable):
        await bench.restarted().top(Order.TOP, 1)


async def test_what_was_kept_is_old_after_a_day_without_another_restart_too(bench):
    """Its age counts, not when it was read."""
    await bench.screener.top(Order.TOP, 1)
    bench.fail(AWAY)
    await bench.clock.tick(20 * 3600)
    assert (await bench.restarted().top(Order.TOP, 1)).stale
    await bench.clock.tick(4 * 3600)
    with pytest.raises(PeerUnavailable):
        await bench.screener.top(Order.TOP, 1)


async def test_who_gives_up_waiting_loses_nothing(bench):
    """What is kept is still there for the next one."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(7200)
    for source in bench.sources:
        source.seconds = 5.0
    waiting = asyncio.create_task(bench.restarted().top(Order.TOP, 1))
    await bench.clock.tick(1)
    waiting.cancel()
    bench.fail(AWAY)
    asking = asyncio.create_task(bench.screener.top(Order.TOP, 1))
    await bench.clock.tick(5)
    assert (await asking).stale


async def test_a_refresh_after_a_restart_is_one(bench):
    """What is kept is not taken for new."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    found = await bench.restarted().top(Order.TOP, 1, refresh=True)
    assert (bench.clock.time(), [2, 2, 2]) == (found.at, bench.asked)


async def test_a_list_that_cannot_be_kept_is_shown_all_the_same(bench):
    """The disk may be full."""
    bench.keeper.full = True
    assert 4 == (await bench.screener.top(Order.TOP, 10)).found


# -- before somebody asks ----------------------------------------------------------------------------------------


async def test_nobody_waits_for_a_list_that_is_kept_warm(bench):
    """It is made anew before its time is over, and the old one is there meanwhile."""
    await bench.screener.warm()
    await bench.clock.tick(2879)
    await bench.screener.warm()
    assert [1, 1, 1] == bench.asked

    await bench.clock.tick(1)
    for source in bench.sources:
        source.seconds = 3.0
    warming = asyncio.create_task(bench.screener.warm())
    await bench.clock.tick(1)
    assert bench.clock.time() - 2881 == (await bench.screener.top(Order.TOP, 1)).at
    await bench.clock.tick(2)
    await warming
    assert (bench.clock.time(), [2, 2, 2]) == ((await bench.screener.top(Order.TOP, 1)).at, bench.asked)


async def test_warming_without_sources_changes_nothing(bench):
    """The job fails, people still have the list."""
    await bench.screener.warm()
    await bench.clock.tick(3000)
    bench.fail(AWAY)
    with pytest.raises(PeerUnavailable):
        await bench.screener.warm()
    assert not (await bench.screener.top(Order.TOP, 1)).stale


async def test_a_warm_list_is_there_at_once(bench):
    """Meant are 10 ms for a thousand coins and more; the best of ten, with room for a slow machine."""
    bench.binance.prices |= {f"C{number}": f"{number + 1}" for number in range(2000)}
    query = read_query("movers 50 vol>10 change>-50%")
    await bench.screener.top(query.order, query.count, query.limits)

    async def once() -> float:
        began = time.perf_counter()
        await bench.screener.top(query.order, query.count, query.limits)
        return time.perf_counter() - began

    assert min([await once() for _ in range(10)]) < 0.03


# -- jumps -------------------------------------------------------------------------------------------------------


async def test_a_jump_of_one_source_is_not_shown(bench):
    """Not at the next reading either; another source's price stands in for it."""
    await bench.screener.top(Order.TOP, 10)
    bench.binance.prices |= {"BTC": "61000000", "DOGE": "81.2"}
    for _ in range(2):
        await bench.clock.tick(3600)
        found = {row.symbol: row for row in (await bench.screener.top(Order.TOP, 10)).rows}
        assert (D(61010), "coinpaprika", False) == (found["BTC"].price, found["BTC"].source, "DOGE" in found)


async def test_a_jump_that_stays_is_believed_in_the_end(bench):
    """After six hours without the former price."""
    await bench.screener.top(Order.TOP, 10)
    bench.binance.prices["DOGE"] = "81.2"
    await bench.clock.tick(6 * 3600)
    found = {row.symbol: row.price for row in (await bench.screener.top(Order.TOP, 10)).rows}
    assert D("81.2") == found["DOGE"]


# -- single prices -----------------------------------------------------------------------------------------------


async def test_a_price_is_of_now(bench):
    """Asked for at most 30 s ago, whatever the list's age; many symbols share one call."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(1800)
    bench.binance.prices["BTC"] = "65000"
    btc, eth = await asyncio.gather(bench.screener.price("btc"), bench.screener.price("ETH"))

    assert (D(65000), "binance", 0.0, False) == (btc.value, btc.source, btc.age, btc.stale)
    assert (D(2500), [2, 1, 1]) == (eth.value, bench.asked)
    await bench.clock.tick(29)
    assert 29.0 == (await bench.screener.price("BTC")).age
    await bench.clock.tick(1)
    assert 0.0 == (await bench.screener.price("BTC")).age


async def test_which_coin_is_meant_is_known_from_an_old_list_too(bench):
    """Nobody waits for a new one."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(7200)
    assert "binance" == (await bench.screener.price("BTC")).source
    assert [2, 1, 1] == bench.asked


async def test_the_next_source_answers_for_one_that_does_not(bench):
    """If it lists the coin; else the trouble is told."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    bench.binance.failure = AWAY
    assert "coinpaprika" == (await bench.screener.price("BTC")).source
    with pytest.raises(PeerUnavailable):
        await bench.screener.price("DOGE")


async def test_another_coin_under_the_symbol_is_never_asked_for(bench):
    """A source that means something else by it does not stand in."""
    bench.gecko.prices["DOGE"] = "7"
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    bench.binance.failure = AWAY
    with pytest.raises(PeerUnavailable):
        await bench.screener.price("DOGE")
    assert (D(7), "coingecko") == ((twin := await bench.screener.price("DOGE#2")).value, twin.source)


async def test_of_two_coins_of_one_source_the_nearer_is_meant(bench):
    """As the list has them."""
    bench.gecko.more = [Coin("XMR", D("0.2"), bench.clock.time(), "coingecko")]
    bench.paprika.failure = AWAY
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    bench.gecko.prices["XMR"] = "170"
    assert (D(170), D("0.2")) == (
        (await bench.screener.price("XMR")).value,
        (await bench.screener.price("XMR#2")).value,
    )


async def test_a_price_that_has_jumped_is_not_given(bench):
    """Nor one that is none."""
    await bench.screener.top(Order.TOP, 1)
    await bench.clock.tick(60)
    bench.binance.prices |= {"BTC": "61", "DOGE": "0"}
    assert D(61010) == (await bench.screener.price("BTC")).value
    with pytest.raises(PeerUnavailable):
        await bench.screener.price("DOGE")


async def test_an_old_price_says_so(bench):
    """By the source's own time: 15 minutes."""
    bench.binance.late = 900.0
    assert not (await bench.screener.price("BTC")).stale
    await bench.clock.tick(30)
    bench.binance.late = 901.0
    old = await bench.screener.price("BTC")
    assert (901.0, True) == (old.age, old.stale)


async def test_what_nobody_lists_is_unknown(bench):
    """With what may have been meant."""
    with pytest.raises(UnknownSymbol) as refused:
        await bench.screener.price("DOG")
    assert ("DOG", ("DOGE",)) == (refused.value.symbol, refused.value.nearest)
