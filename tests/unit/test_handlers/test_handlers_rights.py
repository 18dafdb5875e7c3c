"""Every command and every button × every role × private and group: the table decides, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiogram import BaseMiddleware, Router
from aiogram.filters import Command
from chat_support import GROUP
from people_support import PeopleDesk, a_person, desk_of

from bot.handlers.buttons import read_button
from bot.handlers.filters import ButtonData, Pressed
from bot.models.offer import Action
from bot.models.role import Role
from bot.views.commands import ASK, COMMANDS, ROLE_OF_COMMAND, ROLE_OF_VERB

PERSON = 2002
PLACES = {"private": None, "group": GROUP}
ROLES = [*Role, None]
REFUSAL = {needed: f"That is for {needed}s.\nSee /help for what you can use." for needed in Role}
STRANGER = f"This is a private desk. Ask for access to be let in; your id is {PERSON}."
LAPSED = "This button is not yours or has lapsed. Send the command again."


Desks = dict[Role | None, tuple[PeopleDesk, "Probe"]]


class Probe(BaseMiddleware):
    """Stands where the handlers begin: notes which one was reached, and keeps it from doing anything."""

    def __init__(self) -> None:
        self.reached: list[frozenset[str]] = []

    async def __call__(self, handler: Any, event: Any, data: dict[str, Any]) -> Any:
        filters = [each.callback for each in data["handler"].filters or []]
        self.reached.append(frozenset(name for each in filters for name in _names(each)))


def _names(filter_: object) -> Iterator[str]:
    if isinstance(filter_, Command):
        yield from (name for name in filter_.commands if isinstance(name, str))
    elif isinstance(filter_, Pressed):
        yield from filter_.names


@pytest.fixture(scope="module")
def desks() -> Desks:
    """A desk for each role: putting one together takes longer than asking it."""
    return {}


async def desk_with(role: Role | None, desks: Desks) -> tuple[PeopleDesk, Probe]:
    """A desk where PERSON has that role, or none; nothing of what happened before is left."""
    if role not in desks:
        desks[role] = await desk_of(*([a_person(PERSON, "boris", role)] if role else [])), Probe()
        chat, probe = desks[role]
        for observer in (chat.dispatcher.message, chat.dispatcher.callback_query):
            observer.middleware(probe)
    chat, probe = desks[role]
    await chat.clock.tick(60)
    for record in (chat.session.calls, probe.reached, chat.desk.asked, chat.outbox.told, chat.store.acts):
        record.clear()
    return chat, probe


def untouched(chat: PeopleDesk) -> bool:
    """Nobody was asked for anything, told anything, or changed."""
    return (chat.desk.asked, chat.outbox.told, chat.store.acts) == ([], [], [])


def id_of(value: object) -> str:
    return str(value or "stranger")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES, ids=id_of)
@pytest.mark.parametrize("name", ROLE_OF_COMMAND)
async def test_a_command_is_for_the_roles_of_the_table(
    name: str, role: Role | None, place: str, desks: Desks
) -> None:
    """Who may reaches its handler; who may not reads so, and a stranger the stranger's line, in private only."""
    chat, probe = await desk_with(role, desks)
    await chat.write(f"/{name}", PERSON, PLACES[place])

    needed = ROLE_OF_COMMAND[name]
    if role is not None and role.covers(needed):
        assert [{name}] == [reached & {name} for reached in probe.reached]
        return
    refusal = REFUSAL[needed] if role else STRANGER
    assert ([], True) == (probe.reached, untouched(chat))
    assert ([] if role is None and place == "group" else [refusal]) == chat.texts


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES, ids=id_of)
@pytest.mark.parametrize("verb", ROLE_OF_VERB)
async def test_a_button_is_for_the_roles_of_its_command(
    verb: str, role: Role | None, place: str, desks: Desks
) -> None:
    """A button that somebody was once given does nothing when their role no longer covers it."""
    chat, probe = await desk_with(role, desks)
    offer = await chat.offers.make(PERSON, [Action("cancel"), Action(verb)])
    await chat.press(ButtonData(offer=offer, button=1).pack(), PERSON, PLACES[place])

    needed = ROLE_OF_VERB[verb]
    if role is not None and role.covers(needed):
        assert [{verb}] == [reached & {verb} for reached in probe.reached]
        return
    refusal = (REFUSAL[needed] if role else STRANGER, True)
    assert ([], True, []) == (probe.reached, untouched(chat), chat.texts)
    assert [(None, False) if role is None and place == "group" else refusal] == chat.alerts


