"""The words after /take: what they mean, and what is said when they mean nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.arguments import MAX_COUNT, BadArgument, TakeArgs, parse_take
from bot.models.resource import normalise_resource


@pytest.mark.parametrize(
    ("args", "resource", "count"),
    [
        ("abc", "abc", 1),
        ("beboo 5", "beboo", 5),
        ("5 beboo", "beboo", 5),
        ("  beboo \t 50 ", "beboo", 50),
        ("BeBoo 1", "beboo", 1),
        ("beboo 05", "beboo", 5),
        ("1688 5", "1688", 5),
        ("4chan", "4chan", 1),
        ("авито.рф 3", "авито.рф", 3),
        ("ｂｅｂｏｏ", "beboo", 1),
        ("a_b-c.d 2", "a_b-c.d", 2),
    ],
)
def test_words_that_are_understood(args, resource, count):
    """A resource and a number, in either order; one proxy where no number is given."""
    assert parse_take(args) == TakeArgs(resource, count)


NOTHING_NAMED = "Say what the proxies are for."
WHICH = "Both words are numbers, so it is not clear which is the resource."
LETTERS = "A resource's name has only letters, digits, dots, dashes and underscores."


def not_a_count(word: str) -> str:
    return f"“{word}” does not work here: it is 1 to 50 at once, in digits."


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (None, NOTHING_NAMED),
        ("", NOTHING_NAMED),
        ("   ", NOTHING_NAMED),
        ("5", NOTHING_NAMED),
        ("0", NOTHING_NAMED),
        ("−1", NOTHING_NAMED),
        ("1.5", NOTHING_NAMED),
        ("٣", NOTHING_NAMED),
        ("1e9", NOTHING_NAMED),
        ("beboo 0", not_a_count("0")),
        ("beboo 51", not_a_count("51")),
        ("beboo -1", not_a_count("-1")),
        ("beboo −1", not_a_count("−1")),
        ("beboo 1.5", not_a_count("1.5")),
        ("beboo 1,5", not_a_count("1,5")),
        ("beboo ٣", not_a_count("٣")),
        ("beboo ５", not_a_count("５")),
        ("beboo 1e9", not_a_count("1e9")),
        ("beboo +5", not_a_count("+5")),
        ("beboo 1" + "0" * 400, not_a_count("1" + "0" * 19 + "…")),
        ("5 7", WHICH),
        ("beboo five", "“five” is not a number."),
        ("beboo\nother", "“other” is not a number."),
        ("beboo 5 please", "Those are too many words: a resource and a number are enough."),
        ("x" * 1000, "A resource's name has at most 64 characters."),
        ("x" * 65, "A resource's name has at most 64 characters."),
        ("beboo,avito 5", LETTERS),
        ("beboo;avito", LETTERS),
        ("=IMPORTXML()", LETTERS),
        ("o'hara", LETTERS),
        ("be\u200bboo", LETTERS),
        ("\u202ebeboo", LETTERS),
        ("be\x00boo", LETTERS),
        ("🙂", LETTERS),
        ("<b>", LETTERS),
        ("-beboo", "A resource's name begins with a letter or a digit."),
    ],
)
def test_words_that_are_refused(args, problem):
    """One line says what is wrong, one shows what to write."""
    with pytest.raises(BadArgument) as refused:
        parse_take(args)
    assert (refused.value.problem, refused.value.remedy) == (problem, "Write for example: /take beboo 5")


def test_what_prints_strangely_is_not_quoted_back():
    """Direction marks and control characters do not reach the answer."""
    with pytest.raises(BadArgument) as refused:
        parse_take("beboo \u202e\x07five")
    assert refused.value.problem == "“five” is not a number."


@given(st.text())
def test_any_text_is_understood_or_refused(args):
    """No text makes the parser fail otherwise, and what is understood keeps to the limits."""
    with suppress(BadArgument):
        understood = parse_take(args)
        assert 1 <= understood.count <= MAX_COUNT
        assert normalise_resource(understood.resource) == understood.resource
