"""The list of coins as people read it, to the letter, on a phone, in the terminal and in a program."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from bot.models.screen_query import BadQuery, Flaw, Order, read_query
from bot.models.screening import Listed, Screen, SourceNote, Trouble
from bot.views import screen_usage, screener

D = Decimal
NOW = 1_800_000_000.0


def row(symbol: str, price: str, **figures: Any) -> Listed:
    exact = {name: D(value) if name != "name" else value for name, value in figures.items()}
    return Listed(symbol, D(price), NOW, "binance", ("binance", "coinpaprika"), **exact)


BTC = row(
    "BTC",
    "61234.50",
    name="Bitcoin",
    cap="1210000000000",
    volume="35100000000",
    change_24h="0.0123",
    change_1h="-0.001",
)
ROWS = (
    BTC,
    row("ETH", "2501.123", cap="301000000000", volume="15100000000", change_24h="-0.005"),
    row("1000SATS", "0.0000812", cap="412000000", volume="900", change_24h="12.5"),
    row("<X>#2", "0.08123456", cap="7"),
)
NOTES = (SourceNote("binance", 412), SourceNote("coinpaprika", 500), SourceNote("coingecko", 0, Trouble.BUSY))
FOUND = Screen(ROWS, NOTES, NOW - 900, 4)


def shown(found: Screen = FOUND, words: str = "", page: int = 0, **more: Any) -> str:
    [text] = screener.screen(found, read_query(words), NOW, page, **more).texts
    return text


def test_a_page_reads_like_this():
    """Symbol, price, cap and the day's change; then who told it, who did not, and how old it is."""
    assert (
        "<b>Coins by cap</b>\n"
        "4 out of 4 coins.\n"
        "<pre>BTC       61,234 1.21T  +1.2%\n"
        "ETH      2,501.1  301B  −0.5%\n"
        "1000SATS  0.0₄81  412M +1250%\n"
        "&lt;X&gt;#2    0.08123     7      –</pre>\n"
        "<i>✓ Binance 412 · ✓ CoinPaprika 500 · ✗ CoinGecko asked too often · data 15 min old</i>"
    ) == shown()


@pytest.mark.parametrize(
    ("words", "head", "line"),
    [
        ("movers", "<b>Movers in 24 h</b> · vol&gt;1m", "BTC       61,234 35.1B  +1.2%"),
        ("volume cap>1b", "<b>Coins by volume in 24 h</b> · cap&gt;1b", "BTC       61,234 35.1B  +1.2%"),
    ],
)
def test_each_order_shows_what_it_goes_by(words, head, line):
    """And the filters."""
    text = shown(words=words)
    assert (head, True) == (text.splitlines()[0], line in text)


def test_an_old_list_says_so_first():
    """With its age."""
    old = Screen(ROWS, NOTES, NOW - 7500, 4, stale=True)
    first = "⚠ No source answers just now: these are the numbers of 2 h 5 min ago."
    assert (first, True) == (shown(old).splitlines()[0], "data 2 h 5 min old" in shown(old))
    assert "data just now" in shown(Screen(ROWS, NOTES, NOW, 4))
    assert shown(note=screener.JUST_REFRESHED).startswith(
        "You have refreshed it just now: again in 30 s.\n<b>"
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("cap>5t", "No coin fits cap&gt;5t.\nWrite fewer filters, or wider ones."),
        ("volume", "No coin is known with what this list goes by."),
    ],
)
def test_nothing_found_says_what_to_do(words, line):
    """Where there is something to do."""
    assert line in shown(Screen((), NOTES, NOW, 0), words)


def labels(found: Screen, words: str = "", page: int = 0) -> list[list[str]]:
    reply = screener.screen(found, read_query(words), NOW, page)
    return [[button.text for button in line] for line in reply.rows]


def test_pages_and_other_orders_are_a_tap_away():
    """Ten a page; a page that is not there is the nearest."""
    many = Screen(tuple(row(f"C{number}", "1") for number in range(25)), NOTES, NOW, 80)
    assert [["Next ›"], ["Movers", "Volume"], ["Refresh"]] == labels(many)
    assert [["‹ Previous", "Next ›"], ["Top", "Volume"], ["Refresh"]] == labels(many, "movers", 1)
    assert [["‹ Previous"], ["Top", "Movers"], ["Refresh"]] == labels(many, "volume", 99)
    assert ("11–20 of 25, out of 80 coins." in shown(many, "", 1), "21–25 of 25" in shown(many, "", 7)) == (
        True,
        True,
    )


def test_buttons_carry_what_was_asked_for():
    """As it was typed: the bound that movers have by themselves does not follow to other orders."""
    reply = screener.screen(FOUND, read_query("movers 20 cap>1b"), NOW, 0)
    carried = {button.text: (button.action.verb, button.action.args) for button in reply.buttons}
    assert {
        "Top": ("screen", (Order.TOP, 20, "cap>1b", 0)),
        "Volume": ("screen", (Order.VOLUME, 20, "cap>1b", 0)),
        "Refresh": ("screen again", (Order.MOVERS, 20, "cap>1b", 0)),
    } == carried


