"""A whole bot for bad inputs: the real wiring between the sandbox's Telegram and Sheets, over sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk_bench import DeskBench, JumpingClock, desk_settings, proxy_row, sheets_server, until
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import Chat, open_chat
from bot.models.role import Role
from bot.services.offers import Offers
from bot.settings.desks import MarketSettings, TradingSettings
from bot.settings.sections import TelegramSettings
from bot.storage.market_tables import alerts
from bot.storage.offers import OfferStore
from bot.storage.tables import allocations, audit, previews, waiting
from bot.storage.trading_tables import accounts, orders, paper_orders
from sandbox.exchange.app import create_exchange_app
from sandbox.exchange.errors import exchange_error_body
from sandbox.exchange.instruments import INSTRUMENTS
from sandbox.exchange.world import ExchangeWorld
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body

ANNA, BORIS, CLARA, DORA, EVA = (
    7,
    8,
    9,
    10,
    11,
)  # an admin, a user who holds four, a viewer, a stranger, a user
NAMES = {ANNA: "anna", BORIS: "boris", CLARA: "clara", DORA: "dora", EVA: "eva"}
NOWHERE = "http://127.0.0.1:1"  # no source of prices answers
SCARCE = "scarce"  # three are free for it
PER_MINUTE = 600
PAUSE = 3.0  # seconds between two acts: the pace of answers, and of calls to Google, allows them then
FIRST_MESSAGE = 1_000_000  # ids of what people write, far from those of the bot's answers

Json = dict[str, Any]


@dataclass
class WholeDesk:
    """People write and press, and everything that comes of it can be seen."""

    bench: DeskBench
    telegram: TelegramWorld
    faults: Faults
    clock: JumpingClock
    url: str
    group: int
    running: AsyncExitStack = field(default_factory=AsyncExitStack)
    _chat: Chat | None = None
    _offers: Offers | None = None
    _pushed: int = 0
    _known: Json = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(FIRST_MESSAGE))

    async def start(self) -> None:
        """Start the bot, as a new process would."""
        await self.bench.start()
        desk = self.bench.desk
        ids = (f"v{number:07}" for number in itertools.count())
        self._offers = Offers(OfferStore(desk.database), desk.clock, lambda: next(ids), desk.service.known)
        self._chat = await self.running.enter_async_context(open_chat(self.bench.settings, desk))
        self._pushed = 0
        intake = asyncio.create_task(self._chat.intake.run())
        self.running.push_async_callback(self._stop, self._chat, intake)

    async def stop(self) -> None:
        """Stop it as a deployment does."""
        await self.running.aclose()
        await self.bench.stop()

    async def _stop(self, chat: Chat, intake: asyncio.Task[None]) -> None:
        await chat.intake.stop(5)
        await intake
        await chat.relay.stop(1)

    def message(self, text: str | None, user: int, chat: int | None = None, **changes: Any) -> Json:
        """A message as Telegram tells of it; a change to None leaves the field out."""
        at_home = chat in (None, user)
        source = {
            "message_id": next(self._ids),
            "date": int(self.clock.time()),
            "chat": {"id": chat or user, "type": "private" if at_home else "supergroup"},
            "from": self.person(user),
            "text": text,
        }
        return {name: value for name, value in (source | changes).items() if value is not None}

    def person(self, user: int) -> Json:
        """A User."""
        name = NAMES.get(user, f"person{user}")
        return {"id": user, "is_bot": False, "first_name": name.title(), "username": name}

    def callback(self, user: int, **changes: Any) -> Json:
        """A pressed button as Telegram tells of it, too old to be answered; a change to None leaves a field out."""
        source = {"id": str(next(self._ids)), "from": self.person(user), "chat_instance": "1"}
        return {name: value for name, value in (source | changes).items() if value is not None}

    async def brings(self, *updates: Json) -> list[tuple[int, str]]:
        """Let these updates come in; returns what the bot wrote then, edits included, by chat."""
        return await self._after("raw", *updates)

    async def _after(self, path: str, *acts: Json) -> list[tuple[int, str]]:
        self.clock.jump(PAUSE)
        seen = {chat.id: chat.revision for chat in self.telegram.chats.values()}
        for act in acts:
            await self._control(path, act)
        await self.settled()
        return [
            (chat, message.content.text)
            for chat, revision in seen.items()
            for message in self.telegram.messages[chat].values()
            if message.revision > revision and message.sender_id == self.telegram.bot.id
        ]

    async def again(self, update_id: int) -> list[tuple[int, str]]:
        """Let Telegram tell of an update once more; returns what the bot wrote then."""
        return await self._after("redeliver", {"update_id": update_id})

    async def writes(self, user: int, text: str, chat: int | None = None, **changes: Any) -> list[str]:
        """Somebody writes; returns what the bot says to that in that chat."""
        heard = await self.brings({"message": self.message(text, user, chat, **changes)})
        return [said for place, said in heard if place == (chat or user)]

    async def press(self, user: int, data: str, message_id: int, **more: Any) -> tuple[Json, list[str]]:
        """Somebody presses a button of a message of the bot, perhaps with data that are not on it.

        Returns how the press was answered, and what the bot wrote into the presser's chat.
        """
        self.clock.jump(PAUSE)
        revision = self.telegram.chats[user].revision
        fields = {"user": user, "message_id": message_id, "data": data, "forged": True} | more
        pressed = await self._control("press", fields)
        await self.settled()
        answer = self.telegram.callbacks[pressed["callback_query_id"]]
        written = [
            message.content.text
            for message in self.telegram.messages[user].values()
            if message.revision > revision and message.sender_id == self.telegram.bot.id
        ]
        return {"text": answer.text, "alert": answer.show_alert, "answers": answer.answers}, written

    def last_message(self, chat: int) -> tuple[int, dict[str, str]]:
        """The bot's last message in a chat: its id, and the data of its buttons by label."""
        mine = [
            each for each in self.telegram.messages[chat].values() if each.sender_id == self.telegram.bot.id
        ]
        rows = (mine[-1].markup or {}).get("inline_keyboard", [])
        return mine[-1].message_id, {key["text"]: key["callback_data"] for row in rows for key in row}

    async def offer(self, user: int, *actions: Any, good_for: float = 600.0) -> str:
        """An offer as any version of the bot might have stored it; returns its id."""
        assert self._offers is not None
        return await self._offers.make(user, actions, good_for)

    async def changes(self) -> Json:
        """What of all that a bad input must leave alone is not as it was at the last call, as it is now."""
        before, self._known = self._known, await self._everything()
        return {name: value for name, value in self._known.items() if before.get(name) != value}

    async def _everything(self) -> Json:
        """Journal, people, lines, previews, audit, accounts, alerts, orders, frozen names and the sheet."""
        desk = self.bench.desk
        tables = (allocations, audit, previews, waiting, accounts, alerts, orders, paper_orders)
        rows = await desk.database.read(
            lambda connection: {table.name: connection.execute(select(table)).all() for table in tables}
        )
        people = {each.user_id: (each.role, each.preferences) for each in desk.people.everybody()}
        return {
            **rows,
            "people": people,
            "frozen": set(desk.pool.frozen),
            "sheet": [list(row) for row in self.bench.cells()],
        }

    async def settled(self) -> None:
        """Return when every update that came in has been dealt with."""

        async def is_settled() -> bool:
            assert self._chat is not None
            stats = self._chat.intake.stats()
            ended = stats.handled + stats.failed + stats.undecodable + stats.postponed
            return ended + stats.repeated >= self._pushed

        await until(is_settled)

    async def _control(self, path: str, body: Json) -> Json:
        async with self.bench.client.post(f"{self.url}/sandbox/{path}", json=body) as response:
            answer: Json = await response.json()
            assert response.status == 200, answer
        self._pushed += 1
        return answer


