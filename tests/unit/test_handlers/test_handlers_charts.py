"""/chart: what is drawn for whom, its buttons, and pictures that are sent as files only once."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.types import BufferedInputFile
from chart_support import ChartBench, Source, points
from chat_support import ADMIN, BOT_ID, USER, ChatDesk, Undemanding
from lookup_support import a_ticker, an_instrument
from market_support import desk_of

from bot.errors import PeerUnavailable
from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import build_dispatcher
from bot.models.chart import DayUse
from bot.models.lookup import Aged, Price
from bot.models.role import Role
from bot.views.prices import price

VIEWER = 1005
EXAMPLE = "Write for example: /chart BTC, /chart BTC 30d, /chart gold or /chart portfolio"
UNKNOWN = (
    "“&lt;b&gt;” is not traded there.\n"
    "Write a coin or a pair, for example BTC or BTC/USDT; BTC/USDT:USDT is the perpetual."
)
POOL_EXAMPLE = "Write for example: /chart pool, or /chart pool beboo"


class ChartChat(ChatDesk):
    """Charts by the chat's clock, and a memory of what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.roles.roles[VIEWER] = Role.VIEWER
        self.source = Source("binance", self.clock, "100", "110")
        self.bench = ChartBench(self.source, clock=self.clock)
        fields = {name: getattr(self.deps, name) for name in ChatDeps.__dataclass_fields__ if name != "hints"}
        self.deps = ChatDeps(**fields | {"pictures": self.bench.records})
        self.dispatcher = build_dispatcher(
            self.deps, people=Undemanding(), markets=desk_of(charts=self.bench.charts)
        )

    @property
    def captions(self) -> list[str]:
        """Under the pictures that were sent or put in place."""
        calls = [*self.session.named("SendPhoto"), *(c.media for c in self.session.named("EditMessageMedia"))]
        return [call.caption for call in calls]

    async def tap(self, label: str, *, photo: bool = True, user: int = USER) -> None:
        """Press the button with that label, under a picture or under a text."""
        size = {"file_id": "x", "file_unique_id": "u", "width": 1, "height": 1}
        shown = {"photo": [size]} if photo else {"text": "60,000"}
        message = self.message(None, BOT_ID) | shown
        message |= {
            "message_id": 77,
            "chat": {"id": user, "type": "private"},
        }
        sender = {"id": user, "is_bot": False, "first_name": "Boris"}
        data = dict(self.buttons)[label]
        await self.feed(
            callback_query={
                "id": "55",
                "from": sender,
                "chat_instance": "1",
                "data": data,
                "message": message,
            }
        )


def refused(why: str):
    """How Telegram says no."""
    return lambda method: TelegramBadRequest(method, f"Bad Request: {why}")


@pytest.fixture
def chat() -> ChartChat:
    return ChartChat()


async def test_a_chart_is_a_picture_with_its_figures_below(chat):
    """Sent as a file the first time, buttons under it."""
    await chat.write("/chart BTC 30d", VIEWER)

    [sent] = chat.session.named("SendPhoto")
    assert isinstance(sent.photo, BufferedInputFile)
    assert chat.bench.pencil.picture == sent.photo.data
    assert sent.caption.startswith("<b>BTC</b> · 2 h so far\n110.00 USD · +10.00%\n")
    assert sent.caption.endswith("<i>binance · just now</i>")
    assert ["1d", "7d", "✓ 30d", "90d"] == [label for label, _ in chat.buttons]
    assert [] == chat.texts


async def test_the_same_picture_goes_by_its_id_the_next_time(chat):
    """And is not drawn again."""
    await chat.write("/chart BTC")
    await chat.write("/chart BTC 7d", VIEWER)

    first, second = chat.session.named("SendPhoto")
    assert "photo9000" == second.photo
    assert first.caption == second.caption
    assert 1 == len(chat.bench.pencil.drawn)


async def test_an_id_that_telegram_refuses_is_dropped_and_the_picture_sent_anew(chat):
    """Whoever asks gets it all the same, and the new id counts."""
    await chat.write("/chart BTC")
    chat.session.failures["SendPhoto"] = [refused("wrong file identifier/HTTP URL specified")]
    await chat.write("/chart BTC")

    calls = chat.session.named("SendPhoto")
    assert [False, True, False] == [isinstance(call.photo, str) for call in calls]
    assert ["photo9001"] == list(chat.bench.records.sent.values())
    assert 1 == len(chat.bench.pencil.drawn)


async def test_another_span_takes_the_pictures_place(chat):
    """One message all the way."""
    await chat.write("/chart BTC")
    await chat.tap("1d")

    [edited] = chat.session.named("EditMessageMedia")
    assert (77, ["✓ 1d", "7d", "30d", "90d"]) == (edited.message_id, [label for label, _ in chat.buttons])
    assert 1 == len(chat.session.named("SendPhoto"))
    assert [300, 3600] == sorted(seconds for _, seconds, _ in chat.source.asked)


async def test_below_a_text_a_picture_is_a_message_of_its_own(chat):
    """The text stays."""
    await chat.write("/chart BTC")
    await chat.tap("1d", photo=False)

    assert 2 == len(chat.session.named("SendPhoto"))
    assert [] == chat.session.named("EditMessageMedia")


