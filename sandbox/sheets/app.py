"""The server: API, token endpoint and control side as one aiohttp application."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from sandbox.faults import Faults
from sandbox.sheets import methods
from sandbox.sheets.book import Book
from sandbox.sheets.call_log import CallLog
from sandbox.sheets.control import Control, Settings
from sandbox.sheets.errors import ApiError, not_found, permission_denied
from sandbox.sheets.hooks import Hooks
from sandbox.sheets.methods import Call, Method
from sandbox.sheets.oauth import GrantError, TokenIssuer
from sandbox.sheets.quota import QuotaMeter
from sandbox.sheets.world import SheetsWorld, account_email

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BODY = 128 * 1024 * 1024
MAX_REQUEST_LINE = 8190
# Give these to web.AppRunner, so that too long a URL reaches us and gets Google's 414, not aiohttp's 400.
RUNNER_OPTIONS: dict[str, Any] = {"max_line_size": 1024 * 1024}
HTML_414 = (
    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
    "<title>Error 414 (Request-URI Too Large)!!1</title>\n"
    "<p><b>414.</b> <ins>That’s an error.</ins>\n<p>The requested URL is too large to process. "
    "<ins>That’s all we know.</ins>\n"
)


def create_sheets_app(
    world: SheetsWorld,
    faults: Faults,
    *,
    clock: Callable[[], float] = time.time,
    quota: bool = True,
    auth: bool = True,
) -> web.Application:
    """The Sheets server of a world. Run it with `web.AppRunner(app, **RUNNER_OPTIONS)`."""
    settings, hooks, log = Settings(quota=quota, auth=auth), Hooks(), CallLog()
    api = Api(world, settings, hooks, log, TokenIssuer(world, clock), clock)
    app = web.Application(middlewares=[faults.middleware, refuse_long_urls], client_max_size=MAX_BODY)
    app.add_routes([*api.routes(), *Control(world, settings, hooks, log).routes(), *faults.routes()])
    app.on_shutdown.append(faults.close)
    return app


@web.middleware
async def refuse_long_urls(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 414 to request lines over 8,190 bytes."""
    if len(f"{request.method} {request.raw_path} HTTP/1.1") > MAX_REQUEST_LINE:
        return web.Response(text=HTML_414, status=414, content_type="text/html")
    return await handler(request)


class Api:
    """The public side, as Google's clients see it."""

    def __init__(
        self,
        world: SheetsWorld,
        settings: Settings,
        hooks: Hooks,
        log: CallLog,
        issuer: TokenIssuer,
        clock: Callable[[], float],
    ) -> None:
        self._world, self._settings, self._hooks, self._log = world, settings, hooks, log
        self._issuer, self._clock = issuer, clock
        self._meter = QuotaMeter(clock)

    def routes(self) -> list[web.RouteDef]:
        """The token endpoint and the v4 paths."""
        book = "/v4/spreadsheets/{id}"
        return [
            web.post("/token", self._on_token),
            web.get(book, self._handler(methods.SPREADSHEETS_GET)),
            web.post(book + ":batchUpdate", self._handler(methods.BATCH_UPDATE)),
            web.get(book + "/values:batchGet", self._handler(methods.VALUES_BATCH_GET)),
            web.post(book + "/values:batchUpdate", self._handler(methods.VALUES_BATCH_UPDATE)),
            web.post(book + "/values:batchClear", self._handler(methods.VALUES_BATCH_CLEAR)),
            web.post(book + "/values:batchGetByDataFilter", self._handler(methods.FILTERED_GET)),
            web.post(book + "/values:batchUpdateByDataFilter", self._handler(methods.FILTERED_UPDATE)),
            web.post(book + "/values:batchClearByDataFilter", self._handler(methods.FILTERED_CLEAR)),
            web.post(book + "/values/{range}:append", self._handler(methods.VALUES_APPEND)),
            web.post(book + "/values/{range}:clear", self._handler(methods.VALUES_CLEAR)),
            web.get(book + "/values/{range}", self._handler(methods.VALUES_GET)),
            web.put(book + "/values/{range}", self._handler(methods.VALUES_UPDATE)),
            web.post(book, self._overridden(methods.SPREADSHEETS_GET)),
            web.post(book + "/values:batchGet", self._overridden(methods.VALUES_BATCH_GET)),
            web.post(book + "/values/{range}", self._overridden(methods.VALUES_GET)),
        ]

    async def _on_token(self, request: web.Request) -> web.Response:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        try:
            status, body = 200, self._issuer.grant(form, str(request.url))
        except GrantError as error:
            status, body = 400, error.body
        self._log.count_token(status)
        return web.json_response(body, status=status)

    def _handler(self, method: Method) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            # The last await: from here to the answer nobody else touches the book.
            call = Call(request.match_info, request.query, await request.read())
            return self._answer(method, call, request.headers.get("Authorization"))

        return handle

    def _overridden(self, method: Method) -> Callable[[web.Request], Awaitable[web.Response]]:
        """A GET that is sent as a POST with its query in the body, as clients do with long ones."""

        async def handle(request: web.Request) -> web.Response:
            if request.headers.get("X-HTTP-Method-Override", "").upper() != "GET":
                raise web.HTTPNotFound
            fields = parse_qsl((await request.read()).decode(), keep_blank_values=True)
            query = MultiDict([*request.query.items(), *fields])
            return self._answer(
                method, Call(request.match_info, query, b""), request.headers.get("Authorization")
            )

        return handle

    def _answer(self, method: Method, call: Call, authorization: str | None) -> web.Response:
        ranges, status = 0, 200
        try:
            user = self._admit(method, authorization)
            work = method.prepare(call)
            ranges = work.ranges
            book = self._open(call.path["id"], user, method.kind)
            self._hooks.run(method.name, "before", book)
            body = work.run(book, user)
            self._hooks.run(method.name, "after", book)
        except ApiError as error:
            status, body = error.code, error.body
        self._record(method, call, ranges, status, body)
        return json_answer(body, status)

    def _admit(self, method: Method, authorization: str | None) -> str:
        user = self._issuer.user_of(authorization) if self._settings.auth else account_email()
        if self._settings.quota:
            self._meter.charge(method.kind, user)
        return user

    def _open(self, book_id: str, user: str, kind: str) -> Book:
        book = self._world.books.get(book_id)
        if book is None:
            raise not_found()
        book.clock = self._clock
        admitted = book.shared_with if kind == "write" else [*book.shared_with, *book.viewers]
        if self._settings.auth and user not in admitted:
            raise permission_denied()
        return book

    def _record(self, method: Method, call: Call, ranges: int, status: int, body: dict[str, Any]) -> None:
        entry = {
            "time": self._clock(),
            "method": method.name,
            "spreadsheet": call.path["id"],
            "ranges": ranges,
            "status": status,
        }
        counts = body.get("updates", body)
        cells = counts.get("totalUpdatedCells", counts.get("updatedCells", 0))
        self._log.record(entry, method.kind, cells, call.body if method.kind == "write" else b"")


def json_answer(body: Any, status: int = 200) -> web.Response:
    """Compact JSON with Google's content type."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return web.Response(body=text.encode(), status=status, headers=headers)
