"""/alert and its buttons."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from chat_support import ChatDesk
from market_support import desk_of

from bot.errors import AlreadyThere, PeerUnavailable, UnknownAlert, UnknownSymbol
from bot.models.alert import Alert, AlertWish, Listed, NewAlert, Quote
from bot.models.offer import Action

D = Decimal


class MemoryAlerts:
    """Alerts of one person; `refusal` is raised instead of setting one."""

    def __init__(self) -> None:
        self.made: dict[int, Alert] = {}
        self.keys: dict[str, int] = {}
        self.refusal: Exception | None = None
        self.asked: list[tuple[Any, ...]] = []

    async def create(self, user_id: int, wish: AlertWish, key: str) -> NewAlert:
        if self.refusal:
            raise self.refusal
        number = self.keys.setdefault(key, len(self.keys) + 1)
        alert = Alert(number, user_id, wish.series, wish.kind, wish.target, wish.seconds, wish.repeats, 1.0)
        self.made.setdefault(number, alert)
        return NewAlert(alert, Quote(D(68000), "binance", 1_800_000_000.0))

    async def known(self, key: str) -> bool:
        return key in self.keys

    async def listed(self, user_id: int) -> Listed:
        return Listed(tuple(each for each in self.made.values() if each.user_id == user_id), {})

    async def snooze(self, user_id: int, number: int) -> Alert:
        return self._change(user_id, number, quiet_until=1_800_003_600.0)

    async def set_repeats(self, user_id: int, number: int, repeats: bool) -> Alert:
        return self._change(user_id, number, repeats=repeats)

    async def delete(self, user_id: int, number: int) -> Alert:
        alert = self._change(user_id, number)
        del self.made[number]
        return alert

    def _change(self, user_id: int, number: int, **changes: Any) -> Alert:
        alert = self.made.get(number)
        if alert is None or alert.user_id != user_id:
            raise UnknownAlert
        self.made[number] = replace(alert, **changes)
        return self.made[number]


@pytest.fixture
def alerts() -> MemoryAlerts:
    return MemoryAlerts()


@pytest.fixture
def chat(alerts) -> ChatDesk:
    return ChatDesk(markets=desk_of(alerts=alerts))


async def tap(chat: ChatDesk, label: str) -> None:
    await chat.press(dict(chat.buttons)[label])


async def test_an_alert_is_set(chat, alerts):
    """And read back."""
    await chat.write("/alert btc>70k repeat")
    assert chat.texts[-1].startswith("Set: <b>BTC</b> above 70,000.\nNow: 68,000 (binance, just now).")
    assert [("BTC", D(70000), True)] == [(a.series, a.target, a.repeats) for a in alerts.made.values()]


async def test_what_cannot_be_read_is_answered_with_an_example(chat, alerts):
    """Nothing is set."""
    await chat.write("/alert BTC 70000")
    assert [
        "I do not understand “70000”: after the name comes &gt;, &lt; or a change such as +5%.",
        "Write for example: /alert BTC &gt; 70000, /alert gold &lt; 2700 repeat or /alert ETH +5% 1h for 7d",
    ] == chat.texts[-1].split("\n")
    await chat.write("/alert BTC > 70,000")
    assert "may be 70.000 or 70000" in chat.texts[-1]
    assert {} == alerts.made


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (UnknownSymbol("NOPE"), "I know no price of “NOPE”; nothing was set."),
        (
            AlreadyThere("BTC", "above", D(71000), "binance", None),
            "BTC is above that already: 71,000 (binance)",
        ),
        (PeerUnavailable("price sources", "down"), "Price sources cannot be reached; nothing was changed."),
    ],
)
async def test_why_it_is_not_set(chat, alerts, refusal, says):
    """A line that says what is."""
    alerts.refusal = refusal
    await chat.write("/alert BTC > 70000")
    assert chat.texts[-1].startswith(says)


async def test_an_old_request_sets_nothing_but_has_its_answer(chat, alerts):
    """A message that comes late sets no alert; one that had set it is told so again."""
    old = {"message_id": 700, "date": int(chat.clock.time()) - 601}
    await chat.write("/alert BTC > 70000", **old)
    assert ("That was asked a while ago: please ask again.", {}) == (chat.texts[-1], alerts.made)
    await chat.write("/alert BTC > 70000", message_id=700)
    await chat.write("/alert BTC > 70000", **old)
    assert chat.texts[-1].startswith("Set: <b>BTC</b> above 70,000.")
    assert 1 == len(alerts.made)


async def test_the_list_and_its_buttons(chat, alerts):
    """Each changes what is shown; tapped again, it does nothing more."""
    await chat.write("/alert")
    assert chat.texts[-1].startswith("You have no alerts.\nWrite for example: /alert BTC &gt; 70000")
    for target in (70000, 80000):
        await chat.write(f"/alert BTC > {target}")
    await chat.write("/alert")
    first = dict(chat.buttons)
    await tap(chat, "1: Snooze 1 h")
    assert "quiet until" in chat.texts[-1].split("\n")[1]
    await tap(chat, "2: Repeat")
    assert [False, True] == [each.repeats for each in alerts.made.values()]
    await chat.press(first["2: Repeat"])
    assert [False, True] == [each.repeats for each in alerts.made.values()]
    await tap(chat, "1: Delete")
    assert [2] == list(alerts.made)
    await chat.press(first["1: Snooze 1 h"])
    assert "<b>Your alerts</b>: 1" == chat.texts[-1].split("\n")[0]


async def test_pages(chat, alerts):
    """There and back."""
    for target in range(1, 8):
        await chat.write(f"/alert BTC > {target}")
    await tap(chat, "All alerts")
    await tap(chat, "Next ›")
    assert "<b>Your alerts</b>: 7, page 2 of 2" == chat.texts[-1].split("\n")[0]
    await tap(chat, "‹ Previous")
    assert "<b>Your alerts</b>: 7, page 1 of 2" == chat.texts[-1].split("\n")[0]


async def test_the_buttons_of_a_notice(chat, alerts):
    """Snoozed or deleted in its place; one that is gone says so."""
    await chat.write("/alert BTC > 70000")
    for verb, says in (
        ("snooze alert", "Snoozed until 15 Jan 09:00"),
        ("delete alert", "Deleted: <b>BTC</b>"),
    ):
        offer = await chat.offers.make(1002, [Action(verb, (1, None))])
        await chat.press(f"b:{offer}:0")
        assert chat.texts[-1].startswith(says)
        assert "EditMessageText" == type(chat.session.calls[-2]).__name__
    offer = await chat.offers.make(1002, [Action("snooze alert", (1, None))])
    await chat.press(f"b:{offer}:0")
    assert "That alert is over.\nSee /alert for those you have." == chat.texts[-1]


@pytest.mark.parametrize("verb", ["alerts", "snooze alert", "repeat alert", "delete alert"])
async def test_a_button_of_another_version_does_nothing(chat, alerts, verb):
    """It has lapsed."""
    offer = await chat.offers.make(1002, [Action(verb, ("x", None, 1, 2))])
    await chat.press(f"b:{offer}:0")
    assert [("This button is not yours or has lapsed. Send the command again.", True)] == chat.alerts
