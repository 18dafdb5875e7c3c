"""/proxies: from a command to credentials in three taps."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.exceptions import TelegramBadRequest
from browse_support import ANNA, TTL, VIEWER, BrowseChat, browse_chat
from chat_support import GROUP, USER, a_proxy

from bot.errors import NotEnough, OverLimit
from bot.models.notice import Kind
from bot.models.offer import Action
from bot.models.proxy import Endpoint
from bot.services.previews import GRACE

LAPSED_BUTTON = "This button is not yours or has lapsed. Send the command again."
LAPSED_PREVIEW = "Those are not reserved for you any more.\nSend /proxies to choose again."


@pytest.fixture
async def chat(tmp_path):
    async with browse_chat(tmp_path) as chat:
        yield chat


async def test_three_taps_lead_from_the_command_to_credentials(chat: BrowseChat):
    """/proxies, the resource, how many, Take: the message with the buttons becomes the answer each time."""
    await chat.write("/proxies")
    assert chat.labels == ["beboo · 55", "tinder · 2"]
    await chat.tap("beboo · 55")
    assert chat.labels[-7:] == ["1", "2", "3", "5", "10", "20", "‹ All resources"]
    await chat.tap("2")
    assert "192.0.2" not in chat.texts[-1]
    await chat.tap("Take 2")

    assert chat.texts[-1].startswith(
        "2 proxies for <b>beboo</b>. Tap a line to copy it.\n"
        "<code>192.0.2.2:8080:user2:p&lt;2&gt;</code> · NL · 12 days\n"
    )
    assert [edit.message_id for edit in chat.session.named("EditMessageText")] == [77, 77, 77]
    assert len(chat.session.named("SendMessage")) == 1


async def test_filters_are_tapped_in_place(chat: BrowseChat):
    """Each tap changes one of them and the figures; the preview keeps to them."""
    chat.desk.fill(
        "beboo", a_proxy(60, country="FR", days_left=40), a_proxy(61, endpoint=_socks(), country="FR")
    )
    await chat.write("/proxies")
    await chat.tap("beboo · 57")
    await chat.tap("FR · 2")
    assert chat.texts[-1].startswith("<b>beboo</b> · FR: 2 free.")
    await chat.tap("30+ days")
    assert chat.texts[-1].startswith("<b>beboo</b> · FR · 30 days or more: 1 free.")
    await chat.tap("1")
    assert chat.texts[-1].endswith("\n1. FR · http · 40 days")

    await chat.tap("Change")
    await chat.tap("Any days")
    await chat.tap("socks5 · 1")
    await chat.tap("1")
    assert chat.texts[-1].endswith("\n1. FR · socks5 · 12 days")


async def test_resources_are_paged(chat: BrowseChat):
    """Forth and back, in the same message."""
    for number in range(12):
        chat.desk.fill(f"site{number}")
    await chat.write("/proxies")
    await chat.tap("Next ›")
    assert chat.labels == ["site8 · 0", "site9 · 0", "site10 · 0", "site11 · 0", "‹ Previous"]
    await chat.tap("‹ Previous")
    assert chat.labels[0] == "beboo · 55"


async def test_a_viewer_sees_figures_and_no_counts(chat: BrowseChat):
    """And a count that was offered while they were a user is refused by their role."""
    offer = await chat.offers.make(VIEWER, [Action("preview", ("beboo", "", 0, "", 1))])
    await chat.write("/proxies", VIEWER)
    await chat.tap("beboo · 55", VIEWER)
    assert (
        chat.texts[-1]
        == "<b>beboo</b>: 55 free.\nYou may look; an admin can give you the right to take some."
    )
    assert not {"1", "2", "3"} & set(chat.labels)

    await chat.press(f"b:{offer}:0", VIEWER)
    assert chat.alerts[-1] == ("That is for users.\nSee /help for what you can use.", True)
    assert chat.desk.kept == {}


async def test_asked_in_a_group_it_answers_in_private(chat: BrowseChat):
    """What is free is nobody else's business."""
    await chat.write("/proxies", chat=GROUP)
    assert chat.sent_to == [USER, GROUP]
    assert chat.texts[1] == "Sent to you privately."


async def test_a_frozen_resource_can_only_be_looked_at(chat: BrowseChat):
    """It is marked in the list, and a count from before the frost takes nothing."""
    await chat.write("/proxies")
    await chat.tap("beboo · 55")
    before = chat.data_of("3")
    chat.desk.frozen.add("beboo")
    await chat.tap("‹ All resources")
    await chat.tap("beboo · frozen")
    assert not {"1", "3", "20"} & set(chat.labels)
    await chat.press(before)
    assert chat.texts[-1] == "beboo is frozen: an admin has stopped handing out for it.\nAsk an admin."


async def test_a_resource_that_is_gone_is_told_as_one_line(chat: BrowseChat):
    """Its last trace may have left the sheet since the list was shown."""
    await chat.write("/proxies")
    del chat.desk.stock["tinder"]
    await chat.tap("tinder · 2")
    assert chat.texts[-1] == "“tinder” is not in use yet, so nothing was taken. Did you mean <b>beboo</b>?"


