"""/doctor in the chat: the check, its buttons, and whom they obey."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from chat_support import ADMIN, GROUP, USER, ChatDesk

from bot.errors import PeerError, PeerRefused
from bot.models.audit import Act
from bot.models.checkup import Layout, Mended, Mending, RowCheck, SheetCheckup, Tab
from bot.views.doctor import CHECKING

PLACES = {"proxy": 0, "used_for": 1, "days_left": 2}


@dataclass
class MemoryDoctor:
    """A sheet that can be given a column and a protection; `failure` is raised instead."""

    address: str = "desk@example.org"
    done: list[str] = field(default_factory=list)
    failure: PeerError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def check(self) -> SheetCheckup:
        await self.gate.wait()
        if self.failure:
            raise self.failure
        places = PLACES | ({"issued": 3} if "add" in self.done else {})
        layout = Layout(places, {name: name for name in places}, ())
        return SheetCheckup(Tab("Desk", 0, "Pool", 1000, 26), layout, RowCheck(5, (), ()))

    async def add_issued(self) -> Mended:
        if self.failure:
            raise self.failure
        self.done.append("add")
        return Mended(Mending.ADDED, 3)

    async def protect_issued(self) -> Mended:
        self.done.append("protect")
        return Mended(Mending.PROTECTED, 3)


@pytest.fixture
def doctor() -> MemoryDoctor:
    return MemoryDoctor()


class MemoryAudit:
    """The acts that were written down."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    async def note(self, act: Act) -> None:
        self.acts.append(act)


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def chat(doctor: MemoryDoctor, audit: MemoryAudit) -> ChatDesk:
    return ChatDesk(doctor=doctor, audit=audit)


async def press(chat: ChatDesk, label: str, user: int = ADMIN) -> None:
    """Press the button of that label under the last message."""
    await chat.press(dict(chat.buttons)[label], user)


async def test_from_the_check_to_a_protected_column(
    chat: ChatDesk, doctor: MemoryDoctor, audit: MemoryAudit
) -> None:
    """Each answer offers the next step, until there is nothing left to mend; who mended what is written down."""
    await chat.write("/doctor", ADMIN)
    assert chat.texts[-1].startswith("The sheet can be worked with; see the lines with a –.\n✓ Sheet: “Desk”")
    assert ["Add the issued column", "Check again"] == [label for label, _ in chat.buttons]
    await press(chat, "Add the issued column")
    assert "✓ Added: column D is “issued” now.\nI use it from the next refresh on." == chat.texts[-1]
    await press(chat, "Check again")
    assert chat.texts[-1].startswith("The sheet is in order.")
    await press(chat, "Protect the column")
    assert chat.texts[-1].startswith("✓ Protected: people are warned before they edit column D.")
    assert ["add", "protect"] == doctor.done
    assert [(ADMIN, "add column"), (ADMIN, "protect column")] == [(act.actor, act.act) for act in audit.acts]


async def test_it_is_for_admins(chat: ChatDesk, doctor: MemoryDoctor) -> None:
    """Neither the command nor somebody else's button does anything for others."""
    await chat.write("/doctor", USER)
    assert "That is for admins.\nSee /help for what you can use." == chat.texts[-1]
    await chat.write("/doctor", ADMIN)
    await press(chat, "Add the issued column", USER)
    assert [] == doctor.done


async def test_what_goes_wrong_can_be_tried_again(chat: ChatDesk, doctor: MemoryDoctor) -> None:
    """A refusal is told with the address to share the sheet with, from command and button alike."""
    doctor.failure = PeerRefused("Google Sheets", 403, "The caller does not have permission")
    await chat.write("/doctor", ADMIN)
    assert (
        "✗ Sheet: it is not shared with the bot.\nShare it, as editor, with desk@example.org."
        == chat.texts[-1]
    )
    doctor.failure = None
    await press(chat, "Check again")
    assert chat.texts[-1].startswith("The sheet can be worked with")
    doctor.failure = PeerRefused("Google Sheets", 400, "no")
    await press(chat, "Add the issued column")
    assert "✗ Sheet: Google refused (status 400: no).\nNothing was changed." == chat.texts[-1]


async def test_a_slow_google_is_told(chat: ChatDesk, doctor: MemoryDoctor) -> None:
    """After ten seconds a message says so, and becomes the answer."""
    doctor.gate.clear()
    asked = asyncio.create_task(chat.write("/doctor", ADMIN))
    while not chat.session.named("SendChatAction"):
        await asyncio.sleep(0)
    await chat.clock.tick(5)
    await chat.clock.tick(5)
    assert [CHECKING] == chat.texts
    doctor.gate.set()
    await asked
    assert [1, 1] == [len(chat.session.named(name)) for name in ("SendMessage", "EditMessageText")]


async def test_asked_in_a_group_it_answers_in_private(chat: ChatDesk) -> None:
    """What the sheet is like is nothing for a group."""
    await chat.write("/doctor", ADMIN, GROUP)
    [told] = [to for to, text in zip(chat.sent_to, chat.texts, strict=True) if "✓ Sheet:" in text]
    assert ADMIN == told
