"""Drills against the local world: degradation and recovery to be watched where nothing real can break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.models.audit import Act, Deed
from bot.models.drill import Drill, Fault
from bot.resilience.clock import Clock

LASTS = 300.0
HEALED = "healed"


class Saboteur(Protocol):
    """Makes calls to sources fail. Raises PeerError."""

    async def strike(self, source: str, fault: Fault, seconds: float) -> None:
        """From now on, for so many seconds, in place of what was done to the source before."""

    async def heal(self, source: str) -> None:
        """No more."""


class Auditor(Protocol):
    """Where acts are written down."""

    async def note(self, act: Act) -> None: ...


class Drills:
    """Each source under one fault at most; it ends by itself after five minutes, whatever becomes of the bot.

    Without a `saboteur` there is no local world, and no drill is possible.
    """

    def __init__(
        self, saboteur: Saboteur | None, sources: Sequence[str], audit: Auditor, clock: Clock
    ) -> None:
        self._saboteur = saboteur
        self.sources = tuple(dict.fromkeys(sources)) if saboteur else ()
        self._audit = audit
        self._clock = clock
        self._running: dict[str, Drill] = {}

    @property
    def possible(self) -> bool:
        """Whether there is a world to be drilled."""
        return self._saboteur is not None

    def running(self) -> tuple[Drill, ...]:
        """What this process has begun and is not over, in the order of the sources."""
        now = self._clock.time()
        drills = (self._running[source] for source in self.sources if source in self._running)
        return tuple(drill for drill in drills if drill.until > now)

    async def begin(self, source: str, fault: Fault, admin_id: int, name: str) -> None:
        """Let the source's calls fail; raises PeerError where the local world cannot be told."""
        await self._world().strike(source, fault, LASTS)
        self._running[source] = Drill(source, fault, self._clock.time() + LASTS)
        await self._audit.note(Act(admin_id, name, Deed.DRILL, source, after=fault))

    async def heal(self, source: str, admin_id: int, name: str) -> None:
        """Let the source be; one that is not drilled is none the worse for it."""
        await self._world().heal(source)
        drill = self._running.pop(source, None)
        before = drill.fault if drill else ""
        await self._audit.note(Act(admin_id, name, Deed.DRILL, source, before, HEALED))

    def _world(self) -> Saboteur:
        if self._saboteur is None:
            raise LookupError("there is no local world")
        return self._saboteur
