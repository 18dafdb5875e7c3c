"""The pool: which proxies are free for which resource, best first, found without sorting or scanning.

Proxies are ranked once a refresh. Each resource that is asked for has a mask, one byte a rank, 1 = free; the
next free one is `mask.find(1, …)`, a memchr: microseconds over 100,000 proxies, however many are used.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.models.allocation import Allocation, State
from bot.models.ledger import Ledger
from bot.models.ranking import Ranking, Rows, given_up, marks, moves, ranking_of
from bot.models.resource import is_resource
from bot.models.results import RowProblem
from bot.models.sheet import Columns, SheetRow
from bot.models.wish import ANY, Wish

FREE = 1
STEP = 500


@dataclass(slots=True)
class Inventory:
    """What one refresh read: every readable row in sheet order, and what could not be read."""

    columns: Columns
    read_at: float
    rows: list[SheetRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    entries: dict[str, list[int]] = field(default_factory=dict)  # rows by the `#id` that stands in them


class Pool:
    """The proxies as last read, and the ledger of who has what; `today` is the ordinal of the desk's day."""

    def __init__(self, ledger: Ledger, *, resources: Iterable[str] = ()) -> None:
        self.ledger = ledger
        self.inventory: Inventory | None = None
        self._remembered = set(resources)
        self._now, self._former = Ranking(), Ranking()
        self._moved: dict[int, float] = {}
        self._masks: dict[str, bytearray] = {}
        self._touched: dict[str, set[int]] = {}
        self._kinds: dict[Wish, int] = {}
        self._barred: dict[str, float] = {}
        self.frozen: set[str] = set()
        self._lapsed_at = 0.0
        self._newer: list[tuple[SheetRow, float]] = []
        self._changed: set[tuple[str, str]] = set()
        self._watching = False

    def watch(self) -> None:
        """A refresh begins: what commits see from now on is newer than what it will bring."""
        self._newer.clear()
        self._changed.clear()
        self._watching = True

    def load(self, inventory: Inventory, today: int) -> None:
        """Replace the proxies by what a refresh read."""
        deque(self.loading(inventory, today), maxlen=0)

    def loading(self, inventory: Inventory, today: int, step: int = STEP) -> Iterator[None]:
        """The same in slices of `step` proxies: between them the pool may be used, and is the former one.

        The new indexes grow beside the old ones; then, in one slice, they take their place, and what commits and
        people's requests have changed since the refresh began is done again on them. That slice is the last one:
        whoever runs this to its end may go on with the new ones before anybody else sees them.
        """
        if not self._watching:
            self.watch()
        made = yield from ranking_of(inventory.rows, today, self.ledger.live, step)
        moved = yield from moves(self._now.key_at, made.key_at, step)
        self._former, self._now, self.inventory = self._now, made, inventory
        for number in moved:
            self._note_move(number, inventory.read_at)
        for cached in (self._kinds, self._masks, self._touched):
            cached.clear()
        self._watching = False
        for key, resource in self._changed:
            self._refresh_key(key, resource)
        for row, seen_at in self._newer:
            self.patch([row], seen_at)
        self._newer.clear()

    def letting_go(self, step: int = STEP) -> Iterator[None]:
        """Drop the former indexes in slices: to free them at once takes long."""
        yield from given_up(self._former, step)
        self._former = Ranking()  # an emptied dict is as large as it was when it was full

    def patch(self, rows: Iterable[SheetRow], now: float) -> None:
        """Take over rows that a commit has just seen; a proxy that is new waits for the next refresh."""
        for row in rows:
            if self._watching:
                self._newer.append((row, now))
            self._move(row, now)
            rank = self._now.rank.get(row.key)
            if rank is None or self._now.rows[rank] == (row,):
                continue
            others = (seen for seen in self._now.rows[rank] if self._is_elsewhere(seen, row.number))
            self._place(rank, tuple(sorted((*others, row), key=lambda seen: seen.number)))

    def relocate(self, places: Mapping[str, list[int]], now: float) -> None:
        """The proxy column was just read: each key stands in exactly those rows."""
        for key, rank in self._now.rank.items():
            rows, numbers = self._now.rows[rank], places.get(key, [])
            if numbers and [row.number for row in rows] != numbers:
                self._place(rank, tuple(_moved_to(rows, number) for number in numbers))
        key_at = {number: key for key, numbers in places.items() for number in numbers}
        for number, key in self._now.key_at.items():
            if key_at.get(number) != key:
                self._note_move(number, now)
        self._now.key_at = key_at

    def put(self, allocation: Allocation) -> None:
        """An allocation began or changed; the journal holds it already."""
        former = self.ledger.get(allocation.id)
        displaced = self.ledger.of_resource(allocation.resource).get(allocation.key)
        self.ledger.put(allocation)
        self._remembered.add(allocation.resource)
        self._note_health(allocation, former, displaced)
        if former and former.key == allocation.key and former.is_firm and allocation.is_firm:
            return  # taken before and after: most of what a commit changes
        for key in {allocation.key, former.key if former else allocation.key}:
            self._refresh_key(key, allocation.resource)

    def forget(self, allocation_id: str) -> None:
        """An allocation is not live any more; the journal says so."""
        if allocation := self.ledger.get(allocation_id):
            self.ledger.drop(allocation_id)
            self._refresh_key(allocation.key, allocation.resource)
            self._note_health(allocation)

    def bar(self, keys: Iterable[str], until: float) -> None:
        """Offer these to nobody until then: they are being looked at, or Google lets us not write there."""
        self._barred.update(dict.fromkeys(keys, until))

    def lapse(self, now: float) -> None:
        """Reservations whose time is over may be replaced from now on."""
        self._lapsed_at = now
        for allocation in self.ledger.lapse(now):
            self._refresh_key(allocation.key, allocation.resource)

    def free(self, resource: str, now: float, today: int = 0, wish: Wish = ANY) -> int:
        """How many could be handed out for `resource` now; `today` counts where days left are wished for."""
        self.lapse(now)
        mask = self._mask(resource, now) if wish.is_open else self._wished(resource, now, today, wish)
        return mask.count(FREE) - self._barred_in(mask, now)

    def best(self, resource: str, now: float, today: int, wish: Wish = ANY) -> Iterator[SheetRow]:
        """The free proxies for `resource`, best first: most days left, ties by row, unknown expiry last.

        Those of a wished-for kind as the last refresh read them; an edit seen since can only leave one out.
        """
        self.lapse(now)
        mask = self._mask(resource, now) if wish.is_open else self._wished(resource, now, today, wish)
        rank = mask.find(FREE)
        while rank >= 0:
            row = self._now.rows[rank][0]
            if row.usable(today) and wish.fits(row, today) and not self._is_barred(row.key, now):
                yield row
            rank = mask.find(FREE, rank + 1)

    def countries(self) -> list[str]:
        """Every country in the sheet, as first written there."""
        return self._values(lambda row: row.country)

    def schemes(self) -> list[str]:
        """Every protocol in the sheet."""
        return self._values(lambda row: row.scheme)

    def is_free(self, key: str, resource: str, now: float) -> bool:
        """Whether that proxy could be handed out for `resource` now."""
        rank = self._now.rank.get(key)
        return rank is not None and self._is_free(rank, resource, now) and not self._is_barred(key, now)

    def rows_of(self, key: str) -> tuple[SheetRow, ...]:
        """Where the proxy was last seen, in row order; empty when the sheet does not have it."""
        return self._now.rows_of(key)

    def row_at(self, number: int) -> SheetRow | None:
        """The proxy last seen in that row."""
        rows = self.rows_of(self._now.key_at.get(number, ""))
        return next((row for row in rows if row.number == number), None)

    def moved_since(self, number: int, moment: float) -> bool:
        """Whether another proxy has come to that row after `moment`."""
        return self._moved.get(number, 0.0) > moment

    def known_resources(self) -> set[str]:
        """Every resource somebody has used: in the sheet, or through the bot."""
        names = {*self._now.marked, *self.ledger.resources, *self._remembered}
        return {name for name in names if is_resource(name)}

    def proxies(self) -> Iterator[SheetRow]:
        """Each proxy once, best first."""
        return (rows[0] for rows in self._now.rows)

    def duplicates(self) -> int:
        """Rows that repeat a proxy which stands in an earlier row."""
        return sum(len(rows) - 1 for rows in self._now.rows)

    def repeated(self) -> dict[str, tuple[int, ...]]:
        """The rows of each proxy that stands in several, by its key."""
        several = (rows for rows in self._now.rows if len(rows) > 1)
        return {rows[0].key: tuple(row.number for row in rows) for rows in several}

    def unused(self, today: int) -> Iterator[SheetRow]:
        """Proxies that can be used and are in use for nothing at all, best first."""
        return (
            rows[0]
            for rows in self._now.rows
            if rows[0].usable(today)
            and not any(row.used_for or row.issued for row in rows)
            and not self.ledger.of_proxy(rows[0].key)
        )

    def _marks(self, rows: Rows) -> frozenset[str]:
        return marks(rows, self.ledger.live)

    def _mask(self, resource: str, now: float) -> bytearray:
        mask = self._masks.get(resource)
        if mask is None:
            mask = self._masks[resource] = bytearray(self._now.usable)
            for rank in self._now.marked.get(resource, ()):
                mask[rank] = not FREE
            for key, occupant in self.ledger.of_resource(resource).items():
                if (taken := self._now.rank.get(key)) is not None and not occupant.lapsed(now):
                    mask[taken] = not FREE
            for key in self.ledger.bad_keys:
                if (broken := self._now.rank.get(key)) is not None:
                    mask[broken] = not FREE
            for rank in self._touched.pop(resource, ()):
                mask[rank] = self._is_free(rank, resource, now)
        return mask

    def _barred_in(self, mask: Sequence[int], now: float) -> int:
        """How many of the free are offered to nobody just now."""
        barred = (self._now.rank.get(key) for key, until in self._barred.items() if until > now)
        return sum(rank is not None and rank < len(mask) and mask[rank] == FREE for rank in barred)

    def _is_barred(self, key: str, now: float) -> bool:
        return bool(self._barred) and self._barred.get(key, 0.0) > now

    def _wished(self, resource: str, now: float, today: int, wish: Wish) -> bytes:
        """The mask of those that are free and of that kind. One long number a mask: AND takes microseconds."""
        free = self._mask(resource, now)
        kind = int.from_bytes(free)
        if wish.country:
            kind &= self._kind(Wish(country=wish.country.casefold()))
        if wish.scheme:
            kind &= self._kind(Wish(scheme=wish.scheme))
        mask = kind.to_bytes(len(free))
        if not wish.min_days:
            return mask
        enough = bisect.bisect_right(self._now.order, -(today + wish.min_days))
        return mask[:enough]

    def _kind(self, wish: Wish) -> int:
        """The mask of the proxies of that kind, as it was when the sheet was read last."""
        mask = self._kinds.get(wish)
        if mask is None:
            mask = int.from_bytes(bytes(wish.fits(rows[0], 0) for rows in self._now.rows))
            self._kinds[wish] = mask
        return mask

    def _values(self, value_of: Callable[[SheetRow], str]) -> list[str]:
        found: dict[str, str] = {}
        for row in self.proxies():
            if value := value_of(row):
                found.setdefault(value.casefold(), value)
        return sorted(found.values())

    def _note_health(self, *touched: Allocation | None) -> None:
        """A proxy that was reported as bad, or works again, counts for every resource."""
        for key in {each.key for each in touched if each is not None and each.state is State.BAD}:
            for resource in self._masks:
                self._refresh_key(key, resource)

    def _refresh_key(self, key: str, resource: str) -> None:
        if self._watching:
            self._changed.add((key, resource))
        if (rank := self._now.rank.get(key)) is not None:
            self._refresh_bit(rank, resource)

    def _refresh_bit(self, rank: int, resource: str) -> None:
        if (mask := self._masks.get(resource)) is not None:
            mask[rank] = self._is_free(rank, resource, self._lapsed_at)
        else:
            self._touched.setdefault(resource, set()).add(rank)

    def _is_free(self, rank: int, resource: str, now: float) -> bool:
        rows = self._now.rows[rank]
        occupant = self.ledger.of_resource(resource).get(rows[0].key)
        vacant = occupant is None or occupant.lapsed(now)
        works = not self.ledger.is_bad(rows[0].key)
        return bool(self._now.usable[rank]) and works and vacant and resource not in self._marks(rows)

    def _move(self, row: SheetRow, now: float) -> None:
        former = self._now.key_at.get(row.number)
        if former == row.key:
            return
        self._now.key_at[row.number] = row.key
        if former is not None:
            self._note_move(row.number, now)
        if former is not None and (rank := self._now.rank.get(former)) is not None:
            rest = tuple(seen for seen in self._now.rows[rank] if seen.number != row.number)
            self._place(rank, rest or self._now.rows[rank])

    def _place(self, rank: int, rows: Rows) -> None:
        """The proxy stands in these rows from now on, with their marks."""
        before = self._marks(self._now.rows[rank])
        self._now.rows[rank] = rows
        for resource in before ^ self._marks(rows):
            self._refresh_bit(rank, resource)

    def _is_elsewhere(self, seen: SheetRow, number: int) -> bool:
        """Whether a row of a proxy, as seen before, is another than `number` and still the proxy's."""
        return seen.number != number and self._now.key_at.get(seen.number) == seen.key

    def _note_move(self, number: int, moment: float) -> None:
        self._moved[number] = max(moment, self._moved.get(number, 0.0))


def _moved_to(rows: Rows, number: int) -> SheetRow:
    return next((row for row in rows if row.number == number), replace(rows[0], number=number))
