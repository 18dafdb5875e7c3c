"""A chat on the desk: a Bot whose session records every call, and a desk that answers from memory."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.types import Chat, Message, PhotoSize, Update, User

from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import build_dispatcher
from bot.middlewares.metrics import CommandMetrics
from bot.models.offer import Offer
from bot.models.person import Preferences
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import Held, Issued, PoolStats, Receipt, RowProblem
from bot.models.role import Role
from bot.models.status import JobStatus
from bot.resilience.clock import ManualClock
from bot.resilience.slots import resting
from bot.resilience.timings import Timings
from bot.services.offers import Offers

ADMIN, USER, STRANGER, GROUP = 1001, 1002, 1004, -100500
BOT_ID = 4242
POOL = PoolStats(
    total_proxies=150,
    available=61,
    expired=12,
    unknown_expiry=7,
    duplicates=3,
    pending_reservations=0,
    being_checked=0,
    taken=40,
    cache_valid=True,
    cache_age_seconds=0.2,
    free_by_resource={"beboo": 55},
    problems=(RowProblem(9, "no host:port found: write host:port:user:pass"),),
    commits=8,
    mean_commit_rows=4.5,
    reads=12,
    writes=8,
    reads_left=49,
    writes_left=50,
    needs_attention=(),
)


class RecordingSession(BaseSession):
    """Keeps every method called; `failures` holds, per method, errors to raise one after the other.

    A method with an event in `held_back` is answered once the event is set.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []
        self.failures: dict[str, list[Any]] = {}
        self.held_back: dict[str, asyncio.Event] = {}
        self._ids = itertools.count(9000)

    async def make_request(self, bot, method, timeout=None):
        self.calls.append(method)
        name = type(method).__name__
        if name in self.held_back:
            await self.held_back[name].wait()
        if self.failures.get(name) and (failure := self.failures[name].pop(0)):
            raise failure(method=method)
        return self._result(name, method)

    def _result(self, name: str, method: Any) -> Any:
        if name == "GetMe":
            return User(id=BOT_ID, is_bot=True, first_name="Desk", username="desk_bot")
        if name in {"SendMessage", "EditMessageText"}:
            message_id = method.message_id if name == "EditMessageText" else next(self._ids)
            chat = Chat(id=method.chat_id, type="private")
            return Message(message_id=message_id, date=datetime.now(UTC), chat=chat, text=method.text)
        if name in {"SendPhoto", "EditMessageMedia"}:
            return self._photo(method)
        return [] if name == "GetMyCommands" else True

    def _photo(self, method: Any) -> Message:
        message_id = getattr(method, "message_id", None) or next(self._ids)
        given = getattr(method, "photo", None) or method.media.media
        file_id = given if isinstance(given, str) else f"photo{message_id}"
        size = PhotoSize(file_id=file_id, file_unique_id="u", width=1080, height=720)
        chat = Chat(id=method.chat_id, type="private")
        return Message(message_id=message_id, date=datetime.now(UTC), chat=chat, photo=[size])

    def named(self, name: str) -> list[Any]:
        return [call for call in self.calls if type(call).__name__ == name]

    async def close(self) -> None: ...

    async def stream_content(self, *_args, **_kwargs):
        yield b""


class MemoryOffers:
    """Keeps the offers behind buttons."""

    def __init__(self) -> None:
        self.kept: dict[str, Offer] = {}

    async def add(self, offer: Offer) -> None:
        self.kept[offer.id] = offer

    async def get(self, offer_id: str) -> Offer | None:
        return self.kept.get(offer_id)

    async def drop(self, user_id: int, until: float, keeping: Collection[str]) -> int:
        mine = [
            each.id
            for each in self.kept.values()
            if each.user_id == user_id
            and each.expires_at < until
            and not any(action.verb in keeping for action in each.actions)
        ]
        for offer_id in mine:
            del self.kept[offer_id]
        return len(mine)

    async def forget(self, before: float) -> int:
        return 0


@dataclass
class MemoryRoles:
    """Roles by user id."""

    roles: dict[int, Role] = field(default_factory=lambda: {ADMIN: Role.ADMIN, USER: Role.USER})

    def role_of(self, user_id: int) -> Role | None:
        return self.roles.get(user_id)


class Undemanding:
    """People who have set nothing."""

    def preferences_of(self, user_id: int) -> Preferences:
        return Preferences()


