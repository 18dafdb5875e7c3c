"""The chat page's server: the page, the sheet beside the chat, how the bot is, Telegram's control routes."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

PAGE = Path(__file__).with_name("page")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class SheetView(Protocol):
    """The spreadsheet that is shown beside the chat."""

    def read(self, seen: int) -> Mapping[str, Any]:
        """The first rows as people see them; only `{"revision": n}` if revision `seen` is the newest."""
        ...

    def edit(self, edit: Mapping[str, Any]) -> None:
        """Carry out one human edit, worded as for the Sheets control side; ValueError if senseless."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page shows besides Telegram: where it is, its sheet, the bot's process."""

    place: Callable[[], Mapping[str, Any]]
    start_bot: Callable[[], Awaitable[None]]
    sheet: SheetView


def create_chat_app(
    surroundings: Surroundings, telegram_control: Iterable[web.AbstractRouteDef]
) -> web.Application:
    """The page at `/`, `/page/…`; `/place`, `/bot/start`, `/sheet`; Telegram's `/sandbox/…`."""
    app = web.Application(client_max_size=64 * 2**20)
    app.on_response_prepare.append(_add_headers)
    app.router.add_get("/", _index)
    app.router.add_static("/page/", PAGE)
    app.router.add_routes(telegram_control)
    app.router.add_routes(_Handlers(surroundings).routes())
    return app


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-cache")


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")


class _Handlers:
    """What the page asks for beyond Telegram's control routes."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/place", self.place),
            web.post("/bot/start", self.start_bot),
            web.get("/sheet", self.read_sheet),
            web.post("/sheet/edit", self.edit_sheet),
        ]

    async def place(self, _request: web.Request) -> web.Response:
        return web.json_response(self._around.place())

    async def start_bot(self, _request: web.Request) -> web.Response:
        await self._around.start_bot()
        return web.json_response(self._around.place())

    async def read_sheet(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(self._around.sheet.read(int(request.query.get("revision", "-1"))))
        except ValueError as error:
            return _refused(str(error))

    async def edit_sheet(self, request: web.Request) -> web.Response:
        try:
            self._around.sheet.edit(await _json_object(request))
            return web.json_response(self._around.sheet.read(-1))
        except (ValueError, TypeError) as error:
            return _refused(str(error))


async def _json_object(request: web.Request) -> dict[str, Any]:
    source = await request.json()
    if not isinstance(source, dict):
        raise ValueError("a JSON object is expected")  # noqa: TRY004 - a wrong request, like all of these
    return source


def _refused(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
