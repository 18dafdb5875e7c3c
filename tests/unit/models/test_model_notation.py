"""Our words among people's: added behind theirs, taken out without a trace, never mistaken."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from model_makers import allocation

from bot.models.allocation import PROJECTED, Allocation, State
from bot.models.notation import SHARED, with_name, without_name
from bot.models.sheet import split_resources

ANYTHING = st.text(max_size=30) | st.text(alphabet="ab ,;\n，BEO", max_size=20)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", "beboo"),
        (" ", "beboo "),
        ("ozon", "ozon, beboo"),
        ("Ozon ", "Ozon, beboo "),
        ("a,b", "a,b,beboo"),
        ("a; b", "a; b; beboo"),
        ("a;", "a; beboo;"),
        ("a, b, ", "a, b, beboo, "),
        ("a\nb", "a\nb\nbeboo"),
        ("a\n", "a\nbeboo\n"),
        ("a,, b", "a,, b, beboo"),
        ("ａ，ｂ", "ａ，ｂ，beboo"),
        (",", "beboo,"),
        ("=SUM(A1)", "=SUM(A1), beboo"),
        ("BEBOO", "BEBOO"),
        ("ozon ; Ｂｅｂｏｏ", "ozon ; Ｂｅｂｏｏ"),
    ],
)
def test_a_name_is_added_in_peoples_own_way(cell: str, expected: str) -> None:
    """Behind the last one, separated as those are; not at all where it stands in any spelling."""
    assert expected == with_name(cell, "beboo")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("beboo", ""),
        ("BeBoo", ""),
        ("beboo, ozon", "ozon"),
        ("ozon, beboo", "ozon"),
        ("ozon, beboo, avito", "ozon, avito"),
        ("ozon;beboo;", "ozon;"),
        ("beboo, Beboo ,ozon; BEBOO", "ozon"),
        ("beboo2, my beboo", "beboo2, my beboo"),
        ("", ""),
    ],
)
def test_a_name_is_taken_out_wherever_it_stands(cell: str, expected: str) -> None:
    """With what separated it; names that only hold it are others."""
    assert expected == without_name(cell, "beboo")


@given(ANYTHING)
def test_added_and_taken_out_leaves_the_cell_as_it_was(cell: str) -> None:
    """To the letter, whatever people have written."""
    assume("beboo" not in split_resources(cell))
    assert cell == without_name(with_name(cell, "beboo"), "beboo")


@given(ANYTHING, st.sampled_from(["a", "b", "beboo"]))
def test_only_that_name_comes_and_goes(cell: str, name: str) -> None:
    """What the cell says besides is the same before and after."""
    assert split_resources(cell) | {name} == split_resources(with_name(cell, name))
    assert split_resources(cell) - {name} == split_resources(without_name(cell, name))


def projected(cell: str, *here: Allocation, going: tuple[Allocation, ...] = (), whole: bool = False) -> str:
    """The cell's text for these allocations."""
    return SHARED.project(cell, here, going, {}, (), whole=whole)


@pytest.mark.parametrize("state", State)
def test_only_what_is_being_taken_is_written(state: State) -> None:
    """What is taken already and does not stand there was deleted by a person, unless somebody says otherwise."""
    one = allocation(2, state=state)
    assert ("ozon, beboo" if state is State.TAKING else "ozon") == projected("ozon", one)
    assert ("ozon, beboo" if state in PROJECTED else "ozon") == projected("ozon", one, whole=True)


@given(ANYTHING)
def test_projecting_twice_changes_nothing_more(cell: str) -> None:
    """Repeating and repairing are one and the same act."""
    taking, leaving = allocation(2, state=State.TAKING), allocation(2, "a", State.RELEASING)
    once = projected(cell, taking, going=(leaving,))
    assert once == projected(once, taking, going=(leaving,))
