"""Connecting an account against a Bot API over real sockets, with a real database: no secret stays anywhere."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from account_support import KEY, SECRET, Venue
from aiohttp.test_utils import TestServer
from chat_support import USER, MemoryDesk, MemoryOffers, MemoryRoles, OneJob, QuietIntake
from cryptography.fernet import Fernet
from new_schema import upgrade
from trading_support import desk_of

from bot.gateways.telegram import make_bot
from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import build_dispatcher
from bot.middlewares.metrics import CommandMetrics
from bot.models.role import Role
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor
from bot.resilience.timings import Timings
from bot.services.accounts import Accounts
from bot.services.connecting import Connecting
from bot.services.offers import Offers
from bot.storage.accounts import AccountStore
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.dialogues import DialogueStore
from bot.storage.user_settings import UserSettingsStore
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body


class World:
    """Boris, a trader, and the bot with its database."""

    def __init__(self, url: str, client: aiohttp.ClientSession, token: str, database: Database) -> None:
        self._url, self._client, clock = url, client, SystemClock()
        self.database, cipher = database, Cipher([Fernet.generate_key().decode()])
        self.bot, desk = make_bot(token, url, clock=clock), MemoryDesk()
        self.accounts = Accounts(
            AccountStore(database, cipher),
            UserSettingsStore(database),
            Venue(),
            clock,
            Supervisor(),
            venues=["bybit"],
            name_of=str,
        )
        ids = (f"offer{number:03}" for number in itertools.count())
        deps = ChatDeps(
            desk=desk,
            offers=Offers(MemoryOffers(), clock, lambda: next(ids), desk.known),
            roles=MemoryRoles({USER: Role.TRADER}),
            jobs=OneJob(),
            intake_stats=QuietIntake().stats,
            clock=clock,
            started_at=clock.time(),
            memory=lambda: 0,
            new_reference=lambda: "k3f9",
            metrics=CommandMetrics(Timings(clock)),
        )
        connecting = Connecting(DialogueStore(database, cipher), self.accounts, clock)
        self._dispatcher = build_dispatcher(
            deps, trading=desk_of(accounts=self.accounts), connecting=connecting
        )
        self._offset = 0

    async def write(self, text: str) -> None:
        """Boris writes."""
        await self._act("send", text=text)

    async def tap(self, label: str) -> None:
        """Boris presses a button of the last message."""
        message = (await self.messages())[-1]
        keys = [key for row in message["reply_markup"]["inline_keyboard"] for key in row]
        [data] = [key["callback_data"] for key in keys if key["text"] == label]
        await self._act("press", chat=USER, message_id=message["message_id"], data=data)

    async def messages(self) -> list[dict[str, Any]]:
        """The chat as it stands now."""
        async with self._client.get(f"{self._url}/sandbox/chats/{USER}/messages") as response:
            messages: list[dict[str, Any]] = await response.json()
            return messages

    async def _act(self, path: str, **fields: Any) -> None:
        async with self._client.post(f"{self._url}/sandbox/{path}", json={"user": USER} | fields) as response:
            assert response.status == 200, await response.text()
        for update in await self.bot.get_updates(offset=self._offset):
            self._offset = update.update_id + 1
            await self._dispatcher.feed_update(self.bot, update)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    telegram, database = TelegramWorld(), Database(f"sqlite:///{tmp_path / 'bot.db'}")
    telegram.add_user("Boris", user_id=USER)
    await database.start()
    await database.migrate(upgrade)
    app = create_telegram_app(telegram, Faults(error_body=telegram_error_body))
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        world = World(str(server.make_url("")).rstrip("/"), client, telegram.token, database)
        yield world
        await world.bot.session.close()
    await database.close()


async def test_an_account_is_connected_used_and_given_up(world: World) -> None:
    """By buttons and two messages, of which nothing is left in the chat or in the database's files."""
    await world.write("/connect")
    await world.tap("Bybit")
    await world.write(KEY)
    await world.write(SECRET)
    assert (await world.messages())[-1]["text"].startswith("Connected: bybit …a3f9. It may trade.")
    _, account = await world.accounts.of(USER)
    assert (KEY, SECRET) == ((key := await world.accounts.credentials(account)).key, key.secret)

    said = [message.get("text", "") for message in await world.messages()]
    stored = [path.read_bytes() for path in world.database.path.parent.iterdir() if path.is_file()]
    assert [] == [text for text in said if "CANARY" in text]
    assert [] == [len(content) for content in stored if b"CANARY" in content]

    await world.tap("My accounts")
    await world.tap("Use bybit …a3f9")
    assert account == await world.accounts.chosen(USER)
    await world.tap("Disconnect")
    await world.tap("Yes, disconnect it")
    assert [True] == [each.is_paper for each in await world.accounts.of(USER)]