@pytest.mark.parametrize("role", Role)
async def test_a_verb_that_is_not_in_the_table_is_a_lapsed_button(role: Role, desks: Desks) -> None:
    """A button of an older version, or a stranger's that outlived its purpose, does nothing for anybody."""
    for verb in ("of another version", ASK, ""):
        chat, probe = await desk_with(role, desks)
        offer = await chat.offers.make(PERSON, [Action(verb)])
        await chat.press(ButtonData(offer=offer, button=0).pack(), PERSON)
        assert ([], [(LAPSED, True)]) == (probe.reached, chat.alerts)


@pytest.mark.parametrize(
    "text",
    ["/STATS", " /stats", "/ſtats", "/stats\nnow", "/stats@desk_bot", "/stats@DESK_BOT x", "/Stats@Desk_Bot"],
)
async def test_no_spelling_of_a_command_slips_through(text: str, desks: Desks) -> None:
    """What the handler would understand, the rights understand too."""
    chat, probe = await desk_with(Role.TRADER, desks)
    await chat.write(text, PERSON)
    assert ([], [REFUSAL[Role.ADMIN]]) == (probe.reached, chat.texts)

    chat, probe = await desk_with(Role.ADMIN, desks)
    await chat.write(text, PERSON)
    assert [frozenset({"stats"})] == probe.reached


async def test_a_command_for_another_bot_is_nobodys_business(desks: Desks) -> None:
    """It is neither carried out nor refused, whoever sends it."""
    for role in ROLES:
        chat, probe = await desk_with(role, desks)
        await chat.write("/stats@other_bot", PERSON, GROUP)
        assert ([], []) == (probe.reached, chat.texts)


def _registered(router: Router, observer: str, kind: type) -> Iterator[str]:
    for part in router.chain_tail:
        for handler in part.observers[observer].handlers:
            for each in handler.filters or []:
                if isinstance(each.callback, kind):
                    yield from _names(each.callback)


async def test_what_has_a_handler_is_in_the_table_and_the_other_way_round() -> None:
    """A new command or button without a role cannot be: its handler would be found here."""
    dispatcher = (await desk_of()).dispatcher
    assert sorted(ROLE_OF_COMMAND) == sorted(_registered(dispatcher, "message", Command))
    assert sorted(ROLE_OF_VERB) == sorted(_registered(dispatcher, "callback_query", Pressed))


def test_each_verb_belongs_to_one_command() -> None:
    """Otherwise the last of them would decide about the rights of the others."""
    verbs = [verb for info in COMMANDS for verb in info.verbs]
    assert sorted(verbs) == sorted(set(verbs))
    assert ASK not in verbs


async def test_every_handler_asks_for_a_command_or_a_verb() -> None:
    """None takes messages or presses past the table, but for two kinds: the fallback's, which does nothing with
    them, and those of the dialogue that a command of the table has begun; they look at the role themselves."""
    dispatcher = (await desk_of()).dispatcher
    free = {
        handler.callback.__name__
        for part in dispatcher.chain_tail
        for name in ("message", "callback_query")
        for handler in part.observers[name].handlers
        if not [each for each in handler.filters or [] if set(_names(each.callback))]
    }
    assert {"other_command", "other_message", "dead_button", "hear", "said_in_group"} == free


def test_what_a_button_carries_is_read_back() -> None:
    """The data of a button name an offer and a place in it, and nothing else."""
    assert ("offer001", 3) == read_button(ButtonData(offer="offer001", button=3).pack())
