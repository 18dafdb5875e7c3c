"""The `issued` cell: ours recognised by their id, everybody else's kept to the letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_makers import allocation, entry_of, id_of

from bot.models.allocation import LIVE, PROJECTED, Allocation, State
from bot.models.entries import (
    Entry,
    entry_ids,
    foreign_entries,
    format_entry,
    parse_entries,
    project,
    shown_name,
)

OURS = [
    allocation(proxy, resource, state)
    for proxy, resource in ((2, "beboo"), (2, "tinder"), (2, "mamba"), (2, "badoo"))
    for state in sorted(LIVE)
]
FOREIGN = st.one_of(
    st.text(st.characters(exclude_characters=";"), max_size=20),
    st.sampled_from(
        ["beboo bob", "see #zzzzzzzz", "#tooshort", "beboo @x 2020-01-01 #0ldid000", "a, b: c", "#"]
    ),
)
PIECES = FOREIGN | st.sampled_from([format_entry(one) for one in OURS])
CELLS = st.lists(PIECES, max_size=6).map(";".join)
HERE = st.lists(st.sampled_from(OURS), max_size=4, unique_by=lambda one: one.id)


def by_id(*allocations: Allocation) -> dict[str, Allocation]:
    return {one.id: one for one in allocations}


def test_an_entry_reads_as_people_read_it() -> None:
    """Resource, name, day, id."""
    assert "beboo @anna 2026-11-22 #beb00002" == format_entry(allocation(2))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", []),
        (" ; ;", []),
        ("beboo bob", [Entry("beboo bob", None)]),
        ("x #abcd1234; y", [Entry("x #abcd1234", "abcd1234"), Entry("y", None)]),
        ("#abcd12345", [Entry("#abcd12345", None)]),
        ("#ABCD1234", [Entry("#ABCD1234", None)]),
        ("(#abcd1234)", [Entry("(#abcd1234)", "abcd1234")]),
        ("ticket #12, #abcd1234", [Entry("ticket #12, #abcd1234", "abcd1234")]),
    ],
)
def test_an_id_is_eight_characters_behind_a_hash(cell: str, expected: list[Entry]) -> None:
    """Longer, shorter and upper-case ones are people's text."""
    assert expected == list(parse_entries(cell))


@pytest.mark.parametrize(
    ("written", "resources"),
    [
        ("beboo bob 12.3.", {"beboo"}),
        ("Beboo: bob, TINDER anna", {"beboo", "tinder"}),
        ("ｂｅｂｏｏ，tinder", {"beboo", "tinder"}),
        (": , :", set()),
        ("beboo\ntinder", {"beboo", "tinder"}),
    ],
)
def test_a_persons_entry_speaks_of_resources(written: str, resources: set[str]) -> None:
    """The first word, and the first after each separator; a colon behind it is no part of the name."""
    assert resources == Entry(written, None).resources


def test_an_id_that_is_not_live_is_foreign() -> None:
    """Another bot's entry and one of ours that has ended are people's text alike."""
    cell = f"{entry_of(2)}; {entry_of(3)}; bob"
    assert [entry_of(3), "bob"] == [entry.text for entry in foreign_entries(cell, {id_of(2)})]
    assert {id_of(2), id_of(3)} == entry_ids(cell)


def test_a_changed_entry_is_written_again_in_its_place() -> None:
    """Whatever people did to the text round an id, the journal's text comes back."""
    cell = f"first; tinder by bob #{id_of(2)}; last"
    assert f"first; {entry_of(2)}; last" == project(cell, [allocation(2)], by_id(allocation(2)))


def test_an_entry_that_stands_twice_is_written_once() -> None:
    """A copied entry goes, the first stays."""
    cell = f"{entry_of(2)}; x; {entry_of(2)}"
    assert f"{entry_of(2)}; x" == project(cell, [allocation(2)], by_id(allocation(2)))


def test_a_live_entry_that_belongs_elsewhere_goes() -> None:
    """An entry of another row's proxy is taken out, and put back there by that row's own projection."""
    stray = allocation(3)
    assert "bob" == project(f"bob; {entry_of(3)}", [], by_id(stray))


def test_a_dead_entry_goes_only_when_it_is_retracted() -> None:
    """An id that came back after its end is people's text, unless we know that a late write brought it."""
    cell = f"{entry_of(2)}; bob"
    assert cell == project(cell, [], {})
    assert "bob" == project(cell, [], {}, retract={id_of(2)})


@pytest.mark.parametrize("state", sorted(State))
def test_only_what_is_promised_is_projected(state: State) -> None:
    """Reservations, queued takes and releases have no entry; takes under way and finished ones do."""
    one = allocation(2, state=state)
    assert (format_entry(one) if state in PROJECTED else "") == project("", [one], by_id(one))


@given(CELLS, HERE)
def test_projecting_twice_changes_nothing(cell: str, here: list[Allocation]) -> None:
    """Repeating, repairing and recovering are one and the same act."""
    once = project(cell, here, by_id(*OURS, *here))
    assert once == project(once, here, by_id(*OURS, *here))


@given(CELLS, HERE)
def test_ours_appear_exactly_once_and_no_others(cell: str, here: list[Allocation]) -> None:
    """Of the live ids, those that belong here stand once, in the journal's words; the rest are gone."""
    live = by_id(*OURS, *here)
    written = [entry for entry in parse_entries(project(cell, here, live)) if entry.id in live]
    expected = [format_entry(one) for one in here if one.state in PROJECTED]
    assert sorted(expected) == sorted(entry.text for entry in written)


@given(CELLS, HERE)
def test_foreign_text_is_kept_to_the_letter(cell: str, here: list[Allocation]) -> None:
    """What others wrote stays, in its order, whatever happens to ours."""
    live = by_id(*OURS, *here)
    assert foreign_entries(cell, live) == foreign_entries(project(cell, here, live), live)


@pytest.mark.parametrize(
    ("username", "full_name", "expected"),
    [
        ("anna", "Anna B", "@anna"),
        (None, "Anna  B.", "Anna B."),
        (None, "A;#,=B\n(x)", "ABx"),
        (None, "Анна 安娜", "Анна 安娜"),
        (None, "x" * 40, "x" * 32),
        (None, "👋 ;", "7"),
        ("", "", "7"),
    ],
)
def test_a_name_cannot_break_the_cell(username: str | None, full_name: str, expected: str) -> None:
    """Nothing that divides entries or looks like an id; who has no name is shown by number."""
    assert expected == shown_name(username, full_name, 7)


@given(st.text())
def test_any_full_name_gives_one_entry(full_name: str) -> None:
    """Whoever asks, the entry is read back as one, by its own id."""
    one = replace(allocation(2), name=shown_name(None, full_name, 7))
    assert (Entry(format_entry(one), id_of(2)),) == parse_entries(format_entry(one))
