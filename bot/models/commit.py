"""What a commit decides: from rows, asks and the ledger to a plan and a verdict. Pure; the I/O follows outside.

One round reads rows (a View), `decide`s what becomes of each ask, has the texts of the rows concerned written
(`bot.models.projection`), and `judge`s by the rows as the write left them. What is not proven goes round again.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.models.allocation import Allocation, State
from bot.models.entries import MAX_CELL
from bot.models.ledger import Ledger
from bot.models.projection import Placed
from bot.models.results import Reason
from bot.models.sheet import SheetRow
from bot.models.view import View
from bot.models.wish import ANY, Wish

Shelf = tuple[str, Wish]


@dataclass(frozen=True, slots=True)
class Ask:
    """One allocation to be brought to its end: taken, or out of the sheet again.

    `replaceable`: any other free proxy that fits the `wish` will do. `in_doubt`: a write without an answer may
    still land on it, so it may be neither failed nor released yet. `lost`: why it cannot be had; its entry only
    has to go. `replaced`: it was lost, but a spare has taken its place. `instead_of`: the key of the lost one, for
    a spare.
    """

    allocation: Allocation
    replaceable: bool = False
    in_doubt: bool = False
    lost: Reason | None = None
    replaced: bool = False
    wish: Wish = ANY
    instead_of: str = ""
    sent: bool = False

    @property
    def shelf(self) -> Shelf:
        """Where spares for it are to be found."""
        return self.allocation.resource, self.wish

    @property
    def is_leaving(self) -> bool:
        """Its entry shall not stand in the sheet."""
        return self.lost is not None or self.allocation.state is State.RELEASING


@dataclass(slots=True)
class Plan:
    """What shall become of each ask; every ask is in exactly one place.

    `hold`: it leaves, but nobody is told before the end of its doubt. `wait`: nothing can be done for it until then.
    """

    take: list[Ask] = field(default_factory=list)
    swap: list[tuple[Ask, SheetRow]] = field(default_factory=list)
    leave: list[Ask] = field(default_factory=list)
    hold: list[Ask] = field(default_factory=list)
    wait: list[Ask] = field(default_factory=list)
    astray: list[Ask] = field(default_factory=list)

    @property
    def leaving(self) -> set[str]:
        """Ids of the allocations whose entry shall not stand in the sheet."""
        return {ask.allocation.id for ask in (*self.leave, *self.hold)}

    @property
    def sent(self) -> set[str]:
        """Those of the leaving whose entry a write has perhaps carried."""
        return {ask.allocation.id for ask in (*self.leave, *self.hold) if ask.sent}


@dataclass(slots=True)
class Verdict:
    """What the sheet has confirmed. `again` goes into another round, `held` waits for the end of its doubt."""

    taken: list[tuple[Ask, SheetRow]] = field(default_factory=list)
    left: list[Ask] = field(default_factory=list)
    held: list[Ask] = field(default_factory=list)
    again: list[Ask] = field(default_factory=list)
    misplaced: dict[int, Placed] = field(default_factory=dict)
    columns_moved: bool = False

    @property
    def needs_repair(self) -> bool:
        """Something stands in the sheet as it should not."""
        return bool(self.again or self.misplaced or self.columns_moved)


def decide(
    view: View,
    asks: Iterable[Ask],
    spares: Mapping[Shelf, Sequence[SheetRow]],
    ledger: Ledger,
    today: int,
    *,
    located: Container[str] | None,
    barred: Container[str] = frozenset(),
) -> Plan:
    """Sort the asks, in queue order. `located`: the keys that a look-up has just found; the others are gone.

    `barred`: keys of rows that Google does not let us write.
    """
    plan = Plan()
    shelves = {
        shelf: _fit(rows, *shelf, view, ledger, today, barred=barred) for shelf, rows in spares.items()
    }
    room: dict[str, int] = {}
    for ask in asks:
        if ask.is_leaving:
            _decide_leave(ask, view, plan, located=located)
        elif _is_frozen(ask, view):
            _decide_frozen(ask, shelves.get(ask.shelf, iter(())), plan)
        elif (reason := _obstacle(ask, view, ledger, today, room, barred=barred)) is None:
            plan.take.append(ask)
        else:
            shelf = shelves.get(ask.shelf, iter(()))
            _decide_loss(ask, reason, shelf, plan, located=located)
    return plan


def begin(
    plan: Plan, began: Collection[str], spares: Mapping[str, Allocation]
) -> tuple[list[Ask], list[Ask]]:
    """Cut the plan to what the journal let through.

    `began`: ids that are `taking` now. `spares`: the new allocation for each swapped ask, by the ask's id.
    Returns the asks whose entry shall stand, and those that need another round because their spare was gone.
    """
    standing = [
        Ask(
            ask.allocation.moved_to(State.TAKING),
            ask.replaceable,
            ask.in_doubt,
            wish=ask.wish,
            instead_of=ask.instead_of,
        )
        for ask in plan.take
        if ask.allocation.id in began
    ]
    again = []
    for ask, _ in plan.swap:
        spare = spares[ask.allocation.id]
        if spare.id in began:
            lost = ask.instead_of or ask.allocation.key
            standing.append(Ask(spare, replaceable=True, wish=ask.wish, instead_of=lost))
            plan.leave.append(replace(ask, lost=Reason.MOVED, replaced=True))
        else:
            again.append(ask)
    plan.leave.extend(
        replace(ask, lost=Reason.ALREADY_TAKEN) for ask in plan.take if ask.allocation.id not in began
    )
    return standing, again


def judge(
    before: View,
    after: View,
    plan: Plan,
    standing: Iterable[Ask],
    placed: Mapping[int, Placed],
    live: Collection[str],
) -> Verdict:
    """Compare what was asked with the rows as the write left them; `placed` is what was written."""
    verdict = Verdict(held=[*plan.hold, *plan.wait], columns_moved=after.columns != before.columns)
    verdict.misplaced = {
        number: text for number, text in placed.items() if _key_at(after, number) != text.key
    }
    for ask in standing:
        row = None if verdict.columns_moved else _confirmed(ask.allocation, after, live, verdict.misplaced)
        if row is None:
            verdict.again.append(ask)
        else:
            verdict.taken.append((ask, row))
    for ask in plan.leave:
        (verdict.left if _has_left(ask, before, after) else verdict.again).append(ask)
    return verdict


def _decide_loss(
    ask: Ask, reason: Reason, spares: Iterator[SheetRow], plan: Plan, *, located: Container[str] | None
) -> None:
    if ask.replaceable and not ask.in_doubt and (spare := next(spares, None)):
        plan.swap.append((ask, spare))
    elif reason is Reason.GONE and not _is_gone(ask, located):
        plan.astray.append(ask)
    elif ask.in_doubt:
        plan.hold.append(ask)
    else:
        plan.leave.append(replace(ask, lost=reason))


def _is_frozen(ask: Ask, view: View) -> bool:
    """In people's column a late write brings back the whole text as it was: nothing is added before its end."""
    return view.columns.shared and ask.in_doubt and not ask.sent


