"""The webhook: Telegram brings an update, and hears 200 when it is stored.

Whoever does not know the secret hears 401, what is no update 400 or 413; 503 asks for it once more.
"""

from __future__ import annotations

import hmac
import json
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.errors import StorageError
from bot.services.intake import IntakeStats, NotNow, RawUpdate
from bot.settings.webhook import HEALTH_PATH

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of it
BODY_BYTES = 1024 * 1024
LARGEST_ID = 2**63 - 1
# Without it Telegram's pauses grow, up to minutes.
RETRY_AFTER = {"Retry-After": "1"}

log = structlog.get_logger(__name__)


class Taker(Protocol):
    """Who takes updates in; the intake."""

    accepting: bool
    stopping: bool

    async def accept(self, batch: list[RawUpdate]) -> None:
        """Store them; NotNow or StorageError: not one of them."""

    def stats(self) -> IntakeStats:
        """What came in so far, and what waits."""


def update_app(taker: Taker, url: str, secret: str) -> web.Application:
    """Updates at the path of `url`, and `/health` beside it."""
    app = web.Application(client_max_size=BODY_BYTES)
    door = UpdateDoor(taker, urlsplit(url).path or "/", secret)
    app.router.add_get(HEALTH_PATH, door.health)
    app.router.add_route("*", "/{path:.*}", door.knock)
    return app


class UpdateDoor:
    """Lets updates in, one a request; those that are there at the same time share a transaction."""

    def __init__(self, taker: Taker, path: str, secret: str) -> None:
        self._taker = taker
        self._path = path
        self._expected = secret.encode()
        self._refused = 0
        self._can_store = True

    async def knock(self, request: web.Request) -> web.Response:
        """One request, wherever it goes."""
        if self._path not in (request.rel_url.raw_path, request.path):
            return _refusal(404, "there is nothing here")
        if not self._knows_secret(request):
            self._count_refusal(request)
            return _refusal(401, "this is for Telegram only")
        if request.method != "POST":
            return _refusal(405, "updates are posted")
        try:
            update = read_update(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return _refusal(413, f"an update has at most {BODY_BYTES} bytes")
        except (web.RequestPayloadError, ConnectionError):
            return _refusal(400, "the body cannot be read")
        return await self._take(update) if update is not None else _refusal(400, "this is no update")

    async def health(self, _: web.Request) -> web.Response:
        """How the bot is, for whoever watches over it: 200 while it takes updates in, and could store the last one."""
        stats = self._taker.stats()
        status = "stopping" if self._taker.stopping else "starting"
        if self._taker.accepting:
            status = "up" if self._can_store else "cannot store"
        body = {
            "status": status,
            "mode": "webhook",
            "last_update_age": None if stats.newest_age is None else round(stats.newest_age, 1),
            "inbox": stats.waiting,
            "refused": self._refused,
        }
        return web.json_response(body, status=200 if status == "up" else 503)

    async def _take(self, update: RawUpdate) -> web.Response:
        try:
            await self._taker.accept([update])
        except NotNow as error:
            return _refusal(503, str(error), RETRY_AFTER)
        except StorageError:
            self._can_store = False
            return _refusal(503, "the update could not be stored", RETRY_AFTER)
        except RecursionError:
            return _refusal(400, "this is no update")
        self._can_store = True
        return web.Response()

    def _knows_secret(self, request: web.Request) -> bool:
        # As bytes: of text, only ASCII can be compared in a time that tells nothing.
        shown = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(shown, self._expected)

    def _count_refusal(self, request: web.Request) -> None:
        self._refused += 1
        if self._refused == 1:
            log.warning("updates without the secret are refused; /health counts them", remote=request.remote)


def read_update(body: bytes) -> RawUpdate | None:
    """The update in a body, as far as one can be told from anything else by its number; None if it is none."""
    try:
        update = _decoder.decode(body.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(update, dict) or not _is_id(update.get("update_id")):
        return None
    return update


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_ID


def _no_number(word: str) -> object:
    raise ValueError(word)


_decoder = json.JSONDecoder(parse_constant=_no_number)


def _refusal(status: int, reason: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": reason}, status=status, headers=headers)
