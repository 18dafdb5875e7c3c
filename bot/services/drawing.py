"""Pictures, drawn one at a time in a thread of their own, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.errors import PeerUnavailable
from bot.models.chart import Chart, key_of
from bot.resilience.cache import AsyncCache, CacheFigures, LoadEnded
from bot.resilience.clock import Clock
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor

KEPT = 600.0
MOST = 50  # of some 40 kB each


class Drawing:
    """Draws with `draw`, which makes a PNG of a chart that is not empty; `style` names how it draws.

    One thread: the library behind it is made for no more, and pictures shall not take the whole machine.
    """

    def __init__(
        self, draw: Callable[[Chart], bytes], style: str, clock: Clock, supervisor: Supervisor
    ) -> None:
        self._draw = draw
        self._style = style
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._pictures: AsyncCache[str, bytes] = AsyncCache(
            clock, supervisor=supervisor, ttl=KEPT, size=MOST, keep=0.0, name="pictures"
        )

    def key(self, chart: Chart) -> str:
        """What the picture is known by: the same for the same data."""
        return key_of(chart, self._style)

    async def paint(self, chart: Chart) -> bytes:
        """The chart as a PNG; who asks for the same one shares it."""

        async def load() -> bytes:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._draw, chart)

        try:
            async with resting():
                return (await self._pictures.get(self.key(chart), load)).value
        except LoadEnded as error:
            raise PeerUnavailable("drawing", "it was ended") from error

    def figures(self) -> CacheFigures:
        """How many were drawn, and how often one was there already."""
        return self._pictures.figures()

    async def close(self) -> None:
        """Draw nothing any more; the picture under way is let go."""
        self._thread.shutdown(wait=False, cancel_futures=True)
