"""One rule of spelling for names: in a request, in `used_for` and in `issued` they meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.entries import Entry
from bot.models.resource import MAX_RESOURCE_LENGTH, BadResource, fold, normalise_resource
from bot.models.sheet import split_resources

NAMES = st.one_of(
    st.text(min_size=1, max_size=12), st.sampled_from(["ǰ", "ŉ", "ẞtrasse", "ΣΊΣΥΦΟΣ", "ｂｅｂｏｏ"])
)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is its own normal form."""
    assert fold(text) == fold(fold(text))


@given(NAMES)
def test_what_a_person_writes_meets_what_is_asked_for(written: str) -> None:
    """A name that a request may carry marks exactly that resource, in either column of the sheet."""
    try:
        name = normalise_resource(written)
    except BadResource:
        return
    assert frozenset({name}) == split_resources(written)
    assert frozenset({name}) == Entry(written, None).resources


@pytest.mark.parametrize("letters", [MAX_RESOURCE_LENGTH + 1, 4 * MAX_RESOURCE_LENGTH + 1])
def test_a_name_that_is_too_long_says_how_long_it_may_be(letters: int) -> None:
    """Also where it is so long that it is not looked at; the longest is a name."""
    assert "a" * MAX_RESOURCE_LENGTH == normalise_resource("A" * MAX_RESOURCE_LENGTH)
    with pytest.raises(BadResource, match=f"at most {MAX_RESOURCE_LENGTH} characters"):
        normalise_resource("a" * letters)


@pytest.mark.parametrize("text", ["", "  ", "a b", "a,b", "a;b", "a#b", "-a", ".a", "_a", "a\nb", "½"])
def test_what_could_divide_a_cell_is_no_name(text: str) -> None:
    """Letters, digits, dots, dashes and underscores, and a letter or a digit first."""
    with pytest.raises(BadResource):
        normalise_resource(text)
