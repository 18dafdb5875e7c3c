"""Counts of the pool, put together for /stats and for whoever asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from bot.models.allocation import HELD, Allocation, State
from bot.models.pool import Pool
from bot.models.results import PoolStats
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention
from bot.services.commit_job import CommitCounts
from bot.services.outage import Outage
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
        outage: Outage,
        waiting: Callable[[str], int],
        *,
        mode: str,
        mode_away: str,
    ) -> None:
        """`mode`: strict or fast; `mode_away`: queue or refuse, what becomes of strict while Google is away."""
        self._pool = pool
        self._refresh = refresh
        self._pace = pace
        self._counts = counts
        self._attention = attention
        self._reading = reading
        self._clock = clock
        self._outage = outage
        self._waiting = waiting
        self._mode = mode
        self._mode_away = mode if mode == "fast" else mode_away

    def collect(self) -> PoolStats:
        """The counts as of now."""
        pool, counts, age = self._pool, self._counts, self._refresh.age
        today, now = self._reading().today.toordinal(), self._clock.time()
        proxies = list(pool.proxies())
        live = list(pool.ledger.live.values())
        states = Counter(allocation.state for allocation in live)
        return PoolStats(
            total_proxies=len(proxies),
            available=sum(1 for _ in pool.unused(today)),
            expired=sum(not row.usable(today) for row in proxies),
            unknown_expiry=sum(row.expires is None for row in proxies),
            duplicates=pool.duplicates(),
            repeated=tuple(sorted(pool.repeated().values())),
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
            by_country=dict(Counter(row.country for row in pool.unused(today)).most_common()),
            held_by_resource=_by_resource(live, HELD),
            reserved_by_resource=_by_resource(live, {State.RESERVED}),
            waiting_by_resource={name: n for name in pool.known_resources() if (n := self._waiting(name))},
            frozen=tuple(sorted(pool.frozen)),
            pending=sum(each.promised and each.state in CHECKED for each in live),
            spent=states[State.SPENT],
            bad=states[State.BAD],
            mode=self._mode_away if self._outage.away else self._mode,
            away_since=self._outage.since,
            commit_p50=counts.percentile(0.5),
            commit_p95=counts.percentile(0.95),
            shared=pool.inventory is not None and pool.inventory.columns.issued is None,
        )


def _by_resource(live: Iterable[Allocation], states: Collection[State]) -> dict[str, int]:
    return dict(Counter(each.resource for each in live if each.state in states).most_common())
