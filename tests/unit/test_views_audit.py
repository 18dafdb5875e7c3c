"""Who did what when, as an admin reads it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bot
from bot.models.audit import THE_BOT, Act, Deed, Link
from bot.models.history import About, Subject
from bot.models.offer import Action
from bot.models.results import Reason
from bot.views.audit import audit
from bot.views.reasons import REASONS
from bot.views.reply import MESSAGE_LIMIT, utf16

NOW = 1_800_000_000.0


def link(number: int, *act: object, **fields: object) -> Link:
    return Link(number, NOW, Act(*act, **fields), "hash")  # type: ignore[arg-type]


DEEDS = {
    Deed.TAKE: (
        ("beboo", "", "192.0.2.7:8080, 192.0.2.8:8080"),
        "took for beboo: 192.0.2.7:8080, 192.0.2.8:8080",
    ),
    Deed.GIVE_BACK: (
        ("192.0.2.7:8080", "beboo of @anna", "free"),
        "gave back 192.0.2.7:8080: beboo of @anna → free",
    ),
    Deed.SPENT: (
        ("192.0.2.7:8080", "beboo of @anna", "spent"),
        "marked 192.0.2.7:8080: beboo of @anna → used up",
    ),
    Deed.BAD: (
        ("192.0.2.7:8080", "beboo of @anna", "bad (slow)"),
        "reported 192.0.2.7:8080: beboo of @anna → not working (it is too slow)",
    ),
    Deed.REVIVE: (("192.0.2.7:8080", "bad", "free"), "brought back 192.0.2.7:8080: not working → free"),
    Deed.TRANSFER: (
        ("192.0.2.7:8080", "@anna", "@boris"),
        "handed over 192.0.2.7:8080: @anna → @boris",
    ),
    Deed.NOT_FREED: (
        ("192.0.2.7:8080", "beboo of @anna", "sheet refused"),
        "could not free 192.0.2.7:8080 (beboo of @anna): Google refused the change",
    ),
    Deed.FREED_BY_HAND: (
        ("192.0.2.7:8080", "beboo of @anna", "free"),
        "freed 192.0.2.7:8080, whose entry was deleted: beboo of @anna → free",
    ),
    Deed.RESTORE: (
        ("192.0.2.7:8080", "deleted in the sheet", "beboo of @anna"),
        "wrote back the entry of 192.0.2.7:8080: deleted in the sheet → beboo of @anna",
    ),
    Deed.ROTATE: (
        ("192.0.2.7:8080", "", "beboo, avito"),
        "changed the password of 192.0.2.7:8080: beboo, avito",
    ),
    Deed.FREEZE: (("beboo", "handed out", "frozen"), "froze beboo: handed out → frozen"),
    Deed.THAW: (("beboo", "frozen", "handed out"), "thawed beboo: frozen → handed out"),
    Deed.ASK: (("@anna", "", ""), "asked for access"),
    Deed.ALLOW: (("@boris", "", "user"), "let in @boris: user"),
    Deed.ROLE: (("@boris", "user", "trader"), "changed the role of @boris: user → trader"),
    Deed.DENY: (("@boris", "user", ""), "denied @boris access: was user"),
    Deed.EXPORT: (("everything", "", "12 rows"), "exported who holds what: 12 rows"),
    Deed.ADD_COLUMN: (("issued", "", ""), "added the column “issued” to the sheet"),
    Deed.PAUSE: (("trading", "", ""), "paused trading for everybody"),
    Deed.RESUME: (("trading", "", ""), "let everybody trade again"),
    Deed.PROTECT_COLUMN: (("issued", "", ""), "protected the column “issued” of the sheet"),
    Deed.CONNECT: (("bybit …a3f9", "", "may trade"), "connected bybit …a3f9: may trade"),
    Deed.DISCONNECT: (("bybit …a3f9", "", ""), "disconnected bybit …a3f9"),
    Deed.DRILL: (("gold-api", "outage", "healed"), "drilled gold-api: outage → healed"),
}


def line(*act: object) -> str:
    reply = audit((link(9, *act),), older=False, newer=False, checked=9, broken=None)
    return reply.texts[0].splitlines()[1].removeprefix("#9 2027-01-15 08:00 · ")


@pytest.mark.parametrize("deed", Deed)
def test_every_deed_has_its_words(deed: Deed) -> None:
    """No word of the chain's own reaches a person; one that is added needs a line here."""
    (subject, before, after), words = DEEDS[deed]
    assert f"@anna {words}" == line(7, "@anna", deed, subject, before, after)