@pytest.mark.parametrize("words", ["top", "movers", "volume"])
def test_a_page_fits_a_phone(words):
    """Thirty characters, whatever the names and numbers."""
    strange = [
        row("W" * 20, price, cap=figure, volume=figure, change_24h=moved)
        for price in ("123456789012345", "9999999", "1234.5678", "0.00012345", "1E-25", "1E+90")
        for figure in ("999999999999999", "1", "0.01")
        for moved in ("99999", "-0.99999", "0.000001", "1E+9")
    ]
    for each in [*strange, *ROWS]:
        text = shown(Screen((each, BTC), NOTES, NOW, 2), words).replace("&lt;", "<").replace("&gt;", ">")
        table = re.search(r"<pre>(.*)</pre>", text, re.DOTALL)
        assert all(len(line) <= 30 for line in table[1].splitlines()), text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("61234.5", "61,234"),
        ("9999.95", "10,000"),
        ("12345678", "12.3M"),
        ("3.14159265", "3.1416"),
        ("1", "1"),
        ("0.5", "0.5"),
        ("0.123456", "0.1235"),
        ("0.0001", "0.0001"),
        ("0.00009999", "0.0001"),
        ("0.0000812", "0.0₄81"),
        ("0.00000001", "0.0₇1"),
        ("1E-30", "0.0₂₉1"),
        ("1E-90", "–"),
        ("NaN", "–"),
    ],
)
def test_prices_are_brief(value, expected):
    """Never an exponent; the small figure counts the zeros behind the point, the first included."""
    assert expected == screener.brief(D(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1234567890123", "1.23T"),
        ("412000000", "412M"),
        ("999999", "1M"),
        ("35100", "35.1k"),
        ("7.4", "7"),
        ("0", "0"),
    ],
)
def test_large_sums_are_compact(value, expected):
    """Three digits and a letter."""
    assert expected == screener.compact(D(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.0123", "+1.2%"),
        ("-0.0006", "−0.1%"),
        ("0.0004", "0.0%"),
        ("-0.00001", "0.0%"),
        ("1.5", "+150%"),
        ("5000", "+500k%"),
        (None, "–"),
    ],
)
def test_changes_have_a_sign(value, expected):
    """But for nothing."""
    assert expected == screener.change(None if value is None else D(value))


def test_the_terminal_has_room_for_more():
    """Exact prices, and names; nothing that would confuse it."""
    found = Screen((BTC, row("E\x1bTH", "2501.123", name="\x1b[31mEther\n")), NOTES, NOW - 900, 2, stale=True)
    assert (
        "⚠ No source answers just now: these are the numbers of 15 min ago.\n"
        "Movers in 24 h (vol>1m): 2 of 2\n"
        "#  symbol      price   24 h  volume    cap  name\n"
        "1  BTC      61,234.5  +1.2%   35.1B  1.21T  Bitcoin\n"
        "2  ETH     2,501.123      –       –      –  [31mEther\n"
        "✓ Binance 412 · ✓ CoinPaprika 500 · ✗ CoinGecko asked too often · data 15 min old"
    ) == screener.terminal(found, read_query("movers"), NOW)


def test_programs_read_all_of_it():
    """Exact decimals as text, unknown as null."""
    told = json.loads(
        screener.as_json(Screen((BTC,), NOTES, NOW - 900, 4), read_query("volume 1 vol>10m"), NOW)
    )
    [coin] = told.pop("coins")
    assert {
        "order": "volume",
        "filters": "vol>10m",
        "at": NOW - 900,
        "age_seconds": 900.0,
        "stale": False,
        "found": 4,
        "sources": [
            {"name": "binance", "coins": 412, "trouble": None},
            {"name": "coinpaprika", "coins": 500, "trouble": None},
            {"name": "coingecko", "coins": 0, "trouble": "busy"},
        ],
    } == told
    assert ("61234.50", "0.0123", None, "binance", ["binance", "coinpaprika"]) == (
        coin["price"],
        coin["change_24h"],
        coin["rank"],
        coin["source"],
        coin["sources"],
    )


@pytest.mark.parametrize(
    ("flaw", "sentence"),
    [
        (Flaw.WORD, "“x” is none of top, movers and volume, no number, and no filter such as vol>10m."),
        (Flaw.COUNT, "“x” does not work here: it is 1 to 200 coins at once."),
        (Flaw.FIGURE, "“x” is no filter: they begin with vol, cap or change, then > or <."),
        (Flaw.AMOUNT, "“x” is no amount I can use: write digits and k, m, b or t, as in 10m or 1.5b."),
        (Flaw.PERCENT, "“x” is no percentage I can use: write it as in 5% or -2.5%."),
        (Flaw.TWICE, "“x” is one too many: one order and one number are enough."),
        (Flaw.MANY, "“x” is one filter too many: 6 are enough."),
    ],
)
def test_what_is_wrong_is_a_sentence(flaw, sentence):
    """Each flaw has one."""
    assert sentence == screen_usage.problem(BadQuery(flaw, "x"))


def test_a_word_is_quoted_short_and_clean():
    """Nothing that prints strangely."""
    assert screen_usage.problem(BadQuery(Flaw.WORD, "a\u202eb" + "c" * 50)).startswith(f"“ab{'c' * 17}…” is")
