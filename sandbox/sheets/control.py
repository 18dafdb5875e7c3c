"""The control side under `/sandbox/`: books, human edits, hooks, counters, log and settings."""

import gc
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from sandbox.sheets.book import Book
from sandbox.sheets.call_log import CallLog
from sandbox.sheets.edits import apply_edits
from sandbox.sheets.hooks import Hooks
from sandbox.sheets.world import SheetsWorld


@dataclass(slots=True)
class Settings:
    """What of Google's strictness is switched on."""

    quota: bool = True
    auth: bool = True

    def change(self, source: Mapping[str, Any]) -> None:
        """Set what is named; ValueError for anything but known booleans."""
        if not source.keys() <= {"quota", "auth"} or not all(isinstance(v, bool) for v in source.values()):
            raise ValueError("settings are the booleans quota and auth")
        for name, value in source.items():
            setattr(self, name, value)


class Control:
    """The unauthenticated handlers for tests, the launcher and the chat page."""

    def __init__(self, world: SheetsWorld, settings: Settings, hooks: Hooks, log: CallLog) -> None:
        self._world, self._settings, self._hooks, self._log = world, settings, hooks, log

    def routes(self) -> list[web.RouteDef]:
        """All control paths but those of the faults."""
        book = "/sandbox/spreadsheets/{id}"
        return [
            web.get("/sandbox/spreadsheets", self._on_list),
            web.get(book, self._on_dump),
            web.put(book, self._on_put),
            web.delete(book, self._on_delete),
            web.post(book + "/edit", self._on_edit),
            web.get("/sandbox/hooks", self._on_hooks),
            web.post("/sandbox/hooks", self._on_add_hook),
            web.delete("/sandbox/hooks", self._on_clear_hooks),
            web.get("/sandbox/counters", self._on_counters),
            web.delete("/sandbox/counters", self._on_reset_counters),
            web.get("/sandbox/log", self._on_log),
            web.get("/sandbox/settings", self._on_settings),
            web.put("/sandbox/settings", self._on_change_settings),
        ]

    async def _on_list(self, request: web.Request) -> web.Response:
        return web.json_response({"spreadsheets": [_summary(book) for book in self._world.books.values()]})

    async def _on_dump(self, request: web.Request) -> web.Response:
        return web.json_response({"id": request.match_info["id"]} | self._book(request).dump())

    async def _on_put(self, request: web.Request) -> web.Response:
        return await _change(request, lambda spec: self._put_book(request.match_info["id"], spec))

    async def _on_delete(self, request: web.Request) -> web.Response:
        book = self._book(request)
        del self._world.books[book.id]
        return web.json_response(_summary(book))

    async def _on_edit(self, request: web.Request) -> web.Response:
        book = self._book(request)
        return await _change(request, lambda edits: {"revision": apply_edits(book, edits)})

    async def _on_hooks(self, request: web.Request) -> web.Response:
        return web.json_response({"hooks": self._hooks.snapshot()})

    async def _on_add_hook(self, request: web.Request) -> web.Response:
        return await _change(request, self._add_hook)

    async def _on_clear_hooks(self, request: web.Request) -> web.Response:
        self._hooks.clear()
        return web.json_response({"hooks": []})

    async def _on_counters(self, request: web.Request) -> web.Response:
        return web.json_response(self._log.counters())

    async def _on_reset_counters(self, request: web.Request) -> web.Response:
        self._log.reset()
        return web.json_response(self._log.counters())

    async def _on_log(self, request: web.Request) -> web.Response:
        return web.json_response({"calls": self._log.log()})

    async def _on_settings(self, request: web.Request) -> web.Response:
        return web.json_response(asdict(self._settings))

    async def _on_change_settings(self, request: web.Request) -> web.Response:
        return await _change(request, self._change_settings)

    def _put_book(self, book_id: str, source: Mapping[str, Any]) -> dict[str, Any]:
        book = self._world.put_book(book_id, source)
        # A large sheet is a hundred thousand long-lived lists: full collections would walk them for nothing.
        gc.freeze()
        return _summary(book)

    def _add_hook(self, source: Mapping[str, Any]) -> dict[str, Any]:
        self._hooks.add(source)
        return {"hooks": self._hooks.snapshot()}

    def _change_settings(self, source: Mapping[str, Any]) -> dict[str, Any]:
        self._settings.change(source)
        return asdict(self._settings)

    def _book(self, request: web.Request) -> Book:
        book = self._world.books.get(request.match_info["id"])
        if book is None:
            raise web.HTTPNotFound(
                text=json.dumps({"error": "no such spreadsheet"}), content_type="application/json"
            )
        return book


def _summary(book: Book) -> dict[str, Any]:
    sheets = [{"title": sheet.title, "rows": sheet.grid.size[0]} for sheet in book.sheets]
    return {"id": book.id, "title": book.title, "revision": book.revision, "sheets": sheets}


async def _change(request: web.Request, change: Callable[[Any], dict[str, Any]]) -> web.Response:
    try:
        answer = change(await request.json())
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response(answer)
