"""Bots that take updates in, each in a process of its own: `python -m bench.fronts WAY MODE FACTS`.

WAY is one of WAYS, MODE `webhook` or `polling`, FACTS a JSON object: `token` and `url` of Telegram, the number of
`updates` to come, for a webhook its `port` and `secret`, and the environment of our own bot. A line `ready` says
that it listens, a line with a number how many seconds after that the last of them was handled.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bot.__main__ import loop_factory

WAYS = ("bare", "typical", "ours")
HANDLERS_BEFORE, PASSING_MIDDLEWARES = 10, 3
LOOK_EVERY = 0.01
WARMING_UP = 4.0  # seconds in which a lean start builds what it needs first, and menus are set


def say(line: object) -> None:
    """Tell whoever has started this process."""
    print(line, flush=True)


async def run(way: str, mode: str, facts: dict[str, Any]) -> None:
    """Take all of the updates in and say when the last of them was handled."""
    async with AsyncExitStack() as stack:
        start = _ours if way == "ours" else _aiograms
        handled = await start(stack, mode, facts, typical=way == "typical")
        say("ready")
        began = time.perf_counter()
        while handled() < facts["updates"]:  # noqa: ASYNC110  # what is measured shall not know that it is
            await asyncio.sleep(LOOK_EVERY)
        say(time.perf_counter() - began)
        await asyncio.to_thread(
            sys.stdin.read
        )  # the last answers are on their way: whoever reads them ends this


async def _aiograms(
    stack: AsyncExitStack, mode: str, facts: dict[str, Any], *, typical: bool
) -> Callable[[], int]:
    """A bot as aiogram's documentation shows it: returns how many it has handled."""
    from aiogram import Bot  # our own bot is not to pay for it
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler
    from aiohttp import web

    handled: Counter[str] = Counter()
    dispatcher = _dispatcher(handled, typical=typical)
    bot = Bot(facts["token"], AiohttpSession(api=TelegramAPIServer.from_base(facts["url"])))
    stack.push_async_callback(bot.session.close)
    if mode == "polling":
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        stack.callback(polling.cancel)
    else:
        app = web.Application()
        door = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=facts["secret"])
        door.register(app, "/updates")
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", facts["port"]).start()
    return lambda: handled["updates"]


def _dispatcher(handled: Counter[str], *, typical: bool) -> Any:
    """Counts what it handles; a typical one tries ten filters first."""
    from aiogram import Dispatcher, F
    from aiogram.types import Message, TelegramObject

    async def handle(message: Message) -> None:
        handled["updates"] += 1

    async def pass_on(
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        return await handler(event, data)

    dispatcher = Dispatcher()
    for _ in range(PASSING_MIDDLEWARES if typical else 0):
        dispatcher.message.middleware(pass_on)
    for number in range(HANDLERS_BEFORE if typical else 0):
        dispatcher.message.register(handle, F.text == f"button {number}")
    dispatcher.message.register(handle, *([F.text] if typical else []))
    return dispatcher


async def _ours(
    stack: AsyncExitStack, mode: str, facts: dict[str, Any], *, typical: bool
) -> Callable[[], int]:
    """The whole bot, with its sheet and its journal."""
    from bot.app import open_chat, open_desk
    from bot.logs import configure_logging
    from bot.resilience.memory import calm_collector, shorten_turns
    from bot.settings import load_settings

    nowhere = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))  # noqa: ASYNC230, SIM115
    configure_logging("INFO", "json", None, secrets=(), stream=nowhere)
    settings = load_settings(facts["environment"], None)
    desk = await stack.enter_async_context(open_desk(settings))
    chat = await stack.enter_async_context(open_chat(settings, desk))
    taking = asyncio.create_task(chat.intake.run())
    stack.push_async_callback(_end, chat, taking)
    await chat.intake.replayed.wait()
    while mode == "webhook" and not chat.intake.accepting:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY)
    calm_collector()
    shorten_turns()
    await asyncio.sleep(WARMING_UP)
    return lambda: chat.intake.stats().handled


async def _end(chat: Any, taking: asyncio.Task[None]) -> None:
    await chat.intake.stop(1.0)
    await taking
    await chat.relay.stop(1.0)


def main(way: str, mode: str, facts: str) -> None:
    """Run it; ours on the loop that it always has."""
    with asyncio.Runner(loop_factory=loop_factory() if way == "ours" else None) as runner:
        runner.run(run(way, mode, json.loads(facts)))


if __name__ == "__main__":
    main(*sys.argv[1:])
