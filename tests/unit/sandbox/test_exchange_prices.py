"""Prices of the exchange as functions of seed and time."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exchange.instruments import INSTRUMENTS, Instrument
from sandbox.exchange.prices import Prices, moved

NOW = 1_795_000_000.0
EVERY = list(INSTRUMENTS.values())


@given(st.sampled_from(EVERY), st.integers(0, 2**31), st.integers(0, 4_000_000_000_000))
def test_a_price_is_whole_ticks_and_never_far_off(instrument: Instrument, seed: int, ms: int) -> None:
    """Within 10 % of where it began, a multiple of its tick, and the same when asked again."""
    price = moved(seed, instrument, ms)
    assert price % instrument.tick == 0
    assert abs(price / instrument.start - 1) < Decimal("0.11")
    assert price == moved(seed, instrument, ms)


@given(st.sampled_from(EVERY), st.floats(0, 4e9))
def test_bid_and_ask_lie_around_the_last_price(instrument: Instrument, now: float) -> None:
    """Strictly, in whole ticks, also for prices of few ticks."""
    quote = Prices(1).quote(instrument, now)
    assert quote.bid < quote.last < quote.ask
    assert quote.bid % instrument.tick == quote.ask % instrument.tick == 0


def test_seeds_make_other_markets() -> None:
    """Two seeds, two prices; a coin and its perpetual move together."""
    coin, perpetual = INSTRUMENTS["spot", "ETHUSDT"], INSTRUMENTS["linear", "ETHUSDT"]
    assert Prices(1).last(coin, NOW) != Prices(2).last(coin, NOW)
    assert Prices(1).last(coin, NOW) == Prices(1).last(perpetual, NOW)


def test_a_price_moves_a_little_in_a_second_and_more_in_a_day() -> None:
    """No jumps: less than 0.1 % from second to second."""
    coin, prices = INSTRUMENTS["spot", "BTCUSDT"], Prices(3)
    path = [prices.last(coin, NOW + second) for second in range(300)]
    steps = [abs(later / earlier - 1) for earlier, later in pairwise(path)]
    assert 0 < max(steps) < Decimal("0.001")


@pytest.mark.parametrize("instrument", EVERY, ids=lambda one: f"{one.category} {one.symbol}")
def test_steps_and_limits_fit_together(instrument: Instrument) -> None:
    """The least amount and the price to start with can be ordered."""
    assert instrument.least % instrument.step == instrument.most % instrument.step == 0
    assert instrument.start % instrument.tick == 0
    assert instrument.least < instrument.most
