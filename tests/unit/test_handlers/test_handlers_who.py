"""/who, /audit and /export: who has what, who did what, and all of it in a file."""

from __future__ import annotations

import pytest
from admin_support import allocation, open_admin_chat
from chat_support import ADMIN, USER
from sqlalchemy import update

from bot.errors import NotYours
from bot.handlers.arguments import BadArgument
from bot.handlers.subjects import parse_subject
from bot.models.allocation import State
from bot.models.audit import Act, Deed
from bot.models.history import About, Subject
from bot.storage.tables import audit as audit_table


@pytest.fixture
async def chat(tmp_path):
    async with open_admin_chat(tmp_path) as chat:
        yield chat


@pytest.mark.parametrize(
    ("asked", "head"),
    [
        ("beboo", "<b>beboo</b>: 2 in use."),
        ("BEBOO", "<b>beboo</b>: 2 in use."),
        ("192.0.2.7", "<b>192.0.2.7</b>: 1 in use."),
        ("192.0.2.7:8080", "<b>192.0.2.7:8080</b>: 1 in use."),
        ("192.0.2.7:8080:login:password", "<b>192.0.2.7:8080</b>: 1 in use."),
        ("http://login:password@192.0.2.7:8080", "<b>192.0.2.7:8080</b>: 1 in use."),
        ("proxy.example.org", "<b>proxy.example.org</b>: 1 in use."),
        ("@Boris", f"<b>@boris</b> (id {USER}): 3 in use."),
        (f"{USER}", f"<b>@boris</b> (id {USER}): 3 in use."),
    ],
)
async def test_one_can_ask_by_anything_one_has_at_hand(chat, asked, head):
    """A resource, a host, a whole proxy line, a name or an id."""
    elsewhere = allocation(9, key="proxy.example.org:80:login:mac", resource="tinder")
    await chat.given(allocation(7), allocation(8), elsewhere)
    await chat.write(f"/who {asked}", ADMIN)

    assert chat.texts[0].splitlines()[0] == head
    assert "password" not in chat.texts[0]


async def test_one_can_leaf_through_the_history(chat):
    """Page by page in one message, and back to the newest."""
    await chat.given(*(allocation(number) for number in range(1, 31)))
    await chat.write("/who beboo", ADMIN)
    await chat.tap("Older")
    await chat.tap("Older")

    assert "192.0.2.30:8080" in chat.texts[0]
    assert chat.texts[1].splitlines()[0] == "<b>beboo</b>, earlier:"
    assert chat.texts[2].splitlines()[-1].startswith("• 192.0.2.1:8080")
    assert [text for text, _ in chat.buttons] == ["‹ Newest"]
    await chat.tap("‹ Newest")
    assert chat.texts[3] == chat.texts[0]
    assert len(chat.session.named("SendMessage")) == 1


async def test_a_bad_one_can_be_declared_well(chat):
    """The desk frees it, for this admin and this press; a way back stays."""
    await chat.given(allocation(7, State.BAD))
    await chat.write("/who 192.0.2.7", ADMIN)
    await chat.tap("Works again")

    [(what, ids, admin, key)] = chat.rulings.asked
    assert ("revive", ("id000007",), ADMIN) == (what, ids, admin)
    assert key.startswith("offer:")
    assert chat.texts[-1] == "192.0.2.7:8080 works again: it is free."
    await chat.tap("‹ Back")
    assert chat.texts[-1].startswith("<b>192.0.2.7</b>: 1 not working.")


async def test_what_is_not_bad_any_more_cannot_be_revived(chat):
    """One line, no effect."""
    await chat.given(allocation(7, State.BAD))
    await chat.write("/who 192.0.2.7", ADMIN)
    chat.rulings.refusals = [NotYours("not bad")]
    await chat.tap("Works again")

    assert chat.texts[-1] == "192.0.2.7:8080 works again already; nothing was changed."


async def test_an_unknown_resource_offers_the_nearest(chat):
    """One tap instead of typing it again."""
    await chat.given(allocation(7))
    await chat.write("/who bebo", ADMIN)
    assert chat.texts == [
        "Nobody has used “bebo” yet; nothing was changed.\nDid you mean <b>beboo</b>?",
    ]
    await chat.tap("Who has beboo")
    assert chat.texts[-1].startswith("<b>beboo</b>: 1 in use.")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            "avito",
            "<b>avito</b>: I never handed it out.\nWhat people wrote into the sheet themselves stands there only.",
        ),
        (
            "10.0.0.1",
            "<b>10.0.0.1</b>: I never handed it out.\nWhat people wrote into the sheet themselves stands there only.",
        ),
        ("@nobody", "I know nobody called @nobody.\nSee /users for everybody; write @name or the id."),
    ],
)
async def test_what_nobody_had_is_said(chat, asked, answer):
    """Known to the sheet, or to nobody."""
    await chat.write(f"/who {asked}", ADMIN)
    assert chat.texts == [answer]