async def test_a_preview_that_was_tapped_twice_is_one_preview(chat: BrowseChat):
    """The same is kept, and said again."""
    data = await chat.look(3)
    shown = chat.texts[-1]
    await chat.press(data)
    assert chat.texts[-1] == shown
    assert [len(kept.proxies) for kept in chat.desk.kept.values()] == [3]


async def test_another_preview_drops_the_one_before(chat: BrowseChat):
    """One message at a time promises something; the older one says that it does not any more."""
    await chat.look(3)
    older = chat.data_of("Take 3")
    chat.session.failures["EditMessageText"] = [
        lambda method: TelegramBadRequest(method, "Bad Request: message to edit not found")
    ] * 3
    await chat.look(2)
    await chat.previews.lapse(chat.clock.time() + GRACE)
    [(user, kind, data)] = chat.outbox.notices
    assert (user, kind, data["message_id"]) == (USER, Kind.PREVIEW_LAPSED, 77)

    await chat.press(older)
    assert chat.texts[-1] == LAPSED_PREVIEW


async def test_when_its_time_is_over_the_message_says_so_by_itself(chat: BrowseChat):
    """Once, and the proxies are free for others; a late Take takes nothing."""
    await chat.look(3)
    take = chat.data_of("Take 3")
    await chat.clock.tick(TTL + GRACE)
    assert 1 == await chat.previews.lapse(chat.clock.time())
    assert 0 == await chat.previews.lapse(chat.clock.time() + 60)
    [(user, kind, data)] = chat.outbox.notices
    assert (user, kind, data["message_id"]) == (USER, Kind.PREVIEW_LAPSED, 77)
    assert chat.desk.free("beboo") == 55

    await chat.press(take)
    assert chat.texts[-1] == LAPSED_PREVIEW


async def test_taking_is_one_answer_however_often_it_is_tapped(chat: BrowseChat):
    """And its message never says later that the time is over: it shows the proxies."""
    await chat.look(2)
    take = await chat.tap("Take 2")
    answer = chat.texts[-1]
    await chat.press(take)
    assert chat.texts[-1] == answer.replace("</i>", " · repeated</i>")

    assert 0 == await chat.previews.lapse(chat.clock.time() + TTL + 60)
    assert chat.outbox.notices == []


async def test_what_may_not_be_taken_now_stays_kept(chat: BrowseChat):
    """One line says why; after some were given back the same button works."""
    await chat.look(2)
    take = chat.data_of("Take 2")
    chat.desk.take_refusals = [OverLimit("held", 20, 19)]
    await chat.press(take)
    assert chat.texts[-1] == (
        "At most 20 may be held at a time; you have 19. Nothing was taken.\nGive some back in /my first."
    )
    await chat.press(take)
    assert chat.texts[-1].startswith("2 proxies for <b>beboo</b>.")


async def test_a_slow_take_says_that_it_is_being_checked(chat: BrowseChat):
    """And a preview whose time ends meanwhile was taken up in time."""
    await chat.look(2)
    await chat.clock.tick(TTL - 5)
    chat.desk.gate.clear()
    taking = asyncio.create_task(chat.tap("Take 2"))
    await asyncio.wait_for(chat.desk.taking.wait(), 10)
    await chat.clock.tick(11)
    assert chat.texts[-1].startswith("Being checked: 2 proxies for beboo.")
    assert 0 == await chat.previews.lapse(chat.clock.time())
    chat.desk.gate.set()
    await taking
    assert chat.texts[-1].startswith("2 proxies for <b>beboo</b>.")


@pytest.mark.parametrize("label", ["Cancel", "Change", "Extend"])
async def test_no_button_writes_over_what_was_taken(chat: BrowseChat, label: str):
    """Take and another button in the same moment: the proxies stay on the screen, the answer is a new message."""
    await chat.look(2)
    other = chat.data_of(label)
    await chat.tap("Take 2")
    edits = len(chat.session.named("EditMessageText"))
    await chat.press(other)

    assert edits == len(chat.session.named("EditMessageText"))
    assert chat.texts[-1] == LAPSED_PREVIEW or label == "Change"


async def test_extending_works_once(chat: BrowseChat):
    """Five minutes from now; the button is gone, and a second tap changes nothing."""
    await chat.look(2)
    await chat.clock.tick(200)
    extend = await chat.tap("Extend")
    shown = chat.texts[-1]
    assert shown.startswith("Reserved for you for 5 min: 2 proxies")
    assert chat.labels == ["Take 2", "Change", "Cancel"]
    await chat.press(extend)
    assert chat.texts[-1] == shown

    assert 0 == await chat.previews.lapse(chat.clock.time() + TTL)
    assert 1 == await chat.previews.lapse(chat.clock.time() + TTL + GRACE)


