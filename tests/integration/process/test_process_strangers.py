"""Who is on no list learns nothing, and a group never sees credentials."""

from __future__ import annotations

import itertools

import pytest
from local_world import until
from process_desk import ADMIN, CANARY, ProcessDesk

COMMANDS = ("/start", "/help", "/proxies", "/take site60 2", "/take", "/my", "/stats", "/users", "hello")


def stranger_of(desk: ProcessDesk) -> int:
    """Somebody whom no setting names."""
    return desk.telegram.join(desk.world.new_ids()[0], "Stranger")


def test_every_command_of_a_stranger_gets_the_same_line(running: ProcessDesk) -> None:
    """One line with their id, whatever they write; no data, no effect."""
    for text in COMMANDS:
        stranger = stranger_of(running)
        running.telegram.send(stranger, text)
        [answer] = running.telegram.answers(stranger)
        assert answer == f"This is a private desk. Ask for access to be let in; your id is {stranger}."
    assert running.issued("site60") == []


def test_a_button_works_for_its_owner_alone(running: ProcessDesk) -> None:
    """A stranger and a colleague who forge its data get an alert, and nothing is taken."""
    anna, boris, stranger = *running.people(2), stranger_of(running)
    running.telegram.send(anna, "/take a-new-name")
    running.telegram.answers(anna)
    [offer] = running.telegram.messages(anna)
    data = offer["reply_markup"]["inline_keyboard"][-1][0]["callback_data"]
    alerts = {}
    for person in (boris, stranger):
        running.telegram.send(person, "/start")
        running.telegram.answers(person)
        [message] = running.telegram.messages(person)
        alerts[person] = running.telegram.press(person, message, data, forged=True)
    assert alerts[boris]["text"] == "This button is not yours or has lapsed. Send the command again."
    assert alerts[stranger]["text"].startswith("This is a private desk.")
    assert all(alert["show_alert"] for alert in alerts.values())
    assert running.issued("a-new-name") == []

    running.telegram.press(anna, offer, data)
    until(lambda: running.given(anna))
    running.check_promises("a-new-name", [anna])


@pytest.fixture
def group(running: ProcessDesk) -> tuple[int, int, int]:
    """A group, a colleague who has opened a private chat and a stranger, both in it."""
    anna, stranger = running.person(), stranger_of(running)
    running.telegram.send(anna, "/start")
    running.telegram.answers(anna)
    return running.telegram.group([anna, stranger]), anna, stranger


def test_a_group_never_sees_credentials(running: ProcessDesk, group: tuple[int, int, int]) -> None:
    """They come in private; the group learns that much, and a stranger in it nothing at all."""
    (chat, anna, stranger), site = group, running.site()
    for text in ("/take " + site, "/my", "/stats"):
        running.telegram.send(stranger, text, chat=chat)
    running.telegram.send(anna, f"/take {site} 2", chat=chat)
    running.telegram.send(anna, "/my", chat=chat)
    told = running.telegram.answers(chat, 2)
    assert ["Sent to you privately."] * 2 == told
    running.check_promises(site, [anna])
    assert len(running.issued(site)) == 2
    assert CANARY not in "".join(itertools.chain(told, running.telegram.texts(stranger)))


def test_nothing_is_taken_for_who_cannot_be_written_to(running: ProcessDesk) -> None:
    """A colleague without a private chat is asked in the group to open one."""
    carla, site = running.person(), running.site()
    chat = running.telegram.group([carla])
    running.telegram.send(carla, f"/take {site}", chat=chat)
    [told] = running.telegram.answers(chat)
    assert told.startswith("Open a private chat with me first: t.me/")
    assert running.issued(site) == []


def test_an_admins_commands_are_for_admins(running: ProcessDesk) -> None:
    """A colleague learns that they exist, an admin gets figures."""
    anna = running.person()
    running.telegram.send(anna, "/stats")
    assert running.telegram.answers(anna) == ["That is for admins.\nSee /help for what you can use."]
    before = len(running.telegram.texts(ADMIN))
    running.telegram.send(ADMIN, "/stats")
    until(lambda: any("41" in text for text in running.telegram.texts(ADMIN)[before:]))
    assert not any(CANARY in text for text in running.telegram.texts(ADMIN)[before:])
