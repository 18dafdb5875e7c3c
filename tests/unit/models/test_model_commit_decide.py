"""What a commit decides from the rows it has just read, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

import pytest
from model_makers import DAY, TODAY, allocation, cells, entry_of, id_of, row, view

from bot.models.allocation import Allocation, State
from bot.models.commit import Ask, Plan, decide
from bot.models.entries import MAX_CELL
from bot.models.ledger import Ledger
from bot.models.results import Reason
from bot.models.sheet import Cell, SheetRow
from bot.models.wish import ANY, Wish

Rows = Mapping[int, Sequence[Cell]]

YESTERDAY = (DAY - timedelta(days=1)).isoformat()
FULL = "x" * (MAX_CELL - 10)


def queued(proxy: int, resource: str = "beboo") -> Allocation:
    return allocation(proxy, resource, State.QUEUED)


def decided(
    rows: Rows,
    asks: Iterable[Ask],
    spares: Iterable[SheetRow] = (),
    *,
    others: Iterable[Allocation] = (),
    located: Collection[str] | None = None,
    barred: Collection[str] = frozenset(),
) -> Plan:
    """The plan for asks that are all in the ledger, as they are in life."""
    asks = list(asks)
    ledger = Ledger([*(ask.allocation for ask in asks), *others])
    shelves = {("beboo", ANY): list(spares)}
    return decide(view(rows), asks, shelves, ledger, TODAY, located=located, barred=barred)


def places(plan: Plan) -> dict[str, list[str]]:
    """Allocation ids by what becomes of them; empty places left out."""
    found = {
        "take": [ask.allocation.id for ask in plan.take],
        "swap": [f"{ask.allocation.id} → {spare.number}" for ask, spare in plan.swap],
        "leave": [f"{ask.allocation.id} {ask.lost or ''}".strip() for ask in plan.leave],
        "hold": [ask.allocation.id for ask in plan.hold],
        "astray": [ask.allocation.id for ask in plan.astray],
    }
    return {name: ids for name, ids in found.items() if ids}


TAKEN: dict[str, Rows] = {
    "free": {2: cells(2)},
    "used for something else": {2: cells(2, used_for="tinder", issued="mamba bob")},
    "our own entry is there already": {2: cells(2, issued=entry_of(2))},
    "our own entry is in a cell that is full": {2: cells(2, issued=f"{FULL}; {entry_of(2)}")},
    "its last day": {2: cells(2, expires=DAY.isoformat())},
    "its expiry is unknown": {2: cells(2, expires="#REF!")},
    "in another row than before": {9: cells(2)},
}

LOST: dict[str, tuple[Rows, Reason]] = {
    "a person marked it": ({2: cells(2, used_for="x, Beboo")}, Reason.TAKEN_IN_SHEET),
    "a person wrote it beside our entries": ({2: cells(2, issued="beboo bob")}, Reason.TAKEN_IN_SHEET),
    "an entry of ours that has ended": ({2: cells(2, issued="beboo @x d #0ldid000")}, Reason.TAKEN_IN_SHEET),
    "marked in another row of it": ({2: cells(2), 3: cells(2, used_for="beboo")}, Reason.TAKEN_IN_SHEET),
    "expired": ({2: cells(2, expires=YESTERDAY)}, Reason.EXPIRED),
    "no room in its cell": ({2: cells(2, issued=FULL)}, Reason.CELL_FULL),
    "no room in one of its cells": ({2: cells(2), 3: cells(2, issued=FULL)}, Reason.CELL_FULL),
}


@pytest.mark.parametrize("rows", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("in_doubt", [False, True])
def test_a_proxy_that_is_free_is_taken(rows: Rows, in_doubt: bool) -> None:
    """What stands there for others, or is our own doing, is no obstacle; a doubt is none either."""
    plan = decided(rows, [Ask(queued(2), in_doubt=in_doubt)])
    assert {"take": [id_of(2)]} == places(plan)


@pytest.mark.parametrize(("rows", "reason"), LOST.values(), ids=LOST)
def test_what_cannot_be_had_is_lost_for_its_reason(rows: Rows, reason: Reason) -> None:
    """People win; nothing expired is handed out; no cell is overfilled."""
    assert {"leave": [f"{id_of(2)} {reason}"]} == places(decided(rows, [Ask(queued(2))]))


@pytest.mark.parametrize(("rows", "reason"), LOST.values(), ids=LOST)
def test_what_a_late_write_may_still_bring_is_not_failed(rows: Rows, reason: Reason) -> None:
    """While a write without an answer may land, the ask is held; a free spare is no way out either."""
    for replaceable in (False, True):
        ask = Ask(queued(2), replaceable=replaceable, in_doubt=True)
        assert {"hold": [id_of(2)]} == places(decided({**rows, 5: cells(5)}, [ask], [row(5, 5)]))


@pytest.mark.parametrize(("rows", "reason"), LOST.values(), ids=LOST)
def test_who_wants_any_gets_a_spare(rows: Rows, reason: Reason) -> None:
    """A proxy lost to a person is replaced without another call."""
    plan = decided({**rows, 5: cells(5)}, [Ask(queued(2), replaceable=True)], [row(5, 5)])
    assert {"swap": [f"{id_of(2)} → 5"]} == places(plan)


@pytest.mark.parametrize(
    ("located", "in_doubt", "expected"),
    [
        (False, False, {"astray": [id_of(2)]}),
        (False, True, {"astray": [id_of(2)]}),
        (True, False, {"leave": [f"{id_of(2)} {Reason.GONE}"]}),
        (True, True, {"hold": [id_of(2)]}),
    ],
)
@pytest.mark.parametrize("replaceable", [False, True])
def test_a_proxy_that_is_not_where_it_was_is_looked_for_once(
    located: bool, in_doubt: bool, replaceable: bool, expected: dict[str, list[str]]
) -> None:
    """First it is looked up; when it is not found then, it is gone."""
    ask = Ask(queued(2), replaceable=replaceable, in_doubt=in_doubt)
    assert expected == places(decided({2: cells(3)}, [ask], located=() if located else None))


UNFIT: dict[str, tuple[Rows, list[Allocation]]] = {
    "not read": ({}, []),
    "another proxy is in its row": ({5: cells(6)}, []),
    "its row is unreadable": ({5: ["#REF!"]}, []),
    "a person marked it": ({5: cells(5, used_for="beboo")}, []),
    "marked in another row of it": ({5: cells(5), 6: cells(5, issued="beboo bob")}, []),
    "expired": ({5: cells(5, expires=YESTERDAY)}, []),
    "somebody else has it": ({5: cells(5)}, [allocation(5)]),
    "somebody else has reserved it": ({5: cells(5)}, [allocation(5, state=State.RESERVED)]),
    "reported as bad": ({5: cells(5)}, [allocation(5, "tinder", State.BAD)]),
}


@pytest.mark.parametrize(("rows", "others"), UNFIT.values(), ids=UNFIT)
def test_a_spare_must_be_as_good_as_it_was_thought(rows: Rows, others: list[Allocation]) -> None:
    """A spare is seen in its row, free and usable, or passed over for the next."""
    rows = {2: cells(2, used_for="beboo"), 7: cells(7), **rows}
    plan = decided(rows, [Ask(queued(2), replaceable=True)], [row(5, 5), row(7, 7)], others=others)
    assert {"swap": [f"{id_of(2)} → 7"]} == places(plan)


def test_what_is_reported_as_bad_meanwhile_is_lost() -> None:
    """Whatever it was reported for; an entry that stands already is not taken away from its holder."""
    bad = [allocation(2, "tinder", State.BAD)]
    lost = decided({2: cells(2)}, [Ask(queued(2))], others=bad)
    assert {"leave": [f"{id_of(2)} {Reason.REPORTED_BAD}"]} == places(lost)
    stands = decided({2: cells(2, issued=entry_of(2))}, [Ask(queued(2))], others=bad)
    assert {"take": [id_of(2)]} == places(stands)


def test_where_google_does_not_let_us_write_another_is_taken() -> None:
    """A barred proxy is neither taken nor a spare."""
    barred = {row(n, n).key for n in (2, 5)}
    rows = {n: cells(n) for n in (2, 5, 7)}
    spares = [row(5, 5), row(7, 7)]
    plan = decided(rows, [Ask(queued(2), replaceable=True)], spares, barred=barred)
    assert {"swap": [f"{id_of(2)} → 7"]} == places(plan)
    assert {"leave": [f"{id_of(2)} {Reason.SHEET_REFUSED}"]} == places(
        decided(rows, [Ask(queued(2))], spares, barred=barred)
    )


def test_a_spare_fits_the_wish() -> None:
    """As the row is now: another kind is passed over."""
    wish = Wish(min_days=20)
    rows = {2: cells(2, used_for="beboo"), 5: cells(5, expires=19), 7: cells(7, expires=20)}
    asks = [Ask(queued(2), replaceable=True, wish=wish)]
    ledger = Ledger([ask.allocation for ask in asks])
    shelves = {("beboo", wish): [row(5, 5), row(7, 7)], ("beboo", ANY): [row(5, 5)]}
    plan = decide(view(rows), asks, shelves, ledger, TODAY, located=None)
    assert {"swap": [f"{id_of(2)} → 7"]} == places(plan)


def test_spares_go_round_in_queue_order_each_once() -> None:
    """The first ask gets the best spare; when none are left, the rest fail."""
    rows = {n: cells(n, used_for="beboo") for n in (2, 3, 4)} | {5: cells(5), 6: cells(6)}
    asks = [Ask(queued(n), replaceable=True) for n in (3, 2, 4)]
    plan = decided(rows, asks, [row(6, 6), row(5, 5)])
    swapped = [f"{id_of(3)} → 6", f"{id_of(2)} → 5"]
    assert {"swap": swapped, "leave": [f"{id_of(4)} {Reason.TAKEN_IN_SHEET}"]} == places(plan)


def test_a_resource_without_spares_has_none() -> None:
    """The spares of another resource are not touched."""
    rows = {2: cells(2, used_for="tinder"), 5: cells(5)}
    plan = decided(rows, [Ask(queued(2, "tinder"), replaceable=True)], [row(5, 5)])
    assert {"leave": [f"{id_of(2, 'tinder')} {Reason.TAKEN_IN_SHEET}"]} == places(plan)


def test_asks_for_one_row_share_its_room() -> None:
    """Entries that are to be added count before they are written."""
    room = len(entry_of(2)) + len("; ") + 5
    rows = {2: cells(2, issued="x" * (MAX_CELL - room))}
    plan = decided(rows, [Ask(queued(2)), Ask(queued(2, "tinder"))])
    assert {"take": [id_of(2)], "leave": [f"{id_of(2, 'tinder')} {Reason.CELL_FULL}"]} == places(plan)


@pytest.mark.parametrize(("spare_letters", "place"), [(0, "take"), (-1, "leave")])
def test_a_cell_may_be_filled_to_its_last_letter(spare_letters: int, place: str) -> None:
    """What Google stores is stored; one letter more is refused before it is sent."""
    room = len("; ") + len(entry_of(2)) + spare_letters
    plan = decided({2: cells(2, issued="x" * (MAX_CELL - room))}, [Ask(queued(2))])
    assert [place] == list(places(plan))


LEAVING = [
    Ask(allocation(2, state=State.RELEASING)),
    Ask(allocation(2, state=State.TAKING), lost=Reason.TAKEN_IN_SHEET),
]


@pytest.mark.parametrize("ask", LEAVING, ids=["given back", "lost"])
@pytest.mark.parametrize("used_for", ["", "beboo"])
def test_what_leaves_is_taken_out_whatever_people_wrote(ask: Ask, used_for: str) -> None:
    """A release, and an entry that only has to go, meet no obstacle."""
    plan = decided({2: cells(2, used_for, entry_of(2))}, [ask])
    assert ([ask], {id_of(2)}) == (plan.leave, plan.leaving)


@pytest.mark.parametrize("ask", LEAVING, ids=["given back", "lost"])
def test_what_leaves_is_looked_for_where_it_is_not(ask: Ask) -> None:
    """A row that is not in view is looked up first; gone from the sheet, its entry is gone too."""
    assert {"astray": [id_of(2)]} == places(decided({}, [ask]))
    assert [ask] == decided({}, [ask], located=()).leave


@pytest.mark.parametrize("ask", LEAVING, ids=["given back", "lost"])
def test_what_leaves_in_doubt_is_taken_out_and_not_yet_settled(ask: Ask) -> None:
    """Its entry goes now; whether a late write brings it back is known later."""
    doubted = Ask(ask.allocation, in_doubt=True, lost=ask.lost)
    plan = decided({2: cells(2)}, [doubted])
    assert ([doubted], {id_of(2)}) == (plan.hold, plan.leaving)


@pytest.mark.parametrize("state", [State.TAKING, State.RELEASING])
def test_what_was_just_found_elsewhere_is_not_gone(state: State) -> None:
    """Found by the look-up, and moved again before its row was read: it is looked for once more."""
    ask = Ask(allocation(2, state=state))
    assert [ask] == decided({}, [ask], located={ask.allocation.key}).astray
