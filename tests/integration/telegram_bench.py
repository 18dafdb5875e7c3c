"""The sandbox's Telegram on a socket, and the bot's own client for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiogram import Bot
from aiohttp.test_utils import TestServer

from bot.gateways.telegram import make_bot
from bot.resilience.clock import Clock, SystemClock
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body
from sandbox.telegram.delivery import Sleep


@dataclass
class TelegramBench:
    """A world with Anna (7) and Boris (8) in it, its faults, and a client of its control side."""

    url: str
    world: TelegramWorld
    faults: Faults
    bot: Bot
    client: aiohttp.ClientSession

    async def act(self, path: str, **fields: Any) -> dict[str, Any]:
        """Let somebody do something."""
        async with self.client.post(f"{self.url}/sandbox/{path}", json=fields) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def see(self, path: str, **query: str) -> Any:
        """Look at the world."""
        async with self.client.get(f"{self.url}/sandbox/{path}", params=query) as response:
            return await response.json()

    async def texts(self, chat: int) -> list[str]:
        """What the bot wrote in a chat."""
        messages = await self.see(f"chats/{chat}/messages")
        return [message["text"] for message in messages if message["from"]["is_bot"]]


@asynccontextmanager
async def telegram_bench(
    clock: Clock | None = None, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[TelegramBench]:
    """Start it, and close everything again; `sleep` waits before a webhook is tried again."""
    world, faults = TelegramWorld(), Faults(error_body=telegram_error_body)
    for user_id, name in ((7, "Anna"), (8, "Boris")):
        world.add_user(name, user_id=user_id)
    async with (
        TestServer(create_telegram_app(world, faults, sleep)) as server,
        aiohttp.ClientSession() as client,
    ):
        url = str(server.make_url("")).rstrip("/")
        bot = make_bot(world.token, url, clock=clock or SystemClock(), call_seconds=5)
        try:
            yield TelegramBench(url, world, faults, bot, client)
        finally:
            await bot.session.close()
