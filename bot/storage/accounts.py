"""The accounts table: who trades where, and with what key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import sqlite

from bot.errors import AccountInUse, CannotConnect, NoAccount, StorageError
from bot.models.account import PAPER, Account, Credentials
from bot.models.audit import Act
from bot.models.dialogue import Dialogue, Problem, tail_of
from bot.models.notice import Notice
from bot.models.order import IN_DOUBT
from bot.storage import audit, dialogues, outbox
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.trading_tables import UNSETTLED_ORDER, orders
from bot.storage.trading_tables import accounts as table

MOST_ACCOUNTS = 10
LONGEST_REASON = 200

_COLUMNS = (
    table.c.id,
    table.c.user_id,
    table.c.venue,
    table.c.tail,
    table.c.can_trade,
    table.c.refused,
    table.c.fingerprint,
)
_OPEN = table.c.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class _New:
    """A row that is about to be made."""

    user_id: int
    venue: str
    credentials: Credentials
    can_trade: bool
    created_at: float

    @property
    def values(self) -> dict[str, Any]:
        return {
            "user_id": self.user_id,
            "venue": self.venue,
            "tail": tail_of(self.credentials.key),
            "fingerprint": fingerprint(self.venue, self.credentials.key),
            "can_trade": self.can_trade,
            "created_at": self.created_at,
        }


def fingerprint(venue: str, key: str) -> str:
    """What tells that a key is connected already, and does not tell the key."""
    return hashlib.sha256(f"{venue}:{key}".encode()).hexdigest()


def open_accounts(connection: Connection, user_id: int) -> list[Row[Any]]:
    """The user's accounts, oldest first."""
    statement = select(*_COLUMNS).where(table.c.user_id == user_id, _OPEN).order_by(table.c.id)
    return list(connection.execute(statement.limit(MOST_ACCOUNTS + 1)))


def open_paper(connection: Connection, user_id: int, now: float) -> None:
    """Give the user a paper account unless there is one."""
    values = {
        "user_id": user_id,
        "venue": PAPER,
        "tail": "",
        "fingerprint": PAPER,
        "can_trade": True,
        "created_at": now,
    }
    connection.execute(sqlite.insert(table).values(values).on_conflict_do_nothing())


def in_doubt(connection: Connection, account_id: int) -> bool:
    """Whether it is not known what has become of an order on the account."""
    doubted = orders.c.state.in_([state.value for state in IN_DOUBT])
    found = select(orders.c.number).where(UNSETTLED_ORDER, doubted, orders.c.account_id == account_id)
    return connection.scalar(found.limit(1)) is not None


class AccountStore:
    """Accounts with their secrets. A secret is bound to its user and account: in another row it is refused.

    `posted` is called when a notice was written down. StorageError = no effect.
    """

    def __init__(self, database: Database, cipher: Cipher, posted: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._cipher = cipher
        self._outbox = OutboxStore(database, cipher)
        self._posted = posted

    async def of(self, user_id: int) -> list[Account]:
        """The user's open accounts, paper first, then in the order they were connected."""
        rows = await self._database.read(lambda connection: open_accounts(connection, user_id))
        return sorted(map(_account, rows), key=lambda account: not account.is_paper)

    async def open_paper(self, user_id: int, now: float) -> None:
        """Give the user a paper account unless there is one."""
        await self._database.write(lambda connection: open_paper(connection, user_id, now))

    async def connect(
        self,
        user_id: int,
        venue: str,
        credentials: Credentials,
        *,
        can_trade: bool,
        act: Act,
        now: float,
        ended: Dialogue | None = None,
    ) -> Account:
        """A new account, its secret, the act, and the end of the dialogue that led to it: all or nothing.

        Raises CannotConnect: KNOWN, MANY, and STOPPED where the dialogue is not there any more.
        """
        new = _New(user_id, venue, credentials, can_trade, now)
        end = None if ended is None else dialogues.prepare(self._cipher, ended)

        def unit(connection: Connection) -> Account:
            if end is not None:
                dialogues.end(connection, end)
            _check_room(connection, new)
            account = self._insert(connection, new)
            audit.append(connection, [act], now)
            return account

        return await self._database.write(unit)

    async def credentials(self, account: Account) -> Credentials:
        """The key of an open account. Raises NoAccount where there is none (closed, or paper)."""
        statement = select(table.c.secret).where(table.c.id == account.id, _OPEN)
        secret = await self._database.read(lambda connection: connection.scalar(statement))
        if secret is None:
            raise NoAccount
        return self._opened(secret, account.user_id, account.id)

    async def close(self, account: Account, act: Act, now: float) -> bool:
        """Close an account and wipe its secret; False where it is closed already.

        Raises AccountInUse while it is not known what has become of an order on it: only the key can tell.
        """

        def unit(connection: Connection) -> bool:
            if in_doubt(connection, account.id):
                raise AccountInUse(account.label)
            closing = update(table).where(table.c.id == account.id, table.c.user_id == account.user_id, _OPEN)
            if not connection.execute(closing.values(closed_at=now, secret=None)).rowcount:
                return False
            audit.append(connection, [act], now)
            return True

        return await self._database.write(unit)

    async def refuse(self, account_id: int, reason: str, notice: Notice, now: float) -> bool:
        """The venue takes the key no longer, and its owner is told; False where that is known already."""
        told = self._outbox.prepare([notice])
        unknown = table.c.id == account_id, _OPEN, table.c.refused.is_(None)
        statement = update(table).where(*unknown).values(refused=reason[:LONGEST_REASON])

        def unit(connection: Connection) -> bool:
            if not connection.execute(statement).rowcount:
                return False
            outbox.add(connection, told, now)
            return True

        is_news = await self._database.write(unit)
        if is_news:
            self._posted()
        return is_news

    async def accept(self, account_id: int, *, can_trade: bool) -> None:
        """The venue takes the key (again), and says what it may do."""
        statement = update(table).where(table.c.id == account_id, _OPEN)
        values = {"refused": None, "can_trade": can_trade}
        await self._database.write(lambda connection: connection.execute(statement.values(values)).rowcount)

    def _insert(self, connection: Connection, new: _New) -> Account:
        """The row first: its id is sealed into the secret."""
        account_id = connection.execute(insert(table).values(new.values).returning(table.c.id)).scalar_one()
        secret = self._sealed(new.credentials, new.user_id, account_id)
        connection.execute(update(table).where(table.c.id == account_id).values(secret=secret))
        return Account(account_id, new.user_id, new.venue, new.can_trade, new.values["tail"])

    def _sealed(self, credentials: Credentials, user_id: int, account_id: int) -> bytes:
        body = [user_id, account_id, credentials.key, credentials.secret, credentials.passphrase]
        return self._cipher.encrypt(json.dumps(body, separators=(",", ":")).encode())

    def _opened(self, token: bytes, user_id: int, account_id: int) -> Credentials:
        owner, sealed_for, *parts = json.loads(self._cipher.decrypt(token))
        if (owner, sealed_for) != (user_id, account_id):
            raise StorageError("a stored key is not that of the account it stands beside")
        return Credentials(*parts)


def _check_room(connection: Connection, new: _New) -> None:
    rows = open_accounts(connection, new.user_id)
    if any(row.fingerprint == new.values["fingerprint"] for row in rows):
        raise CannotConnect(Problem.KNOWN)
    if sum(row.venue != PAPER for row in rows) >= MOST_ACCOUNTS:
        raise CannotConnect(Problem.MANY)


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.user_id, row.venue, row.can_trade, row.tail, row.refused)