def _decide_frozen(ask: Ask, spares: Iterator[SheetRow], plan: Plan) -> None:
    if ask.replaceable and (spare := next(spares, None)):
        plan.swap.append((ask, spare))
    else:
        plan.wait.append(ask)


def _decide_leave(ask: Ask, view: View, plan: Plan, *, located: Container[str] | None) -> None:
    if not view.at(ask.allocation.key) and not _is_gone(ask, located):
        plan.astray.append(ask)
    elif ask.in_doubt:
        plan.hold.append(ask)
    else:
        plan.leave.append(ask)


def _is_gone(ask: Ask, located: Container[str] | None) -> bool:
    """Proven: looked for, and not found anywhere."""
    return located is not None and ask.allocation.key not in located


def _obstacle(
    ask: Ask,
    view: View,
    ledger: Ledger,
    today: int,
    room: dict[str, int],
    *,
    barred: Container[str],
) -> Reason | None:
    """Why the allocation cannot be taken, None when it can. `room`: characters added so far, by key."""
    allocation, notation = ask.allocation, view.notation
    rows = view.at(allocation.key)
    if not rows:
        return Reason.GONE
    if allocation.key in barred:
        return Reason.SHEET_REFUSED
    if any(notation.contested(allocation, row, ledger.live, sent=ask.sent) for row in rows):
        return Reason.TAKEN_IN_SHEET
    if not rows[0].usable(today):
        return Reason.EXPIRED
    if _stands(ask, view):
        return None
    if ledger.is_bad(allocation.key):
        return Reason.REPORTED_BAD
    added = room.get(allocation.key, 0) + notation.length(allocation)
    if max(len(row.issued) for row in rows) + added > MAX_CELL:
        return Reason.CELL_FULL
    room[allocation.key] = added
    return None


def _fit(
    rows: Sequence[SheetRow],
    resource: str,
    wish: Wish,
    view: View,
    ledger: Ledger,
    today: int,
    *,
    barred: Container[str],
) -> Iterator[SheetRow]:
    """The spares that the view shows to be as good as thought, best first."""
    for spare in rows:
        seen = view.rows.get(spare.number)
        if (
            seen is not None
            and seen.key == spare.key
            and seen.key not in barred
            and not ledger.is_bad(seen.key)
            and seen.usable(today)
            and wish.fits(seen, today)
            and seen.key not in ledger.of_resource(resource)
            and not any(resource in row.marked(ledger.live) for row in view.at(seen.key))
        ):
            yield seen


def _confirmed(
    allocation: Allocation, after: View, live: Collection[str], misplaced: Container[int]
) -> SheetRow | None:
    """The row that carries the entry, when no person uses the proxy for the same thing."""
    rows, notation = after.at(allocation.key), after.notation
    if any(notation.contested(allocation, row, live) for row in rows):
        return None
    return next(
        (row for row in rows if notation.stands(allocation, row) and row.number not in misplaced), None
    )


def _has_left(ask: Ask, before: View, after: View) -> bool:
    """No row of the proxy carries the entry; a row that has moved away meanwhile proves nothing."""
    key = ask.allocation.key
    return all(_key_at(after, row.number) == key for row in before.at(key)) and not _stands(ask, after)


def _stands(ask: Ask, view: View) -> bool:
    rows, notation = view.at(ask.allocation.key), view.notation
    return any(notation.stands(ask.allocation, row, sent=ask.sent) for row in rows)


def _key_at(view: View, number: int) -> str | None:
    row = view.rows.get(number)
    return row.key if row else None
