"""Which `issued` text each row shall carry: from the journal to the cells, and back after a mishap."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_makers import HEADER, allocation, cells, entry_of, id_of, key_of, view

from bot.models.allocation import Allocation, State
from bot.models.entries import parse_entries
from bot.models.ledger import Ledger
from bot.models.projection import Placed, home, restorations, texts
from bot.models.sheet import Cell
from bot.models.view import View

PROXIES = range(2, 6)
RESOURCES = ("beboo", "tinder")
STATES = st.sampled_from([State.QUEUED, State.TAKING, State.TAKEN, State.RELEASING, State.SPENT])
ALLOCATIONS = st.lists(
    st.builds(
        allocation, st.sampled_from(PROXIES), st.sampled_from(RESOURCES), STATES, row=st.integers(2, 8)
    ),
    max_size=6,
    unique_by=lambda one: one.id,
)
ISSUED = st.lists(
    st.sampled_from([*(entry_of(n, r) for n in PROXIES for r in RESOURCES), "bob", "mamba eve #zzzzzzzz"]),
    max_size=3,
).map("; ".join)
ROWS = st.dictionaries(
    st.integers(2, 8), st.builds(cells, st.sampled_from(PROXIES), issued=ISSUED), min_size=1, max_size=6
)


def projected(
    seen: View,
    ledger: Ledger,
    keys: Sequence[str],
    *,
    leaving: Collection[str] = (),
    retract: Collection[str] = (),
    misplaced: Mapping[int, Placed] | None = None,
    remembered: str = "",
) -> dict[int, str]:
    """The texts to be written, by row."""
    placed = texts(
        seen,
        keys,
        ledger,
        leaving=leaving,
        retract=retract,
        misplaced=misplaced or {},
        remembered=lambda _: remembered,
    )
    return {number: text.text for number, text in placed.items()}


def written(seen: View, changed: Mapping[int, str]) -> View:
    """The view after the write."""
    after = {number: list(row) for number, row in seen.cells.items()}
    for number, text in changed.items():
        after[number][2] = text
    return view(after)


def test_an_entry_is_written_beside_what_stands_there() -> None:
    """The journal's entry is added, people's text kept; rows that are right are not written."""
    seen = view({2: cells(2, issued="bob"), 3: cells(3, issued=entry_of(3))})
    ledger = Ledger([allocation(2), allocation(3)])
    assert {2: f"bob; {entry_of(2)}"} == projected(seen, ledger, [key_of(2), key_of(3)])


def test_a_written_text_knows_its_proxy() -> None:
    """Each text carries the key that it was meant for, so that a sort in between is noticed."""
    placed = texts(
        view({2: cells(2)}),
        [key_of(2)],
        Ledger([allocation(2)]),
        misplaced={},
        remembered=lambda _: "",
    )
    assert {2: Placed(key_of(2), entry_of(2))} == placed


def test_a_proxy_that_is_not_in_view_is_left_alone() -> None:
    """Nothing is written for a key whose row was not read."""
    assert {} == projected(view({2: cells(2)}), Ledger([allocation(3)]), [key_of(3)])


def test_leaving_takes_an_entry_out_and_retracting_a_dead_one() -> None:
    """What shall not stand there goes, whether it is still live or not."""
    seen = view({2: cells(2, issued=f"{entry_of(2)}; {entry_of(2, 'old')}; bob")})
    ledger = Ledger([allocation(2, state=State.TAKING)])
    left = projected(seen, ledger, [key_of(2)], leaving={id_of(2)}, retract={id_of(2, "old")})
    assert {2: "bob"} == left


@pytest.mark.parametrize(
    ("issued", "seen_in", "expected"),
    [
        ({3: "", 8: entry_of(2)}, 3, 8),
        ({3: "", 8: ""}, 8, 8),
        ({3: "", 8: ""}, 99, 3),
    ],
)
def test_an_entry_has_one_home(issued: dict[int, str], seen_in: int, expected: int) -> None:
    """Where it stands, else where it was last seen, else the first row of that proxy."""
    rows = view({number: cells(2, issued=text) for number, text in issued.items()}).at(key_of(2))
    assert expected == home(allocation(2, row=seen_in), rows)


def test_a_proxy_in_two_rows_carries_its_entry_once() -> None:
    """A copied row does not copy the promise."""
    seen = view({3: cells(2, issued=entry_of(2)), 8: cells(2, issued=entry_of(2))})
    assert {8: ""} == projected(seen, Ledger([allocation(2, row=3)]), [key_of(2)])


def test_a_row_that_got_anothers_text_gets_its_own_back() -> None:
    """A sort between read and write: the stranger's text goes, what the row's proxy had comes back."""
    strange = Placed(key_of(2), f"eve; {entry_of(2)}")
    seen = view({5: cells(3, issued=strange.text)})
    ledger = Ledger([allocation(2), allocation(3)])
    back = projected(seen, ledger, [key_of(3)], misplaced={5: strange}, remembered=f"bob; {entry_of(3)}")
    assert {5: f"bob; {entry_of(3)}"} == back


@pytest.mark.parametrize(
    "strange", [Placed(key_of(3), f"bob; {entry_of(2)}"), Placed(key_of(2), "something else")]
)
def test_a_row_is_restored_only_from_our_own_mishap(strange: Placed) -> None:
    """Text that belongs to the row's proxy, or was changed since, is projected as it stands."""
    seen = view({5: cells(3, issued=f"bob; {entry_of(2)}")})
    ledger = Ledger([allocation(2), allocation(3)])
    back = projected(seen, ledger, [key_of(3)], misplaced={5: strange}, remembered="remembered")
    assert {5: f"bob; {entry_of(3)}"} == back


