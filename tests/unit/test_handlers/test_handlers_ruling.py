"""What admins decide for others: /release_for, /freeze and /thaw."""

from __future__ import annotations

import asyncio

import pytest
from admin_support import allocation, held, open_admin_chat
from chat_support import ADMIN, USER

from bot.errors import NotYours
from bot.handlers.arguments import BadArgument
from bot.handlers.ruling import choose, parse_release_for


@pytest.fixture
async def chat(tmp_path):
    async with open_admin_chat(tmp_path) as chat:
        await chat.given(allocation(7))
        chat.desk.held = [held(7), held(8), held(9, settled=False)]
        yield chat


async def test_nothing_is_freed_without_the_button(chat):
    """What would be freed is shown; the press frees just that, once, in the admin's name."""
    await chat.write("/release_for @boris", ADMIN)
    assert chat.texts[0].splitlines()[0] == (
        "Free 2 proxies of @boris? 1 other is being checked and left alone."
    )
    assert chat.rulings.asked == []

    await chat.tap("Free 2")
    [(what, ids, holder, admin, key)] = chat.rulings.asked
    assert ("release", ("id000007", "id000008"), USER, ADMIN) == (what, ids, holder, admin)
    assert key.startswith("offer:")
    assert chat.texts[-1] == "Freed 2 proxies of @boris, who is told."


async def test_it_can_be_left(chat):
    """One line, nothing done."""
    await chat.write("/release_for @boris all", ADMIN)
    await chat.tap("Leave")
    assert (chat.texts[-1], chat.rulings.asked) == ("Nothing was freed.", [])


async def test_a_slow_release_says_so(chat):
    """After ten seconds the message tells that Google is slow; it becomes the answer."""
    await chat.write("/release_for @boris", ADMIN)
    chat.rulings.gate.clear()
    pressing = asyncio.create_task(chat.tap("Free 2"))
    await chat.clock.tick(10)
    assert chat.texts[-1] == "Being freed. Google is slow just now; the answer follows."
    chat.rulings.gate.set()
    await pressing
    assert chat.texts[-1] == "Freed 2 proxies of @boris, who is told."


async def test_what_was_given_back_meanwhile_is_said(chat):
    """One line, no effect."""
    await chat.write("/release_for @boris", ADMIN)
    chat.rulings.refusals = [NotYours("none")]
    await chat.tap("Free 2")
    assert chat.texts[-1] == "@boris does not hold any of these any more; nothing was changed."


async def test_the_button_is_the_admins_own(chat):
    """Somebody else's press does nothing."""
    await chat.write("/release_for @boris", ADMIN)
    await chat.tap("Free 2", USER)
    assert chat.rulings.asked == []


@pytest.mark.parametrize(
    ("which", "ids"),
    [
        ("all", ["id000007", "id000008", "id000009"]),
        ("2", ["id000009", "id000008"]),
        ("50", ["id000009", "id000008", "id000007"]),
        ("192.0.2.8", ["id000008"]),
        ("192.0.2.8:8080", ["id000008"]),
        ("192.0.2.8:8080:user8:p", ["id000008"]),
        ("192.0.2.80", []),
        ("host.example.org", []),
    ],
)
def test_what_is_chosen(which, ids):
    """All, the last N that were handed out, or those at a host."""
    assert ids == [each.allocation for each in choose([held(7), held(8), held(9)], which)]


@pytest.mark.parametrize(
    ("args", "parsed"),
    [
        ("@anna", ("@anna", "all")),
        ("1002 5", ("1002", "5")),
        ("@anna ALL", ("@anna", "all")),
        ("@anna Proxy.Example.org", ("@anna", "proxy.example.org")),
    ],
)
def test_a_release_is_understood(args, parsed):
    """Whose, and which of it."""
    assert parsed == parse_release_for(args)


@pytest.mark.parametrize(
    "args",
    [
        None,
        "",
        "anna",
        "beboo 5",
        "@anna 0",
        "@anna -1",
        "@anna 1.5",
        "@anna 1e9",
        "@anna 1.5e",
        "@anna a:b:c",
        "@anna ٣",
        "@anna 10000",
        "@anna some",
        "@anna 1 2",
    ],
)
def test_what_is_not_clear_is_refused(args):
    """Nothing is guessed where others' proxies are at stake."""
    with pytest.raises(BadArgument) as caught:
        parse_release_for(args)
    assert caught.value.remedy.startswith("Write for example: /release_for @anna")


async def test_a_resource_is_frozen_and_thawed(chat):
    """Each answer says whether it was a change, and offers the way back."""
    await chat.write("/freeze Beboo", ADMIN)
    await chat.write("/freeze beboo", ADMIN)
    await chat.tap("Thaw beboo")
    await chat.write("/thaw beboo", ADMIN)

    assert [("freeze", "beboo", ADMIN)] * 2 + [("thaw", "beboo", ADMIN)] * 2 == chat.rulings.asked
    assert [text.split(":")[0].split(";")[0] for text in chat.texts] == [
        "<b>beboo</b> is frozen",
        "<b>beboo</b> was frozen already",
        "<b>beboo</b> is handed out again.",
        "<b>beboo</b> was not frozen",
    ]


async def test_an_unknown_resource_is_not_frozen(chat):
    """The nearest ones are offered."""
    await chat.write("/freeze bebo", ADMIN)
    assert chat.rulings.asked == []
    await chat.tap("Freeze beboo")
    assert [("freeze", "beboo", ADMIN)] == chat.rulings.asked


async def test_a_late_freeze_changes_nothing(chat):
    """What was asked before a long silence may not be wanted any more."""
    message = chat.message("/freeze beboo", ADMIN)
    await chat.clock.tick(700)
    await chat.feed(message=message)
    assert (chat.texts, chat.rulings.asked) == (["That was asked a while ago: please ask again."], [])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/freeze", "Say which resource.\nWrite for example: /freeze beboo"),
        ("/thaw a b", "Those are too many words: one resource is enough.\nWrite for example: /thaw beboo"),
        (
            "/freeze a;b",
            (
                "A resource's name has only letters, digits, dots, dashes and underscores.\n"
                "Write for example: /freeze beboo"
            ),
        ),
    ],
)
async def test_an_unclear_ruling_is_refused(chat, text, answer):
    """What is wrong, and how to write it."""
    await chat.write(text, ADMIN)
    assert (chat.texts, chat.rulings.asked) == ([answer], [])


@pytest.mark.parametrize("command", ["/release_for @boris", "/freeze beboo", "/thaw beboo"])
async def test_users_decide_nothing(chat, command):
    """One line, no effect."""
    await chat.write(command, USER)
    assert (chat.texts, chat.rulings.asked) == (["That is for admins.\nSee /help for what you can use."], [])