async def test_where_the_picture_cannot_be_edited_it_is_sent(chat):
    """It was deleted meanwhile."""
    await chat.write("/chart BTC")
    chat.session.failures["EditMessageMedia"] = [refused("message to edit not found")]
    await chat.tap("1d")
    assert 2 == len(chat.session.named("SendPhoto"))


async def test_a_lost_connection_is_met_by_sending_again(chat):
    """As with texts."""
    chat.session.failures["SendPhoto"] = [lambda method: TelegramNetworkError(method, "reset")]
    task = asyncio.create_task(chat.write("/chart BTC"))
    while not chat.session.named("SendPhoto"):
        await asyncio.sleep(0.001)
    await chat.clock.tick(1)
    await task
    assert 2 == len(chat.session.named("SendPhoto"))


async def test_what_takes_long_is_announced_and_the_announcement_goes(chat):
    """A text cannot stay beside the picture that it promised."""
    chat.source.seconds = 11.0
    task = asyncio.create_task(chat.write("/chart BTC"))
    await chat.clock.tick(11)
    await task

    assert ["The picture is being drawn …"] == chat.texts
    assert [9000] == [call.message_id for call in chat.session.named("DeleteMessage")]
    assert 1 == len(chat.captions)


@pytest.mark.parametrize("typed", ["gold", "GOLD", "xau"])
async def test_an_ounce_by_name_or_code(chat, typed):
    """From what was noted here; the buttons ask for the same."""
    chat.bench.records.noted["XAU"] = points(chat.clock, 86_400, "4300", "4350", "4392")
    await chat.write(f"/chart {typed}")
    assert chat.captions[0].startswith("<b>Gold</b> · 2 d so far\n4,392.00 USD an ounce · +2.14%\n")
    await chat.tap("1d")
    assert chat.captions[-1].startswith("<b>Gold</b> · 1 day\n")


async def test_nothing_noted_yet_is_a_sentence(chat):
    """Buttons for other spans under it."""
    await chat.write("/chart silver")
    assert ["No price of silver was noted in the last 7 days.\nLook again later, or see /spot."] == chat.texts
    assert 4 == len(chat.buttons)


async def test_a_portfolio_is_that_of_who_asks(chat):
    """Who only looks has none."""
    chat.bench.records.noted[USER] = points(chat.clock, 3600, "10000", "10100")
    await chat.write("/chart portfolio")
    assert "<b>Portfolio · bybit …a3f9</b> · 1 h so far\n10,100.00 USD · +1.00%" in chat.captions[0]

    await chat.write("/chart portfolio", VIEWER)
    assert ["That is for users.\nSee /help for what you can use."] == chat.texts


async def test_the_pool_is_for_admins(chat):
    """All of it, or one resource; by a button as little as by a word."""
    chat.bench.records.uses = [DayUse("beboo", "2027-01-14", 3, 50), DayUse("avito", "2027-01-15", 1, 9)]
    await chat.write("/chart pool", ADMIN)
    await chat.write("/chart pool Beboo", ADMIN)
    assert "<b>Handed out</b> · 2 days, by day\n4 in all · today 1\n" in chat.captions[0]
    assert "<b>Handed out · beboo</b> · 1 day, by day\n3 in all · today 3 · 50 free\n" in chat.captions[1]
    await chat.write("/chart pool", USER)
    assert ["That is for admins.\nSee /help for what you can use."] == chat.texts


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", f"Say what to draw.\n{EXAMPLE}"),
        ("BTC 2d", f"“2d” does not work here: a chart goes back 1d, 7d, 30d or 90d.\n{EXAMPLE}"),
        ("BTC ETH 7d", f"“ETH” does not work here: a chart goes back 1d, 7d, 30d or 90d.\n{EXAMPLE}"),
        ("pool a b", f"Those are too many words: one resource is enough.\n{POOL_EXAMPLE}"),
        ("pool 7d", f"The pool is always drawn for 30 days.\n{POOL_EXAMPLE}"),
        (
            "pool a/b",
            f"A resource's name has only letters, digits, dots, dashes and underscores.\n{POOL_EXAMPLE}",
        ),
        ("<b>", UNKNOWN),
    ],
)
async def test_bad_words_are_answered_with_what_to_write(chat, typed, answer):
    """Nobody is asked."""
    await chat.write(f"/chart {typed}", ADMIN)
    assert [answer] == chat.texts
    assert [] == chat.source.asked


async def test_sources_that_are_away_are_named(chat):
    """Without a picture."""
    chat.source.failure = PeerUnavailable("binance", "no answer")
    await chat.write("/chart BTC")
    assert ["Binance cannot be reached; nothing was changed.\nTry again in a minute."] == chat.texts
    assert [] == chat.session.named("SendPhoto")


def test_a_price_has_a_button_to_its_chart():
    """/price of a pair opens the chart of its coin."""
    [_, button] = price(Price(an_instrument("ETH"), Aged(a_ticker("ETHUSDT"), "bybit", 0.0))).buttons
    assert ("Chart", "chart", ("ETH", "7d")) == (button.text, button.action.verb, button.action.args)
