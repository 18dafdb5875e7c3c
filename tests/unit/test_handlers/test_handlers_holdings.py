"""/balance, /positions, /orders and /portfolio: looking, turning pages, refreshing."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from chat_support import GROUP, USER
from lookup_chat import LookupChat
from lookup_support import a_position, an_order

from bot.errors import KeyRefused, PeerUnavailable

AWAY = PeerUnavailable("bybit", "connection refused")


@pytest.fixture
def chat() -> LookupChat:
    return LookupChat()


@pytest.mark.parametrize(
    ("command", "begin", "source"),
    [
        ("/balance", "<b>Balance</b>\nWorth 40,617.25 USD.\n<pre>BTC", "<i>bybit …a3f9 · just now</i>"),
        ("/positions", "<b>Positions</b>\n1 open position.\n<b>BTC", "<i>bybit …a3f9 · just now</i>"),
        ("/Orders", "<b>Open orders</b>\n1 open order.\n1 · <b>BTC", "<i>bybit …a3f9 · spot · just now</i>"),
        ("/portfolio", "<b>Balance</b> <i>just now</i>\nWorth", "<i>bybit …a3f9</i>"),
    ],
)
async def test_each_command_shows_what_it_is_called_after(chat, command, begin, source):
    """With whose it is and how old."""
    await chat.write(command)

    [text] = chat.texts
    assert text.startswith(begin)
    assert text.endswith(source)


async def test_in_a_group_money_is_shown_in_private(chat):
    """What one has is nobody else's business."""
    await chat.write("/balance", chat=GROUP)

    assert [USER, GROUP] == chat.sent_to
    assert "Sent to you privately." == chat.texts[1]


async def test_one_leads_to_the_other_in_the_same_message(chat):
    """By buttons, and back."""
    await chat.write("/balance")
    for label, title in (("Positions", "<b>Positions</b>"), ("Portfolio", "<b>Balance</b> <i>")):
        await chat.tap(label)
        assert chat.texts[-1].startswith(title)
    assert 2 == len(chat.session.named("EditMessageText"))


async def test_pages_are_turned(chat):
    """Ten a page."""
    chat.bench.venue.waiting = [an_order(f"qm{number}") for number in range(12)]
    await chat.write("/orders")
    await chat.tap("Next ›")

    assert chat.texts[-1].startswith("<b>Open orders</b>\n12 open orders. Page 2 of 2.\n11 · ")


async def test_refresh_shows_new_numbers_once_in_three_seconds(chat):
    """Pressed again at once, it says so on top of the screen; nothing is asked and nothing is written."""
    await chat.write("/positions")
    chat.bench.venue.open_positions = [a_position(profit=Decimal("-1"))]
    await chat.tap("Refresh")
    assert "−1.00" in chat.texts[-1]
    refresh, asked, written = dict(chat.buttons)["Refresh"], len(chat.bench.venue.calls), len(chat.texts)

    await chat.press(refresh)
    assert ("Just refreshed.", False) == chat.alerts[-1]
    assert (asked, written) == (len(chat.bench.venue.calls), len(chat.texts))

    await chat.clock.tick(3)
    await chat.press(refresh)
    assert ((None, False), asked + 1) == (chat.alerts[-1], len(chat.bench.venue.calls))


async def test_a_venue_that_is_away_shows_the_last_numbers(chat):
    """Marked as such, with their age."""
    await chat.write("/balance")
    chat.bench.venue.failures["balance"] = AWAY
    await chat.clock.tick(200)
    await chat.write("/balance")

    assert chat.texts[-1].startswith(
        "⚠ bybit …a3f9 does not answer just now: these are the numbers of 3 min ago.\n"
    )
    assert "Worth 40,617.25 USD." in chat.texts[-1]


async def test_what_cannot_be_looked_up_is_a_clear_line(chat):
    """Of a venue that is away, and of a key that it refuses; never an empty account."""
    chat.bench.venue.failures = {
        "balance": AWAY,
        "positions": KeyRefused("bybit", 401, "API key is invalid."),
    }
    await chat.write("/balance")
    await chat.write("/positions")
    await chat.write("/portfolio")

    assert chat.texts[:2] == [
        "Bybit cannot be reached; nothing was changed.\nTry again in a minute.",
        "Bybit does not take the account's key; nothing was changed.\nSee /accounts for why.",
    ]
    assert chat.texts[2].startswith("<b>Balance</b>\n⚠ Not available: bybit does not answer just now.\n")
    assert "<b>Open orders, spot</b> <i>just now</i>\n1 · " in chat.texts[2]


async def test_a_slow_venue_leaves_nobody_in_silence(chat):
    """Typing at once and again, a word after ten seconds; then the answer, or that there is none."""
    chat.bench.venue.seconds = 8
    asking = asyncio.create_task(chat.write("/balance"))
    await chat.clock.tick(7)
    assert (2, []) == (len(chat.session.named("SendChatAction")), chat.texts)
    await chat.clock.tick(1)
    await asking
    assert chat.texts[0].startswith("<b>Balance</b>\n")

    chat.bench.venue.seconds = 3600
    asking = asyncio.create_task(chat.write("/positions"))
    await chat.clock.tick(11)
    assert "The exchange is slow just now; the answer follows." == chat.texts[-1]
    await chat.clock.tick(2)
    await asking
    assert ["Bybit cannot be reached; nothing was changed.\nTry again in a minute."] == chat.texts[-1:]


async def test_a_button_of_another_version_has_lapsed(chat):
    """What it carries cannot be read."""
    await chat.write("/balance")
    for offer in chat.offer_store.kept.values():
        for action in offer.actions:
            object.__setattr__(action, "args", ("savings", "x"))
    await chat.tap("Refresh")

    assert ("This button is not yours or has lapsed. Send the command again.", True) == chat.alerts[-1]
