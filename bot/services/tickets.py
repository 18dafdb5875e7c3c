"""A ticket: one request that waits in the committer until each of its allocations has come to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.models.allocation import Allocation, State
from bot.models.audit import Act, Deed
from bot.models.commit import Ask
from bot.models.proxy import address_of
from bot.models.request import Settlement
from bot.models.results import Failure, Reason


@dataclass(slots=True, eq=False)
class Ticket:
    """`asks`: what is still open, by allocation id. `give_up_at`: when to fail what was never sent (monotonic).

    `journalled` is done when the asks are in the journal, or were dropped because they could not be: the sheet
    may be read before, but nothing is decided. `withdrawn`: the journal refused the whole request. `promised`: what
    it asks for has been handed out; it is not given up, and whoever has it is told of a loss. `gave`: what this
    process has seen taken.
    """

    request: int
    give_up_at: float
    asks: dict[str, Ask]
    settled: asyncio.Future[Settlement]
    journalled: asyncio.Future[None] | None = None
    withdrawn: bool = False
    promised: bool = False
    taken: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    gave: list[Allocation] = field(default_factory=list)
    reads: int = 0
    writes: int = 0
    read_at: float = 0.0

    def act(self) -> Act | None:
        """What the audit is told of it in the end."""
        if not self.gave:
            return None
        first, addresses = self.gave[0], ", ".join(address_of(each.key) for each in self.gave)
        return Act(first.user_id, first.name, Deed.TAKE, first.resource, after=addresses)

    @property
    def is_take(self) -> bool:
        """Its asks are in the journal, and none of them is on its way out of the sheet by a person's wish."""
        journalled = self.journalled is None or self.journalled.done()
        return journalled and all(ask.allocation.state is not State.RELEASING for ask in self.asks.values())

    @property
    def is_complete(self) -> bool:
        """Nothing is open any more."""
        return not self.asks

    def settlement(self) -> Settlement:
        """What has become of the request."""
        return Settlement(
            taken=tuple(self.taken),
            released=tuple(self.released),
            failures=tuple(self.failures),
            reads=self.reads,
            writes=self.writes,
            read_at=self.read_at,
        )

    def add(self, asks: Iterable[Ask]) -> None:
        """More allocations of the same request."""
        self.asks.update((ask.allocation.id, ask) for ask in asks)

    def take(self, ask: Ask) -> None:
        """The sheet shows the entry: it is the user's."""
        if self.asks.pop(ask.allocation.id, None):
            self.taken.append(ask.allocation.id)
            self.gave.append(ask.allocation)

    def release(self, ask: Ask) -> None:
        """The entry is out of the sheet."""
        if self.asks.pop(ask.allocation.id, None):
            self.released.append(ask.allocation.id)

    def fail(self, ask: Ask, reason: Reason | None) -> None:
        """It could not be had; without a reason: something else has taken its place."""
        if self.asks.pop(ask.allocation.id, None) and reason is not None:
            self.failures.append(Failure(ask.allocation.row, reason))
