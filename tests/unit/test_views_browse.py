"""The screens of /proxies as people see them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import NotEnough, OthersWait
from bot.models.line import Place, Position
from bot.models.offer import Action
from bot.models.results import Choices, Glimpse, Preview, ResourceStock
from bot.models.role import Role
from bot.models.wish import ANY, Wish
from bot.views import browse, choosing, previews
from bot.views.choosing import Selection
from bot.views.commands import ROLE_OF_VERB
from bot.views.reply import BUTTONS_GOOD_FOR, Reply

NOW = 1_800_000_000.0
NOBODY = Position(0)
KEPT = Preview(
    1042,
    "beboo",
    Wish("DE", 7, ""),
    (Glimpse("DE", "http", 12), Glimpse("", "socks5", 0), Glimpse("<NL>", "http", None)),
    NOW + 300,
)


def labels(reply: Reply) -> list[list[str]]:
    """The buttons, row by row."""
    return [[button.text for button in row] for row in reply.rows]


def action(reply: Reply, label: str) -> Action:
    """What the button with that label does."""
    [found] = [button.action for button in reply.buttons if button.text == label]
    return found


def stock(number: int) -> ResourceStock:
    return ResourceStock(f"site{number:02}", 100 - number, False, 0)


def choices(free: int = 55, wish: Wish = ANY, **changes: object) -> Choices:
    fields = {
        "countries": (("DE", 30), ("NL", 20), ("", 5)),
        "schemes": (("http", 40), ("socks5", 15)),
        "days": ((3, 50), (7, 40), (14, 12), (30, 0)),
    }
    return Choices("beboo", wish, free, **(fields | changes))  # type: ignore[arg-type]


def test_resources_stand_two_a_row_with_how_many_are_free():
    """A frozen one is marked, a long name is cut, the whole name goes with the button."""
    long = "a-very-long-name-of-some-site.example.org"
    reply = browse.resources(
        [
            ResourceStock("beboo", 55, False, 0),
            ResourceStock("tinder", 9, True, 0),
            ResourceStock(long, 0, False, 2),
        ],
        0,
        Role.USER,
    )
    assert reply.texts == ("What are the proxies for?\nThe number is how many are free.",)
    assert labels(reply) == [["beboo · 55", "tinder · frozen"], ["a-very-long-name-of-som… · 0"]]
    assert reply.buttons[-1].action == Action("filters", (long, "", 0, ""))


def test_a_slow_reading_says_so():
    """In the words of every other answer that takes longer."""
    assert browse.READING == "Reading the sheet. Google is slow just now; the answer follows."


def test_many_resources_come_in_pages():
    """Ten a page; one can go on and back, and a page that is not there is the nearest that is."""
    every = [stock(number) for number in range(25)]
    first, second, last = (browse.resources(every, page, Role.USER) for page in (0, 1, 2))

    assert first.texts == ("What are the proxies for?\nThe number is how many are free. Page 1 of 3.",)
    assert labels(first)[-2:] == [["site08 · 92", "site09 · 91"], ["Next ›"]]
    assert labels(second)[-1] == ["‹ Previous", "Next ›"]
    assert labels(last) == [
        ["site20 · 80", "site21 · 79"],
        ["site22 · 78", "site23 · 77"],
        ["site24 · 76"],
        ["‹ Previous"],
    ]
    assert action(second, "Next ›") == Action("resources", (2,))
    assert browse.resources(every, 99, Role.USER) == last
    assert browse.resources(every, -1, Role.USER) == first


@pytest.mark.parametrize(
    ("role", "remedy"),
    [(Role.USER, "Begin with any name, for example /take beboo."), (Role.VIEWER, "Look again later.")],
)
def test_a_desk_that_has_handed_out_nothing_says_how_to_begin(role, remedy):
    """Nobody sees an empty list."""
    reply = browse.resources([], 0, role)
    assert reply.texts == (f"Nothing has been handed out yet, so there is nothing to choose from.\n{remedy}",)
    assert reply.rows == ()


def test_a_resource_shows_what_is_free_its_filters_and_how_many_one_may_look_at():
    """One tap a filter, one tap a number; a number that is not there is left out, and so are days that nothing has."""
    reply = browse.filters(choices(free=9), NOBODY, Role.USER)

    assert reply.texts == ("<b>beboo</b>: 9 free.\nHow many? You see them before you take them.",)
    assert labels(reply) == [
        ["✓ Anywhere", "DE · 30", "NL · 20"],
        ["✓ Any days", "3+ days", "7+ days"],
        ["14+ days"],
        ["✓ Any type", "http · 40", "socks5 · 15"],
        ["1", "2", "3", "5"],
        ["‹ All resources"],
    ]
    assert action(reply, "5") == Action("preview", ("beboo", "", 0, "", 5))


def test_a_filter_is_changed_by_one_tap_and_the_others_stay():
    """The chosen ones are marked; each button carries the whole state."""
    reply = browse.filters(choices(12, Wish("de", 14, "http")), NOBODY, Role.USER)

    assert reply.texts[0].startswith("<b>beboo</b> · de · 14 days or more · http: 12 free.")
    assert [label for row in labels(reply) for label in row if label.startswith("✓")] == [
        "✓ DE · 30",
        "✓ 14+ days",
        "✓ http · 40",
    ]
    assert action(reply, "NL · 20") == Action("filters", ("beboo", "NL", 14, "http"))
    assert action(reply, "Anywhere") == Action("filters", ("beboo", "", 14, "http"))
    assert action(reply, "Any days") == Action("filters", ("beboo", "de", 0, "http"))
    assert action(reply, "Any type") == Action("filters", ("beboo", "de", 14, ""))
    assert action(reply, "10") == Action("preview", ("beboo", "de", 14, "http", 10))


def test_what_leaves_no_choice_is_not_asked():
    """One country, one protocol and no known days make no buttons."""
    only = choices(3, countries=(("DE", 3),), schemes=(("http", 3),), days=((3, 0), (7, 0)))
    assert labels(browse.filters(only, NOBODY, Role.USER)) == [["1", "2", "3"], ["‹ All resources"]]


def test_the_countries_with_the_most_are_shown_and_the_chosen_one_always():
    """Five of many; a chosen one that is rare, or gone, keeps its button: it must be possible to unchoose it."""
    many = tuple((f"C{number}", 50 - number) for number in range(9))
    rows = choosing.filter_rows(choices(1, Wish("c8"), countries=many))
    gone = choosing.filter_rows(choices(0, Wish("XX", 60, "ftp"), countries=many))

    assert [button.text for row in rows[:2] for button in row] == [
        "Anywhere",
        "C0 · 50",
        "C1 · 49",
        "C2 · 48",
        "C3 · 47",
        "✓ c8 · 42",
    ]
    marked = [button.text for row in gone for button in row if button.text.startswith("✓")]
    assert marked == ["✓ XX · 0", "✓ 60+ days", "✓ ftp · 0"]


@pytest.mark.parametrize(
    ("free", "wish", "position", "role", "advice", "offered"),
    [
        (0, ANY, NOBODY, Role.USER, "I can tell you when one is.", [["Tell me when one is free"]]),
        (0, Wish("DE"), NOBODY, Role.USER, "Try other filters.", []),
        (
            1,
            ANY,
            Position(1),
            Role.USER,
            "1 person stands in line before you. Stand in line too, and I tell you when it is your turn.",
            [["Tell me when one is free"]],
        ),
        (3, ANY, Position(2), Role.USER, "How many? You see them before you take them.", [["1"]]),
        (
            0,
            ANY,
            Position(1, Place(7, 5, "@anna", "beboo", NOW)),
            Role.USER,
            "You are 2nd in line: I write to you when it is your turn.",
            [["Leave the line for beboo"]],
        ),
        (
            1,
            ANY,
            Position(0, Place(7, 5, "@anna", "beboo", NOW, 1042, NOW + 600)),
            Role.USER,
            "It is your turn: one is reserved for you.",
            [["1"], ["Take it", "Leave the line for beboo"]],
        ),
        (9, ANY, NOBODY, Role.VIEWER, "You may look; an admin can give you the right to take some.", []),
    ],
    ids=["none", "none of the kind", "others before", "enough for both", "in line", "one's turn", "viewer"],
)
def test_the_second_line_says_what_to_do_and_the_buttons_do_it(free, wish, position, role, advice, offered):
    """Whoever cannot look at any reads why, and gets the button that helps."""
    shown = choices(free, wish, countries=(), schemes=(), days=())
    reply = browse.filters(shown, position, role)
    assert reply.texts[0].splitlines()[1] == advice
    assert [row for row in labels(reply) if not row[0].lstrip("✓ ").startswith("Any")][:-1] == offered


def test_a_frozen_resource_can_be_looked_at_only():
    """Its figures are there, its buttons are not."""
    reply = browse.filters(choices(9, countries=(), schemes=(), days=()), NOBODY, Role.ADMIN, frozen=True)
    assert reply.texts == ("<b>beboo</b>: 9 free.\nIt is frozen: an admin has stopped handing out for it.",)
    assert labels(reply) == [["‹ All resources"]]


def test_viewers_get_no_button_that_they_may_not_press():
    """Whatever the screen, the rights say the same as the buttons."""
    for position in (NOBODY, Position(3), Position(1, Place(7, 5, "@anna", "beboo", NOW))):
        for free in (0, 9):
            reply = browse.filters(choices(free), position, Role.VIEWER)
            assert all(Role.VIEWER.covers(ROLE_OF_VERB[button.action.verb]) for button in reply.buttons)


def test_a_preview_shows_country_protocol_and_days_and_no_credentials():
    """What is kept, for how long, and what can be done with it."""
    reply = previews.preview(KEPT, NOW)

    assert reply.texts == (
        (
            "Reserved for you for 5 min: 3 proxies for <b>beboo</b>.\n"
            "Nothing is taken yet: take them, or let the time pass.\n"
            "\n"
            "1. DE · http · 12 days\n"
            "2. country unknown · socks5 · today is the last day\n"
            "3. &lt;NL&gt; · http · expiry unknown"
        ),
    )
    assert labels(reply) == [["Take 3"], ["Change", "Extend", "Cancel"]]
    assert action(reply, "Take 3") == Action("take preview", (1042, "beboo", 3))
    assert action(reply, "Change") == Action("change preview", (1042, "beboo", "DE", 7, ""))
    assert action(reply, "Extend") == Action("extend", (1042,))
    assert action(reply, "Cancel") == Action("cancel preview", (1042,))


def test_an_extended_preview_cannot_be_extended_again():
    """The button is gone, the others stay."""
    reply = previews.preview(Preview(1, "beboo", ANY, KEPT.proxies[:1], NOW + 299, extended=True), NOW)
    assert labels(reply) == [["Take 1"], ["Change", "Cancel"]]
    assert reply.texts[0].splitlines()[:2] == [
        "Reserved for you for 5 min: 1 proxy for <b>beboo</b>.",
        "Nothing is taken yet: take it, or let the time pass.",
    ]


@pytest.mark.parametrize(("kept_for", "good_for"), [(300, BUTTONS_GOOD_FOR), (3600, 3660)])
def test_the_buttons_outlive_what_is_kept(kept_for, good_for):
    """A tap a second too late is told that the time is over, not that the button is nobody's."""
    kept = Preview(1, "beboo", ANY, KEPT.proxies, NOW + kept_for)
    assert previews.preview(kept, NOW).good_for == good_for


