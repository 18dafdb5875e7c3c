"""What one commit has to do, and what it leaves behind."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from bot.models.commit import Ask
from bot.models.projection import Placed
from bot.models.view import View
from bot.services.doubts import Doubt
from bot.services.tickets import Ticket

REMEMBERED = 256


@dataclass(slots=True)
class Job:
    """What one commit has to do. `fixes`: rows to project whatever stands there, with what we put there wrongly;
    `keys`: proxies to project, those that are `due` not for a doubt, but because somebody wants to see it.

    `strays`: writes that may have hit another column, and the rows as they were before. `remembered`: what proxies
    had in their `issued` cells before a text of ours came there wrongly; `glimpsed`: what those have that no
    reading of the whole sheet has seen yet. `places`: the rows of every key, when they were just looked up.
    `refused`: rows that Google did not let us write; `barred`: the keys that asks of this job have met there.
    """

    tickets: dict[int, Ticket]
    fixes: dict[int, Placed | None] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)
    retract: set[str] = field(default_factory=set)
    strays: list[tuple[View, Mapping[int, Placed]]] = field(default_factory=list)
    remembered: dict[str, str] = field(default_factory=dict)
    glimpsed: dict[str, str] = field(default_factory=dict)
    places: Mapping[str, list[int]] | None = None
    refused: set[int] = field(default_factory=set)
    barred: frozenset[str] = frozenset()
    repairs: int = 0
    only: frozenset[str] | None = None

    @property
    def asks(self) -> list[Ask]:
        """The open asks, in queue order."""
        every = (ask for ticket in self.tickets.values() for ask in ticket.asks.values())
        return [ask for ask in every if self.only is None or ask.allocation.id in self.only]

    @property
    def soonest_end(self) -> float:
        """When the first of those on board gives up (monotonic seconds)."""
        return min((ticket.give_up_at for ticket in self.tickets.values()), default=math.inf)

    async def journalled(self) -> None:
        """Wait until every request on board is in the journal."""
        pending = {ticket.journalled for ticket in self.tickets.values() if ticket.journalled is not None}
        if pending:
            await asyncio.wait(pending)

    def ticket_of(self, ask: Ask) -> Ticket:
        """The ticket that carries the ask: of the request that releases it, else of the one that takes it."""
        release = ask.allocation.release_request
        if release is not None and release in self.tickets:
            return self.tickets[release]
        return self.tickets[ask.allocation.request]

    def carries(self, ask: Ask) -> bool:
        """Whether the ask is still open."""
        return ask.allocation.id in self.ticket_of(ask).asks

    def look_again(self, doubt: Doubt) -> None:
        """Project the rows and keys of a write whose horizon has passed."""
        known = texts_of(self.fixes)
        self.fixes.update(doubt.rows)
        self.fixes.update((number, text) for number, text in known.items() if self.fixes[number] is None)
        self.keys |= doubt.keys
        self.due |= set() if doubt.ids else doubt.keys
        self.retract |= doubt.ids
        self.remembered = {**doubt.remembered, **self.remembered}
        if doubt.before is not None:
            self.strays.append((doubt.before, texts_of(doubt.rows)))

    def has_lost(self, view: View) -> bool:
        """Whether a proxy that is to be projected has moved, and nobody has looked for it yet."""
        return self.places is None and any(not view.at(key) for key in self.keys)

    @property
    def has_work(self) -> bool:
        """There is something to read for."""
        return bool(self.asks or self.fixes or self.keys or self.strays)

    def part(self, rows: Collection[int], keys: Collection[str | None], *, inside: bool) -> Job:
        """The job for these rows and keys alone, or for all but them."""
        return replace(
            self,
            fixes={number: text for number, text in self.fixes.items() if (number in rows) is inside},
            keys={key for key in self.keys if (key in keys) is inside},
            only=frozenset(ask.allocation.id for ask in self.asks if (ask.allocation.key in keys) is inside),
        )

    def count(self, *, reads: int = 0, writes: int = 0) -> None:
        """Every ticket on board has used these calls."""
        for ticket in self.tickets.values():
            ticket.reads += reads
            ticket.writes += writes


@dataclass(frozen=True, slots=True)
class Postponed:
    """What a commit leaves behind: `held` requests wait for the end of a doubt; `again`: the rest after `pause`."""

    held: frozenset[int] = frozenset()
    again: bool = False
    pause: float = 0.0


@dataclass(slots=True)
class CommitCounts:
    """Since the start, for /stats: `rows` were carried by `commits`; `seconds` the last ones took."""

    commits: int = 0
    rows: int = 0
    reads: int = 0
    writes: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def add(self, job: Job, *, reads: int = 0, writes: int = 0) -> None:
        """The commit, and with it every ticket on board, has used these calls."""
        job.count(reads=reads, writes=writes)
        self.reads += reads
        self.writes += writes

    def percentile(self, share: float) -> float | None:
        """The time that at least `share` of the last commits did not exceed (nearest rank), in seconds."""
        ordered = sorted(self.seconds)
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def texts_of(rows: Mapping[int, Placed | None]) -> dict[int, Placed]:
    """The rows whose text is known."""
    return {number: text for number, text in rows.items() if text is not None}
