"""Somebody's program behind a webhook, which answers as it is told."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from telegram_harness import serving


@dataclass
class Receiver:
    """What has come, and how the next ones are answered: 200 unless `answers` or `gates` say otherwise."""

    url: str = ""
    came: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: deque[web.Response] = field(default_factory=deque)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    present: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        async with self.changed:
            self.came.append(update)
            self.headers.append(dict(request.headers))
            self.present += 1
            self.changed.notify_all()
        gate = self.gates.get(update.get("message", {}).get("text", ""))
        if gate is not None:
            await gate.wait()
        self.present -= 1
        return self.answers.popleft() if self.answers else web.Response()

    def texts(self) -> list[str]:
        """What was written, in the order it came."""
        return [update["message"]["text"] for update in self.came]

    async def has(self, count: int) -> None:
        """Return when that many deliveries came."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(self.came) >= count)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/hook", receiver.take)
    async with serving(app) as url:
        receiver.url = f"{url}/hook"
        yield receiver
        for gate in receiver.gates.values():
            gate.set()
