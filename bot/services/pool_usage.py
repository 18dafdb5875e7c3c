"""How much the pool is used: what was handed out for each resource day by day, and how many were left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from bot.models.chart import DayUse, UsageChart

DAYS = 30
KEPT_DAYS = 92


class Uses(Protocol):
    """Where it is kept."""

    async def handed_out(self, days: Collection[str]) -> Mapping[tuple[str, str], int]: ...
    async def note(
        self, uses: Sequence[DayUse], settled: Mapping[tuple[str, str], int], *, keep_since: str
    ) -> None: ...
    async def since(self, day: str, resource: str | None = None) -> Sequence[DayUse]: ...


class PoolUsage:
    """Written down by a job.

    `free`: how many could be handed out now for each known resource, None before the sheet was read. `today`: the
    day in the zone of the settings.
    """

    def __init__(
        self, free: Callable[[], Mapping[str, int] | None], uses: Uses, today: Callable[[], date]
    ) -> None:
        self._free = free
        self._uses = uses
        self._today = today

    async def note(self) -> int:
        """Count today, and once more yesterday, whose last minutes nobody has counted; returns the resources."""
        free = self._free()
        if free is None:
            return 0
        today, yesterday = self._day(0), self._day(1)
        taken = await self._uses.handed_out({today, yesterday})
        uses = [DayUse(name, today, taken.get((today, name), 0), left) for name, left in free.items()]
        settled = {(day, name): number for (day, name), number in taken.items() if day == yesterday}
        await self._uses.note(uses, settled, keep_since=self._day(KEPT_DAYS))
        return len(uses)

    async def chart(self, resource: str | None = None) -> UsageChart:
        """The last 30 days, from the first one that was written down."""
        uses = await self._uses.since(self._day(DAYS - 1), resource)
        if not uses:
            return UsageChart(resource, (), ())
        first, today = date.fromisoformat(uses[0].day), self._today()
        days = tuple((first + timedelta(n)).isoformat() for n in range((today - first).days + 1))
        return UsageChart(resource, days, tuple(uses))

    def _day(self, ago: int) -> str:
        return (self._today() - timedelta(ago)).isoformat()