def test_nothing_is_written_down_but_deeds() -> None:
    """Whatever makes an act names one of the table, so that none can lack its words."""
    made = [
        call.args[2]
        for path in Path(bot.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Act"
    ]
    assert len(made) >= 15
    assert [] == [ast.unparse(deed) for deed in made if isinstance(deed, ast.Constant)]


def test_acts_read_like_this() -> None:
    """When, who, what, to what, and the change; the last line tells of the whole chain."""
    links = (
        link(1204, 1, "@admin", Deed.FREEZE, "beboo", "handed out", "frozen"),
        link(1203, 7, "@<anna>", Deed.TAKE, "beboo", after="192.0.2.7:8080"),
        link(1202, THE_BOT, "the sheet", Deed.FREED_BY_HAND, "192.0.2.8:8080", "beboo of @anna", "free"),
        link(1201, 8, "", Deed.GIVE_BACK, "192.0.2.9:8080", "beboo of 8", "free"),
    )
    reply = audit(links, older=True, newer=False, checked=1204, broken=None)
    assert reply.texts == (
        (
            "Who did what, times in UTC:\n"
            "#1204 2027-01-15 08:00 · @admin froze beboo: handed out → frozen\n"
            "#1203 2027-01-15 08:00 · @&lt;anna&gt; took for beboo: 192.0.2.7:8080\n"
            "#1202 2027-01-15 08:00 · somebody in the sheet freed 192.0.2.8:8080, whose entry was deleted:"
            " beboo of @anna → free\n"
            "#1201 2027-01-15 08:00 · 8 gave back 192.0.2.9:8080: beboo of 8 → free\n"
            "<i>checked: 1,204 acts, unbroken</i>"
        ),
    )
    assert [(button.text, button.action) for button in reply.buttons] == [
        ("Older ›", Action("audit", ("older", 1201)))
    ]


@pytest.mark.parametrize("reason", Reason)
def test_what_could_not_be_freed_says_why(reason: Reason) -> None:
    """In the words of every other refusal; by itself the bot is called so."""
    told = line(THE_BOT, "", Deed.NOT_FREED, "192.0.2.7:8080", "beboo of @anna", reason.value)
    assert f"the bot could not free 192.0.2.7:8080 (beboo of @anna): {REASONS[reason]}" == told


def test_a_deed_of_another_version_stands_as_it_was_written() -> None:
    """Braces in it are text."""
    assert "@anna · {lend} · beboo: a → b" == line(7, "@anna", "{lend}", "beboo", "a", "b")


def test_a_broken_chain_is_told_where():
    """On every page, whether the link is on it or not."""
    reply = audit(
        (link(9, 1, "@admin", Deed.FREEZE, "beboo"),), older=False, newer=False, checked=16, broken=17
    )
    assert reply.texts[0].splitlines()[-1] == (
        "<i>BROKEN at #17: it, or one before it, was changed or taken out. "
        "The 16 before it are in order; compare the rest with a backup.</i>"
    )


def test_pages_remember_what_they_are_about():
    """Both ways."""
    anna = Subject(About.PERSON, "7", "@anna")
    links = (link(9, 7, "@anna", Deed.TAKE, "x"), link(4, 7, "@anna", Deed.TAKE, "y"))
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
