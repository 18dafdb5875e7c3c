"""Telegram's command menu: strangers by default, everybody else in their own chat, and nothing set twice."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramUnauthorizedError
from chat_support import ADMIN, GROUP, STRANGER, USER
from people_support import VIEWER, PeopleDesk, a_person, desk_of
from structlog.testing import capture_logs

from bot.models.role import Role
from bot.views.commands import COMMANDS, commands_for


@pytest.fixture
async def chat() -> PeopleDesk:
    return await desk_of(a_person(VIEWER, "vera", Role.VIEWER), a_person(STRANGER, "dora", denied=True))


async def started(chat: PeopleDesk) -> None:
    """Let the menus run until they have nothing to do."""
    running = asyncio.create_task(chat.menus.run())
    await chat.clock.tick(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def menus_set(chat: PeopleDesk) -> dict[int | None, list[str]]:
    """The commands that were set, by the person's chat; None is everybody's."""
    return {
        getattr(call.scope, "chat_id", None): [command.command for command in call.commands]
        for call in chat.session.named("SetMyCommands")
    }


def names(role: Role) -> list[str]:
    return [info.name for info in commands_for(role)]


async def test_at_the_start_everybody_gets_the_menu_of_their_role(chat):
    """Strangers see how to begin; each person with a role what they may use, arguments first."""
    await started(chat)

    assert menus_set(chat) == {
        None: ["help", "start"],
        ADMIN: [info.name for info in COMMANDS],
        USER: names(Role.USER),
        VIEWER: names(Role.VIEWER),
    }
    take = next(each for each in chat.session.named("SetMyCommands")[1].commands if each.command == "take")
    assert take.description == "RESOURCE [N] – take proxies: 1, or N up to 50"


async def test_a_menu_that_cannot_be_set_is_set_when_the_person_writes(chat):
    """Who has not opened a chat with the bot has none to set a menu in; the others get theirs."""
    await chat.people.grant(STRANGER, Role.USER, ADMIN)
    chat.session.failures["GetMyCommands"] = [
        None,
        lambda method: TelegramBadRequest(method, "Bad Request: chat not found"),
    ]
    with capture_logs() as logged:
        await started(chat)
    assert [line["log_level"] for line in logged] == ["info"]
    assert len(menus_set(chat)) == 4

    chat.session.calls.clear()
    for user in (ADMIN, USER):
        await chat.write("/help", user)
        await chat.menus.catch_up()
    assert list(menus_set(chat)) == [ADMIN]


async def test_a_group_is_no_place_to_begin_in(chat):
    """Only a private chat has a menu of its own."""
    await chat.write("/help", USER, chat=GROUP)
    await chat.menus.catch_up()

    assert menus_set(chat) == {}


async def test_a_new_role_brings_a_new_menu_and_none_takes_it_away(chat):
    """The menu follows what an admin decides."""
    await started(chat)
    chat.session.calls.clear()
    await chat.write(f"/role {VIEWER} trader", ADMIN)
    await chat.write(f"/deny {USER}", ADMIN)
    await chat.menus.catch_up()

    assert menus_set(chat) == {VIEWER: names(Role.TRADER)}
    assert [call.scope.chat_id for call in chat.session.named("DeleteMyCommands")] == [USER]


async def test_a_wrong_token_is_told_elsewhere(chat):
    """It ends the bot; the menus add no noise to that."""
    chat.session.failures["GetMyCommands"] = [
        lambda method: TelegramUnauthorizedError(method, "Unauthorized") for _ in range(4)
    ]
    with capture_logs() as logged:
        await started(chat)

    assert (menus_set(chat), logged) == ({}, [])


def test_descriptions_fit_into_telegrams_menu():
    """A description has 256 characters at most, a name 32 of a few kinds."""
    for info in COMMANDS:
        assert 1 <= len(info.menu) <= 256
        assert info.name.replace("_", "").isalnum()
        assert info.name == info.name.lower()[:32]
