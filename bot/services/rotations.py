"""Changed passwords: whoever holds such a proxy keeps it under its new key, and is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from bot.models.allocation import Allocation, State
from bot.models.audit import THE_BOT, Act, Deed
from bot.models.notice import Kind, Notice
from bot.models.pool import Pool
from bot.models.proxy import Endpoint, address_of
from bot.models.reconciliation import SETTLED
from bot.models.sheet import SheetRow
from bot.resilience.clock import Clock
from bot.services.committer import Committer
from bot.services.doubts import Doubts

SHEET = "the sheet"
BARRED_FOR = 600.0
FOLLOWING = SETTLED | {State.RESERVED}
UNDER_WAY = frozenset({State.TAKING, State.RELEASING})


class RotationJournal(Protocol):
    """Where it becomes true, in one transaction."""

    async def rekey(
        self, old: str, key: str, endpoint: Endpoint, acts: Sequence[Act], notices: Sequence[Notice]
    ) -> list[Allocation]: ...


class Rotations:
    """Follows each changed password until nothing is left under the old key.

    What is on its way into the sheet or out of it when the password changes comes to its end under the old key;
    what is held then follows with the next reading. Until that the new key is offered to nobody.
    """

    def __init__(
        self, pool: Pool, journal: RotationJournal, committer: Committer, doubts: Doubts, clock: Clock
    ) -> None:
        self._pool = pool
        self._journal = journal
        self._committer = committer
        self._doubts = doubts
        self._clock = clock
        self._open: dict[str, str] = {}

    def note(self, changed: Iterable[tuple[str, SheetRow]]) -> None:
        """These have changed since the last reading."""
        for old, row in changed:
            self._open |= {older: row.key for older, key in self._open.items() if key == old} | {old: row.key}
        self._open = {old: key for old, key in self._open.items() if self._is_open(old, key)}
        self._pool.bar(self._open.values(), self._clock.time() + BARRED_FOR)

    async def follow(self) -> None:
        """Bring what is held under old keys under the new ones. Raises StorageError; nothing is forgotten then."""
        for old, key in list(self._open.items()):
            await self._rekey(old, self._pool.rows_of(key)[0])
            if all(one.state not in UNDER_WAY for one in self._pool.ledger.of_proxy(old)):
                del self._open[old]
                self._pool.bar({key} - set(self._open.values()), 0.0)

    def _is_open(self, old: str, key: str) -> bool:
        """Whether something is left under the old key, and the new one has not gone too, or been the old one."""
        return old != key and bool(self._pool.ledger.of_proxy(old)) and bool(self._pool.rows_of(key))

    async def _rekey(self, old: str, row: SheetRow) -> None:
        mine = self._pool.ledger.of_proxy(old)
        if all(one.state not in FOLLOWING for one in mine):
            return
        resources = ", ".join(one.resource for one in mine if one.state in SETTLED)
        acts = [Act(THE_BOT, SHEET, Deed.ROTATE, address_of(old), "", resources)] if resources else []
        notices = [_rotated(one, row.key) for one in mine if one.state is State.TAKEN]
        for one in await self._journal.rekey(old, row.key, row.endpoint, acts, notices):
            self._pool.put(one)
        self._doubts.renamed(old, row.key, self._clock.monotonic())
        self._committer.project({row.key})


def _rotated(one: Allocation, key: str) -> Notice:
    proxies = [{"resource": one.resource, "address": address_of(key)}]
    return Notice(one.user_id, Kind.ROTATED, {"proxies": proxies, "allocation": one.id})
