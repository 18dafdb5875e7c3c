"""How the chat is put together: no threads per filter, every command in the table, the menu, the log."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

from aiogram import Router
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.filters import Filter
from chat_support import USER, ChatDesk
from structlog.testing import capture_logs

from bot.handlers.filters import ButtonData
from bot.middlewares.metrics import CommandMetrics
from bot.models.offer import Action
from bot.resilience.clock import ManualClock
from bot.resilience.timings import Timings
from bot.views.commands import COMMANDS, CommandInfo

ROOT = Path(__file__).resolve().parents[3]


def check_filters(router: Router) -> list[str]:
    """Every handler and filter that aiogram would run in a thread, in the router and those below it."""
    found = []
    for part in router.chain_tail:
        for name, observer in part.observers.items():
            for handler in observer.handlers:
                filters = handler.filters or []
                pieces = [piece for piece in (handler, *filters) if _synchronous(piece)]
                found.extend(f"{part.name}.{name}: {piece.callback!r}" for piece in pieces)
    return found


def _synchronous(piece: CallableObject) -> bool:
    """A Filter counts as awaitable for aiogram, whatever its `__call__` is."""
    called = type(piece.callback).__call__ if isinstance(piece.callback, Filter) else piece.callback
    return not piece.awaitable or not inspect.iscoroutinefunction(called)


def test_nothing_on_the_way_of_an_update_runs_in_a_thread(chat):
    """Every filter and handler is asynchronous."""
    assert check_filters(chat.dispatcher) == []


def test_a_synchronous_filter_would_be_found():
    """The walk does see what it looks for, in routers below others too."""
    outer, inner = Router(name="outer"), Router(name="inner")

    async def handler(_): ...

    inner.message.register(handler, lambda _: True)
    outer.include_router(inner)
    assert len(check_filters(outer)) == 1


def test_the_readme_has_the_table_of_commands():
    """Who reads the README first finds every command there, with its words and from which role on: the very table."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = ["| command | | from |", "|---|---|---|", *map(_readme_row, COMMANDS)]
    assert "\n".join(["", *table, ""]) in readme


def _readme_row(info: CommandInfo) -> str:
    typed = " ".join(part for part in (info.name, info.args.replace("|", "\\|")) if part)
    return f"| `/{typed}` | {info.description} | {info.role} |"


def test_two_dispatchers_can_live_side_by_side():
    """Routers are made fresh each time."""
    assert ChatDesk().dispatcher is not ChatDesk().dispatcher


async def test_each_request_is_logged_by_ids_only(chat):
    """The log knows who, where, what and how it ended, never what was written; what went well is for DEBUG."""
    with capture_logs() as logged:
        await chat.write("/take secret-site 2")
        await chat.write("/take secret-site nonsense")

    lines = [line for line in logged if line["event"] == "request"]
    assert [(line["log_level"], line["name"], line["outcome"], line["user_id"]) for line in lines] == [
        ("debug", "/take", "answered", USER),
        ("info", "/take", "refused", USER),
    ]
    assert "secret" not in repr(logged)


async def test_an_answer_that_took_long_is_logged(chat):
    """At a level that everybody sees."""
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(1)
    chat.desk.gate.set()
    with capture_logs() as logged:
        await asking
    [line] = [line for line in logged if line["event"] == "request"]
    assert ("info", "answered", 1.0) == (line["log_level"], line["outcome"], line["seconds"])


async def test_requests_are_counted_with_their_latencies(chat):
    """A command's time runs until its answer is sent; refusals are no errors, failures are."""
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(4)
    chat.desk.gate.set()
    await asking
    chat.desk.refusals = [RuntimeError("boom")]
    with capture_logs():
        await chat.write("/take beboo")
    await chat.write("/take")
    await chat.write("/tke")
    offer = await chat.offers.make(USER, [Action("take", ("beboo", 1, 0))])
    await chat.press(ButtonData(offer=offer, button=0).pack())
    await chat.press("b:forged:0")

    figures = {one.name: one for one in chat.deps.metrics.figures()}
    assert (figures["/take"].count, figures["/take"].errors) == (3, 1)
    assert (figures["/take"].p50, figures["/take"].p95) == (0.0, 4.0)
    assert figures["other"].count == 1
    assert (figures["button take"].count, figures["button take"].errors) == (1, 0)


def test_latencies_are_those_of_the_last_requests():
    """The memory of it stays bounded, and old slowness is forgotten."""
    metrics = CommandMetrics(Timings(ManualClock()))
    metrics.add("/take", 60.0, failed=False)
    for _ in range(256):
        metrics.add("/take", 0.1, failed=False)

    [figures] = metrics.figures()
    assert (figures.count, figures.p95) == (257, 0.1)
