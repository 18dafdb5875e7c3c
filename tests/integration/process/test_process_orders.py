"""`kill -9` at each step of an order, and the next start: one order at the exchange or none, and its owner knows which.

The steps: O1 confirmed, O2 written down, O3 sent, O4 accepted there, O5 the answer read, O6 written down, O7 told.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from local_world import Json, until
from process_desk import ADMIN, WARM, ProcessDesk

KEY, SECRET = "SandboxTrader00001", "SandboxTraderSecret00000000000000001"
CREATE, LOOK, TICKERS = "order/create", "order/realtime", "market/tickers"
DONE, NO_EFFECT, CHECKING = "Done: bought", "It had no effect", "outcome unknown, checking"
AGAIN = ("That price is not good any more", "This button is not yours or has lapsed")


def hang(path: str, **more: Any) -> Json:
    """The call is never carried out."""
    return {"kind": "hang", "seconds": 60, "path": path, **more}


def lose_answer(path: str, **more: Any) -> Json:
    """The call is carried out, and nobody hears of it."""
    return {"kind": "lose_answer", "seconds": 60, "path": path, **more}


def late(path: str) -> Json:
    """The call is carried out some seconds later, when its caller is gone."""
    return {"kind": "late", "seconds": 3, "path": path}


# Faults of the exchange and of Telegram, and how many orders stand in the ledger in the end. That nothing arrived is
# proven a minute later only: until then it has to read as being checked.
MOMENTS: dict[str, tuple[list[Json], list[Json], set[int]]] = {
    "O1: confirmed, its price is asked for": ([hang(TICKERS)], [], {0, 1}),
    "O2-O3: written down, and it never arrives": ([hang(CREATE)], [], {0}),
    "O3-O4: it arrives after the next start": ([late(CREATE)], [], {1}),
    "O4-O5: accepted, and its answer is lost": ([lose_answer(CREATE)], [], {1}),
    "O5-O6: answered, and not written down as filled": ([hang(LOOK)], [], {1}),
    "O6-O7: written down, and nobody is told": ([], [hang("editMessageText")], {1}),
    "O7: told, and the bot does not know that": ([], [lose_answer("editMessageText")], {1}),
}


@pytest.fixture
def trading(desk: ProcessDesk) -> ProcessDesk:
    """A desk whose admin trades at the local exchange; its bot runs."""
    desk.telegram.join(ADMIN)
    desk.start(WARM, BYBIT_API_URL=desk.world.exchange.url)
    desk.telegram.send(ADMIN, f"/connect bybit {KEY} {SECRET}")
    until(lambda: any("Connected" in text for text in desk.telegram.texts(ADMIN)))
    desk.telegram.send(ADMIN, "/accounts")
    press(desk, "Use bybit")
    return desk


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_one_order_or_none_and_its_owner_knows_which(trading: ProcessDesk, moment: str) -> None:
    """What the ledger says, the journal says, and so does the chat."""
    at_exchange, at_telegram, expected = MOMENTS[moment]
    exchange, telegram = trading.world.exchange, trading.telegram
    before = len(orders_at(trading))
    telegram.send(ADMIN, "/buy BTC 20 USDT")
    confirm = button(trading, "Confirm")
    exchange.strike(*at_exchange)
    telegram.strike(*at_telegram)
    telegram.control("POST", "press", confirm)
    until(lambda: exchange.struck() + telegram.struck() > 0)
    trading.bot.kill()
    exchange.heal()
    telegram.heal()

    trading.start(WARM, BYBIT_API_URL=exchange.url)
    trading.come_to_rest()
    if expected == {1}:
        until(lambda: trading.ask("SELECT 1 FROM orders WHERE state = 'filled'"))
        trading.come_to_rest()
    placed = orders_at(trading)[before:]
    [(client_id, state)] = trading.ask("SELECT client_id, state FROM orders") or [(None, "none")]
    assert len(placed) in expected
    assert [client_id] * len(placed) == placed
    assert (state == "filled") is (len(placed) == 1)
    said = "\n".join(telegram.texts(ADMIN))
    words = {"filled": (DONE,), "none": AGAIN}.get(state, (CHECKING,))
    assert any(word in said for word in words), said
    assert [] == [word for word in (DONE, NO_EFFECT) if word in said and word not in words]
    assert trading.bot.stop() == 0


def test_a_confirm_that_is_pressed_many_times_is_one_order(trading: ProcessDesk) -> None:
    """A double tap, and the same update delivered again by the next start."""
    before = len(orders_at(trading))
    trading.telegram.send(ADMIN, "/buy BTC 20 USDT")
    confirm = button(trading, "Confirm")
    for _ in range(5):
        trading.telegram.control("POST", "press", confirm)
    trading.come_to_rest()
    assert 1 == len(orders_at(trading)) - before
    assert {1} == set(Counter(orders_at(trading)).values())


def orders_at(desk: ProcessDesk) -> list[str]:
    """Our ids of all orders that the exchange has ever accepted, oldest first, each as often as it did."""
    ledger = desk.world.exchange.control("GET", "ledger")["orders"]
    return [each["orderLinkId"] for each in ledger if each["orderLinkId"]]


def button(desk: ProcessDesk, label: str) -> Json:
    """A press of the first button of that label, once there is one in the last message."""

    def found() -> Json | None:
        for message in reversed(desk.telegram.messages(ADMIN)):
            for row in (message["reply_markup"] or {}).get("inline_keyboard", []):
                for each in row:
                    if label in each["text"]:
                        where = {"chat": ADMIN, "message_id": message["message_id"]}
                        return {"user": ADMIN, **where, "data": each["callback_data"]}
        return None

    seen = until(found)
    assert seen
    return seen


def press(desk: ProcessDesk, label: str) -> None:
    """Press it, and wait until the bot is done with it."""
    desk.telegram.control("POST", "press", button(desk, label))
    desk.come_to_rest()
