"""What an update costs on its way to its handler: decoded, filtered, and through all that stands around handlers.

One text message after the other, the same handler that does nothing, no network. `bare`: a dispatcher of aiogram
with nothing else. `typical`: three middlewares that pass on, ten handlers with `F.text == "…"` before the one that
fits; aiogram runs such filters in a thread each. `ours`: every middleware of the bot, with its own roles and its
log, written to nowhere. Rounds alternate; medians and ratios to `bare`.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from aiogram import Bot, Dispatcher, F
from aiogram.types import Message, TelegramObject, Update
from bench.page import command_line, publish
from cryptography.fernet import Fernet

from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import surround
from bot.handlers.menu import Menus
from bot.handlers.switchboard import Switchboard
from bot.logs import configure_logging
from bot.middlewares.metrics import CommandMetrics
from bot.resilience.clock import SystemClock
from bot.resilience.timings import Timings
from bot.services.admission import Admission
from bot.services.outbox import Outbox
from bot.services.people import People
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.migrate import upgrade
from bot.storage.outbox import OutboxStore
from bot.storage.people import PeopleStore

TOKEN = "123456:" + "A" * 35
ANNA = 7
PASSING_MIDDLEWARES, HANDLERS_BEFORE = 3, 10
NO_LIMIT = 1_000_000_000
HEAD = ("way", "µs an update", "updates/s", "× bare")


@dataclass(frozen=True, slots=True)
class Figure:
    """What an update costs, the median of all rounds, and how that compares with the bare dispatcher."""

    way: str
    us: float
    ratio: float


async def handle(message: Message) -> None:
    """Does nothing."""


def message(number: int) -> dict[str, Any]:
    """A text message as Telegram sends it."""
    person = {"id": ANNA, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "en"}
    chat = {"id": ANNA, "first_name": "Anna", "username": "anna", "type": "private"}
    content = {
        "message_id": number,
        "from": person,
        "chat": chat,
        "date": 1_800_000_000,
        "text": "good morning",
    }
    return {"update_id": number, "message": content}


@asynccontextmanager
async def bare() -> AsyncIterator[Dispatcher]:
    """A dispatcher and a handler."""
    dispatcher = Dispatcher()
    dispatcher.message.register(handle)
    yield dispatcher


@asynccontextmanager
async def typical() -> AsyncIterator[Dispatcher]:
    """As bots are usually written."""

    async def pass_on(
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        return await handler(event, data)

    dispatcher = Dispatcher()
    for _ in range(PASSING_MIDDLEWARES):
        dispatcher.message.middleware(pass_on)
    for number in range(HANDLERS_BEFORE):
        dispatcher.message.register(handle, F.text == f"button {number}")
    dispatcher.message.register(handle, F.text)
    yield dispatcher


@asynccontextmanager
async def ours() -> AsyncIterator[Dispatcher]:
    """All of the bot's middlewares around the same handler."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = Database(f"sqlite:///{folder}/bot.db")
        stack.push_async_callback(database.close)
        await database.start()
        await database.migrate(upgrade)
        people = People({ANNA}, (), PeopleStore(database), clock)
        await people.load()
        letters = OutboxStore(database, Cipher([Fernet.generate_key().decode()]))
        admission = Admission(people, Outbox(letters, people, clock, lambda: None), Menus(Bot(TOKEN), people))
        unused = cast(Any, None)  # the handler asks for none of it
        metrics = CommandMetrics(Timings(clock))
        deps = ChatDeps(unused, unused, people, unused, unused, clock, 0.0, lambda: 0, lambda: "", metrics)
        dispatcher = Switchboard()
        surround(dispatcher, deps, admission, NO_LIMIT)
        dispatcher.message.register(handle)
        yield dispatcher


WAYS = {"bare": bare, "typical": typical, "ours": ours}


async def timed(dispatcher: Dispatcher, bot: Bot, updates: int) -> float:
    """Microseconds an update, decoding included."""
    raw = [message(number) for number in range(1, updates + 1)]
    began = time.perf_counter()
    for each in raw:
        await dispatcher.feed_update(bot, Update.model_validate(each, context={"bot": bot}))
    return (time.perf_counter() - began) / updates * 1e6


async def measure(rounds: int, updates: int) -> list[Figure]:
    """Every way in turn, so that what else the machine does hits all alike."""
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    async with AsyncExitStack() as stack:
        bot = Bot(TOKEN)
        stack.push_async_callback(bot.session.close)
        dispatchers = {way: await stack.enter_async_context(opened()) for way, opened in WAYS.items()}
        for dispatcher in dispatchers.values():
            await timed(dispatcher, bot, updates // 4)
        for _ in range(rounds):
            for way, dispatcher in dispatchers.items():
                times[way].append(await timed(dispatcher, bot, updates))
    medians = {way: statistics.median(each) for way, each in times.items()}
    return [Figure(way, us, us / medians["bare"]) for way, us in medians.items()]


def lines(figures: Sequence[Figure]) -> list[list[str]]:
    """One for each way."""
    return [[one.way, f"{one.us:.0f}", f"{1e6 / one.us:,.0f}", f"{one.ratio:.2f}"] for one in figures]


def main() -> None:
    """Measure, print a table, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="rounds of each way (9)")
    parser.add_argument("--updates", type=int, default=400, metavar="N", help="updates a round (400)")
    options = parser.parse_args()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logging("INFO", "json", None, secrets=(), stream=nowhere)
        figures = asyncio.run(measure(options.rounds, options.updates))
    publish(
        options,
        "dispatch",
        "An update on its way to its handler",
        HEAD,
        lines(figures),
        [asdict(one) for one in figures],
    )


if __name__ == "__main__":
    main()
