"""`kill -9` at each step of an order, and the next start: one order at the exchange or none, and its owner knows which.

The steps: O1 confirmed, O2 written down, O3 sent, O4 accepted there, O5 the answer read, O6 written down, O7 told.
"""

from __future__ import annotations

from typing import Any

import pytest
from local_world import Json, until
from process_desk import WARM, ProcessDesk
from process_people import taps_of

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
    return {"kind": "late", "seconds": 2, "path": path}


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


class Trader:
    """Somebody who trades at the local exchange, over any number of starts of the bot."""

    def __init__(self, desk: ProcessDesk) -> None:
        self.desk, self.exchange, self.telegram = desk, desk.world.exchange, desk.telegram
        self.id = desk.person()
        self.start()
        self.telegram.send(self.id, f"/connect bybit {KEY} {SECRET}")
        until(lambda: "Connected" in self.said)
        self.telegram.send(self.id, "/accounts")
        self.press("Use bybit")
        until(lambda: desk.ask("SELECT 1 FROM user_settings WHERE account_id IS NOT NULL"))
        self.before = len(self.ledger)

    def start(self) -> None:
        """A new process, until it is up."""
        self.desk.start(WARM, ADMIN_IDS=str(self.id))

    @property
    def said(self) -> str:
        """All that stands in the chat."""
        return "\n".join(self.telegram.texts(self.id))

    @property
    def ledger(self) -> list[str]:
        """Our ids of all orders that the exchange has ever accepted, oldest first, each as often as it did."""
        orders = self.exchange.control("GET", "ledger")["orders"]
        return [each["orderLinkId"] for each in orders if each["orderLinkId"]]

    @property
    def placed(self) -> list[str]:
        """Those of this test."""
        return self.ledger[self.before :]

    def press(self, label: str, times: int = 1) -> None:
        """Press the newest button of that label, once there is one; waits for no answer."""
        data = until(lambda: self._button(label))
        for _ in range(times):
            self.telegram.control("POST", "press", data)

    def _button(self, label: str) -> Json | None:
        for message in reversed(self.telegram.messages(self.id)):
            for tap in taps_of(message):
                if label in tap.label:
                    where = {"chat": self.id, "message_id": message["message_id"]}
                    return {"user": self.id, "data": tap.data, **where}
        return None


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_one_order_or_none_and_its_owner_knows_which(desk: ProcessDesk, moment: str) -> None:
    """What the ledger says, the journal says, and so does the chat."""
    at_exchange, at_telegram, expected = MOMENTS[moment]
    trader = Trader(desk)
    desk.telegram.send(trader.id, "/buy BTC 20 USDT")
    until(lambda: "Comes to" in trader.said)
    trader.exchange.strike(*at_exchange)
    desk.telegram.strike(*at_telegram)
    trader.press("Confirm")
    until(lambda: trader.exchange.struck() + desk.telegram.struck() > 0)
    desk.bot.kill()
    trader.exchange.heal()
    desk.telegram.heal()

    trader.start()
    desk.come_to_rest()
    if expected == {1}:
        until(lambda: desk.ask("SELECT 1 FROM orders WHERE state = 'filled'"))
        desk.come_to_rest()
    [(client_id, state)] = desk.ask("SELECT client_id, state FROM orders") or [(None, "none")]
    assert len(trader.placed) in expected
    assert [client_id] * len(trader.placed) == trader.placed
    assert (state == "filled") is (len(trader.placed) == 1)
    said, words = trader.said, {"filled": (DONE,), "none": AGAIN}.get(state, (CHECKING,))
    assert any(word in said for word in words), said
    assert [] == [word for word in (DONE, NO_EFFECT) if word in said and word not in words]
    assert desk.bot.stop() == 0


def test_a_confirm_that_is_pressed_many_times_is_one_order(desk: ProcessDesk) -> None:
    """Whatever the taps meet."""
    trader = Trader(desk)
    desk.telegram.send(trader.id, "/buy BTC 20 USDT")
    trader.press("Confirm", times=5)
    until(lambda: DONE in trader.said)
    desk.come_to_rest()
    assert 1 == len(trader.placed)
