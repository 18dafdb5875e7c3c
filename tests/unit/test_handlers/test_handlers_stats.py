"""/stats by buttons, and what is counted for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from admin_support import open_admin_chat
from aiogram.exceptions import TelegramBadRequest
from chat_support import ADMIN, POOL, USER
from structlog.testing import capture_logs

from bot.errors import NotEnough, PeerUnavailable
from bot.middlewares.metrics import KINDS, CommandMetrics
from bot.models.results import RowProblem
from bot.models.status import CacheFigures, DeskFigures, TradingFigures
from bot.resilience.clock import ManualClock
from bot.resilience.timings import Timings


@pytest.fixture
async def chat(tmp_path):
    async with open_admin_chat(tmp_path) as chat:
        yield chat


async def test_stats_begin_with_the_overview(chat):
    """The verdict first, then the figures, then a button for each section."""
    await chat.write("/stats", ADMIN)

    assert chat.texts[0].startswith("<b>Please look at this</b>\n• 4 rows of the sheet should be mended")
    assert "• 1 person would like access: see People" in chat.texts[0]
    assert len(chat.buttons) == 11


@pytest.mark.parametrize(
    "section",
    ["Pool", "People", "Sheet", "Trading", "Caches", "Jobs", "Times", "Latency", "Errors", "Problems"],
)
async def test_each_section_takes_the_place_of_the_other(chat, section):
    """One message, edited; each leads to every other."""
    await chat.write("/stats", ADMIN)
    await chat.tap(section)

    [edit] = chat.session.named("EditMessageText")
    assert edit.text.startswith(f"<b>{section}</b>")
    assert len(chat.session.named("SendMessage")) == 1
    await chat.tap("Overview")
    assert chat.texts[-1].startswith("<b>Please look at this</b>")


async def test_people_and_holders_come_from_where_they_are_kept(chat):
    """Roles from the roster, who asks from the people."""
    await chat.write("/stats", ADMIN)
    await chat.tap("People")

    assert "admins                       1" in chat.texts[-1]
    assert "users                        1" in chat.texts[-1]
    assert "Would like access: @new" in chat.texts[-1]


async def test_an_open_section_can_be_looked_at_again(chat):
    """Nothing has changed: Telegram says so, nobody else does."""
    await chat.write("/stats", ADMIN)
    same = "Bad Request: message is not modified"
    chat.session.failures["EditMessageText"] = [lambda method: TelegramBadRequest(method, same)]
    await chat.tap("· Overview")

    assert len(chat.session.named("SendMessage")) == 1


async def test_presses_and_commands_are_counted_by_name(chat):
    """A button by its verb, a command by its name, each with its times."""
    await chat.write("/stats", ADMIN)
    await chat.tap("Pool")
    await chat.tap("Sheet")
    await chat.tap("Times")

    names = {each.name: each.count for each in chat.deps.metrics.figures()}
    assert {"/stats": 1, "button stats": 3} == names
    assert "/stats          1    0  0ms  0ms" in chat.texts[-1]
    assert "stats           2    0  0ms  0ms" in chat.texts[-1]


async def test_errors_are_counted_by_class_with_their_references(chat):
    """What failed by our fault apart from what was refused."""
    chat.desk.refusals = [RuntimeError("user7:secret"), NotEnough("beboo", 5, 1)]
    with capture_logs():
        await chat.write("/take beboo 5")
        await chat.write("/take beboo 5")
        await chat.write("/take")
    await chat.write("/stats", ADMIN)
    assert "• a request failed just now: see Errors" in chat.texts[-1]
    await chat.tap("Errors")

    told = chat.texts[-1]
    assert "<pre>RuntimeError                 1</pre>" in told
    assert "<pre>BadArgument                  1</pre>" in told
    assert "k3f9 · RuntimeError · just now" in told
    assert "secret" not in told


async def test_retry_reads_the_sheet_again(chat):
    """The same message shows what is left."""
    await chat.write("/stats", ADMIN)
    await chat.tap("Problems")
    await chat.tap("Retry")

    assert chat.texts[-1].startswith("<b>Problems</b>")
    assert chat.texts[-1].endswith("<i>Sheet read just now</i>")
    assert len(chat.session.named("SendMessage")) == 1


async def test_a_retry_that_google_does_not_answer_is_explained(chat):
    """In a message of its own; the problems stay where they are."""
    await chat.write("/stats", ADMIN)
    await chat.tap("Problems")
    chat.desk.refusals = [PeerUnavailable("Google Sheets", "timeout")]
    await chat.tap("Retry")

    assert chat.texts[-1].startswith("Google Sheets cannot be reached; nothing was changed.")
    assert chat.session.named("DeleteMessage") == []


async def test_a_crowded_sheet_still_fits(chat):
    """Thousands of problems are one message."""
    problems = tuple(RowProblem(row, "no host:port found: write host:port:user:pass") for row in range(5000))
    chat.desk.pool = replace(POOL, problems=problems)
    await chat.write("/stats", ADMIN)
    await chat.tap("Problems")

    assert "and 4980 more" in chat.texts[-1]


async def test_users_have_no_figures(chat):
    """One line, and nothing is read."""
    await chat.write("/stats", USER)
    assert chat.texts == ["That is for admins.\nSee /help for what you can use."]


def test_kinds_of_errors_are_bounded():
    """However many there are, the memory of them is not."""
    metrics = CommandMetrics(Timings(ManualClock()))
    for number in range(KINDS + 30):
        metrics.met(type(f"Error{number}", (Exception,), {})(), 1.0, refused=False)
        metrics.refer(f"r{number}", RuntimeError(), float(number))

    counts = {error.name: error.count for error in metrics.errors()}
    assert (KINDS + 1, 30) == (len(counts), counts["others"])
    assert ["r79", "r78"] == [each.number for each in metrics.references()][:2]
    assert len(metrics.references()) == 10


async def test_a_trading_desk_is_counted_where_there_is_one(chat):
    """Its section, and its caches before those of the sheet."""

    class Desk:
        async def collect(self):
            return TradingFigures(DeskFigures({"filled": 2}, (), 0, 3, Decimal(5), {}, {}), clients=4)

        def caches(self):
            return (CacheFigures("balances", 40, 300, 100, 90, 3),)

    chat.dispatcher["deps"] = replace(chat.deps, trading=Desk())
    await chat.write("/stats", ADMIN)
    await chat.tap("Trading")
    assert "Clients: 4, in use: 0" in chat.texts[-1]
    await chat.tap("Caches")
    assert chat.texts[-1].index("balances") < chat.texts[-1].index("expiry cells")
