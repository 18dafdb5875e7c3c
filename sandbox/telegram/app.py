"""The Bot API over HTTP: `/bot{token}/{method}`, `/file/bot{token}/{path}`, and the control side on the same port."""

import asyncio
import inspect
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from sandbox.faults import Faults
from sandbox.telegram.control import control_routes
from sandbox.telegram.delivery import Delivery, Sleep
from sandbox.telegram.errors import BotApiError, not_found, unauthorized
from sandbox.telegram.limits import UPLOAD_BYTES
from sandbox.telegram.methods import BY_LOWER_NAME, METHODS
from sandbox.telegram.methods.files import linked_file
from sandbox.telegram.requests import Parameters, read_parameters
from sandbox.telegram.world import TelegramWorld

TOKEN_FORM = re.compile(r"\d+:[A-Za-z0-9_-]{3,}")
# A form around the largest file; what is larger still is refused while it is read.
BODY_BYTES = UPLOAD_BYTES + 1024 * 1024


def create_telegram_app(
    world: TelegramWorld, faults: Faults, sleep: Sleep = asyncio.sleep
) -> web.Application:
    """The server's application; its shutdown ends `faults` and every connection that waits on the world.

    While it runs it delivers to the world's webhook, and waits by `sleep` before it tries again.
    """
    app = web.Application(middlewares=[faults.middleware], client_max_size=BODY_BYTES)
    app.add_routes(faults.routes())
    app.add_routes(control_routes(world))
    api = BotApi(world)
    for method in ("GET", "POST"):
        app.router.add_route(method, "/bot{token}/{method}", api.handle)
    app.router.add_get("/file/bot{token}/{path:.*}", api.download)
    app.router.add_route("*", "/{path:.*}", api.refuse)

    async def running(_: web.Application) -> AsyncIterator[None]:
        world.open()
        delivering = asyncio.create_task(Delivery(world, api.carry_out, sleep).run())
        yield
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)

    async def stop(_: web.Application) -> None:
        world.close()

    app.cleanup_ctx.append(running)
    app.on_shutdown.append(stop)
    app.on_shutdown.append(faults.close)
    return app


class BotApi:
    """Finds the method of a call, has it carried out and counts the outcome."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call, as `{"ok": true, "result": …}` or in the words of its refusal."""
        name = BY_LOWER_NAME.get(request.match_info["method"].lower(), "unknown")
        try:
            self._check_token(request.match_info["token"])
            result = await self._call(name, request)
        except BotApiError as error:
            return self._answer(name, error.status, error.body())
        return self._answer(name, 200, {"ok": True, "result": result})

    async def carry_out(self, method: str, parameters: Parameters) -> None:
        """Do what the answer to a delivered update asks for; whether it could be done is only counted."""
        name = BY_LOWER_NAME.get(method.lower(), "unknown")
        try:
            await self._done(name, parameters)
        except BotApiError as error:
            self._count(name, error.status)
        else:
            self._count(name, 200)

    async def download(self, request: web.Request) -> web.Response:
        """The bytes behind a path that getFile has given."""
        try:
            self._check_token(request.match_info["token"])
            file = linked_file(self._world, request.match_info["path"])
        except BotApiError as error:
            return web.json_response(error.body(), status=error.status)
        return web.Response(body=file.content, content_type="application/octet-stream")

    async def refuse(self, request: web.Request) -> web.Response:
        """404 for every other path."""
        return web.json_response(not_found().body(), status=404)

    def _check_token(self, token: str) -> None:
        if not TOKEN_FORM.fullmatch(token):
            raise not_found()
        if token != self._world.token:
            raise unauthorized()

    async def _call(self, name: str, request: web.Request) -> Any:
        if name not in METHODS:
            raise not_found()
        return await self._done(name, await read_parameters(request))

    async def _done(self, name: str, parameters: Parameters) -> Any:
        if name not in METHODS:
            raise not_found()
        result = METHODS[name](self._world, parameters)
        return await result if inspect.isawaitable(result) else result

    def _count(self, name: str, status: int) -> None:
        self._world.calls.setdefault(name, Counter())[str(status)] += 1

    def _answer(self, name: str, status: int, body: dict[str, Any]) -> web.Response:
        self._count(name, status)
        return web.json_response(body, status=status)
