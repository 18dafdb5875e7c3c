"""Orders in the chat: shown, confirmed, placed once; the real service over an exchange in memory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from chat_support import ADMIN, ChatDesk
from order_bench import D, OrderBench

from bot.errors import PeerUnavailable
from bot.models.market import AccountType, CoinBalance
from bot.models.offer import Action
from bot.models.order import OrderStatus
from bot.models.role import Role

USER, TRADER = 1002, 1006
BEGIN = "<b>Buy 0.01 BTC at the market's price</b>\nPrice now: 10000 USDT (ask)\n"


class TradingChat(ChatDesk):
    """A chat whose desk trades; its exchange answers at once, and time passes by itself while somebody waits."""

    def __init__(self) -> None:
        self.bench = OrderBench()
        super().__init__(trading=SimpleNamespace(orders=self.bench.orders))
        self.roles.roles[TRADER] = Role.TRADER
        self.bench.clock._now = self.clock.time()

    async def tap(self, label: str, user: int = TRADER) -> str:
        """Press the button under the last message; returns its data."""
        data = dict(self.buttons)[label]
        await self.press(data, user)
        return data


@pytest.fixture
def chat() -> TradingChat:
    return TradingChat()


async def test_an_order_is_shown_and_then_placed(chat: TradingChat) -> None:
    """Nothing is sent before the tap; pressed again, the button shows the same order."""
    await chat.write("/buy BTC 0.01", TRADER)
    assert chat.texts[-1].startswith(BEGIN)
    assert {} == chat.bench.venue.ledger
    confirm = await chat.tap("Confirm")
    done = "Done: bought 0.01 BTC at 10000 USDT (100.00 USDT, fee 0.10).\n<i>order #1</i>"
    assert done == chat.texts[-1]
    await chat.press(confirm, TRADER)
    assert done == chat.texts[-1]
    assert [1] == list(chat.bench.venue.ledger.values())


async def test_an_order_that_is_not_confirmed_is_not_placed(chat: TradingChat) -> None:
    """It can be dropped."""
    await chat.write("/sell BTC 0.01 @ 9900", TRADER)
    await chat.tap("Cancel")
    assert ("Nothing was placed.", {}) == (chat.texts[-1], chat.bench.venue.ledger)


async def test_what_is_large_is_asked_about_twice(chat: TradingChat) -> None:
    """The first tap places nothing, however often."""
    await chat.write("/buy BTC 0.06", TRADER)
    confirm = await chat.tap("Confirm")
    assert "This is large: 600.00 USD." in chat.texts[-1]
    first = dict(chat.buttons)["Yes, place it"]
    await chat.press(confirm, TRADER)
    assert {} == chat.bench.venue.ledger
    await chat.tap("Yes, place it")
    await chat.press(first, TRADER)
    assert [1] == list(chat.bench.venue.ledger.values())


async def test_an_old_price_is_shown_anew(chat: TradingChat) -> None:
    """The new one can be confirmed at once."""
    await chat.write("/buy BTC 0.01", TRADER)
    chat.bench.prices.price = D(10_500)
    await chat.tap("Confirm")
    assert chat.texts[-1].startswith("That price is not good any more, and nothing was placed.")
    assert "Price now: 10500 USDT" in chat.texts[-1]
    await chat.tap("Confirm")
    assert chat.texts[-1].startswith("Done: bought 0.01 BTC")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/buy", "Say what, and how much.\nWrite for example: /buy BTC 0.01"),
        ("/buy BTC 1,5", "“1,5” may be 1.5 or 15"),
        ("/buy XYZ 1", "“XYZ” is not traded there.\nDid you mean BTCUSDT?"),
        ("/buy BTC 0.0001", "That does not work: the least of BTCUSDT is 0.001 BTC."),
        ("/buy BTC 1", "An order may be worth 1,000.00 USD at most, and this comes to 10,000.00."),
        ("/sell BTC all", "That does not work: you have no BTC to sell."),
        ("/close", "That does not work: there is nothing to close."),
        ("/close BTC", "That does not work: there is nothing of BTCUSDT to close."),
        ("/cancel_order", "You have no open orders."),
        ("/cancel_order 5", "You have no such order."),
        ("/cancel_order x", "“x” is no order's number."),
        ("/pause x", "Only “all” may follow."),
        ("/pause all", "That is for admins."),
    ],
)
async def test_what_cannot_be_done_is_said_in_people_s_words(
    chat: TradingChat, text: str, answer: str
) -> None:
    """One line what, one line what to do; nothing is placed."""
    await chat.write(text, TRADER)
    assert chat.texts[-1].startswith(answer)
    assert {} == chat.bench.venue.ledger


async def test_an_exchange_that_is_away_is_named(chat: TradingChat) -> None:
    """Nothing was changed."""
    chat.bench.prices.away = [PeerUnavailable("bybit", "away")]
    await chat.write("/buy BTC 0.01", TRADER)
    assert "Bybit cannot be reached; nothing was changed.\nTry again in a minute." == chat.texts[-1]


async def test_an_open_order_is_listed_and_cancelled(chat: TradingChat) -> None:
    """By its button under the answer, or in the list."""
    await chat.write("/buy BTC 0.01 @ 9900", TRADER)
    await chat.tap("Confirm")
    assert ["Cancel the order"] == [label for label, _ in chat.buttons]
    await chat.write("/cancel_order", TRADER)
    assert "<b>1 open order</b>\n#1 buy 0.01 BTC at 9900 USDT" == chat.texts[-1]
    await chat.tap("Cancel #1")
    cancelled = "Cancelled, nothing was filled: buy 0.01 BTC at 9900 USDT.\n<i>order #1</i>"
    assert cancelled == chat.texts[-1]
    await chat.write("/cancel_order 1", TRADER)
    assert cancelled == chat.texts[-1]


async def test_an_order_is_cancelled_where_the_exchange_lists_it(chat: TradingChat) -> None:
    """The button under the exchange's list carries our id of the order; somebody else's is none of theirs."""
    await chat.write("/buy BTC 0.01 @ 9900", TRADER)
    await chat.tap("Confirm")
    [order] = await chat.bench.orders.unsettled_of(TRADER)
    for presser, told in (
        (USER, "You have no such order.\nSee /cancel_order for those that are open."),
        (TRADER, "Cancelled, nothing was filled: buy 0.01 BTC at 9900 USDT.\n<i>order #1</i>"),
    ):
        offer = await chat.deps.offers.make(presser, [Action("cancel order", (order.order.client_id,))])
        await chat.press(f"b:{offer}:0", presser)
        assert told == chat.texts[-1]


async def test_closing_everything_is_one_tap(chat: TradingChat) -> None:
    """It lists what would be closed first, and goes on while trading is paused."""
    chat.bench.venue.coins = [CoinBalance(coin, D(1), D(1)) for coin in ("BTC", "ETH")]
    await chat.write("/pause", TRADER)
    assert chat.texts[-1].startswith("Paused: I take no new orders from you.")
    await chat.write("/buy BTC 0.01", TRADER)
    assert chat.texts[-1].startswith("You have paused trading; nothing was placed.")
    await chat.write("/close all", TRADER)
    assert 2 == chat.texts[-1].count("Close: sell 1 ")
    await chat.tap("Confirm")
    assert 2 == chat.texts[-1].count("Done: sold 1 ")
    await chat.write("/resume", TRADER)
    assert chat.texts[-1].startswith("I take orders from you again")


async def test_admins_pause_everybody(chat: TradingChat) -> None:
    """And let them trade again."""
    await chat.write("/pause all", ADMIN)
    await chat.write("/pause all", ADMIN)
    assert chat.texts[-1].endswith("It was so before.")
    await chat.write("/buy BTC 0.01", TRADER)
    assert chat.texts[-1].startswith("Trading is paused for everybody")
    await chat.write("/resume all", ADMIN)
    assert chat.texts[-1].startswith("Everybody can trade again")


async def test_a_command_that_comes_late_orders_nothing(chat: TradingChat) -> None:
    """But a late /pause is obeyed."""
    late: dict[str, Any] = {"date": int(chat.clock.time()) - 700}
    for text in ("/buy BTC 0.01", "/close all", "/resume", "/pause"):
        await chat.write(text, TRADER, **late)
    assert chat.texts[0] == chat.texts[1] == chat.texts[2] != chat.texts[3]
    assert {TRADER} == chat.bench.journal.paused


async def test_what_is_stuck_is_settled_by_button(chat: TradingChat) -> None:
    """While it is too early the button says so."""
    await chat.write("/buy BTC 0.01 @ 9900", TRADER)
    await chat.tap("Confirm")
    offer = await chat.offers.make(TRADER, [Action("settle order", (1,))])
    await chat.press(f"b:{offer}:0", TRADER)
    assert "it is being looked for, or settled already" in chat.texts[-1]
    chat.bench.venue.settle(chat.bench.journal.rows[1].order.client_id, OrderStatus.FILLED)
    await chat.write("/cancel_order 1", TRADER)
    assert chat.texts[-1].startswith("Done: bought 0.01 BTC at 9900 USDT")
    await chat.press(f"b:{offer}:0", TRADER)
    assert chat.texts[-1].startswith("Done: bought 0.01 BTC at 9900 USDT")


@pytest.mark.parametrize("args", [(), ("{}",), ("[]", "x")])
async def test_a_button_of_another_version_has_lapsed(chat: TradingChat, args: tuple[str, ...]) -> None:
    """It orders nothing."""
    offer = await chat.offers.make(TRADER, [Action("order", args), Action("order surely", args)])
    for button in (0, 1):
        await chat.press(f"b:{offer}:{button}", TRADER)
    assert [True, True] == [alert for _, alert in chat.alerts]
    assert {} == chat.bench.venue.ledger


async def test_positions_are_sold_out_on_perpetuals(chat: TradingChat) -> None:
    """The account type is the chosen one's."""
    chat.bench.accounts.account_type = AccountType.LINEAR
    await chat.write("/buy BTC 0.01 sl 9000 tp 12000", TRADER)
    assert "Stop-loss at 9000 USDT\nTake-profit at 12000 USDT" in chat.texts[-1]
    assert "perpetuals" in chat.texts[-1]
