"""Writes without an answer: they may still land, so what they carried is neither failed nor released yet."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.models.projection import Placed
from bot.models.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """One such write: the rows it went to with what it put there (None = not known), its keys and ids.

    `before` is what the sheet looked like when it was decided, and `sent_at` when it was sent, where that is known.
    `since`: from when on writes are in doubt (epoch seconds), which whoever comes after a crash must know.
    `may_hit_more`: nobody knows what it carried, so that it may hit whatever is written meanwhile.
    `remembered`: what proxies had in their cells before the write hit them by mistake.
    """

    until: float
    rows: Mapping[int, Placed | None]
    keys: frozenset[str]
    ids: frozenset[str]
    before: View | None = None
    sent_at: float = math.inf
    since: float | None = None
    may_hit_more: bool = False
    remembered: Mapping[str, str] = field(default_factory=dict)


class Doubts:
    """Every doubt whose horizon has not been settled yet; times are monotonic seconds."""

    def __init__(self, horizon: float = 200.0) -> None:
        """`horizon`: for how long a write that was answered counts as young, in seconds."""
        self._horizon = horizon
        self.ended: set[str] = set()  # ids given back: their entry may stand elsewhere, until a reading tells
        self.refused: set[str] = set()  # keys whose text Google did not let us write: it is due still
        self._written: dict[str, float] = {}
        self._exposed: set[str] = set()
        self._open: list[Doubt] = []
        self._unseen: list[Doubt] = []

    def add(self, doubt: Doubt) -> None:
        """A write got no answer."""
        self._open.append(doubt)
        self._unseen.append(doubt)

    def wrote(self, keys: Iterable[str], now: float) -> None:
        """A write of ours went to the rows of these proxies."""
        for key in keys:
            self._written.pop(key, None)
            self._written[key] = now
            if any(doubt.may_hit_more for doubt in self._open):
                self._exposed.add(key)
        while self._written and now - next(iter(self._written.values())) > self._horizon:
            del self._written[next(iter(self._written))]

    def is_young(self, key: str, rows: Collection[int], now: float) -> bool:
        """Whether the last write to that proxy is younger than the horizon, or one may still hit its rows."""
        if now - self._written.get(key, -math.inf) <= self._horizon or key in self.refused:
            return True
        return any(key in doubt.keys or not doubt.rows.keys().isdisjoint(rows) for doubt in self._open)

    def renamed(self, old: str, key: str, now: float) -> None:
        """The proxy has another key from now on: what may still change its row under the old one may do so still."""
        if self.is_young(old, (), now):
            self.wrote([key], now)
        for doubt in [doubt for doubt in self._open if old in doubt.keys]:
            self.add(replace(doubt, rows={}, keys=frozenset({key})))

    def covers(self, key: str, now: float) -> bool:
        """Whether a late write may still change that proxy's row."""
        return any(now < doubt.until and key in doubt.keys for doubt in self._open)

    def carries(self, allocation_id: str) -> bool:
        """Whether one of these writes may have brought that allocation's entry into the sheet."""
        return any(allocation_id in doubt.ids for doubt in self._open)

    def frozen(self, now: float) -> Iterator[tuple[Collection[str], float]]:
        """Keys whose rows a late write may still change, and for how many seconds."""
        return ((doubt.keys, doubt.until - now) for doubt in self._open if now < doubt.until)

    def landed(self, view: View, now: float) -> list[Doubt]:
        """Those whose text the view shows: a write lands at most once, so their time is over; they are due now.

        Only where nothing else can have put the same text there, neither an earlier write nor a later one.
        """
        over = [doubt for doubt in self._open if now < doubt.until and self._is_shown(doubt, view)]
        self._open = [replace(doubt, until=now) if doubt in over else doubt for doubt in self._open]
        self.seen(over)
        return over

    def _is_shown(self, doubt: Doubt, view: View) -> bool:
        return any(
            placed is not None
            and placed.key is not None
            and self._written.get(placed.key) == doubt.sent_at
            and sum(placed.key in other.keys for other in self._open) == 1
            and any(row.issued == placed.text for row in view.at(placed.key))
            for placed in doubt.rows.values()
        )

    def due(self, now: float) -> list[Doubt]:
        """Those whose horizon has passed: look once more, then `close` them."""
        unknown = [doubt for doubt in self._open if doubt.may_hit_more and doubt.until <= now]
        if unknown and self._exposed:
            ids = frozenset[str]().union(*(doubt.ids for doubt in unknown))
            self.add(Doubt(now, {}, frozenset(self._exposed), ids))
            self._exposed.clear()
        return [doubt for doubt in self._open if doubt.until <= now]

    def to_look_at(self, now: float) -> list[Doubt]:
        """Those that are due, and those whose rows were not read since: the write may have landed by now."""
        return [doubt for doubt in self._open if doubt.until <= now or doubt in self._unseen]

    def seen(self, doubts: list[Doubt]) -> None:
        """Their rows were read and projected, be it too early to close them."""
        self._unseen = [doubt for doubt in self._unseen if doubt not in doubts]

    def close(self, doubts: list[Doubt]) -> None:
        """Their rows were read and projected after the horizon."""
        self._open = [doubt for doubt in self._open if doubt not in doubts]

    @property
    def next_due(self) -> float | None:
        """When the first horizon passes."""
        return min((doubt.until for doubt in self._open), default=None)

    @property
    def since(self) -> float | None:
        """When the oldest of them began (epoch seconds)."""
        return min((doubt.since for doubt in self._open if doubt.since is not None), default=None)

    def __len__(self) -> int:
        return len(self._open)
