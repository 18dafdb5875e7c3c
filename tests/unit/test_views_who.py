"""Who holds what and who held it, and what admins decide, as people read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.models.allocation import Allocation, State
from bot.models.history import About, HistoryPage, Named, Place, Record, Share, Subject
from bot.models.offer import Action
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import Failure, Held, Reason, Receipt, Returned
from bot.views import ruling
from bot.views.reply import MESSAGE_LIMIT, utf16
from bot.views.who import REVIVING, not_bad, revived, unknown_resource, who

NOW = 1_800_000_000.0
BEBOO = Subject(About.RESOURCE, "beboo")
ANNA = Subject(About.PERSON, "7", "@anna")
HOST = Subject(About.HOST, "192.0.2.7")
RECEIPT = Receipt(1042, 1, 1, NOW)


def record(number: int, state: State = State.TAKEN, age: float = 3 * 3600, **changes: Any) -> Record:
    fields: dict[str, Any] = {
        "id": f"id{number:06}",
        "request": number,
        "key": f"192.0.2.{number}:8080:login:mac",
        "resource": "beboo",
        "user_id": 7,
        "name": "@anna",
        "issued_on": "2026-11-22",
        "state": state,
        "row": number + 1,
    }
    return Record(Allocation(**{**fields, **changes}), NOW - age)


def page(subject: Subject, *records: Record, **changes: Any) -> HistoryPage:
    shares = (
        Share(7, "@anna", State.TAKEN, 12),
        Share(8, "<boris>", State.TAKEN, 3),
        Share(7, "@anna", State.TAKING, 1),
        Share(9, "@clara", State.RESERVED, 2),
        Share(8, "<boris>", State.BAD, 1),
    )
    fields: dict[str, Any] = {"shares": shares, "older": None, "first": True}
    return HistoryPage(subject, records=records, **{**fields, **changes})


def test_a_resource_is_shown_with_its_holders_and_its_history():
    """Who has it now at a glance, then one line for each that was handed out; bad ones can be forgiven."""
    reply = who(
        page(
            BEBOO,
            record(9),
            record(8, State.BAD, name="<boris>", reason="dead"),
            record(7, State.RELEASED),
            older=Place(7, "id000007"),
        ),
        NOW,
    )
    assert reply.texts == (
        (
            "<b>beboo</b>: 16 in use, 2 reserved, 1 not working.\n"
            "Held by @anna 13, &lt;boris&gt; 3.\n"
            "\n"
            "• 192.0.2.9:8080 · @anna · in use since 2026-11-22 · row 10\n"
            "• 192.0.2.8:8080 · &lt;boris&gt; · does not answer, reported 3 h ago · row 9\n"
            "• 192.0.2.7:8080 · @anna · freed 3 h ago, had since 2026-11-22 · row 8"
        ),
    )
    assert [(button.text, button.action) for button in reply.buttons] == [
        (
            "Works again: 192.0.2.8:8080 (beboo)",
            Action("revive", ("id000008", "192.0.2.8:8080", "resource", "beboo", "")),
        ),
        ("Older ›", Action("who", ("resource", "beboo", "", 7, "id000007"))),
    ]


def test_a_host_is_shown_with_what_it_is_used_for():
    """Every resource and by whom; the port where there may be several."""
    reply = who(page(HOST, record(7), record(7, resource="avito", user_id=8, name=""), shares=()), NOW)
    assert reply.texts == (
        (
            "<b>192.0.2.7</b>: nothing out now.\n"
            "\n"
            "• <b>beboo</b> · 192.0.2.7:8080 · @anna · in use since 2026-11-22 · row 8\n"
            "• <b>avito</b> · 192.0.2.7:8080 · 8 · in use since 2026-11-22 · row 8"
        ),
    )
    exact = who(page(Subject(About.HOST, "192.0.2.7:8080"), record(7)), NOW)
    assert "• <b>beboo</b> · @anna · in use since 2026-11-22 · row 8" in exact.texts[0]


def test_a_person_is_shown_with_what_they_hold_and_held():
    """By name and id; the lines need not repeat either."""
    reply = who(page(ANNA, record(7), shares=(Share(7, "@anna", State.TAKEN, 1),)), NOW)
    assert reply.texts == (
        (
            "<b>@anna</b> (id 7): 1 in use.\n\n• <b>beboo</b> · 192.0.2.7:8080 · in use since 2026-11-22 · row 8"
        ),
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (record(1, State.RESERVED, expires_at=NOW + 120), "reserved for another 2 min"),
        (record(1, State.RESERVED, expires_at=NOW - 1), "was reserved, not taken"),
        (record(1, State.EXPIRED), "was reserved, not taken"),
        (record(1, State.RELEASED, expires_at=NOW - 1), "was reserved, not taken"),
        (
            record(1, State.RELEASED, expires_at=NOW - 1, release_request=2),
            "freed 3 h ago, had since 2026-11-22",
        ),
        (
            record(1, State.RELEASED, expires_at=NOW - 1, missing_since=NOW - 90),
            "freed 3 h ago, had since 2026-11-22",
        ),
        (record(1, State.QUEUED), "being checked"),
        (record(1, State.TAKING), "being checked"),
        (record(1, State.TAKING, promised=True), "handed out, not in the sheet yet"),
        (record(1, missing_since=NOW - 9), "in use since 2026-11-22, entry deleted in the sheet"),
        (record(1, State.SPENT), "used up 3 h ago"),
        (record(1, State.BAD, reason="slow"), "is too slow, reported 3 h ago"),
        (record(1, State.BAD), "does not work, reported 3 h ago"),
        (record(1, State.RELEASING), "being freed"),
        (record(1, State.FAILED), "not given 3 h ago"),
    ],
)
def test_every_state_has_its_words(given: Record, words: str):
    """No word of the machine room."""
    assert f"• 192.0.2.1:8080 · @anna · {words} · row 2" in who(page(BEBOO, given), NOW).texts[0]


def test_later_pages_go_back_to_the_newest():
    """Their head is one line."""
    reply = who(page(BEBOO, record(3), first=False), NOW)
    assert reply.texts[0].splitlines()[0] == "<b>beboo</b>, earlier:"
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("‹ Newest", Action("who", ("resource", "beboo", "")))
    ]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            HOST,
            (
                "<b>192.0.2.7</b>: I never handed it out.\n"
                "What people wrote into the sheet themselves stands there only."
            ),
        ),
        (ANNA, "<b>@anna</b> (id 7) never had a proxy from me."),
    ],
)
def test_what_was_never_handed_out_is_said_so(subject: Subject, text: str):
    """And that the sheet may know more."""
    assert who(page(subject), NOW).texts == (text,)


def test_no_login_is_shown():
    """The key of a proxy holds a user name: only its address leaves it."""
    reply = who(page(BEBOO, record(1), record(2, State.BAD)), NOW)
    assert "login" not in repr(reply)
    assert "mac" not in repr(reply)


def test_an_ipv6_address_is_whole():
    """Its colons divide nothing."""
    given = record(1, key="[2001:db8::1]:8080:login:mac")
    assert "• [2001:db8::1]:8080 · @anna" in who(page(BEBOO, given), NOW).texts[0]


def test_a_long_page_keeps_to_the_limit():
    """Names may be as long as they can get."""
    long = record(1, State.BAD, name="&" * 64, resource="<" * 64, key=f"{'h' * 250}:65535:login:mac")
    reply = who(page(HOST, *[long] * 12), NOW)
    assert all(utf16(text) <= MESSAGE_LIMIT for text in reply.texts)
    assert all(len(button.text) <= 60 for button in reply.buttons)


def test_many_holders_are_counted():
    """Ten by name, the rest in number."""
    shares = tuple(Share(n, f"@u{n}", State.TAKEN, 20 - n) for n in range(12))
    text = who(page(BEBOO, record(1), shares=shares), NOW).texts[0]
    assert text.splitlines()[1].endswith("@u9 11, 2 more.")


def test_an_unknown_resource_offers_the_nearest():
    """As buttons that do the same for them."""
    reply = unknown_resource("bebo", ("beboo",), "freeze", "Freeze")
    assert reply.texts == ("Nobody has used “bebo” yet; nothing was changed.\nDid you mean <b>beboo</b>?",)
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("Freeze beboo", Action("freeze", ("beboo",)))
    ]
    assert unknown_resource("bebo", ("beboo",), "who", "Who has").buttons[0].action == Action(
        "who", ("resource", "beboo", "")
    )
    assert (
        unknown_resource("zzz", (), "thaw", "Thaw")
        .texts[0]
        .endswith("Send /proxies for the names there are.")
    )


def test_a_bad_one_that_works_again():
    """Free, or still bad and why, or not bad any more."""
    freed, refused = (
        Returned(("id1",), (), RECEIPT),
        Returned((), (Failure(9, Reason.SHEET_REFUSED),), RECEIPT),
    )
    assert revived("192.0.2.8:8080", freed, BEBOO).texts == ("192.0.2.8:8080 works again: it is free.",)
    assert revived("192.0.2.8:8080", refused, BEBOO).texts == (
        "192.0.2.8:8080 still counts as not working.\nrow 9: Google refused the change",
    )
    stale = not_bad("192.0.2.8:8080", BEBOO)
    assert stale.texts == ("192.0.2.8:8080 works again already; nothing was changed.",)
    assert stale.buttons[0].action == Action("who", ("resource", "beboo", ""))


def held(number: int, **changes: Any) -> Held:
    endpoint = Endpoint("http", f"192.0.2.{number}", 8080, "login", "password")
    proxy = Proxy(number, f"key{number}", endpoint, "DE", 12)
    return replace(Held(f"id{number:06}", "beboo", proxy, "2026-11-22", settled=True), **changes)


def test_what_would_be_freed_is_shown_first():
    """By resource, address and days left, never a login; nothing happens without the button."""
    reply = ruling.propose(Named(7, "@<anna>"), [held(7), held(8)], 1)
    assert reply.texts == (
        (
            "Free 2 proxies of @&lt;anna&gt;? 1 other is being checked and left alone.\n"
            "• <b>beboo</b> · 192.0.2.7:8080 · 12 days · since 2026-11-22\n"
            "• <b>beboo</b> · 192.0.2.8:8080 · 12 days · since 2026-11-22"
        ),
    )
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("Free 2", Action("release for", (7, "@<anna>", "id000007", "id000008"))),
        ("Leave", Action("release for")),
    ]
    assert "password" not in repr(reply)


@pytest.mark.parametrize(
    ("unsettled", "rest"),
    [
        (0, ""),
        (1, " 1 other is being checked and left alone."),
        (3, " 3 others are being checked and left alone."),
    ],
)
def test_what_is_left_alone_is_counted(unsettled, rest):
    """Beside what is to be freed, and where there is nothing."""
    [text] = ruling.propose(Named(7, "@anna"), [held(7)], unsettled).texts
    assert text.splitlines()[0] == f"Free 1 proxy of @anna?{rest}"
    [text] = ruling.propose(Named(7, "@anna"), [], unsettled).texts
    assert text == f"@anna holds nothing of that kind, so there is nothing to free.{rest}"


def test_the_longer_answers_say_so():
    """While the sheet has not confirmed."""
    assert ruling.FREEING == "Being freed. Google is slow just now; the answer follows."
    assert REVIVING == "Being marked as working. Google is slow just now; the answer follows."


def test_where_there_is_nothing_to_free_there_is_no_button():
    """One line."""
    reply = ruling.propose(Named(7, "@anna"), [], 0)
    assert reply.texts == ("@anna holds nothing of that kind, so there is nothing to free.",)
    assert reply.rows == ()


def test_a_large_release_is_cut_in_the_text_only():
    """The button frees all that was counted."""
    reply = ruling.propose(Named(7, "@anna"), [held(number) for number in range(1, 61)], 0)
    assert reply.texts[-1].endswith("and 20 more")
    assert len(reply.buttons[0].action.args) == 62


def test_what_became_of_a_release():
    """How many are free, what is still held and why, and that it was too late."""
    outcome = Returned(("id1", "id2"), (Failure(9, Reason.SHEET_UNAVAILABLE),), RECEIPT)
    assert ruling.freed("@anna", outcome).texts == (
        "Freed 2 proxies of @anna, who is told.\nStill held:\nrow 9: Google did not answer in time",
    )
    assert ruling.freed("@anna", Returned((), (), RECEIPT)).texts == ("Nothing was freed.",)
    assert ruling.none_theirs("@anna").texts == (
        "@anna does not hold any of these any more; nothing was changed.",
    )


def test_a_frozen_resource_and_the_way_back():
    """What it means, and a button that undoes it."""
    reply = ruling.frozen("beboo", changed=True)
    assert reply.texts == (
        "<b>beboo</b> is frozen: nothing is handed out for it. Who holds something keeps it.",
    )
    assert reply.buttons[0].action == Action("thaw", ("beboo",))
    assert ruling.frozen("beboo", changed=False).texts[0].startswith("<b>beboo</b> was frozen already: ")
    assert ruling.thawed("beboo", changed=True).texts == ("<b>beboo</b> is handed out again.",)
    assert ruling.thawed("beboo", changed=False).texts == (
        "<b>beboo</b> was not frozen; it is handed out as before.",
    )
    assert ruling.thawed("beboo", changed=True).buttons[0].action == Action("freeze", ("beboo",))
