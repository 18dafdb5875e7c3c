"""Latency and faults that can be switched on in front of any of the local servers.

Mount `Faults.middleware` outermost, add `Faults.routes()` and append `Faults.close` to `app.on_shutdown`.
Paths under `/sandbox/` are control paths: they are never delayed and never fail.
"""

import asyncio
import json
import logging
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.fault_rules import Latency, Rule

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ErrorBody = Callable[[int, float | None], Mapping[str, object] | str]

DRIPS_PER_SECOND = 20
HTML_502 = (
    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error 502 (Server Error)!!1</title>\n"
    "<p><b>502.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not "
    "complete your request.<p>Please try again in 30 seconds. <ins>That’s all we know.</ins>\n"
)
GOOGLE_ERRORS = {
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    429: ("RESOURCE_EXHAUSTED", "Quota exceeded."),
    500: ("INTERNAL", "Internal error encountered."),
    503: ("UNAVAILABLE", "The service is currently unavailable."),
}


def google_error_body(status: int, retry_after: float | None) -> Mapping[str, object]:
    """The JSON body with which Google's services refuse a call."""
    name, message = GOOGLE_ERRORS.get(status, ("UNKNOWN", "Unknown Error."))
    return {"error": {"code": status, "message": message, "status": name}}


class Faults:
    """Latency and fault rules of one server; the first rule that strikes a call decides what happens to it.

    `seed` makes drawn latencies and probabilities repeatable. `latency_ms` is a constant latency to start
    with. `error_body(status, retry_after)` supplies the body of the kind `status`: JSON, or a text that is
    sent as a page.
    """

    def __init__(
        self, *, seed: int = 0, latency_ms: float = 0, error_body: ErrorBody = google_error_body
    ) -> None:
        self._error_body = error_body
        self._latency = Latency("constant", ms=latency_ms) if latency_ms else None
        self._rules: list[Rule] = []
        self._pauses: set[asyncio.Future[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reseed(seed)

    def _reseed(self, seed: int) -> None:
        self.seed = seed
        self._latencies = random.Random(seed)
        self._chances = random.Random(f"rules {seed}")

    # -- what tests and the launcher switch ---------------------------------------------------------------

    def set(self, settings: Mapping[str, Any]) -> None:
        """Replace `seed`, `latency` and `rules`; what is left out stays. ValueError changes nothing."""
        unknown = settings.keys() - {"seed", "latency", "rules"}
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        latency = settings.get("latency")
        parsed = Latency.from_json(latency) if latency is not None else None
        rules = [Rule.from_json(rule) for rule in settings.get("rules", [])]
        if "latency" in settings:
            self._latency = parsed
        if "rules" in settings:
            self._rules = rules
        if "seed" in settings:
            self._reseed(int(settings["seed"]))

    def add(self, rule: Mapping[str, Any]) -> None:
        """Append one rule; ValueError if it is not one. What had its name is dropped, and what is over."""
        added = Rule.from_json(rule)
        self._rules = [each for each in self._rules if not each.is_over]
        if added.name is not None:
            self.drop(added.name)
        self._rules.append(added)

    def drop(self, name: str) -> None:
        """Drop the rule of that name, if there is one."""
        self._rules = [each for each in self._rules if each.name != name]

    def clear(self) -> None:
        """No latency, no rules."""
        self._latency, self._rules = None, []

    def snapshot(self) -> dict[str, Any]:
        """The settings as `set` takes them, with each rule's counts."""
        latency = asdict(self._latency) if self._latency else None
        return {"seed": self.seed, "latency": latency, "rules": [asdict(rule) for rule in self._rules]}

    def routes(self) -> list[web.RouteDef]:
        """The control paths: `/sandbox/faults` (GET, PUT, DELETE) and `…/rules` (POST; DELETE by name)."""
        return [
            web.get("/sandbox/faults", self._on_get),
            web.put("/sandbox/faults", self._on_put),
            web.post("/sandbox/faults/rules", self._on_post),
            web.delete("/sandbox/faults/rules/{name}", self._on_drop),
            web.delete("/sandbox/faults", self._on_delete),
        ]

    async def _on_get(self, request: web.Request) -> web.Response:
        return web.json_response(self.snapshot())

    async def _on_put(self, request: web.Request) -> web.Response:
        return await self._change(request, self.set)

    async def _on_post(self, request: web.Request) -> web.Response:
        return await self._change(request, self.add)

    async def _on_delete(self, request: web.Request) -> web.Response:
        self.clear()
        return web.json_response(self.snapshot())

    async def _on_drop(self, request: web.Request) -> web.Response:
        self.drop(request.match_info["name"])
        return web.json_response(self.snapshot())

    async def _change(self, request: web.Request, change: Callable[[Any], None]) -> web.Response:
        try:
            change(await request.json())
        except (ValueError, TypeError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self.snapshot())

    # -- what calls meet ----------------------------------------------------------------------------------

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Delay the call, then let it through or strike it; nobody is answered who hung up meanwhile."""
        if request.path.startswith("/sandbox/"):
            return await handler(request)
        if self._latency:
            await self._pause(self._latency.draw(self._latencies))
        try:
            if not request.content_type.startswith("multipart/"):
                await request.read()  # who is struck has sent all of it: then its sender may be killed
            for rule in self._rules:
                if rule.strikes(request.method, request.raw_path, self._chances):
                    return await STRIKES[rule.kind](self, rule, request, handler)
            return await handler(request)
        except ConnectionResetError:
            return _hang_up(request)

    async def close(self, app: web.Application | None = None) -> None:
        """End all pauses and late work; fits `app.on_shutdown`."""
        for task in self._tasks:
            task.cancel()
        for pause in self._pauses:
            _release(pause)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pause(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        pause = loop.create_future()
        timer = loop.call_later(seconds, _release, pause)
        self._pauses.add(pause)
        try:
            await pause
        finally:
            timer.cancel()
            self._pauses.discard(pause)

    async def _status(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        wait = rule.retry_after
        headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
        body = self._error_body(rule.status, wait)
        if isinstance(body, str):
            return web.Response(text=body, status=rule.status, headers=headers, content_type="text/html")
        return web.json_response(body, status=rule.status, headers=headers)

    async def _canned(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        if rule.work:
            await _answer(handler, request)
        text = rule.body if isinstance(rule.body, str) else json.dumps(rule.body)
        return web.Response(text=text, status=rule.status, content_type=rule.content_type)

    async def _html(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(text=HTML_502, status=502, content_type="text/html", charset="utf-8")

    async def _slow(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self._pause(rule.seconds)
        return await handler(request)

    async def _hang(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self._pause(rule.seconds)
        return _hang_up(request)

    async def _reset(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        return _reset_connection(request)

    async def _lose_answer(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        await _answer(handler, request)
        await self._pause(rule.seconds)
        return _reset_connection(request)

    async def _late(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.read()
        task = asyncio.create_task(self._work_later(rule.seconds, request, handler))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(asyncio.wait([task]))
        return _hang_up(request)

    async def _work_later(self, seconds: float, request: web.Request, handler: Handler) -> None:
        await self._pause(seconds)
        try:
            await _answer(handler, request)
        except Exception:
            log.exception("late work on %s failed", request.path)

    async def _cut(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        begun, body = await _begin_answer(await _answer(handler, request), request)
        await begun.write(body[: len(body) // 2])
        return begun

    async def _drip(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        begun, body = await _begin_answer(await _answer(handler, request), request)
        size = max(1, round(rule.bytes_per_second / DRIPS_PER_SECOND))
        for start in range(0, len(body), size):
            await self._pause(len(body[start : start + size]) / rule.bytes_per_second)
            await begun.write(body[start : start + size])
        return begun


def _release(pause: asyncio.Future[None]) -> None:
    if not pause.done():
        pause.set_result(None)


async def _answer(handler: Handler, request: web.Request) -> web.Response:
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = error
    assert isinstance(response, web.Response), "only whole answers can be lost, cut or dripped"
    return response


async def _begin_answer(whole: web.Response, request: web.Request) -> tuple[web.StreamResponse, bytes]:
    """Send the headers of an answer, with its full length; the connection ends with whatever follows."""
    body = bytes(whole.body) if isinstance(whole.body, bytes | bytearray) else b""
    begun = web.StreamResponse(status=whole.status, reason=whole.reason, headers=whole.headers)
    begun.content_length = len(body)
    begun.force_close()
    await begun.prepare(request)
    return begun, body


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def _reset_connection(request: web.Request) -> web.Response:
    transport = request.transport
    if transport is not None:
        # A linger time of zero makes the kernel send RST instead of FIN.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


STRIKES: dict[str, Callable[[Faults, Rule, web.Request, Handler], Awaitable[web.StreamResponse]]] = {
    "status": Faults._status,
    "answer": Faults._canned,
    "slow": Faults._slow,
    "hang": Faults._hang,
    "reset": Faults._reset,
    "cut": Faults._cut,
    "html": Faults._html,
    "lose_answer": Faults._lose_answer,
    "late": Faults._late,
    "drip": Faults._drip,
}
