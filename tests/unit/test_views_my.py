"""What one holds, as people see it, and the questions about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.models.held import Reading, Tag
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import BadReason, Held, Issued, Receipt, Returned
from bot.views import giving, my, reporting, transfers
from bot.views.commands import ROLE_OF_VERB
from bot.views.reply import MESSAGE_LIMIT, Reply, utf16

PROXY = Proxy(7, "key", Endpoint("http", "192.0.2.7", 8080, "anna", "secret"), "DE", 12)
HELD = Held("a1", "beboo", PROXY, "2026-11-22", settled=True)
TAG = Tag.of(HELD)
RECEIPT = Receipt(1042, 1, 1, 0.0)

LONG_HOST = ".".join(["h" * 62] * 4)
LONGEST = Held(
    "a1",
    "<" * 64,
    Proxy(
        2, "key", Endpoint("http", LONG_HOST, 65535, "u" * 9000, "p" * 9000), "<" * 500, None, "<" * 50_000
    ),
    "2026-11-22",
    settled=True,
    missing=True,
)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, ""),
        ({"settled": False}, " · being checked"),
        ({"pending": True}, " · sheet pending"),
        ({"gone": True}, " · no longer in the sheet"),
        ({"gone": True, "pending": True}, " · no longer in the sheet"),
        ({"missing": True}, " · entry deleted in the sheet"),
        ({"settled": False, "missing": True}, " · being checked"),
    ],
)
def test_the_list_says_how_each_stands(changes, standing):
    """Nothing where all is well."""
    [text] = my.mine([replace(HELD, **changes)]).texts
    assert text == (
        f"You hold 1 proxy.\n\n<b>beboo</b> (1)\n1 · <code>192.0.2.7:8080</code> · DE · 12 days{standing}"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pending": True}, "Sheet pending: it is yours; the sheet follows by itself."),
        ({"gone": True}, "It is no longer in the sheet; it stays yours."),
        (
            {"missing": True},
            "Its entry was deleted in the sheet: unless it comes back, it is freed in a few minutes.",
        ),
    ],
)
def test_one_says_what_its_standing_means(changes, sentence):
    """A sentence below the credentials; what is in no row names none."""
    [text] = my.one_held(replace(HELD, **changes), "line").texts
    assert text.splitlines()[1:] == [
        "<code>192.0.2.7:8080:anna:secret</code> · DE · 12 days",
        *([] if "gone" in changes else ["Row 7 of the sheet."]),
        sentence,
    ]


def test_one_that_is_too_long_is_to_be_copied_from_the_sheet():
    """Telegram takes 4,096 characters; credentials are never cut."""
    [text] = my.one_held(LONGEST, "line").texts
    assert "Row 2 is too long to be shown here: copy it from the sheet." in text


def screens() -> list[Reply]:
    """Every answer about what is held, made of the longest there can be, and many of them."""
    tag, many = Tag.of(LONGEST), [LONGEST] * 500
    returned = Returned(("a1",), (), RECEIPT)
    issued = Issued(LONGEST.resource, (LONGEST.proxy,), (), RECEIPT, pending=True)
    colleagues = [(number, "<" * 64) for number in range(500)]
    return [
        *(my.mine(many, 3), my.one_held(LONGEST, "curl"), my.which_file([("<" * 64, 5)] * 400)),
        *(giving.how(tag), giving.usage(many), giving.which_of(many), giving.proposal(many, 3)),
        giving.which(3, [Reading((LONGEST,) * 3)] * 300),
        *(giving.freed(returned, 0.0, tag), giving.spent(returned, 0.0, tag)),
        *(reporting.why(tag), reporting.what_is_wrong(tag), reporting.which(many, None)),
        *(reporting.replace_or_report(tag, reason) for reason in BadReason),
        reporting.replaced(issued, tag, BadReason.DEAD, 0.0, "url"),
        reporting.no_replacement(tag, BadReason.DEAD, any_kind=False),
        reporting.reported(returned, tag, BadReason.OTHER, 0.0),
        *(transfers.colleagues(tag, colleagues, 3), transfers.asked(tag, "<" * 64)),
        transfers.received(LONGEST, "line"),
        *(Reply((text,)) for text in (giving.marking(tag), reporting.replacing(tag), giving.returning(5))),
    ]


@pytest.mark.parametrize("screen", screens())
def test_every_screen_is_one_that_telegram_takes(screen):
    """Short enough, not too many buttons, none too broad, and nothing foreign as markup."""
    assert all(0 < utf16(text) <= MESSAGE_LIMIT for text in screen.texts)
    assert len(screen.buttons) <= 100
    assert all(0 < len(button.text) <= 100 for button in screen.buttons)
    assert "<<" not in "".join(screen.texts)


def test_a_long_list_is_proposed_with_a_count_of_the_rest():
    """Everything that is confirmed is counted, if not all of it is listed."""
    reply = giving.proposal([HELD] * 25)
    assert reply.texts[0].splitlines()[0] == "Give back these 25 proxies? Others can have them then."
    assert reply.texts[0].splitlines()[-1] == "and 5 more"
    assert len(reply.buttons[0].action.args) == 25


def test_one_is_proposed_in_the_singular():
    """The question, the proxy, the two answers; what is not confirmed is counted."""
    reply = giving.proposal([HELD], 2)
    assert reply.texts == (
        (
            "Give back this proxy? Others can have it then.\n"
            "\n<code>192.0.2.7:8080</code> · beboo · 12 days\n"
            "\n2 more being checked: not given back now."
        ),
    )
    assert [button.text for button in reply.buttons] == ["Give back 1", "Keep them"]


def test_a_number_can_mean_one_of_a_resource():
    """Said by its host."""
    reply = giving.which(1, [Reading((HELD,)), Reading((HELD,), 1)])
    assert reply.texts == ("“1” can mean several things. Which of them do you give back?",)
    assert [button.text for button in reply.buttons] == [
        "One of beboo: 192.0.2.7",
        "Number 1: 192.0.2.7:8080 · beboo",
    ]


def test_handing_over_reads_like_this():
    """Who is asked, what becomes of it, and what is shown while the sheet has not confirmed."""
    assert transfers.asked(TAG, "<anna>").texts == (
        (
            "&lt;anna&gt; is asked whether they take <code>192.0.2.7:8080</code> (beboo).\n"
            "It stays yours until they accept; I will tell you."
        ),
    )
    assert transfers.OVER.texts == (
        "That offer is over: the proxy was given back or handed to somebody else.",
    )
    assert transfers.DECLINED.texts == ("Declined; they are told. It stays with them.",)
    assert transfers.accepting() == (
        "Being checked: the proxy that is handed to you. Google is slow just now; the answer follows."
    )
    assert transfers.received(HELD, "line").texts[0].splitlines()[0] == "Accepted: it is yours now."


@pytest.mark.parametrize(
    ("page", "labels"),
    [
        (0, ["1", "2", "3", "4", "5", "6", "7", "8", "Next ›", "‹ Back"]),
        (1, ["9", "10", "11", "12", "13", "14", "15", "16", "‹ Previous", "Next ›", "‹ Back"]),
        (2, ["17", "‹ Previous", "‹ Back"]),
        (99, ["17", "‹ Previous", "‹ Back"]),
    ],
)
def test_many_colleagues_come_in_pages(page, labels):
    """Eight a page; a page that is gone shows the last one."""
    reply = transfers.colleagues(TAG, [(number, str(number)) for number in range(1, 18)], page)
    assert [button.text for button in reply.buttons] == labels


def test_without_a_colleague_there_is_a_way_back():
    """A desk of one."""
    reply = transfers.colleagues(TAG, [], 0)
    assert reply.texts == ("There is nobody else who could take <code>192.0.2.7:8080</code> (beboo).",)
    assert [button.text for button in reply.buttons] == ["‹ Back"]


def test_what_was_only_marked_names_its_request():
    """A mark stands in our records; the sheet follows by itself."""
    marked = Returned(("a1",), (), Receipt(1042, 0, 0, 0.0, repeated=True))
    assert giving.spent(marked, 0.0, TAG).texts == (
        (
            "Used up: <code>192.0.2.7:8080</code> (beboo). Nobody gets it for beboo again."
            "\n\n<i>request #1042 · repeated</i>"
        ),
    )


def test_every_button_does_something_that_is_in_the_table():
    """A verb that no command has would be a dead button."""
    verbs = {button.action.verb for screen in screens() for button in screen.buttons}
    assert verbs - ROLE_OF_VERB.keys() == set()
    assert {"held", "show", "file", "give", "replace", "transfer", "hand over", "release"} <= verbs


def test_every_reason_has_words():
    """No reason reaches a person as a bare name."""
    assert set(reporting.PREDICATES) == set(BadReason)
