"""Who did what when, as an admin reads it."""

from __future__ import annotations

from bot.models.audit import THE_BOT, Act, Link
from bot.models.history import About, Subject
from bot.models.offer import Action
from bot.views.audit import audit
from bot.views.reply import MESSAGE_LIMIT, utf16

NOW = 1_800_000_000.0


def link(number: int, *act: object, **fields: object) -> Link:
    return Link(number, NOW, Act(*act, **fields), "hash")  # type: ignore[arg-type]


def test_acts_read_like_this():
    """When, who, what, to what, and the change; the last line tells of the whole chain."""
    links = (
        link(1204, 1, "@admin", "froze", "beboo", "handed out", "frozen"),
        link(1203, 7, "@<anna>", "took", "192.0.2.7:8080", after="beboo"),
        link(1202, THE_BOT, "", "freed", "192.0.2.8:8080", before="@anna"),
        link(1201, 1, "@admin", "exported", "everything"),
    )
    reply = audit(links, older=True, newer=False, checked=1204, broken=None)
    assert reply.texts == (
        (
            "Who did what, times in UTC:\n"
            "#1204 2027-01-15 08:00 · @admin · froze · beboo: handed out → frozen\n"
            "#1203 2027-01-15 08:00 · @&lt;anna&gt; · took · 192.0.2.7:8080: beboo\n"
            "#1202 2027-01-15 08:00 · the bot · freed · 192.0.2.8:8080: was @anna\n"
            "#1201 2027-01-15 08:00 · @admin · exported · everything\n"
            "<i>checked: 1,204 acts, unbroken</i>"
        ),
    )
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("Older ›", Action("audit", ("older", 1201)))
    ]


def test_a_broken_chain_is_told_where():
    """On every page, whether the link is on it or not."""
    reply = audit((link(9, 1, "@admin", "froze", "beboo"),), older=False, newer=False, checked=16, broken=17)
    assert reply.texts[0].splitlines()[-1] == (
        "<i>BROKEN at #17: it, or one before it, was changed or taken out. "
        "The 16 before it are in order; compare the rest with a backup.</i>"
    )


def test_pages_remember_what_they_are_about():
    """Both ways."""
    anna = Subject(About.PERSON, "7", "@anna")
    links = (link(9, 7, "@anna", "took", "x"), link(4, 7, "@anna", "took", "y"))
    reply = audit(links, older=True, newer=True, checked=9, broken=None, subject=anna)
    assert reply.texts[0].splitlines()[0] == "Who did what about <b>@anna</b>, times in UTC:"
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("‹ Newer", Action("audit", ("newer", 9, "person", "7", "@anna"))),
        ("Older ›", Action("audit", ("older", 4, "person", "7", "@anna"))),
    ]


def test_nothing_to_show_is_said():
    """The chain is spoken of all the same."""
    beboo = Subject(About.RESOURCE, "beboo")
    reply = audit((), older=False, newer=False, checked=1, broken=None, subject=beboo)
    assert reply.texts == (
        "Nothing is written down about <b>beboo</b> yet.\n<i>checked: 1 act, unbroken</i>",
    )
    assert reply.rows == ()


def test_long_values_are_cut():
    """Fifteen of the longest acts are still a message or two."""
    longest = link(10**9, 1, "&" * 64, "a" * 32, "<" * 160, "<" * 9999, ">" * 9999)
    reply = audit((longest,) * 15, older=True, newer=True, checked=10**9, broken=None)
    assert all(utf16(text) <= MESSAGE_LIMIT for text in reply.texts)
