"""An event loop in which nobody waits: when all that is left is to wait, time jumps to the next thing that is due."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

EPOCH = 1_800_000_000.0


class _Jumping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class WarpLoop(asyncio.SelectorEventLoop):
    """Its time is its own."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class WarpClock:
    """The clock of the running WarpLoop."""

    def time(self) -> float:
        return EPOCH + self.monotonic()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
