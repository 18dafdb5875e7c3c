"""A Telegram of the sandbox on a free port, with a clock that is ticked by hand."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body
from sandbox.telegram.delivery import Sleep

ANNA = 1001
BORIS = 1002


@dataclass
class Clock:
    """Unix time that stands still until told otherwise."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Harness:
    """The server, its world, and both doors: `call` is the bot's, `control` is the people's."""

    world: TelegramWorld
    clock: Clock
    client: aiohttp.ClientSession
    url: str

    async def call(self, method: str, **parameters: Any) -> tuple[int, Any]:
        """Call a method as aiogram does: urlencoded, objects as JSON; as multipart if there are bytes.

        HTTP status and decoded body.
        """
        form = aiohttp.FormData()
        for name, value in parameters.items():
            if isinstance(value, bytes):
                form.add_field(name, BytesIO(value), filename=f"{name}.bin")
            else:
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        async with self.client.post(f"{self.url}/bot{self.world.token}/{method}", data=form) as response:
            body = await response.json()
            assert response.status == body.get("error_code", 200)
            return response.status, body

    async def result(self, method: str, **parameters: Any) -> Any:
        """The result of a call that has to succeed."""
        _, body = await self.call(method, **parameters)
        assert body["ok"], body
        return body["result"]

    async def refusal(self, method: str, **parameters: Any) -> str:
        """The description of a call that has to be refused."""
        _, body = await self.call(method, **parameters)
        assert not body["ok"], body
        return str(body["description"])

    async def control(self, verb: str, path: str, body: object = None) -> Any:
        """A control request that has to succeed: its JSON."""
        status, answer = await self.try_control(verb, path, body)
        assert status == 200, answer
        return answer

    async def try_control(self, verb: str, path: str, body: object = None) -> tuple[int, Any]:
        """A control request: its status and JSON."""
        async with self.client.request(verb, f"{self.url}/sandbox/{path}", json=body) as response:
            return response.status, await response.json()

    async def says(self, text: str, user: int = ANNA, **fields: object) -> Any:
        """Somebody writes to the bot."""
        return await self.control("POST", "send", {"user": user, "text": text, **fields})

    async def sends(self, content: bytes, user: int = ANNA, kind: str = "photo", **fields: object) -> Any:
        """Somebody sends a file to the bot; `text` is its caption."""
        file = {"kind": kind, "content": b64encode(content).decode(), "name": "file.txt"}
        return await self.control("POST", "send", {"user": user, "file": file, **fields})

    async def download(self, path: str, token: str | None = None) -> tuple[int, bytes]:
        """What is behind a file path: status and body."""
        async with self.client.get(f"{self.url}/file/bot{token or self.world.token}/{path}") as response:
            return response.status, await response.read()

    async def until_polling(self, expected: bool = True) -> None:
        """Return once the server holds a getUpdates call, or holds none any more."""
        while (await self.control("GET", "state"))["polling"] != expected:
            await asyncio.sleep(0)

    def bot(self) -> Bot:
        """A real aiogram bot for this server; its session is the caller's to close."""
        return Bot(self.world.token, session=AiohttpSession(api=TelegramAPIServer.from_base(self.url)))


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The URL of an application served as the launcher does it: handlers outlive their callers."""
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running(sleep: Sleep = asyncio.sleep) -> AsyncIterator[Harness]:
    """A running server with Anna, who has started the bot, and Boris, who has not.

    `sleep` waits between attempts to deliver to a webhook.
    """
    clock = Clock()
    world = TelegramWorld(clock=clock)
    world.add_user("Anna", "anna", "de", user_id=ANNA)
    world.add_user("Boris", user_id=BORIS)
    app = create_telegram_app(world, Faults(error_body=telegram_error_body), sleep)
    async with serving(app) as url, aiohttp.ClientSession() as client:
        telegram = Harness(world, clock, client, url)
        await telegram.says("/start")
        world.updates.drop()
        yield telegram
