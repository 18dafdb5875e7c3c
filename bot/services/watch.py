"""The watch: looks at the pool by the clock, and tells people what they should know. Each thing once.

What was told is remembered in the same transaction as the notices that tell it, so that neither a crash nor a
restart says a thing twice or never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Protocol

from bot.models.notice import THE_WEBHOOK, Kind, Notice
from bot.models.pool import Pool
from bot.models.watch import (
    RENEW_WITHIN,
    Expiring,
    expiring,
    problems,
    renewals,
    shortened,
    still_crossed,
    stock,
)
from bot.resilience.clock import Clock

MORNING = 8
RESOURCES_AT_ONCE = 20

EXPIRING, LOW, RENEWALS, ROWS = "watch expiring", "watch low stock", "watch renewals", "watch rows"


class Announcer(Protocol):
    """Where notices go, with what is to be remembered."""

    def for_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> list[Notice]: ...
    async def post(self, notices: Sequence[Notice], memory: Mapping[str, object] | None = None) -> int: ...


class Memory(Protocol):
    """What was remembered."""

    async def recall(self, name: str) -> Any: ...


class Watch:
    """Each look is for a job of its own. `low_stock` 0: stock is not looked at; `morning`: the hour, on `zone`'s
    clock, before which nothing is said that has all day. Raises StorageError.
    """

    def __init__(
        self,
        pool: Pool,
        announcer: Announcer,
        memory: Memory,
        clock: Clock,
        zone: tzinfo,
        *,
        low_stock: int,
        webhook: bool,
        morning: int = MORNING,
    ) -> None:
        self._pool = pool
        self._announcer = announcer
        self._memory = memory
        self._clock = clock
        self._zone = zone
        self._low_stock = low_stock
        self._webhook = webhook
        self._morning = morning
        self._seen_at: float | None = None

    async def expiring(self) -> None:
        """Tell holders what expires in 7, 3 and 1 days: one message a person."""
        here = self._here()
        if here.hour < self._morning or self._pool.inventory is None:
            return
        today = here.date().toordinal()
        told: dict[str, int] = await self._memory.recall(EXPIRING) or {}
        current = still_crossed(self._pool, told, today)
        news = expiring(self._pool, current, today, here.date().isoformat())
        if news or current != told:
            marks = {**current, **{each.mark: each.last_day for each in news}}
            await self._announcer.post(list(_by_holder(news)), {EXPIRING: marks})

    async def stock(self) -> None:
        """Tell admins, and the alert address, which resources have become low."""
        if not self._low_stock or self._pool.inventory is None:
            return
        before: list[str] = await self._memory.recall(LOW) or []
        found = stock(await self._free(), before, self._low_stock)
        if found.low == set(before):
            return
        notices: list[Notice] = []
        if found.news:
            lines = [{"name": name, "free": free} for name, free in found.news]
            data = {**shortened(lines, "resources"), "limit": self._low_stock}
            notices = self._announcer.for_admins(Kind.LOW_STOCK, data)
            if self._webhook:
                notices.append(Notice(THE_WEBHOOK, Kind.LOW_STOCK, data))
        await self._announcer.post(notices, {LOW: sorted(found.low)})

    async def renewals(self) -> None:
        """Tell admins once a day which proxies are due for renewal."""
        here = self._here()
        today = here.date()
        if here.hour < self._morning or self._pool.inventory is None:
            return
        if await self._memory.recall(RENEWALS) == today.isoformat():
            return
        due = renewals(self._pool, today.toordinal())
        if due:
            data = {"due": due, "within": RENEW_WITHIN}
            notices = self._announcer.for_admins(Kind.RENEWALS, data, f"renewals:{today.isoformat()}")
            await self._announcer.post(notices, {RENEWALS: today.isoformat()})

    async def rows(self) -> None:
        """After a reading of the sheet, tell admins of unreadable and duplicate rows that are new."""
        inventory = self._pool.inventory
        if inventory is None or inventory.read_at == self._seen_at:
            return
        read_at, found = inventory.read_at, problems(self._pool)
        known: dict[str, int] = await self._memory.recall(ROWS) or {}
        if found.known != known:
            news = found.since(known).told()
            any_news = news["unreadable"] or news["duplicates"]
            notices = self._announcer.for_admins(Kind.ROWS, news) if any_news else []
            await self._announcer.post(notices, {ROWS: found.known})
        self._seen_at = read_at

    async def _free(self) -> dict[str, int]:
        """What is free for each resource that is handed out for; the loop gets its turn in between."""
        free = {}
        for number, resource in enumerate(sorted(self._pool.known_resources() - self._pool.frozen)):
            free[resource] = self._pool.free(resource, self._clock.time())
            if number % RESOURCES_AT_ONCE == RESOURCES_AT_ONCE - 1:
                await asyncio.sleep(0)
        return free

    def _here(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), self._zone)


def _by_holder(news: Iterable[Expiring]) -> Iterable[Notice]:
    lines: dict[int, list[dict[str, Any]]] = {}
    for each in news:
        line = {"resource": each.resource, "address": each.address, "days": each.days}
        lines.setdefault(each.user_id, []).append(line)
    for user_id, mine in lines.items():
        yield Notice(user_id, Kind.EXPIRES, shortened(mine, "proxies"))