async def test_cancel_frees_what_was_kept_and_says_so(chat: BrowseChat):
    """Twice is the same; the way back is a button."""
    await chat.look(2)
    cancel = await chat.tap("Cancel")
    await chat.press(cancel)

    text = "Nothing is reserved for you any more, and nothing was taken."
    assert chat.texts[-2:] == [text, text]
    assert chat.desk.free("beboo") == 55
    assert 0 == await chat.previews.lapse(chat.clock.time() + TTL + 60)
    await chat.tap("Choose again")
    assert chat.labels == ["beboo · 55", "tinder · 2"]


async def test_change_leads_back_to_the_same_filters(chat: BrowseChat):
    """What was kept is free again, and counted."""
    await chat.write("/proxies")
    await chat.tap("beboo · 55")
    await chat.tap("NL · 28")
    await chat.tap("5")
    await chat.tap("Change")

    assert chat.texts[-1].startswith("<b>beboo</b> · NL: 28 free.")
    assert chat.desk.kept == {}


async def test_when_fewer_are_left_they_are_offered(chat: BrowseChat):
    """Somebody was faster."""
    await chat.write("/proxies")
    await chat.tap("tinder · 2")
    two = chat.data_of("2")
    await chat.desk.preview("tinder", 1, ANNA, name="@anna", request_key="hers")
    await chat.press(two)
    assert chat.texts[-1].startswith("Only 1 of 2 is free for tinder by now.")
    await chat.tap("Look at 1")
    assert chat.texts[-1].startswith("Reserved for you for 5 min: 1 proxy for <b>tinder</b>.")


async def test_who_would_jump_the_line_is_asked_to_stand_in_it(chat: BrowseChat):
    """What is free is for those who were there before."""
    await chat.write("/proxies")
    await chat.tap("tinder · 2")
    one = chat.data_of("1")
    await chat.line.join(ANNA, "@anna", "tinder")
    await chat.press(one)
    assert chat.texts[-1].startswith(
        "Nothing was reserved for you: 1 person stands in line before you for tinder."
    )
    await chat.tap("Tell me when one is free")
    assert chat.texts[-1].startswith("You are 2nd in line for <b>tinder</b>.")


async def test_a_limit_is_told_and_the_screen_stays(chat: BrowseChat):
    """A new message; the filters can still be used."""
    await chat.write("/proxies")
    await chat.tap("beboo · 55")
    chat.desk.refusals = [OverLimit("reserved", 20, 15)]
    twenty = await chat.tap("20")
    assert chat.texts[-1] == (
        "At most 20 may be reserved at a time; you have 15. Nothing was taken.\nTake them, or send /cancel first."
    )
    chat.desk.refusals = [NotEnough("beboo", 20, 0)]
    await chat.press(twenty)
    assert chat.texts[-1] == "None is free for beboo any more.\nI can tell you when one is."


async def test_a_preview_that_was_asked_for_before_a_long_pause_promises_nothing(chat: BrowseChat):
    """The bot was away for longer than the proxies were kept."""
    data = await chat.look(2)
    await chat.clock.tick(TTL + 60)
    await chat.press(data)
    assert chat.texts[-1] == LAPSED_PREVIEW


@pytest.mark.parametrize(
    "verb", ["filters", "preview", "take preview", "change preview", "extend", "cancel preview"]
)
@pytest.mark.parametrize("args", [(), ("beboo",), (None, 2, 3), ("beboo", 7, "DE", ""), (None,) * 6])
async def test_a_button_of_another_version_has_lapsed(chat: BrowseChat, verb: str, args: tuple[object, ...]):
    """One line, no effect, whatever its arguments are."""
    offer = await chat.offers.make(USER, [Action(verb, args)])
    await chat.press(f"b:{offer}:0")
    assert chat.alerts == [(LAPSED_BUTTON, True)]
    assert (chat.texts, chat.desk.kept) == ([], {})


async def test_anothers_button_does_nothing(chat: BrowseChat):
    """One line for whoever pressed it; what is kept stays kept."""
    await chat.look(2)
    for label in ("Take 2", "Change", "Extend", "Cancel"):
        await chat.press(chat.data_of(label), ANNA)
    assert chat.alerts[-4:] == [(LAPSED_BUTTON, True)] * 4
    assert [kept.user_id for kept in chat.desk.kept.values()] == [USER]


def _socks() -> Endpoint:
    return Endpoint("socks5", "192.0.2.61", 1080, "user61", "p")


async def test_a_preview_that_cannot_be_had_drops_the_one_before(chat: BrowseChat):
    """Nothing is kept any more then, and the older message says so too."""
    await chat.look(3)
    chat.session.failures["EditMessageText"] = [
        lambda method: TelegramBadRequest(method, "Bad Request: message to edit not found")
    ] * 3
    await chat.write("/proxies")
    await chat.tap(next(label for label, _ in chat.buttons if label.startswith("beboo")))
    chat.desk.refusals = [NotEnough("beboo", 5, 1)]
    await chat.tap("5")
    await chat.previews.lapse(chat.clock.time() + GRACE)
    assert [Kind.PREVIEW_LAPSED] == [kind for _, kind, _ in chat.outbox.notices]
