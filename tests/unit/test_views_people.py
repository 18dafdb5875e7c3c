"""What people read about rights: at the door, in the help, and as admins."""

from __future__ import annotations

import pytest

from bot.models.person import Change, Person, Standing
from bot.models.role import Role
from bot.views import help as views
from bot.views import people
from bot.views.commands import COMMANDS, commands_for, menu_of
from bot.views.reply import MESSAGE_LIMIT, utf16

NOW = 1_800_000_000.0
EVIL = Person(5, "<b>&", None, Role.USER)


@pytest.mark.parametrize(
    ("standing", "text", "labels"),
    [
        (
            Standing.STRANGER,
            "This is a private desk. Ask for access to be let in; your id is 5.",
            ["Ask for access"],
        ),
        (Standing.ASKED, "You have asked for access, and an admin will answer. Your id is 5.", []),
        (
            Standing.DENIED,
            "This is a private desk. An admin has decided not to let you in; your id is 5.",
            [],
        ),
    ],
)
def test_at_the_door(standing: Standing, text: str, labels: list[str]) -> None:
    """One line, short enough for an alert, and a button for who may ask."""
    reply = views.at_the_door(5, standing)
    assert ((text,), labels) == (reply.texts, [button.text for button in reply.buttons])
    assert len(text) <= 200


READING = (
    "RESOURCE is the site a proxy is for, such as beboo, SYMBOL a coin or a pair, such as BTC or BTC/USDT, "
    "and N a number. What stands in [ ] may be left out; | means “or”."
)


def test_help_lists_what_the_role_can_use() -> None:
    """A user reads of no command of admins; arguments are escaped."""
    assert [f"/{info.name}" for info in commands_for(Role.USER)] == [
        line.split()[0] for line in views.overview(Role.USER).splitlines()[1:-2]
    ]
    assert views.overview(Role.VIEWER) == (
        "<b>What I can do</b>\n"
        "/proxies – choose proxies by buttons\n"
        "/price SYMBOL – what a coin costs now\n"
        "/spot – what gold and other metals cost\n"
        "/melt WEIGHT KARAT [+ …] – what scrap metal is worth\n"
        "/screen [top|movers|volume] [N] – coins by cap, change or volume\n"
        "/chart SYMBOL|gold|portfolio [1d|7d|30d|90d] – how prices, or what you have, went\n"
        "/notices – what I tell you by myself, and when\n"
        "/help – what I can do\n"
        "/start – begin here\n"
        f"\n{READING}"
    )
    assert "/allow ID [ROLE] – let somebody in" in views.overview(Role.ADMIN)
    assert len(COMMANDS) + 3 == len(views.overview(Role.ADMIN).splitlines())


@pytest.mark.parametrize("role", Role)
def test_help_says_how_its_words_are_to_be_read(role: Role) -> None:
    """Capitals, brackets and bars, for whoever sees any."""
    assert views.overview(role).endswith(f"\n\n{READING}")


def test_strangers_have_a_menu_of_two() -> None:
    """How to begin, and nothing that tells of what is behind the door."""
    assert ["help", "start"] == [info.name for info in menu_of(None)]
    assert commands_for(Role.ADMIN) == menu_of(Role.ADMIN) == COMMANDS


def test_the_notice_of_a_flood_names_the_bound() -> None:
    """It fits into an alert, which holds 200 characters."""
    assert views.slow_down(600) == (
        "That was more than 600 requests in a minute.\nWait a little: until then I answer nothing you send."
    )
    assert max(len(views.slow_down(600)), len(views.TOO_MANY_ASK)) <= 200


@pytest.mark.parametrize(
    ("before", "now", "effective", "text"),
    [
        (None, Role.VIEWER, True, "@anna: no access → viewer. They are told."),
        (Role.TRADER, Role.USER, True, "@anna: trader → user. They are told."),
        (
            Role.ADMIN,
            None,
            True,
            "@anna: admin → no access. They are told.\nWhat they hold stays theirs: see /release_for.",
        ),
        (Role.USER, Role.USER, False, "@anna has access as user already. Nothing was changed."),
        (None, None, True, "@anna: not let in. They are told."),
        (None, None, False, "@anna has no access already. Nothing was changed."),
    ],
)
def test_a_change_of_role(before: Role | None, now: Role | None, effective: bool, text: str) -> None:
    """From what to what, or that it is so already."""
    assert text == people.changed(Change(Person(7, "@anna", "anna", now), before, effective))


def test_foreign_names_are_escaped() -> None:
    """Whatever somebody calls themselves, it is text."""
    assert people.changed(Change(EVIL, None, True)).startswith("&lt;b&gt;&amp;: no access")
    assert people.settled(EVIL) == "&lt;b&gt;&amp; (id 5) has access now, as user."
    assert "&lt;b&gt;&amp; · <code>5</code>" in people.users([EVIL], 0, NOW).texts[0]


@pytest.mark.parametrize(
    ("page", "shown", "labels"),
    [
        (0, 1, ["Next ›"]),
        (1, 2, ["‹ Previous", "Next ›"]),
        (2, 3, ["‹ Previous"]),
        (7, 3, ["‹ Previous"]),
        (-1, 1, ["Next ›"]),
    ],
)
def test_pages_of_people(page: int, shown: int, labels: list[str]) -> None:
    """Ten a page; one that is not there is the nearest that is."""
    everybody = [Person(number, f"name {number}", None, Role.USER) for number in range(100, 125)]
    reply = people.users(everybody, page, NOW)
    assert reply.texts[0].startswith(f"<b>People</b> · 25 · page {shown} of 3\n")
    assert labels == [button.text for button in reply.buttons]
    assert (5 if shown == 3 else 10) == reply.texts[0].count("<code>")


def test_a_page_of_the_longest_names_fits() -> None:
    """Thirty-two characters that all have to be escaped, ten times over."""
    everybody = [
        Person(2**52 - n, "&" * 32, None, None, asked_at=NOW - 90_000, blocked_at=1) for n in range(10)
    ]
    reply = people.users(everybody, 0, NOW)
    assert utf16(reply.texts[0]) <= MESSAGE_LIMIT
    assert len(reply.buttons) == 20


def test_who_was_denied_is_listed_last() -> None:
    """With the way back in the same list."""
    assert people.users([EVIL, Person(6, "@out", "out", denied=True)], 0, NOW).texts[0] == (
        "<b>People</b> · 2\n"
        "\n<b>Users</b>\n&lt;b&gt;&amp; · <code>5</code>\n"
        "\n<b>Not let in</b>\n@out · <code>6</code>\n"
        "\n/allow ID · /role @USER ROLE · /deny @USER"
    )