async def test_two_of_one_name_are_told_apart_by_id(chat):
    """Nothing is guessed."""
    await chat.given(allocation(7), allocation(8, user_id=77))
    await chat.write("/who @boris", ADMIN)
    assert chat.texts == ["More than one person is called @boris.\nWrite the id instead: 77 or 1002."]


@pytest.mark.parametrize("words", [None, "", "  ", "a b", "@", "@a!b", "=1", "a;b", "x" * 1000, "‮beboo"])
def test_what_cannot_be_understood_is_refused_with_an_example(words):
    """Empty, too many words, no name of anything."""
    with pytest.raises(BadArgument) as caught:
        parse_subject(words, "who")
    assert caught.value.remedy == "Write for example: /who beboo, /who 192.0.2.7 or /who @anna"


@pytest.mark.parametrize(
    ("word", "subject"),
    [
        ("2001:db8::1", Subject(About.HOST, "[2001:db8::1]")),
        ("[2001:DB8::1]", Subject(About.HOST, "[2001:db8::1]")),
        ("[2001:db8::1]:80", Subject(About.HOST, "[2001:db8::1]:80")),
        ("Proxy.Example.ORG:80", Subject(About.HOST, "proxy.example.org:80")),
        ("007", Subject(About.RESOURCE, "007")),
        ("@Anna_K", Subject(About.PERSON, "@Anna_K")),
        ("Ａvito", Subject(About.RESOURCE, "avito")),
        ("9" * 17, Subject(About.RESOURCE, "9" * 17)),
    ],
)
def test_a_word_is_what_it_looks_like(word, subject):
    """Addresses, ids, names; everything else is a resource in its one spelling."""
    assert subject == parse_subject(word, "who")


async def test_the_audit_shows_who_did_what(chat):
    """Newest first, by page, with the state of the whole chain under each."""
    for number in range(1, 21):
        await chat.audit.note(Act(USER, "@boris", Deed.TAKE, "beboo", after=f"192.0.2.{number}:8080"))
    await chat.write("/audit", ADMIN)
    await chat.tap("Older")
    assert (
        chat.texts[0]
        .splitlines()[1]
        .startswith("#20 2027-01-15 08:00 · @boris took for beboo: 192.0.2.20:8080")
    )
    assert [text.splitlines()[-1] for text in chat.texts] == ["<i>checked: 20 acts, unbroken</i>"] * 2
    assert chat.texts[1].splitlines()[-2].startswith("#1 ")

    await chat.tap("‹ Newer")
    assert chat.texts[2] == chat.texts[0]


async def test_the_audit_can_be_about_one_thing(chat):
    """A person with all they did, by name."""
    await chat.given(allocation(7))
    await chat.audit.note(Act(USER, "@boris", Deed.TAKE, "beboo", after="192.0.2.7:8080"))
    await chat.audit.note(Act(ADMIN, "@admin", Deed.FREEZE, "avito"))
    for asked in ("@boris", "192.0.2.7"):
        await chat.write(f"/audit {asked}", ADMIN)
        assert [line[:3] for line in chat.texts[-1].splitlines()[1:-1]] == ["#1 "]
    await chat.write("/audit avito", ADMIN)
    assert [line[:3] for line in chat.texts[-1].splitlines()[1:-1]] == ["#2 "]


async def test_a_changed_audit_is_told(chat):
    """Whoever edits the database is found out by the next admin who looks."""
    for _ in range(3):
        await chat.audit.note(Act(ADMIN, "@admin", Deed.FREEZE, "avito"))
    changed = update(audit_table).where(audit_table.c.number == 2).values(actor=USER)
    await chat.database.write(lambda connection: connection.execute(changed))
    await chat.write("/audit", ADMIN)

    assert chat.texts[0].splitlines()[-1].startswith("<i>BROKEN at #2")


async def test_the_export_is_a_file_without_logins(chat):
    """One row for each that is out; who took it stands in the audit."""
    await chat.given(allocation(7), allocation(8, State.RELEASED), allocation(9, State.BAD))
    await chat.write("/export", ADMIN)

    [document] = chat.session.named("SendDocument")
    lines = document.document.data.decode("utf-8-sig").splitlines()
    assert document.document.filename == "proxies-2027-01-15.csv"
    assert ["192.0.2.7:8080", "192.0.2.9:8080"] == [line.split(",")[1] for line in lines[1:]]
    assert b"login" not in document.document.data
    assert b"SECRET" not in document.document.data
    [link] = (await chat.audit.page()).links
    assert (Deed.EXPORT, "2 rows", ADMIN) == (link.act.act, link.act.after, link.act.actor)


@pytest.mark.parametrize("command", ["/who beboo", "/audit", "/export"])
async def test_users_see_nothing_of_others(chat, command):
    """One line, and nothing is read."""
    await chat.given(allocation(7))
    await chat.write(command, USER)
    assert chat.texts == ["That is for admins.\nSee /help for what you can use."]