@dataclass
class MemoryDesk:
    """Gives what `stock` has; `refusals` are raised instead, one after the other; `gate` holds answers back."""

    refusals: list[Exception] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    settled: dict[str, Issued] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    pool: PoolStats | None = None
    age: float | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def issue(self, resource, count, user_id, *, name, request_key, new_resource=False):
        self.asked.append(
            {
                "resource": resource,
                "count": count,
                "user_id": user_id,
                "name": name,
                "key": request_key,
                "new": new_resource,
            }
        )
        async with resting():
            await self.gate.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        if request_key in self.settled:
            settled = self.settled[request_key]
            return replace(settled, receipt=replace(settled.receipt, repeated=True))
        given = tuple(a_proxy(row) for row in range(2, 2 + count))
        receipt = Receipt(1042, 1, 1, 1_800_000_000.0 - 3)
        return self.settled.setdefault(request_key, Issued(resource, given, (), receipt))

    async def known(self, request_key):
        return request_key in self.settled

    async def held_by(self, user_id):
        return self.held

    async def get_stats(self):
        return self.pool

    async def refresh(self, *, force=False):
        await self.gate.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        return self.pool


@dataclass(frozen=True)
class QuietIntake:
    received: int = 12
    repeated: int = 1
    handled: int = 10
    failed: int = 0
    undecodable: int = 0
    postponed: int = 0
    waiting: int = 1
    oldest_age: float | None = 2.0

    def stats(self):
        return self


class OneJob:
    def status(self):
        return [JobStatus("refresh the inventory", None, None, 0, 0, None)]


def a_proxy(row: int, **changes: Any) -> Proxy:
    endpoint = Endpoint("http", f"192.0.2.{row}", 8080, f"user{row}", f"p<{row}>")
    return Proxy(
        **{"row": row, "key": f"key{row}", "endpoint": endpoint, "country": "DE", "days_left": 12} | changes
    )


class ChatDesk:
    """Writes and presses as people do, and reads what the bot did."""

    def __init__(self, **services: Any) -> None:
        self.clock = ManualClock()
        self.desk = MemoryDesk()
        self.session = RecordingSession()
        self.bot = Bot(
            f"{BOT_ID}:TEST", session=self.session, default=DefaultBotProperties(parse_mode="HTML")
        )
        self.offer_store, self.roles = MemoryOffers(), MemoryRoles()
        ids = (f"offer{number:03}" for number in itertools.count())
        self.offers = Offers(self.offer_store, self.clock, lambda: next(ids), self.desk.known)
        self.deps = ChatDeps(
            desk=self.desk,
            offers=self.offers,
            roles=self.roles,
            jobs=OneJob(),
            intake_stats=QuietIntake().stats,
            clock=self.clock,
            started_at=self.clock.time() - 3600,
            memory=lambda: 71 * 1024 * 1024,
            new_reference=lambda: "k3f9",
            metrics=CommandMetrics(Timings(self.clock)),
        )
        services.setdefault("people", Undemanding())
        self.dispatcher = build_dispatcher(self.deps, **services)
        self._ids = itertools.count(1)

    async def feed(self, **kind: Any) -> None:
        raw = {"update_id": next(self._ids), **kind}
        await self.dispatcher.feed_update(self.bot, Update.model_validate(raw, context={"bot": self.bot}))

    async def write(self, text: str, user: int = USER, chat: int | None = None, **changes: Any) -> None:
        await self.feed(message=self.message(text, user, chat, **changes))

    def message(self, text: str | None, user: int = USER, chat: int | None = None, **changes: Any):
        raw: dict[str, Any] = {
            "message_id": next(self._ids),
            "date": int(self.clock.time()),
            "chat": {"id": chat or user, "type": "supergroup" if chat else "private"},
            "from": {"id": user, "is_bot": False, "first_name": "Boris", "username": "boris"},
        }
        return raw | ({"text": text} if text is not None else {}) | changes

    async def press(self, data: str, user: int = USER, chat: int | None = None) -> None:
        message = self.message("Only 3 of 10 are free", BOT_ID) | {
            "message_id": 77,
            "chat": {"id": chat or user, "type": "supergroup" if chat else "private"},
        }
        await self.feed(
            callback_query={
                "id": "55",
                "from": {"id": user, "is_bot": False, "first_name": "Boris", "username": "boris"},
                "chat_instance": "1",
                "data": data,
                "message": message,
            }
        )

    @property
    def texts(self) -> list[str]:
        """What was sent, in order, edits included."""
        return [c.text for c in self.session.calls if type(c).__name__ in {"SendMessage", "EditMessageText"}]

    @property
    def sent_to(self) -> list[int]:
        return [
            c.chat_id for c in self.session.calls if type(c).__name__ in {"SendMessage", "EditMessageText"}
        ]

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Label and data of the buttons under the last message."""
        shown = {"SendMessage", "EditMessageText", "SendPhoto", "EditMessageMedia"}
        last = [c for c in self.session.calls if type(c).__name__ in shown][-1]
        rows = last.reply_markup.inline_keyboard if last.reply_markup else []
        return [(button.text, button.callback_data) for row in rows for button in row]

    @property
    def alerts(self) -> list[tuple[str | None, bool]]:
        calls = self.session.named("AnswerCallbackQuery")
        return [(call.text, bool(call.show_alert)) for call in calls]
