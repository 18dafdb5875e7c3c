"""From what people type to what is traded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnknownSymbol
from bot.models.market import AccountType, Instrument
from bot.models.symbols import find_instrument, read_symbol

SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR


def market(*symbols: str) -> dict[str, Instrument]:
    """Pairs by symbol, each written BASE/QUOTE."""
    step = Decimal("0.1")
    pairs = (symbol.split("/") for symbol in symbols)
    return {b + q: Instrument(b + q, b, q, SPOT, step, step, step) for b, q in pairs}


KNOWN = market("BTC/USDT", "BTC/EUR", "ETH/USDT", "SHIB1000/USDT", "XAUT/EUR", "GBP/EUR", "GBP/USDC")


@pytest.mark.parametrize(
    "typed", ["BTC", "btc", "BTCUSDT", "btcusdt", "BTC/USDT", "btc-usdt", "Btc_Usdt", " btc ", "ＢＴＣ"]
)
def test_every_spelling_means_the_same(typed: str) -> None:
    """Case, width and dividers are no matter; a coin means its pair with USDT."""
    assert "BTCUSDT" == find_instrument(read_symbol(typed), KNOWN).symbol


def test_the_unified_spelling_of_a_perpetual_says_where() -> None:
    """Whatever else is set; all others leave that as it is."""
    assert (LINEAR, LINEAR) == tuple(read_symbol("btc/usdt:usdt").market(each) for each in (SPOT, LINEAR))
    assert (SPOT, LINEAR) == tuple(read_symbol("BTC/USDT").market(each) for each in (SPOT, LINEAR))


def test_a_coin_with_one_other_pair_is_that_pair() -> None:
    """There is nothing else it could mean."""
    assert "XAUTEUR" == find_instrument(read_symbol("xaut"), KNOWN).symbol


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("GBP", ("GBPEUR", "GBPUSDC")),
        ("BTX", ("BTCUSDT",)),
        ("SHIB", ("SHIB1000USDT",)),
        ("BTCUSD", ("BTCUSDT",)),
        ("QQQQQQ", ()),
    ],
)
def test_what_is_not_clear_or_not_there_names_the_nearest(typed: str, nearest: tuple[str, ...]) -> None:
    """Several pairs of a coin, or those that look like it; nothing is guessed."""
    with pytest.raises(UnknownSymbol) as refused:
        find_instrument(read_symbol(typed), KNOWN)
    assert typed == refused.value.symbol
    assert nearest == refused.value.nearest[: len(nearest)]
    assert bool(nearest) == bool(refused.value.nearest)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        ("/", "/"),
        ("BTC USDT", "BTC USDT"),
        ("BTC/USDT:BTC", "BTC/USDT:BTC"),
        ("BTC:", "BTC:"),
        ("<b>", "<b>"),
        ("б\u202eтк\x00", "бтк"),
        ("A" * 33, "A" * 20 + "…"),
        ("B" * 5000, "B" * 20 + "…"),
        ("😀", "😀"),
        ("BTC;DROP", "BTC;DROP"),
    ],
)
def test_what_cannot_be_a_symbol_is_refused_before_anybody_is_asked(typed: str, shown: str) -> None:
    """And quoted shortly, without what prints strangely."""
    with pytest.raises(UnknownSymbol) as refused:
        read_symbol(typed)
    assert (shown, ()) == (refused.value.symbol, refused.value.nearest)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_name_or_refused(typed: str) -> None:
    """A name is capitals and digits, and means itself."""
    try:
        wanted = read_symbol(typed)
    except UnknownSymbol:
        return
    assert wanted.name.isascii()
    assert wanted.name == read_symbol(wanted.name).name
