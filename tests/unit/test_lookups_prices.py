"""Prices: what is meant, shared by everybody, and never from the cache for an order."""

from __future__ import annotations

import asyncio

import pytest
from lookup_support import LookupBench, an_instrument, paper

from bot.errors import PeerUnavailable, UnknownSymbol
from bot.models.market import AccountType

ANNA, BORIS = 1, 2
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
AWAY = PeerUnavailable("bybit", "connection refused")


async def test_a_price_is_the_venues_of_ones_account() -> None:
    """In the market that one trades; who only looks sees the public venue's spot market."""
    bench = LookupBench()
    bench.accounts.accounts[ANNA] = paper(ANNA)
    bench.venue.traded.append(an_instrument("BTC", account_type=LINEAR))
    found = await bench.lookups.price(ANNA, "btc")
    assert ("BTCUSDT", "paper", "61234.5") == (
        found.instrument.symbol,
        found.ticker.source,
        str(found.ticker.value.last),
    )
    assert "bybit" == (await bench.lookups.price(None, "btc")).ticker.source
    assert LINEAR is (await bench.lookups.price(None, "btc/usdt:usdt")).instrument.account_type
    assert [ANNA] == bench.accounts.touched
    assert [] == list(bench.accounts.accounts.keys() - {ANNA})


async def test_everybody_shares_a_price_for_its_five_seconds() -> None:
    """And what is traded for an hour."""
    bench = LookupBench()
    asked = []
    for wait in (0, 4.9, 0.1):
        await bench.clock.tick(wait)
        await asyncio.gather(*(bench.lookups.price(user, "BTC") for user in range(1, 11)))
        asked.append((bench.venue.asked("tickers"), bench.venue.asked("instruments")))
    assert [(1, 1), (1, 1), (2, 1)] == asked


async def test_an_orders_price_is_asked_for_and_everybody_has_it_then() -> None:
    """What is kept does not decide an order, but what an order learnt is kept."""
    bench = LookupBench()
    await bench.lookups.ticker("bybit", SPOT, "BTCUSDT")
    bench.venue.last = "70000"
    fresh = await bench.lookups.fresh_ticker("bybit", SPOT, "BTCUSDT")
    assert ("70000", 0.0, False) == (str(fresh.value.last), fresh.age, fresh.stale)
    assert fresh == await bench.lookups.ticker("bybit", SPOT, "BTCUSDT")
    assert 2 == bench.venue.asked("tickers")


async def test_an_orders_price_is_never_an_old_one() -> None:
    """Where a person would still be shown the last one."""
    bench = LookupBench()
    await bench.lookups.ticker("bybit", SPOT, "BTCUSDT")
    bench.venue.failures["tickers"] = AWAY
    await bench.clock.tick(60)
    assert (await bench.lookups.ticker("bybit", SPOT, "BTCUSDT")).stale
    with pytest.raises(PeerUnavailable):
        await bench.lookups.fresh_ticker("bybit", SPOT, "BTCUSDT")


@pytest.mark.parametrize("last", ["0", "-1", "NaN", "Infinity"])
async def test_what_cannot_be_a_price_is_none(last: str) -> None:
    """Neither shown nor used."""
    bench = LookupBench()
    bench.venue.last = last
    for ask in (bench.lookups.ticker, bench.lookups.fresh_ticker):
        with pytest.raises(PeerUnavailable):
            await ask("bybit", SPOT, "BTCUSDT")


async def test_what_is_not_traded_is_refused_with_what_is() -> None:
    """Nobody is asked for its price."""
    bench = LookupBench()
    with pytest.raises(UnknownSymbol) as refused:
        await bench.lookups.price(ANNA, "BTX")
    assert "BTCUSDT" == refused.value.nearest[0]
    with pytest.raises(UnknownSymbol):
        await bench.lookups.instrument("bybit", SPOT, "BTC/USDT:USDT")
    assert 0 == bench.venue.asked("tickers")


async def test_a_refreshed_price_is_asked_for_once_for_all() -> None:
    """Each person has a time of three seconds, and so has the symbol: a crowd does not cost a crowd of calls."""
    bench = LookupBench()
    await bench.lookups.price(ANNA, "BTC")
    done = [await bench.lookups.refresh_price(user, SPOT, "BTCUSDT") for user in (ANNA, ANNA, BORIS)]
    assert [True, False, True] == done
    await asyncio.gather(*(bench.lookups.price(user, "BTC") for user in (ANNA, BORIS)))
    assert 2 == bench.venue.asked("tickers")
