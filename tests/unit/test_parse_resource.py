"""The name of a resource: one spelling for all ways to write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.resource import BadResource, nearest, normalise_resource


@pytest.mark.parametrize("text", ["Beboo", " beboo ", "BEBOO", "ｂｅｂｏｏ", "\u00a0beboo"])
def test_spellings_of_one_name_are_one(text):
    """Case, blanks around and full-width letters make no difference."""
    assert normalise_resource(text) == "beboo"


@pytest.mark.parametrize(
    "text", ["a b", "a,b", "a;b", "a=b", "a#b", "a@b", "a\nb", "a'b", "a\u200db", "a/b", "٣a"]
)
def test_what_could_divide_a_cell_or_hide_in_it_is_refused(text):
    """A name never holds what separates entries in the sheet."""
    with pytest.raises(BadResource):
        normalise_resource(text)


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(text):
    """What was accepted once is its own normal form, and short enough."""
    try:
        name = normalise_resource(text)
    except BadResource:
        return
    assert normalise_resource(name) == name
    assert 1 <= len(name) <= 64


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bebo", ("beboo",)),
        ("avi", ("avito",)),
        ("tnider", ("tinder",)),
        ("zzz", ()),
        ("beboo.com", ("beboo",)),
    ],
)
def test_the_nearest_names_are_found(name, expected):
    """Typing errors and beginnings find what was meant; nothing alike finds nothing."""
    assert nearest(name, ["tinder", "avito", "beboo", "mamba"]) == expected


def test_nearest_are_few_and_best_first():
    """Three at most, the most alike first, ties in alphabetical order."""
    assert nearest("beboo", ["bebop", "beboo2", "bebox", "beboo1", "q"]) == ("beboo1", "beboo2", "bebop")
