"""Saving the world a moment after it has changed."""

import asyncio
import sys
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is due later and can be called off."""

    def cancel(self) -> None: ...


class Alarm(Protocol):
    """What autosave needs of an event loop."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer: ...


class Autosave:
    """Calls `save` after `quiet` seconds without a change, at the latest `longest` after the first.

    Saving a large world takes time: the pauses grow with it, so that it never costs more than some percent.
    """

    def __init__(
        self,
        save: Callable[[], None],
        loop: Alarm | None = None,
        *,
        quiet: float = 1.0,
        longest: float = 10.0,
    ) -> None:
        self._save = save
        self._loop = loop or asyncio.get_running_loop()
        self._quiet = quiet
        self._longest = longest
        self._cost = 0.0
        self._changed_at: float | None = None
        self._timer: Timer | None = None

    def changed(self) -> None:
        """Tell that the world is no longer what was saved."""
        now = self._loop.time()
        if self._changed_at is None:
            self._changed_at = now
        pause = max(self._quiet, 50 * self._cost)
        left = self._changed_at + max(self._longest, pause) - now
        self._stop_timer()
        self._timer = self._loop.call_later(max(0, min(pause, left)), self.flush)

    def flush(self) -> None:
        """Save now what has changed; a failure is told and tried again at the next change."""
        self._stop_timer()
        if self._changed_at is None:
            return
        started = self._loop.time()
        try:
            self._save()
        except OSError as error:
            print(f"The world could not be saved: {error}", file=sys.stderr, flush=True)
        else:
            self._changed_at = None
        self._cost = self._loop.time() - started

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
