"""/notices: everybody says what they want to hear of, and when not."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from chat_support import ADMIN, GROUP, USER, ChatDesk
from people_support import RecordingOutbox

from bot.handlers.notices import parse_quiet
from bot.models.person import Preferences


@dataclass
class Keeper:
    """Keeps preferences."""

    kept: dict[int, Preferences] = field(default_factory=dict)

    def preferences_of(self, user_id: int) -> Preferences:
        return self.kept.get(user_id, Preferences())

    async def set_preferences(self, user_id: int, preferences: Preferences) -> None:
        self.kept[user_id] = preferences


@pytest.fixture
def people() -> Keeper:
    return Keeper()


@pytest.fixture
def chat(people: Keeper) -> ChatDesk:
    return ChatDesk(people=people, outbox=RecordingOutbox(), zone=ZoneInfo("Europe/Berlin"))


async def tap(chat: ChatDesk, label: str, user: int = USER) -> None:
    """Press the button of that label under the last message."""
    [data] = [data for text, data in chat.buttons if text == label]
    await chat.press(data, user)


async def test_a_tap_turns_a_kind_off_and_the_next_one_on(chat: ChatDesk, people: Keeper) -> None:
    """The message shows what is set now; nothing else is sent."""
    await chat.write("/notices")
    await tap(chat, "✓ expiring soon")
    assert frozenset({"expires"}) == people.kept[USER].muted
    await tap(chat, "✗ expiring soon")
    assert frozenset() == people.kept[USER].muted
    assert (1, 2) == (len(chat.session.named("SendMessage")), len(chat.session.named("EditMessageText")))


async def test_a_tap_that_comes_twice_does_what_it_said(chat: ChatDesk, people: Keeper) -> None:
    """Turned off twice is off."""
    await chat.write("/notices")
    [data] = [data for text, data in chat.buttons if text == "✓ lost"]
    for _ in range(2):
        await chat.press(data)
    assert frozenset({"lost"}) == people.kept[USER].muted


async def test_what_has_waited_for_the_morning_is_looked_at_again(people: Keeper) -> None:
    """Whoever turns their quiet hours off, or unmutes a kind, need not wait for what was held back."""
    outbox = RecordingOutbox()
    chat = ChatDesk(people=people, outbox=outbox, zone=ZoneInfo("Europe/Berlin"))
    await chat.write("/notices quiet off")
    assert [USER] == outbox.hastened


async def test_quiet_hours_by_buttons(chat: ChatDesk, people: Keeper) -> None:
    """Set, changed, and given up; the rest of what is set stays."""
    people.kept[USER] = Preferences(format="curl", muted=frozenset({"lost"}))
    await chat.write("/notices")
    await tap(chat, "quiet 23–7")
    assert Preferences("curl", 1380, 420, frozenset({"lost"})) == people.kept[USER]
    assert "Quiet hours: 23:00–07:00 (Europe/Berlin)" in chat.texts[-1]
    await tap(chat, "quiet 20–9")
    assert (1200, 540) == (people.kept[USER].quiet_from, people.kept[USER].quiet_to)
    await tap(chat, "no quiet hours")
    assert Preferences("curl", None, None, frozenset({"lost"})) == people.kept[USER]


async def test_quiet_hours_in_words(chat: ChatDesk, people: Keeper) -> None:
    """Any minute of the day."""
    await chat.write("/notices quiet 22:00-07:30")
    assert (1320, 450) == (people.kept[USER].quiet_from, people.kept[USER].quiet_to)
    assert "Quiet hours: 22:00–07:30 (Europe/Berlin); what comes up then waits." in chat.texts[-1]


@pytest.mark.parametrize(
    ("args", "hours"),
    [
        ("quiet 22:00-07:30", (1320, 450)),
        ("quiet 22-8", (1320, 480)),
        ("QUIET  22 – 8 ", (1320, 480)),
        ("quiet 23:59-24:00", (1439, 0)),
        ("quiet off", None),
        ("quiet OFF", None),
    ],
)
def test_hours_are_read_as_people_write_them(args: str, hours: tuple[int, int] | None) -> None:
    """With or without minutes, with either dash; 24:00 is midnight."""
    assert hours == parse_quiet(args)


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ("off", "Only the quiet hours can be written; the rest is set by buttons."),
        ("mute lost", "Only the quiet hours can be written; the rest is set by buttons."),
        ("22-8", "Only the quiet hours can be written; the rest is set by buttons."),
        *(
            (f"quiet {hours}", "The quiet hours cannot be understood.")
            for hours in (
                "",
                "22",
                "22:00",
                "22:00-",
                "a-b",
                "22:0-8",
                "٢٢-٨",
                "22-8-9",
                "-22-8",
                "22.00-8.00",
                "1e1-5",
            )
        ),
        *(
            (f"quiet {hours}", "There is no such time of day.")
            for hours in ("25-8", "22-24:01", "22:60-8", "99-99")
        ),
        *((f"quiet {hours}", "Quiet hours that end when they begin are none.") for hours in ("8-8", "0-24")),
    ],
)
async def test_what_cannot_be_read_changes_nothing(
    chat: ChatDesk, people: Keeper, args: str, problem: str
) -> None:
    """What is wrong, and an example."""
    await chat.write(f"/notices {args}")
    assert [f"{problem}\nWrite for example: /notices quiet 22:00-07:30, or: /notices quiet off"] == chat.texts
    assert {} == people.kept


async def test_admins_choose_among_their_own_kinds_too(chat: ChatDesk, people: Keeper) -> None:
    """Users are not even shown them."""
    await chat.write("/notices", ADMIN)
    await tap(chat, "✓ low stock", ADMIN)
    assert frozenset({"low stock"}) == people.kept[ADMIN].muted
    await chat.write("/notices", USER)
    assert "low stock" not in "".join(text for text, _ in chat.buttons)


async def test_asked_in_a_group_it_answers_in_private(chat: ChatDesk) -> None:
    """What somebody wants to hear of is nobody else's business."""
    await chat.write("/notices", USER, chat=GROUP)
    assert [USER] == [to for to, text in zip(chat.sent_to, chat.texts, strict=True) if "Quiet hours" in text]
