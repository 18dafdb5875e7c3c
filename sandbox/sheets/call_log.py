"""What the server was asked: counters, and a log of the last calls."""

import json
from collections import Counter, deque
from typing import Any

JSON = dict[str, Any]

LOGGED_CALLS = 1000
LOGGED_BYTES = 32 * 1024 * 1024


class CallLog:
    """Counts calls and keeps the last 1,000; bodies of writes are kept up to 32 MB in all."""

    def __init__(self) -> None:
        self._log: deque[tuple[JSON, bytes]] = deque()
        self._kept_bytes = 0
        self.reset()

    def reset(self) -> None:
        """Set all counters to zero."""
        self._calls: Counter[str] = Counter()
        self._methods: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._books: dict[str, dict[str, int]] = {}

    def count_token(self, status: int) -> None:
        """Count a token request."""
        self._calls["token_calls"] += 1
        self._statuses[str(status)] += 1

    def record(self, entry: JSON, kind: str, cells_written: int, body: bytes) -> None:
        """Count and log a call; `entry` has time, method, spreadsheet, ranges, status; `kind` its quota."""
        self._calls[kind + "s"] += 1
        self._calls["cells_written"] += cells_written
        self._methods[entry["method"]] += 1
        self._statuses[str(entry["status"])] += 1
        self._books.setdefault(entry["spreadsheet"], {"reads": 0, "writes": 0})[kind + "s"] += 1
        self._log.append((entry, body))
        self._kept_bytes += len(body)
        while len(self._log) > LOGGED_CALLS or (self._kept_bytes > LOGGED_BYTES and len(self._log) > 1):
            self._kept_bytes -= len(self._log.popleft()[1])

    def counters(self) -> JSON:
        """All counters: reads, writes, token_calls, cells_written, by method, status and spreadsheet."""
        names = ("reads", "writes", "token_calls", "cells_written")
        totals = {name: self._calls[name] for name in names}
        by_name = {"methods": dict(self._methods), "statuses": dict(self._statuses)}
        return totals | by_name | {"spreadsheets": dict(self._books)}

    def log(self) -> list[JSON]:
        """The last calls, oldest first; writes with their `body`."""
        return [entry | ({"body": _readable(body)} if body else {}) for entry, body in self._log]


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
