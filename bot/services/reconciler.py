"""People win: after each reading of the sheet, what they did to our entries becomes true in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from bot.models.allocation import Allocation, State
from bot.models.audit import THE_BOT, Act
from bot.models.notice import Kind, Notice
from bot.models.pool import Inventory, Pool
from bot.models.proxy import Endpoint, address_of
from bot.models.reconciliation import SETTLED, Findings, compare, rotations, wait_for_a_word
from bot.models.sheet import SheetRow
from bot.resilience.clock import Clock
from bot.services.attention import Attention
from bot.services.committer import Committer
from bot.services.doubts import Doubts

log = structlog.get_logger(__name__)

SHEET = "the sheet"
TOPIC = "removals"
BARRED_FOR = 10.0
LISTED = 10


class ReconcilerJournal(Protocol):
    """Where it becomes true, each call in one transaction."""

    async def note_missing(self, missing: Sequence[str], back: Sequence[str], since: float) -> None: ...
    async def free(
        self, ids: Sequence[str], acts: Sequence[Act], notices: Sequence[Notice]
    ) -> list[Allocation]: ...
    async def rekey(
        self, old: str, key: str, endpoint: Endpoint, acts: Sequence[Act], notices: Sequence[Notice]
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
        self._attention = attention
        self._announcer = announcer
        self._clock = clock
        self._horizon = horizon
        self._started = clock.monotonic()
        self._undecided: list[str] = []

    async def after_load(self, former: Inventory | None, inventory: Inventory) -> None:
        """Compare the journal with what was read."""
        if former is not None:
            await self._rotate(rotations(former, inventory))
        findings = compare(self._pool, inventory, self._is_young, former.columns if former else None)
        if findings.keys:
            log.info("entries are put where they belong", proxies=len(findings.keys))
            self._committer.project(findings.keys, findings.rows)
        await self._note(findings, inventory.read_at)
        await self._decide(findings)

    async def free_missing(self, admin_id: int, admin: str) -> int:
        """An admin says that the deletions were meant; returns how many were freed."""
        gone = [one for each in self._undecided if (one := self._pool.ledger.get(each)) and one.missing_since]
        await self._free(gone, admin_id, admin)
        self._settled()
        return len(gone)

    async def restore_missing(self, admin_id: int, admin: str) -> int:
        """An admin says that they were not: the entries are written again; returns how many."""
        back = [one for each in self._undecided if (one := self._pool.ledger.get(each)) and one.missing_since]
        log.info("deleted entries are written again", by=admin_id, entries=len(back), name=admin)
        await self._note(Findings(back=back), self._clock.time())
        self._committer.project({one.key for one in back})
        self._settled()
        return len(back)

    def _is_young(self, key: str) -> bool:
        """Whether a write younger than the horizon concerns the proxy; before the start there may have been any."""
        now = self._clock.monotonic()
        return now - self._started < self._horizon or self._doubts.is_young(key, now)

    async def _rotate(self, changed: Sequence[tuple[str, SheetRow]]) -> None:
        """Holders keep a proxy whose password was changed."""
        held = [(old, row) for old, row in changed if self._pool.ledger.of_proxy(old)]
        self._pool.bar((row.key for _, row in held), self._clock.time() + BARRED_FOR)
        for old, row in held:
            settled = [one for one in self._pool.ledger.of_proxy(old) if one.state in SETTLED]
            acts = [
                Act(THE_BOT, SHEET, "rotate", address_of(old), "", ", ".join(one.resource for one in settled))
            ]
            notices = [_rotated(one, row.key) for one in settled if one.state is State.TAKEN]
            for one in await self._journal.rekey(old, row.key, row.endpoint, acts, notices):
                self._pool.put(one)
        self._pool.bar((row.key for _, row in held), 0.0)

    async def _note(self, findings: Findings, since: float) -> None:
        if not findings.missing and not findings.back:
            return
        missing, back = [one.id for one in findings.missing], [one.id for one in findings.back]
        await self._journal.note_missing(missing, back, since)
        for one in findings.missing:
            self._pool.put(replace(one, missing_since=since))
        for one in findings.back:
            self._pool.put(replace(one, missing_since=None))

    async def _decide(self, findings: Findings) -> None:
        settled = sum(one.state in SETTLED for one in self._pool.ledger.live.values())
        if not wait_for_a_word(len(findings.gone), settled):
            await self._free(findings.gone, THE_BOT, SHEET)
            self._settled()
            return
        self._undecided = [one.id for one in findings.gone]
        self._attention.raise_(TOPIC, f"{len(findings.gone)} entries were deleted in the sheet at once")
        first = min(findings.gone, key=lambda one: one.id)
        data = {"count": len(findings.gone), "people": len({one.user_id for one in findings.gone})}
        await self._announcer.tell_admins(Kind.REMOVALS, data, f"removals:{first.id}:{first.missing_since}")

    async def _free(self, gone: Sequence[Allocation], actor: int, name: str) -> None:
        if not gone:
            return
        acts = [
            Act(actor, name, "freed by hand", address_of(one.key), f"{one.resource} of {one.name}", "free")
            for one in gone
        ]
        for one in await self._journal.free([one.id for one in gone], acts, _freed(gone)):
            self._pool.put(one)

    def _settled(self) -> None:
        self._undecided = []
        self._attention.clear(TOPIC)


def _freed(gone: Iterable[Allocation]) -> list[Notice]:
    """One to each holder."""
    held: dict[int, list[Allocation]] = {}
    for one in gone:
        if one.state is State.TAKEN:
            held.setdefault(one.user_id, []).append(one)
    return [
        Notice(user_id, Kind.FREED, {"proxies": _listed(mine), **_more(mine)}, f"freed:{mine[0].id}")
        for user_id, mine in held.items()
    ]


def _listed(allocations: Sequence[Allocation]) -> list[dict[str, str]]:
    return [{"resource": one.resource, "address": address_of(one.key)} for one in allocations[:LISTED]]


def _more(allocations: Sequence[Allocation]) -> dict[str, int]:
    return {"more": len(allocations) - LISTED} if len(allocations) > LISTED else {}


def _rotated(one: Allocation, key: str) -> Notice:
    proxies = [{"resource": one.resource, "address": address_of(key)}]
    return Notice(
        one.user_id, Kind.ROTATED, {"proxies": proxies, "allocation": one.id}, f"rotated:{one.id}:{key}"
    )
