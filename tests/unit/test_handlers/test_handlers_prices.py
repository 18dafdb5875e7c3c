"""/price: what is meant, from whose venue, and Refresh."""

from __future__ import annotations

import pytest
from chat_support import USER
from lookup_chat import LookupChat
from lookup_support import an_instrument, paper

from bot.models.market import AccountType
from bot.models.role import Role

VIEWER = 1005
EXAMPLE = "Write for example: /price BTC, or /price BTC/USDT:USDT for the perpetual"


@pytest.fixture
def chat() -> LookupChat:
    chat = LookupChat()
    chat.roles.roles[VIEWER] = Role.VIEWER
    chat.bench.venue.traded.append(an_instrument("BTC", account_type=AccountType.LINEAR))
    return chat


@pytest.mark.parametrize("typed", ["BTC", "btcusdt", "btc/usdt", "BTC-USDT"])
async def test_a_price_is_shown_however_it_is_asked_for(chat, typed):
    """One word, in any spelling."""
    await chat.write(f"/price {typed}")

    assert chat.texts[0].startswith("<b>BTCUSDT</b> · spot\n<pre>Last, USDT            61,234.5\n")
    assert chat.texts[0].endswith("<i>bybit · just now</i>")


async def test_the_perpetual_has_a_spelling_of_its_own(chat):
    """Whatever one usually trades."""
    await chat.write("/price BTC/USDT:USDT")
    assert chat.texts[0].startswith("<b>BTCUSDT</b> · perpetuals\n")
    await chat.tap("Refresh")
    assert chat.texts[1].startswith("<b>BTCUSDT</b> · perpetuals\n")


async def test_who_only_looks_has_no_account_and_sees_public_prices(chat):
    """Others see those of the venue that they trade at."""
    chat.bench.accounts.accounts[USER] = paper(USER)
    await chat.write("/price BTC", VIEWER)
    await chat.write("/price BTC", USER)

    assert ["bybit", "paper"] == [text.rpartition("<i>")[2].partition(" ·")[0] for text in chat.texts]
    assert {USER} == set(chat.bench.accounts.accounts)


async def test_what_is_not_traded_offers_what_is(chat):
    """One tap, in the market that was meant."""
    await chat.write("/price BTX")
    assert chat.texts[-1].startswith("“BTX” is not traded there.\nDid you mean BTCUSDT")
    await chat.tap("BTCUSDT")
    assert chat.texts[-1].startswith("<b>BTCUSDT</b> · spot\n")

    await chat.write("/price BTX/USDT:USDT")
    await chat.tap("BTCUSDT")
    assert chat.texts[-1].startswith("<b>BTCUSDT</b> · perpetuals\n")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Say which symbol."),
        (" \u00a0", "Say which symbol."),
        ("BTC USDT", "Those are too many words: one symbol is enough."),
    ],
)
async def test_too_little_or_too_much_is_answered_with_an_example(chat, typed, problem):
    """Nobody is asked."""
    await chat.write(f"/price {typed}")

    assert [f"{problem}\n{EXAMPLE}"] == chat.texts
    assert [] == chat.bench.venue.calls


@pytest.mark.parametrize("typed", ["<b>", "A" * 1000, "😀", "BTC;", "=1+1", "\u202eBTC\u202e", "0" * 33])
async def test_rubbish_is_refused_before_anybody_is_asked(chat, typed):
    """And quoted safely."""
    await chat.write(f"/price {typed}")

    assert chat.texts[0].endswith(
        "is not traded there.\nWrite a coin or a pair, for example BTC or BTC/USDT; BTC/USDT:USDT is the perpetual."
    )
    assert "<b>" not in chat.texts[0]
    assert [] == chat.bench.venue.calls


async def test_refresh_has_a_time_of_its_own_for_each_person(chat):
    """Within three seconds it says that it was just done."""
    await chat.write("/price BTC")
    chat.bench.venue.last = "70000"
    await chat.tap("Refresh")
    assert "70,000" in chat.texts[-1]
    asked = len(chat.bench.venue.calls)
    await chat.tap("Refresh")

    assert ("Just refreshed.", False) == chat.alerts[-1]
    assert asked == len(chat.bench.venue.calls)
