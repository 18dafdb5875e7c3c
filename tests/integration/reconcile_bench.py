"""A desk whose people are about to win, for the tests beside this file: time, deletions, and what is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk_bench import ISSUED, DeskBench, JumpingClock, desk_bench, until

from bot.models.audit import Act
from bot.models.notice import Kind
from bot.models.results import Held
from bot.storage.audit import AuditStore

ANNA, BORIS, ADMIN = 10, 20, 1
HORIZON = 200.0
APART = 61.0
NAMES = {ANNA: "@anna", BORIS: "@boris"}


@dataclass
class Reconciling:
    """The bench, and its clock."""

    bench: DeskBench
    clock: JumpingClock

    async def take(self, user: int, *rows: int, resource: str = "beboo") -> list[str]:
        """Somebody takes these rows; returns the addresses."""
        taken, failed = await self.bench.service.take_proxies_batch(rows, resource, user, name=NAMES[user])
        assert [] == failed
        return [proxy.endpoint.address for proxy in taken]

    async def gets(self, user: int, resource: str = "beboo") -> list[str]:
        """Somebody takes the best one there is; returns its address."""
        issued = await self.bench.service.issue(resource, 1, user, name=NAMES[user], new_resource=True)
        return [proxy.endpoint.address for proxy in issued.proxies]

    async def free(self, resource: str = "beboo") -> list[str]:
        """The addresses of what anybody could take."""
        return [proxy.endpoint.address for proxy in await self.bench.service.get_available_proxies(resource)]

    async def grown_old(self) -> None:
        """No write of ours is young any more."""
        await self.look(HORIZON + 1)

    async def look(self, after: float = 0.0) -> None:
        """So many seconds later the whole sheet is read."""
        self.clock.jump(after)
        await self.bench.desk.refresh.refresh()

    async def shows(self, issued: dict[int, str]) -> None:
        """Return when the `issued` cells hold exactly this."""

        async def shown() -> bool:
            return self.bench.issued() == issued

        await until(shown)

    async def write(self, row: int, text: str) -> None:
        """A person puts this into the `issued` cell of a row."""
        await self.bench.edit(in_cell(row, text))

    async def delete(self, *rows: int) -> dict[int, str]:
        """A person empties the `issued` cells of these rows; returns what stood there."""
        former = self.bench.issued()
        await self.bench.edit(*(in_cell(row, "") for row in rows))
        return {row: former[row] for row in rows}

    async def held(self, user: int) -> list[Held]:
        return await self.bench.service.held_by(user)

    async def holds(self, user: int) -> list[str]:
        """The addresses of what somebody holds."""
        return [one.proxy.endpoint.address for one in await self.held(user)]

    async def told(self) -> list[tuple[int, Kind, dict[str, Any]]]:
        return await self.bench.notices()

    async def acts(self, act: str) -> list[Act]:
        """What the audit says was done of this kind."""
        links = await AuditStore(self.bench.desk.database).chain(0, 100)
        return [link.act for link in links if link.act.act == act]

    async def restart(self, *, crash: bool = False) -> None:
        """Another process goes on where this one ended."""
        await (self.bench.kill() if crash else self.bench.stop())
        await self.bench.start()


def in_cell(row: int, text: str, column: int = ISSUED) -> dict[str, Any]:
    """The edit that puts a text into a cell of a row."""
    return {"kind": "cell", "cell": f"{'ABCDEFGHIJ'[column]}{row}", "value": text}


@asynccontextmanager
async def reconciling(
    rows: Sequence[Sequence[Any]], folder: Path, **sheet: Any
) -> AsyncIterator[Reconciling]:
    """A desk over a sheet of these rows."""
    clock = JumpingClock()
    async with desk_bench(rows, folder, clock=clock, **sheet) as bench:
        yield Reconciling(bench, clock)