def test_a_dropped_preview_says_so():
    """And offers the way back."""
    assert previews.DROPPED.texts == ("Nothing is reserved for you any more, and nothing was taken.",)
    assert labels(previews.DROPPED) == [["Choose again"]]


@pytest.mark.parametrize(
    ("wish", "available", "text", "buttons"),
    [
        (
            ANY,
            3,
            "Only 3 of 10 are free for beboo by now.\nLook at what there is, or change the filters.",
            [["Look at 3"], ["Change"]],
        ),
        (
            Wish("DE"),
            1,
            "Only 1 of 10 is free for beboo by now.\nLook at what there is, or change the filters.",
            [["Look at 1"], ["Change"]],
        ),
        (
            ANY,
            0,
            "None is free for beboo any more.\nI can tell you when one is.",
            [["Tell me when one is free"], ["Choose again"]],
        ),
        (
            Wish("DE"),
            0,
            "None of that kind is free for beboo any more.\nTry other filters.",
            [["Change"], ["Choose again"]],
        ),
    ],
)
def test_when_others_were_faster_there_is_always_a_way_on(wish, available, text, buttons):
    """What is left is offered; where nothing is, the line or other filters."""
    reply = previews.not_enough(Selection("beboo", wish), NotEnough("beboo", 10, available))
    assert reply.texts == (text,)
    assert labels(reply) == buttons


def test_what_is_for_others_leads_to_the_line():
    """Nobody jumps the line, everybody may join it."""
    reply = previews.others_wait(OthersWait("beboo", 2))
    assert reply.texts == (
        (
            "Nothing was reserved for you: 2 people stand in line before you for beboo.\n"
            "Stand in line too, and I tell you when it is your turn."
        ),
    )
    assert action(reply, "Tell me when one is free") == Action("line up", ("beboo",))


@pytest.mark.parametrize(("left", "told"), [(1, "1 s"), (90, "90 s"), (290, "5 min"), (86_400, "1 d")])
def test_how_long_it_is_reserved(left, told):
    """To the minute, but for what is nearly over or lasts for hours."""
    kept = replace(KEPT, expires_at=NOW + left)
    assert previews.preview(kept, NOW).texts[0].startswith(f"Reserved for you for {told}:")
