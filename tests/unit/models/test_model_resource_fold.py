"""One rule of spelling for names: in a request, in `used_for` and in `issued` they meet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.models.entries import Entry
from bot.models.resource import BadResource, fold, normalise_resource
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
