"""People win: after each reading of the sheet, what they did to our entries becomes true in the journal."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from bot.errors import StorageError
from bot.models.allocation import Allocation
from bot.models.audit import THE_BOT, Act, Deed
from bot.models.notice import Kind, Notice
from bot.models.pool import Inventory, Pool
from bot.models.proxy import address_of
from bot.models.reconciliation import (
    SETTLED,
    Findings,
    compare,
    freed_notices,
    renewals,
    rotations,
    wait_for_a_word,
)
from bot.resilience.clock import Clock
from bot.services.attention import Attention
from bot.services.committer import Committer
from bot.services.doubts import Doubts
from bot.services.rotations import SHEET, RotationJournal, Rotations

log = structlog.get_logger(__name__)

TOPIC = "removals"


class ReconcilerJournal(RotationJournal, Protocol):
    """Where it becomes true, each call in one transaction."""

    async def note_missing(
        self, missing: Sequence[str], back: Sequence[str], since: float, acts: Sequence[Act] = ()
    ) -> None: ...
    async def free(
        self, ids: Sequence[str], acts: Mapping[str, Act], notices: Sequence[Notice]
    ) -> list[Allocation]: ...


class Announcer(Protocol):
    """Tells admins."""

    async def tell_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None: ...


class Reconciler:
    """Runs after each reading; nothing here waits for Google."""

    def __init__(
        self,
        pool: Pool,
        journal: ReconcilerJournal,
        committer: Committer,
        doubts: Doubts,
        attention: Attention,
        announcer: Announcer,
        clock: Clock,
        *,
        horizon: float,
    ) -> None:
        self._pool = pool
        self._journal = journal
        self._committer = committer
        self._doubts = doubts
        self._rotations = Rotations(pool, journal, committer, doubts, clock)
        self._attention = attention
        self._announcer = announcer
        self._clock = clock
        self._horizon = horizon
        self._started = clock.monotonic()
        self._asked_until = -math.inf
        self._asked: set[str] = (
            set()
        )  # the deletions that an admin was asked about; only the sheet takes one back
        self._compared: Inventory | None = None
        self._acting = asyncio.Lock()

    @property
    def compared_at(self) -> float | None:
        """When the last reading began that was dealt with to the end."""
        return self._compared.read_at if self._compared else None

    async def after_load(self, former: Inventory | None, inventory: Inventory) -> None:
        """Compare the journal and the reading before with what was read now."""
        ledger = self._pool.ledger
        self._rotations.note(rotations(former, inventory) if former else renewals(ledger, inventory))
        async with self._acting:
            try:
                await self._rotations.follow()
                await self._compare(inventory)
            except StorageError as error:  # the next reading will show the same
                log.warning("the journal cannot be written", error=str(error))

    async def free_missing(self, until: float, admin_id: int, admin: str) -> int:
        """An admin says that the deletions noted by `until` were meant; returns how many were freed."""
        async with self._acting:
            freed = await self._free(self._missing(until), admin_id, admin)
            self._asked.clear()
            self._attention.clear(TOPIC)
            return len(freed)

    async def restore_missing(self, until: float, admin_id: int, admin: str) -> int:
        """An admin says that they were not: the entries are written again; returns how many."""
        async with self._acting:
            back = self._missing(until)
            acts = [_restored(one, admin_id, admin) for one in back]
            await self._note(Findings(back=back), self._clock.time(), acts)
            self._asked.clear()
            if back:
                self._committer.project({one.key for one in back})
            self._attention.clear(TOPIC)
            return len(back)

    async def _compare(self, inventory: Inventory) -> None:
        """With the journal, and with the last reading that was dealt with to the end."""
        ended = frozenset(self._doubts.ended)
        begun = self._clock.monotonic() - (self._clock.time() - inventory.read_at)
        findings = compare(
            self._pool, inventory, lambda key: self._is_young(key, begun), self._compared, ended
        )
        await self._note(findings, inventory.read_at)
        self._asked -= {one.id for one in findings.back}
        findings.keys |= {key for key in self._doubts.refused if self._pool.rows_of(key)}
        if findings.keys or findings.rows:
            log.info("entries are put right", proxies=len(findings.keys), rows=len(findings.rows))
            self._committer.project(findings.keys, findings.rows, findings.astray)
        await self._decide(findings.gone)
        self._doubts.ended -= ended
        self._compared = inventory

    def _missing(self, until: float) -> list[Allocation]:
        """What has been missing since then or before, and no write of ours may bring back."""
        now = self._clock.monotonic()
        return [
            one
            for one in self._pool.ledger.live.values()
            if one.missing_since is not None
            and one.missing_since <= until
            and one.state in SETTLED
            and not self._concerned(one.key, now)
        ]

    def _is_young(self, key: str, now: float) -> bool:
        """Whether a write younger than the horizon concerns the proxy; before the start there may have been any."""
        return now - self._started < self._horizon or self._concerned(key, now)

    def _concerned(self, key: str, now: float) -> bool:
        return self._doubts.is_young(key, [row.number for row in self._pool.rows_of(key)], now)

    async def _note(self, findings: Findings, since: float, acts: Sequence[Act] = ()) -> None:
        missing, back = [one.id for one in findings.missing], [one.id for one in findings.back]
        if not missing and not back:
            return
        await self._journal.note_missing(missing, back, since, acts)
        for ids, moment in ((missing, since), (back, None)):
            for each in ids:
                if (one := self._pool.ledger.get(each)) is not None:  # it may have been given back meanwhile
                    self._pool.put(replace(one, missing_since=moment))

    async def _decide(self, gone: Sequence[Allocation]) -> None:
        """Free what is few; ask for a word on many, and let those that came with them wait for it too."""
        settled = sum(one.state in SETTLED for one in self._pool.ledger.live.values())
        asked = [one for one in gone if (one.missing_since or 0.0) <= self._asked_until]
        fresh = [one for one in gone if (one.missing_since or 0.0) > self._asked_until]
        waiting = [*asked] if wait_for_a_word(len(self._asked), settled) else []
        if not waiting:
            await self._free(asked, THE_BOT, SHEET)
        if wait_for_a_word(len(fresh), settled):
            await self._ask([*waiting, *fresh])
        else:
            await self._free(fresh, THE_BOT, SHEET)
            if not waiting:
                self._attention.clear(TOPIC)

    async def _ask(self, gone: Sequence[Allocation]) -> None:
        first = min(gone, key=lambda one: (one.missing_since, one.id))
        until = max(one.missing_since or 0.0 for one in gone)
        self._attention.raise_(TOPIC, f"{len(gone)} entries were deleted in the sheet at once")
        people = len({one.user_id for one in gone})
        data = {"count": len(gone), "people": people, "latest": until}
        await self._announcer.tell_admins(
            Kind.REMOVALS, data, f"removals:{first.id}:{first.missing_since}:{len(gone)}"
        )
        self._asked_until = until
        self._asked = {one.id for one in gone}

    async def _free(self, gone: Sequence[Allocation], actor: int, name: str) -> list[Allocation]:
        if not gone:
            return []
        acts = {
            one.id: Act(
                actor, name, Deed.FREED_BY_HAND, address_of(one.key), f"{one.resource} of {one.name}", "free"
            )
            for one in gone
        }
        freed = await self._journal.free([one.id for one in gone], acts, freed_notices(gone))
        for one in freed:
            self._pool.put(one)
        return freed


def _restored(one: Allocation, actor: int, name: str) -> Act:
    return Act(
        actor,
        name,
        Deed.RESTORE,
        address_of(one.key),
        "deleted in the sheet",
        f"{one.resource} of {one.name}",
    )
