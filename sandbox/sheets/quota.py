"""The per-minute quotas of the Sheets API."""

from collections import Counter
from collections.abc import Callable

from sandbox.sheets.errors import quota_exceeded

PER_USER = 60
PER_PROJECT = 300


class QuotaMeter:
    """Counts reads and writes of the running minute, per user and for the project.

    Assumptions, for lack of facts: the windows are whole minutes of the clock (Google says only that quotas
    are refilled every minute), and a refused call uses nothing up.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._minute = -1
        self._used: Counter[tuple[str, str]] = Counter()

    def charge(self, kind: str, user: str) -> None:
        """Count a "read" or "write" of a user; raise the API's 429 when its minute is used up."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
        if self._used[kind, user] >= PER_USER:
            raise quota_exceeded(kind, per_user=True, limit=PER_USER)
        if self._used[kind, ""] >= PER_PROJECT:
            raise quota_exceeded(kind, per_user=False, limit=PER_PROJECT)
        self._used[kind, user] += 1
        self._used[kind, ""] += 1
