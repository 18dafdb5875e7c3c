"""getUpdates: one poller at a time, which waits until something arrives."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.errors import conflict
from sandbox.telegram.records import JsonObject
from sandbox.telegram.updates import UpdateQueue

TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True, eq=False)
class _Turn:
    connected: Callable[[], bool]
    ended_by: str = ""


class Poller:
    """The place of the one connection that may wait for updates."""

    def __init__(self, updates: UpdateQueue) -> None:
        self._updates = updates
        self._turn: _Turn | None = None
        self._closed = False

    @property
    def polling(self) -> bool:
        """Whether somebody is waiting right now."""
        return self._turn is not None and self._turn.connected()

    async def poll(self, limit: int, timeout: float, connected: Callable[[], bool]) -> list[JsonObject]:
        """Updates as soon as there are any, none after `timeout` seconds; 409 when another poller came.

        Nothing is handed to a caller who is not `connected` any more.
        """
        turn = self._begin(_Turn(connected))
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            while True:
                batch = self._updates.fetch(limit) if connected() else []
                left = deadline - asyncio.get_running_loop().time()
                if batch or left <= 0 or self._closed or not connected():
                    return batch
                await self._updates.arrived.wait(left)
                if self._turn is not turn:
                    raise conflict(turn.ended_by)
        finally:
            if self._turn is turn:
                self._turn = None

    def open(self) -> None:
        """Let pollers wait (again)."""
        self._closed = False

    def close(self) -> None:
        """Let whoever waits go, empty-handed; for the end of the server."""
        self._closed = True
        self._updates.arrived.fire()

    def end(self, reason: str) -> None:
        """Send whoever waits away, with 409."""
        if self._turn is not None:
            self._turn.ended_by = reason
            self._turn = None
            self._updates.arrived.fire()

    def _begin(self, turn: _Turn) -> _Turn:
        self.end(TERMINATED)
        self._turn = turn
        return turn
