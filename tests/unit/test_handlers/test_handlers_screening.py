"""/screen: what is shown, the pages and orders behind its buttons, and who may have it made anew."""

from __future__ import annotations

import pytest
from chat_support import STRANGER, ChatDesk, Undemanding
from market_support import desk_of
from screen_support import ScreenBench

from bot.errors import PeerUnavailable
from bot.handlers.dispatcher import build_dispatcher
from bot.handlers.filters import ButtonData
from bot.models.offer import Action
from bot.models.role import Role

VIEWER, OTHER = 1005, 1006
EXAMPLE = "Write for example: /screen, /screen movers 20 or /screen volume vol>10m cap>1b change>5%"


class ScreenChat(ChatDesk):
    """A chat whose screener has sources in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = ScreenBench(self.clock)
        markets = desk_of(screener=self.bench.screener)
        self.dispatcher = build_dispatcher(self.deps, people=Undemanding(), markets=markets)
        self.roles.roles |= {VIEWER: Role.VIEWER, OTHER: Role.VIEWER}

    async def tap(self, label: str, user: int = VIEWER) -> None:
        await self.press(dict(self.buttons)[label], user)


@pytest.fixture
def chat() -> ScreenChat:
    return ScreenChat()


async def test_who_only_looks_may_see_it(chat):
    """Strangers do not."""
    await chat.write("/screen", STRANGER)
    assert [0, 0, 0] == chat.bench.asked
    await chat.write("/screen", VIEWER)
    assert chat.texts[-1].startswith("<b>Coins by cap</b>\n4 out of 4 coins.\n<pre>BTC")
    assert chat.texts[-1].endswith("<i>✓ Binance 3 · ✓ CoinPaprika 3 · ✓ CoinGecko 2 · data just now</i>")


async def test_orders_filters_and_pages_are_a_tap_away(chat):
    """The filters stay."""
    chat.bench.binance.prices |= {f"C{number}": "1" for number in range(30)}
    await chat.write("/screen 25 vol>10", VIEWER)
    assert "1–10 of 25, out of 34 coins." in chat.texts[-1]
    await chat.tap("Next ›")
    assert "11–20 of 25, out of 34 coins." in chat.texts[-1]
    await chat.tap("Movers")
    assert chat.texts[-1].startswith("<b>Movers in 24 h</b> · vol&gt;10\n1–10 of 25")
    assert [1, 1, 1] == chat.bench.asked


@pytest.mark.parametrize("way", ["button", "words"])
async def test_a_refresh_has_a_time_of_its_own_for_each_person(chat, way):
    """Thirty seconds; a button says so on top of the screen, a command above the list."""

    async def refresh(user: int) -> None:
        await (chat.tap("Refresh", user) if way == "button" else chat.write("/screen refresh", user))

    for user in (VIEWER, OTHER):
        await chat.write("/screen", user)
    await refresh(OTHER)
    shown = len(chat.texts)
    await refresh(OTHER)
    if way == "button":
        assert (("You have refreshed it just now: again in 30 s.", False), shown) == (
            chat.alerts[-1],
            len(chat.texts),
        )
    else:
        assert chat.texts[-1].startswith("You have refreshed it just now: again in 30 s.\n<b>Coins by cap")


async def test_a_refresh_asks_the_sources_anew(chat):
    """Unless the list is some seconds old."""
    await chat.write("/screen", VIEWER)
    await chat.clock.tick(60)
    await chat.tap("Refresh")
    assert [2, 2, 2] == chat.bench.asked


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("best", "“best” is none of top, movers and volume, no number, and no filter such as vol&gt;10m."),
        ("500", "“500” does not work here: it is 1 to 200 coins at once."),
        ("vol>lots", "“lots” is no amount I can use: write digits and k, m, b or t, as in 10m or 1.5b."),
        (
            "<b>x</b>",
            "“&lt;b&gt;x&lt;/b&gt;” is no filter: they begin with vol, cap or change, then &gt; or &lt;.",
        ),
    ],
)
async def test_what_is_unclear_is_answered_with_an_example(chat, typed, problem):
    """Nobody is asked."""
    await chat.write(f"/screen {typed}", VIEWER)
    assert [f"{problem}\n{EXAMPLE.replace('>', '&gt;')}"] == chat.texts
    assert [0, 0, 0] == chat.bench.asked


async def test_no_source_and_no_list_is_one_line(chat):
    """With what to do."""
    chat.bench.fail(PeerUnavailable("x", "no answer"))
    await chat.write("/screen", VIEWER)
    assert ["The price sources cannot be reached; nothing was changed.\nTry again in a minute."] == chat.texts


@pytest.mark.parametrize("filters", ["vol>lots", "best", "top"])
async def test_a_button_of_another_version_has_lapsed(chat, filters):
    """What it carries is not understood any more."""
    offer = await chat.offers.make(VIEWER, [Action("screen", ("top", 10, filters, 0))])
    await chat.press(ButtonData(offer=offer, button=0).pack(), VIEWER)
    assert [("This button is not yours or has lapsed. Send the command again.", True)] == chat.alerts
