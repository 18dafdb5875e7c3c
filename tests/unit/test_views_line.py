"""The waiting line as people see it."""

from __future__ import annotations

import pytest

from bot.models.line import Place, Position
from bot.models.offer import Action
from bot.views import line

NOW = 1_800_000_000.0
WAITING = Place(7, 5, "@anna", "beboo", NOW)
TURN = Place(8, 5, "@anna", "<tinder>", NOW, 1042, NOW + 600)


def test_whoever_stands_in_line_reads_where_and_what_happens_next():
    """The position, what to expect, and how to leave."""
    reply = line.joined(Position(1, WAITING))
    assert reply.texts == (
        (
            "You are 2nd in line for <b>beboo</b>.\n"
            "When it is your turn, I write to you and reserve one for 10 min."
        ),
    )
    [button] = reply.buttons
    assert (button.text, button.action) == ("Leave the line for beboo", Action("leave line", (7,)))


def test_whoever_has_their_turn_can_take_it_at_once():
    """Asking for a place in line again leads to what is kept already."""
    reply = line.joined(Position(0, TURN))
    assert reply.texts == (
        "It is your turn: one for <b>&lt;tinder&gt;</b> is reserved for you.\nTake it, or the next in line gets it.",
    )
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("Take it", Action("take turn", (8, 1042))),
        ("Leave the line for <tinder>", Action("leave line", (8,))),
    ]


def test_a_place_that_is_gone_is_not_promised():
    """One answer for whoever is in no line."""
    assert line.joined(Position(3)) == line.LEFT
    assert line.LEFT.texts == ("You are not in that line any more.\nSend /proxies to see what is free.",)


@pytest.mark.parametrize(
    ("reserved", "staying", "text", "buttons"),
    [
        (0, [], "Nothing was reserved for you.\nOlder buttons for choosing do nothing now.", []),
        (1, [], "1 proxy is not reserved for you any more.\nOlder buttons for choosing do nothing now.", []),
        (
            3,
            [Position(0, WAITING), Position(10, TURN)],
            (
                "3 proxies are not reserved for you any more.\nOlder buttons for choosing do nothing now.\n"
                "You are still in line: beboo (1st), &lt;tinder&gt; (11th)."
            ),
            ["Leave the line for beboo", "Leave the line for <tinder>"],
        ),
    ],
)
def test_cancel_says_what_was_dropped_and_what_stays(reserved, staying, text, buttons):
    """The places in line stay, and can be left by a button."""
    reply = line.cancelled(reserved, staying)
    assert reply.texts == (text,)
    assert [button.text for button in reply.buttons] == buttons


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
    ],
)
def test_positions_are_ordinals(number, text):
    """As people count."""
    assert line.ordinal(number) == text
