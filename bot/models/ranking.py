"""The proxies of one reading, best first, and what finds them there; made in slices, as a large one takes its time."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.models.sheet import SheetRow

Rows = tuple[SheetRow, ...]

UNKNOWN = float("inf")  # an expiry that nobody knows comes last


@dataclass(slots=True)
class Ranking:
    """Each proxy has a rank, 0 for the best: most days left, ties by row, unknown expiry last.

    `order` are the ranks' expiries, as numbers that rise; `marked` the ranks that people use for a resource. A
    commit may move a proxy to other rows, never to another rank.
    """

    rows: list[Rows] = field(default_factory=list)
    rank: dict[str, int] = field(default_factory=dict)
    key_at: dict[int, str] = field(default_factory=dict)
    usable: bytearray = field(default_factory=bytearray)
    order: array[float] = field(default_factory=lambda: array("d"))
    marked: dict[str, list[int]] = field(default_factory=dict)

    def rows_of(self, key: str) -> Rows:
        """Where the proxy was last seen, in row order; empty when the sheet does not have it."""
        rank = self.rank.get(key)
        return () if rank is None else self.rows[rank]


def ranking_of(
    rows: Sequence[SheetRow], today: int, live: Collection[str], step: int
) -> Generator[None, None, Ranking]:
    """Rank what was read; the same key in several rows is one proxy. Yields after every `step` of them.

    Days are few: proxies are put into one heap for each, in the order of their rows, and nothing is sorted but days.
    """
    made, places = Ranking(), dict[str, Rows]()
    heaps: dict[float, list[str]] = {}
    for count, row in enumerate(rows, start=1):
        made.key_at[row.number] = row.key
        if (seen := places.get(row.key)) is None:
            places[row.key] = (row,)
            heaps.setdefault(_best_first(row), []).append(row.key)
        else:
            places[row.key] = (*seen, row)
        if count % step == 0:
            yield
    best_first = ((expiry, key) for expiry in sorted(heaps) for key in heaps[expiry])
    for count, (expiry, key) in enumerate(best_first, start=1):
        _add(made, places[key], expiry, today, live)
        if count % step == 0:
            yield
    return made


def moves(before: Mapping[int, str], now: Mapping[int, str], step: int) -> Generator[None, None, list[int]]:
    """The rows in which another proxy stands now, or none; `before` may change meanwhile."""
    moved: list[int] = []
    for count, number in enumerate(list(before), start=1):
        if now.get(number) != before[number]:
            moved.append(number)
        if count % step == 0:
            yield
    return moved


def given_up(ranking: Ranking, step: int) -> Iterator[None]:
    """Let go of one that is not used any more, bit by bit: freeing much at once takes as long as making it."""
    while ranking.rows:
        del ranking.rows[-step:]
        yield
    for index in (ranking.rank, ranking.key_at):
        while index:
            for _ in range(min(step, len(index))):
                index.popitem()
            yield


def marks(rows: Rows, live: Collection[str]) -> frozenset[str]:
    """What people use the proxy for, in any of its rows."""
    return frozenset().union(*(row.marked(live) for row in rows))


def _add(made: Ranking, rows: Rows, expiry: float, today: int, live: Collection[str]) -> None:
    """The next one in order."""
    rank = len(made.rows)
    made.rows.append(rows)
    made.rank[rows[0].key] = rank
    made.usable.append(rows[0].usable(today))
    made.order.append(expiry)
    for resource in marks(rows, live):
        made.marked.setdefault(resource, []).append(rank)


def _best_first(row: SheetRow) -> float:
    return UNKNOWN if row.expires is None else -row.expires
