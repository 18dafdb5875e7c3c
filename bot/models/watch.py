"""What is worth a notice about the pool: found purely, from the proxies and from what was told before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.models.allocation import HELD, Allocation, State
from bot.models.pool import Pool
from bot.models.results import RowProblem

THRESHOLDS = (1, 3, 7)
RENEW_WITHIN = 7
MOST_LISTED = 20
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Expiring:
    """A proxy that its holder should know the end of; `mark` is what has been told, and until when it matters."""

    user_id: int
    resource: str
    address: str
    days: int
    mark: str
    last_day: int


def expiring(pool: Pool, told: Mapping[str, int], today: int, today_iso: str) -> list[Expiring]:
    """Held proxies that have crossed a threshold their holder was not told of; soonest first.

    `told`: last day (an ordinal) by mark. What was handed out today is left for tomorrow: its days were shown.
    """
    held = (each for each in pool.ledger.live.values() if _is_in_hands(each, today_iso))
    found = (_expiring(pool, allocation, today) for allocation in held)
    news = (each for each in found if each is not None and each.mark not in told)
    return sorted(news, key=lambda each: (each.days, each.resource, each.address))


def _is_in_hands(allocation: Allocation, today_iso: str) -> bool:
    leaving = allocation.state is State.RELEASING
    return (
        allocation.state in HELD
        and not leaving
        and allocation.user_id > 0
        and allocation.issued_on != today_iso
    )


def _expiring(pool: Pool, allocation: Allocation, today: int) -> Expiring | None:
    rows = pool.rows_of(allocation.key)
    if not rows or (last_day := rows[0].expires) is None:
        return None
    days = last_day - today
    threshold = next((each for each in THRESHOLDS if days <= each), None)
    if threshold is None or days < 0:
        return None
    mark = f"expires:{allocation.id}:{threshold}"
    address = rows[0].endpoint.address
    return Expiring(allocation.user_id, allocation.resource, address, days, mark, last_day)


def still_crossed(pool: Pool, told: Mapping[str, int], today: int) -> dict[str, int]:
    """Of what was told, what would be told twice: not what has ended, or has been renewed beyond its threshold."""
    return {mark: last_day for mark, last_day in told.items() if _is_crossed(pool, mark, last_day, today)}


def _is_crossed(pool: Pool, mark: str, last_day: int, today: int) -> bool:
    _, allocation_id, threshold = mark.split(":")[:3]
    allocation = pool.ledger.live.get(allocation_id)
    if allocation is None or allocation.state not in HELD:
        return False
    rows = pool.rows_of(allocation.key)
    day = rows[0].expires if rows else None
    return 0 <= (last_day if day is None else day) - today <= int(threshold)


@dataclass(frozen=True, slots=True)
class Stock:
    """`news`: resources that have become low, with what is free; `low`: all that count as low from now on."""

    news: tuple[tuple[str, int], ...]
    low: frozenset[str]


def stock(free: Mapping[str, int], low: Iterable[str], limit: int) -> Stock:
    """Low is what has fewer than `limit`; it is not any more once it has twice as many."""
    before = frozenset(low) & free.keys()
    news = {name: count for name, count in free.items() if count < limit and name not in before}
    still = {name for name in before if free[name] < 2 * limit}
    return Stock(tuple(sorted(news.items(), key=lambda each: (each[1], each[0]))), frozenset({*still, *news}))


def renewals(pool: Pool, today: int) -> list[dict[str, Any]]:
    """Proxies whose last day is near, by days left: `{days, count, rows}`, at most MOST_ROWS rows each."""
    due: dict[int, list[int]] = {}
    for row in pool.proxies():
        if row.expires is not None and 0 <= row.expires - today <= RENEW_WITHIN:
            due.setdefault(row.expires - today, []).append(row.number)
    return [
        {"days": days, "count": len(numbers), "rows": sorted(numbers)[:MOST_ROWS]}
        for days, numbers in sorted(due.items())
    ]


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with the sheet's rows: unreadable ones by their mark, rows of a proxy that stands in several."""

    unreadable: Mapping[str, RowProblem]
    duplicates: Mapping[str, tuple[int, ...]]

    @property
    def known(self) -> dict[str, int]:
        """What can be told from others after any sorting: marks, and keys with how often they stand there."""
        return {
            **dict.fromkeys(self.unreadable, 1),
            **{f"={key}": len(rows) for key, rows in self.duplicates.items()},
        }

    def since(self, known: Mapping[str, int]) -> Problems:
        """Those that were not there before."""
        return Problems(
            {mark: problem for mark, problem in self.unreadable.items() if mark not in known},
            {key: rows for key, rows in self.duplicates.items() if len(rows) > known.get(f"={key}", 1)},
        )

    def told(self) -> dict[str, Any]:
        """The notice's data: at most MOST_LISTED of them."""
        unreadable = sorted(self.unreadable.values(), key=lambda each: each.row)
        listed = [{"row": each.row, "reason": each.reason} for each in unreadable[:MOST_LISTED]]
        duplicates = [list(rows) for rows in sorted(self.duplicates.values())][: MOST_LISTED - len(listed)]
        count = len(unreadable) + len(self.duplicates)
        return {
            "unreadable": listed,
            "duplicates": duplicates,
            "more": count - len(listed) - len(duplicates),
        }


def problems(pool: Pool) -> Problems:
    """What the sheet's rows are like now."""
    found = pool.inventory.problems if pool.inventory else []
    unreadable = {each.mark or f"{each.row}:{each.reason}": each for each in found}
    return Problems(unreadable, pool.repeated())


def shortened(lines: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """The first lines under `name`, and how many `more` there are."""
    return {name: list(lines[:MOST_LISTED]), "more": max(0, len(lines) - MOST_LISTED)}