@asynccontextmanager
async def whole_desk(
    folder: Path,
    rows: Sequence[Sequence[Any]],
    *,
    newcomers: Sequence[int] = (),
    per_minute: int = PER_MINUTE,
    **sheet: Any,
) -> AsyncIterator[WholeDesk]:
    """A running bot whose people have a private chat with it already; `newcomers` are users too."""
    clock = JumpingClock()
    world, faults = TelegramWorld(clock.time), Faults(error_body=telegram_error_body)
    server = sheets_server(rows, quota=False, **sheet)
    async with (
        server as (sheets_url, sheets, sheet_faults),
        TestServer(create_telegram_app(world, faults)) as telegram,
        TestServer(_exchange(clock)) as exchange,
        aiohttp.ClientSession() as client,
    ):
        url = str(telegram.make_url("")).rstrip("/")
        key = sheets.make_service_account(f"{sheets_url}/token")
        settings = desk_settings(
            sheets_url, folder, key, {"max_held": 100_000}, reads_per_minute=300, writes_per_minute=300
        )
        account = TelegramSettings(
            token=SecretStr(world.token),
            api_url=url,
            admin_ids=frozenset({ANNA}),
            allowed_ids=frozenset({BORIS, EVA, *newcomers}),
            requests_per_minute=per_minute,
        )
        settings = settings.model_copy(
            update={
                "telegram": account,
                "markets": MarketSettings(PRICES_API_URL=NOWHERE),
                "trading": TradingSettings(BYBIT_API_URL=str(exchange.make_url("")).rstrip("/")),
            }
        )
        bench = DeskBench(settings, sheets, sheet_faults, sheets_url, client, clock)
        desk = WholeDesk(bench, world, faults, clock, url, _settle_in(world, newcomers))
        async with bench.running, desk.running:
            await desk.start()
            await bench.desk.people.grant(CLARA, Role.VIEWER, ANNA)
            await desk.brings(*({"message": desk.message("/start", user)} for user in NAMES))
            yield desk


def _settle_in(world: TelegramWorld, newcomers: Sequence[int]) -> int:
    """People with private chats, and a group of them; returns its id."""
    for user in (*NAMES, *newcomers):
        name = NAMES.get(user, f"person{user}")
        world.add_user(name.title(), name, user_id=user)
        world.chats[user].started = True
    return world.add_group("supergroup", "Team", list(NAMES)).id


def _exchange(clock: JumpingClock) -> web.Application:
    """Where paper accounts have their prices from: all stand still, BTC at 50,000."""
    world = ExchangeWorld(clock=clock.time)
    world.prices.stop(clock.time())
    for (_, symbol), instrument in INSTRUMENTS.items():
        if symbol == "BTCUSDT":
            world.prices.put(instrument, Decimal(50_000))
    return create_exchange_app(world, Faults(error_body=exchange_error_body))


def pool_rows() -> list[list[Any]]:
    """Twelve proxies, all free for `beboo`, three of them for SCARCE, none for `gone`."""
    marks = {number: "gone" if number < 5 else f"gone, {SCARCE}" for number in range(2, 14)}
    return [proxy_row(number, days=100 - number, used_for=text) for number, text in marks.items()]