def test_our_text_in_a_row_without_a_proxy_is_wiped() -> None:
    """A row that lost its proxy carries no promise; a person's text there is not ours to wipe."""
    seen = view({5: ["", "", "ours"], 6: ["", "", "edited"], 7: ["", "", ""], 8: cells(2, issued="ours")})
    ours = {number: Placed(key_of(2), "ours") for number in (5, 6, 8, 9)} | {7: Placed(key_of(2), "")}
    assert {5: ""} == projected(seen, Ledger(), [], misplaced=ours)


@given(ROWS, ALLOCATIONS)
def test_projecting_what_was_projected_writes_nothing(
    rows: dict[int, list[Cell]], allocations: list[Allocation]
) -> None:
    """A second round finds every row as it should be."""
    seen, ledger = view(rows), Ledger(allocations)
    keys = list(map(key_of, PROXIES))
    after = written(seen, projected(seen, ledger, keys))
    assert {} == projected(after, ledger, keys)


@given(ROWS, ALLOCATIONS)
def test_after_projecting_each_promise_stands_once(
    rows: dict[int, list[Cell]], allocations: list[Allocation]
) -> None:
    """Each promise to a proxy in view stands in one of its rows, the others nowhere in them."""
    seen, ledger = view(rows), Ledger(allocations)
    after = written(seen, projected(seen, ledger, list(map(key_of, PROXIES))))
    shown = [
        (row.key, entry.id)
        for row in after.rows.values()
        for entry in parse_entries(row.issued)
        if entry.id in ledger.live
    ]
    promised = [(one.key, one.id) for one in allocations if after.at(one.key) and one.state in _SHOWN]
    assert sorted(promised) == sorted(shown)


_SHOWN = {State.TAKING, State.TAKEN, State.SPENT}


def test_cells_hit_by_a_moved_column_get_their_value_back() -> None:
    """A column inserted between read and write: what stood where our text went is put back."""
    before = view({2: cells(2), 3: cells(3), 4: cells(4)})
    placed = {2: Placed(key_of(2), "ours"), 3: Placed(key_of(3), "ours"), 4: Placed(key_of(4), "ours")}
    header = (*HEADER[:2], "new", *HEADER[2:])
    now = view(
        {
            2: [*cells(2)[:2], "ours", "", 30],
            3: [*cells(3)[:2], "edited since", "", 30],
        },
        header,
    )
    assert {2: {2: ""}} == restorations(before, placed, now)


def test_what_stood_in_the_hit_column_is_found_by_its_header() -> None:
    """A column removed before ours: the next one was hit, and its value is known from the read."""
    header = ("vendor", "proxy", "used_for", "issued", "note", "expires")
    before = view({2: ["acme", *cells(2)[:2], "old", "mine", 30]}, header)
    now = view({2: [*cells(2)[:2], "old", "ours", 30]}, header[1:])
    placed = {2: Placed(key_of(2), "ours")}
    assert {2: {3: "mine"}} == restorations(before, placed, now)


def test_columns_in_their_place_need_no_restoring() -> None:
    """Nothing was hit."""
    seen = view({2: cells(2, issued="ours")})
    assert {} == restorations(seen, {2: Placed(key_of(2), "ours")}, seen)
