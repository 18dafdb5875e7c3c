"""Accounts over memory: what is kept as the tables keep it, and a venue that judges keys as it is told."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.errors import CannotConnect, NoAccount
from bot.models.account import PAPER, Account, Credentials, KeyRights, TradingChoices
from bot.models.audit import Act
from bot.models.dialogue import Dialogue, Problem, Step, tail_of
from bot.models.notice import Notice
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.accounts import Accounts
from bot.services.connecting import Connecting

KEY, SECRET, PHRASE = "CANARYKEY000a3f9", "CANARYSECRET0001", "CANARYPHRASE0001"
CREDENTIALS = Credentials(KEY, SECRET)
FULL = KeyRights(can_trade=True, can_withdraw=False)
VENUES = ("bybit", "okx")


@dataclass
class MemoryDialogues:
    """One a user."""

    kept: dict[int, Dialogue] = field(default_factory=dict)

    async def all(self) -> Sequence[Dialogue]:
        return list(self.kept.values())

    async def get(self, user_id: int) -> Dialogue | None:
        return self.kept.get(user_id)

    async def put(self, dialogue: Dialogue) -> None:
        self.kept[dialogue.user_id] = dialogue

    async def end(self, dialogue: Dialogue) -> None:
        kept = self.kept.get(dialogue.user_id)
        if kept is None or kept.step is not Step.CHECK:
            raise CannotConnect(Problem.STOPPED)
        self.kept[dialogue.user_id] = dialogue

    async def drop(self, user_id: int) -> bool:
        return self.kept.pop(user_id, None) is not None

    async def forget(self, before: float) -> int:
        lapsed = [user_id for user_id, kept in self.kept.items() if kept.expires_at < before]
        for user_id in lapsed:
            del self.kept[user_id]
        return len(lapsed)


@dataclass
class MemoryAccounts:
    """Accounts with their keys; `reads` counts how often each thing was asked for."""

    dialogues: MemoryDialogues
    rows: dict[int, Account] = field(default_factory=dict)
    keys: dict[int, Credentials] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: itertools.count(1))

    async def of(self, user_id: int) -> Sequence[Account]:
        self.reads.append("accounts")
        mine = [row for row in self.rows.values() if row.user_id == user_id]
        return sorted(mine, key=lambda row: not row.is_paper)

    async def open_paper(self, user_id: int, now: float) -> None:
        if not any(row.is_paper and row.user_id == user_id for row in self.rows.values()):
            self._add(user_id, PAPER, "")

    async def credentials(self, account: Account) -> Credentials:
        self.reads.append("credentials")
        if account.id not in self.keys:
            raise NoAccount
        return self.keys[account.id]

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
        known = [self.keys[row.id].key for row in self.rows.values() if row.id in self.keys]
        if credentials.key in known:
            raise CannotConnect(Problem.KNOWN)
        if ended is not None:
            await self.dialogues.end(ended)
        account = replace(self._add(user_id, venue, tail_of(credentials.key)), can_trade=can_trade)
        self.rows[account.id], self.keys[account.id] = account, credentials
        self.acts.append(act)
        return account

    async def close(self, account: Account, act: Act, now: float) -> bool:
        self.keys.pop(account.id, None)
        if self.rows.pop(account.id, None) is None:
            return False
        self.acts.append(act)
        return True

    async def refuse(self, account_id: int, reason: str, notice: Notice, now: float) -> bool:
        row = self.rows.get(account_id)
        if row is None or row.refused is not None:
            return False
        self.rows[account_id] = replace(row, refused=reason)
        self.notices.append(notice)
        return True

    async def accept(self, account_id: int, *, can_trade: bool) -> None:
        self.rows[account_id] = replace(self.rows[account_id], refused=None, can_trade=can_trade)

    def _add(self, user_id: int, venue: str, tail: str) -> Account:
        account = Account(next(self.ids), user_id, venue, tail=tail)
        return self.rows.setdefault(account.id, account)


@dataclass
class MemoryChoices:
    """What people have chosen, and when they were active."""

    kept: dict[int, TradingChoices] = field(default_factory=dict)
    active: dict[int, float] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0

    async def choices(self, user_id: int) -> TradingChoices:
        self.reads += 1
        return self.kept.get(user_id, TradingChoices())

    async def change(self, user_id: int, now: float, **changes: Any) -> None:
        self.writes += 1
        given = {name: value for name, value in changes.items() if value is not None}
        self.kept[user_id] = replace(self.kept.get(user_id, TradingChoices()), **given)
        self.active[user_id] = now

    async def active_since(self, when: float) -> Sequence[int]:
        return [user_id for user_id, at in self.active.items() if at >= when]


@dataclass
class Venue:
    """Says what it is told to say of a key: rights, or one error after the other; `gate` holds its answers back."""

    rights: KeyRights = FULL
    failures: list[Exception] = field(default_factory=list)
    asked: list[tuple[str, Credentials]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def check(self, venue: str, credentials: Credentials) -> KeyRights:
        self.asked.append((venue, credentials))
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        return self.rights


class AccountDesk:
    """The services of accounts, over memory; `restarted` makes them anew over the same."""

    def __init__(self, clock: ManualClock, venues: Sequence[str] = VENUES) -> None:
        self.clock = clock
        self.dialogues, self.choices, self.venue = MemoryDialogues(), MemoryChoices(), Venue()
        self.store = MemoryAccounts(self.dialogues)
        self.venues = venues
        self.accounts, self.connecting = self._services()

    async def restart(self) -> None:
        """What is not kept is lost."""
        self.accounts, self.connecting = self._services()
        await self.connecting.load()

    def _services(self) -> tuple[Accounts, Connecting]:
        accounts = Accounts(
            self.store,
            self.choices,
            self.venue,
            self.clock,
            Supervisor(),
            venues=self.venues,
            name_of=lambda user_id: f"@{user_id}",
        )
        return accounts, Connecting(self.dialogues, accounts, self.clock)
