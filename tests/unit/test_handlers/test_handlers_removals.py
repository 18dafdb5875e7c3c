"""The two buttons under "many entries were deleted at once", and whom they obey."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from chat_support import ADMIN, USER, ChatDesk

from bot.handlers.filters import ButtonData
from bot.models.notice import Kind
from bot.models.offer import Action, Offer
from bot.models.role import Role
from bot.views.notices import render
from bot.views.removals import SETTLED

SECOND = 1009
NOW = 1_800_000_000.0


@dataclass
class MemoryRemovals:
    """So many entries wait for a word; who says it first settles it."""

    waiting: int = 12
    words: list[tuple[str, float, int, str]] = field(default_factory=list)

    async def free_missing(self, until: float, admin_id: int, admin: str) -> int:
        return self._settled("free", until, admin_id, admin)

    async def restore_missing(self, until: float, admin_id: int, admin: str) -> int:
        return self._settled("restore", until, admin_id, admin)

    def _settled(self, word: str, until: float, admin_id: int, admin: str) -> int:
        self.words.append((word, until, admin_id, admin))
        settled, self.waiting = self.waiting, 0
        return settled


@pytest.fixture
def removals() -> MemoryRemovals:
    return MemoryRemovals()


@pytest.fixture
def chat(removals: MemoryRemovals) -> ChatDesk:
    chat = ChatDesk(removals=removals)
    chat.roles.roles[SECOND] = Role.ADMIN
    return chat


async def told(chat: ChatDesk, user: int, *actions: Action) -> dict[str, str]:
    """The notice has come to that user's chat; returns the data of its buttons by label."""
    reply = render(Kind.REMOVALS, {"count": 12, "people": 3, "latest": NOW - 60}, NOW, NOW)
    offer = Offer(f"notice{user}", user, actions or tuple(each.action for each in reply.buttons), NOW + 1e9)
    await chat.offer_store.add(offer)
    return {
        each.text: ButtonData(offer=offer.id, button=number).pack()
        for number, each in enumerate(reply.buttons)
    }


@pytest.mark.parametrize(
    ("label", "word", "text"),
    [
        ("Yes, free them", "free", "Freed 12 proxies.\nWhoever held them is told."),
        (
            "No, write them back",
            "restore",
            "Nothing was freed: 12 entries will stand in the sheet again within a minute.",
        ),
    ],
)
async def test_an_admin_says_a_word(
    chat: ChatDesk, removals: MemoryRemovals, label: str, word: str, text: str
) -> None:
    """It is about what the notice was about, and answered in its place."""
    buttons = await told(chat, ADMIN)
    await chat.press(buttons[label], ADMIN)
    assert [(word, NOW - 60, ADMIN, "@boris")] == removals.words
    assert [text] == chat.texts
    assert 1 == len(chat.session.named("EditMessageText"))


async def test_a_second_admin_is_told_that_it_is_settled(chat: ChatDesk) -> None:
    """Whatever they say."""
    first, second = await told(chat, ADMIN), await told(chat, SECOND)
    await chat.press(first["Yes, free them"], ADMIN)
    for label in ("Yes, free them", "No, write them back"):
        await chat.press(second[label], SECOND)
    assert [SETTLED, SETTLED] == chat.texts[1:]


async def test_nobody_else_has_a_word(chat: ChatDesk, removals: MemoryRemovals) -> None:
    """Neither whoever is no admin, nor whoever presses another's button."""
    await chat.press((await told(chat, USER))["Yes, free them"], USER)
    await chat.press((await told(chat, ADMIN))["Yes, free them"], SECOND)
    assert ([], []) == (removals.words, chat.texts)
    assert [True, True] == [alert for _, alert in chat.alerts]


@pytest.mark.parametrize("args", [("free",), ("burn", NOW), ("free", "now"), ()])
async def test_a_button_of_another_version_does_nothing(
    chat: ChatDesk, removals: MemoryRemovals, args: tuple[str, ...]
) -> None:
    """It says so."""
    buttons = await told(chat, ADMIN, Action("removals", args))
    await chat.press(buttons["Yes, free them"], ADMIN)
    assert ([], []) == (removals.words, chat.texts)
    assert [True] == [alert for _, alert in chat.alerts]
