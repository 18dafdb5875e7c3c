"""Counts of the pool, put together for /stats and for whoever asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from bot.models.allocation import State
from bot.models.pool import Pool
from bot.models.results import PoolStats
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention
from bot.services.commit_job import CommitCounts
from bot.services.sheet_refresh import SheetRefresh

CHECKED = (State.QUEUED, State.TAKING, State.RELEASING)


class StatsSource:
    """Looks at the pool, the pace and the committer's counts; changes nothing."""

    def __init__(
        self,
        pool: Pool,
        refresh: SheetRefresh,
        pace: ReadWritePace,
        counts: CommitCounts,
        attention: Attention,
        reading: Callable[[], Reading],
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._refresh = refresh
        self._pace = pace
        self._counts = counts
        self._attention = attention
        self._reading = reading
        self._clock = clock

    def collect(self) -> PoolStats:
        """The counts as of now."""
        pool, counts, age = self._pool, self._counts, self._refresh.age
        today, now = self._reading().today.toordinal(), self._clock.time()
        proxies = list(pool.proxies())
        states = Counter(allocation.state for allocation in pool.ledger.live.values())
        return PoolStats(
            total_proxies=len(proxies),
            available=pool.untouched(today),
            expired=sum(not row.usable(today) for row in proxies),
            unknown_expiry=sum(row.expires is None for row in proxies),
            duplicates=pool.duplicates(),
            pending_reservations=states[State.RESERVED],
            being_checked=sum(states[state] for state in CHECKED),
            taken=states[State.TAKEN],
            cache_valid=age is not None and age <= self._refresh.ttl,
            cache_age_seconds=age,
            free_by_resource={name: pool.free(name, now) for name in sorted(pool.known_resources())},
            problems=tuple(pool.inventory.problems) if pool.inventory else (),
            commits=counts.commits,
            mean_commit_rows=counts.rows / counts.commits if counts.commits else 0.0,
            reads=counts.reads + self._refresh.reads,
            writes=counts.writes,
            reads_left=int(self._pace.reads.available),
            writes_left=int(self._pace.writes.available),
            needs_attention=self._attention.matters,
        )
