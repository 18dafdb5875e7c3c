"""/spot and /melt: prices with source and age, their buttons, and scrap by words."""

from __future__ import annotations

import pytest
from chat_support import ChatDesk, Undemanding
from market_support import desk_of
from spot_support import SpotBench

from bot.errors import PeerUnavailable
from bot.handlers.dispatcher import build_dispatcher
from bot.models.price import Metal
from bot.models.role import Role

VIEWER = 1005
EXAMPLE = "Write for example: /melt 12.5g 14k + 1 ozt sterling, with g, dwt, ozt or grain"


class MarketChat(ChatDesk):
    """A chat whose price sources answer by its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = SpotBench(self.clock)
        markets = desk_of(spot=self.bench.spot, melting=self.bench.melting)
        self.dispatcher = build_dispatcher(self.deps, people=Undemanding(), markets=markets)
        self.roles.roles[VIEWER] = Role.VIEWER

    async def tap(self, label: str) -> None:
        """Press the button with that label under the last message."""
        await self.press(dict(self.buttons)[label], VIEWER)


@pytest.fixture
def chat() -> MarketChat:
    return MarketChat()


async def test_prices_and_alloys_are_a_tap_from_each_other(chat):
    """Viewers may look too."""
    await chat.write("/spot", VIEWER)
    assert "Gold       4,392.00  141.21" in chat.texts[-1]
    assert chat.texts[-1].endswith("<i>gold-api · 2 s ago</i>")
    assert ["Refresh", "Karats", "Gold chart", "Silver chart"] == [label for label, _ in chat.buttons][:4]
    await chat.tap("Karats")
    assert "14K       2,562.00   82.37" in chat.texts[-1]
    await chat.tap("Prices")
    assert "Gold       4,392.00  141.21" in chat.texts[-1]


async def test_refresh_asks_again_but_not_at_once(chat):
    """Within ten seconds it says that it was just done."""
    await chat.write("/spot", VIEWER)
    chat.bench.sources[0].prices[Metal.GOLD] = "4400"
    await chat.tap("Refresh")
    assert "4,400.00" in chat.texts[-1]
    asked = chat.bench.asked
    await chat.tap("Refresh")
    assert (("Just refreshed.", False), asked) == (chat.alerts[-1], chat.bench.asked)


async def test_without_any_price_there_is_a_way_on(chat):
    """Nothing is shown that nobody said."""
    for source in chat.bench.sources:
        source.failure = PeerUnavailable(source.name, "no answer")
    await chat.write("/spot", VIEWER)
    problem = "No price source answers just now, and I know no older price.\nTry again in a minute."
    assert [problem] == chat.texts
    await chat.write("/melt 1g 14k", VIEWER)
    assert "Price sources cannot be reached; nothing was changed.\nTry again in a minute." == chat.texts[-1]
    for source in chat.bench.sources:
        source.failure = None
    await chat.write("/spot", VIEWER)
    assert "4,392.00" in chat.texts[-1]


async def test_scrap_is_valued_piece_by_piece(chat):
    """With what is paid for it, and the table in use."""
    await chat.write("/melt 12.5g 14k + 1 ozt sterling + 3 g plated", VIEWER)
    text = chat.texts[-1]
    assert (
        "1. 12.5 g 14K gold: 1,029.63 USD\n2. 1 ozt sterling silver: 47.36 USD\n3. 3 g plated: nothing\n"
        in text
    )
    assert "Total: <b>1,076.99 USD</b>\nTo buy, at 90% of gold, 70% of silver: <b>959.82 USD</b>\n" in text
    assert "Karats are 24ths, 24K counts as .999, stamps are thousandths; 1 ozt is 31.1034768 g." in text


async def test_what_is_unclear_is_answered_with_an_example(chat):
    """One line that says what is wrong, one that shows how; no source is asked."""
    await chat.write("/melt 5g <b>", VIEWER)
    assert ([f"I do not understand “&lt;b&gt;”.\n{EXAMPLE}"], [0, 0, 0]) == (chat.texts, chat.bench.asked)
