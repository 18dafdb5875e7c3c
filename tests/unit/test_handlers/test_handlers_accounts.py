"""/accounts and /disconnect: which there are, which is used, giving one up."""

from __future__ import annotations

import pytest
from account_chat import TRADER, AccountChat
from account_support import CREDENTIALS
from chat_support import GROUP, USER

from bot.errors import AccountInUse, KeyRefused
from bot.models.account import Account
from bot.models.market import AccountType

PAPER_ONLY = "<b>You have 1 account.</b>\n• paper · play money, real prices · <b>in use</b>\n\nTrading: spot."


@pytest.fixture
def chat() -> AccountChat:
    return AccountChat()


async def connected(chat: AccountChat) -> Account:
    await chat.trade.accounts.of(TRADER)
    return await chat.trade.accounts.connect(TRADER, "bybit", CREDENTIALS)


async def test_everybody_has_paper(chat: AccountChat) -> None:
    """Without doing anything for it; only traders are offered more."""
    await chat.write("/accounts")
    assert ([PAPER_ONLY], ["✓ Use paper", "✓ spot", "unified (perpetuals)"]) == (chat.texts, chat.labels)
    await chat.write("/accounts", TRADER)
    assert ["✓ Use paper", "✓ spot", "unified (perpetuals)", "Connect an account"] == chat.labels
    await chat.tap("Connect an account")
    assert ["Bybit", "Okx"] == chat.labels


async def test_in_a_group_it_is_told_in_private(chat: AccountChat) -> None:
    """Who has accounts where is nobody else's business."""
    await chat.write("/accounts", USER, GROUP)
    assert [USER, GROUP] == chat.sent_to


async def test_another_one_is_used(chat: AccountChat) -> None:
    """By a tap, seen at once; so is where to trade."""
    account = await connected(chat)
    await chat.write("/accounts", TRADER)
    await chat.tap("Use bybit …a3f9")
    assert account == await chat.trade.accounts.chosen(TRADER)
    await chat.tap("unified (perpetuals)")
    assert AccountType.LINEAR is (await chat.trade.accounts.choices(TRADER)).account_type
    assert chat.texts[-1] == (
        "<b>You have 2 accounts.</b>\n"
        "• paper · play money, real prices\n"
        "• bybit …a3f9 · may trade · <b>in use</b>\n"
        "\nTrading: unified (perpetuals)."
    )


async def test_giving_one_up_takes_a_second_tap(chat: AccountChat) -> None:
    """The key is gone then; the same press again gets the same answer."""
    account = await connected(chat)
    await chat.write("/disconnect", TRADER)
    assert ["bybit …a3f9"] == chat.labels
    await chat.tap("bybit …a3f9")
    assert account.id in chat.trade.store.keys
    sure = dict(chat.buttons)["Yes, disconnect it"]
    await chat.press(sure, TRADER)
    answer = f"bybit …a3f9 is not connected any more, and I have forgotten its key.\n\n{PAPER_ONLY}"
    assert ({}, answer) == (chat.trade.store.keys, chat.texts[-1])
    await chat.press(sure, TRADER)
    assert answer == chat.texts[-1]


async def test_it_can_be_kept(chat: AccountChat) -> None:
    """The list comes back, nothing has changed."""
    account = await connected(chat)
    await chat.write("/accounts", TRADER)
    await chat.tap("Disconnect")
    await chat.tap("No, keep it")
    assert account.id in chat.trade.store.keys
    assert "bybit …a3f9" in chat.texts[-1]


async def test_paper_stays(chat: AccountChat) -> None:
    """There is nothing to be given up."""
    await chat.write("/disconnect")
    assert chat.texts == ["You have no account that could be disconnected: the paper account stays."]


async def test_a_refused_key_can_be_checked_again(chat: AccountChat) -> None:
    """What the exchange says is shown; once it takes the key, the mark is gone."""
    account = await connected(chat)
    await chat.trade.accounts.refuse(account, "<wrong> address")
    await chat.write("/accounts", TRADER)
    assert "\n  The exchange refuses its key: &lt;wrong&gt; address\n" in chat.texts[-1]
    chat.trade.venue.failures = [KeyRefused("bybit", 403, "no")]
    check = dict(chat.buttons)["Check its key"]
    await chat.press(check, TRADER)
    assert chat.texts[-1].startswith("Bybit does not take the account's key")
    await chat.press(check, TRADER)
    assert chat.texts[-1].startswith("Bybit takes the key of bybit …a3f9.\n\n")
    assert "Check its key" not in chat.labels


async def test_an_account_with_an_order_in_doubt_stays(chat: AccountChat) -> None:
    """It says why, and what to wait for."""
    account = await connected(chat)

    async def refuse(*_: object) -> bool:
        raise AccountInUse(account.label)

    chat.trade.store.close = refuse  # type: ignore[method-assign]
    await chat.write("/accounts", TRADER)
    await chat.tap("Disconnect")
    await chat.tap("Yes, disconnect it")
    assert chat.texts[-1].startswith("It is not known yet what has become of an order on bybit …a3f9")
    assert account.id in chat.trade.store.keys


async def test_a_button_for_an_account_that_is_gone(chat: AccountChat) -> None:
    """One line, and where to look."""
    account = await connected(chat)
    await chat.write("/accounts", TRADER)
    use = dict(chat.buttons)["Use bybit …a3f9"]
    await chat.trade.accounts.disconnect(TRADER, account.id)
    await chat.press(use, TRADER)
    assert chat.texts[-1] == "You have no such account any more.\nSee /accounts for those you have."
