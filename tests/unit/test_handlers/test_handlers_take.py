"""/take: from the typed words to the proxies in the private chat."""

from __future__ import annotations

import asyncio

from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
)
from chat_support import GROUP, STRANGER, USER, a_proxy

from bot.errors import NotEnough, StorageError, UnknownResource
from bot.handlers.filters import ButtonData
from bot.models.offer import Action
from bot.models.results import Issued, Receipt
from bot.resilience.slots import Slots

LAPSED = ("This button is not yours or has lapsed. Send the command again.", True)


async def offered(chat, resource: str, count: int, *, new: bool = False, user: int = USER) -> str:
    """The data of a button that takes so many for the resource."""
    offer = await chat.offers.make(user, [Action("take", (resource, count, int(new)))])
    return ButtonData(offer=offer, button=0).pack()


async def test_a_take_is_answered_with_copyable_lines_and_a_receipt(chat):
    """Each proxy is a code line, everything foreign is escaped, and the receipt says what it cost."""
    await chat.write("/take beboo 2")

    assert chat.texts == [
        (
            "2 proxies for <b>beboo</b>. Tap a line to copy it.\n"
            "<code>192.0.2.2:8080:user2:p&lt;2&gt;</code> · DE · 12 days\n"
            "<code>192.0.2.3:8080:user3:p&lt;3&gt;</code> · DE · 12 days\n"
            "\n<i>2 proxies · rows 2, 3 · request #1042 · sheet read 3 s ago</i>"
        )
    ]
    assert chat.sent_to == [USER]


async def test_the_desk_is_asked_with_the_message_as_request_key(chat):
    """A message that is delivered twice is the same request: same key, same number, marked as repeated."""
    message = chat.message("/take beboo")
    await chat.feed(message=message)
    await chat.feed(message=message)

    assert {asked["key"] for asked in chat.desk.asked} == {f"4242:{USER}:{message['message_id']}"}
    assert chat.desk.asked[0]["name"] == "@boris"
    assert "request #1042" in chat.texts[0]
    assert "request #1042 · sheet read 3 s ago · repeated" in chat.texts[1]


async def test_a_bad_argument_takes_nothing_and_says_what_to_do(chat):
    """The answer is one line of what is wrong and one of what to write instead."""
    await chat.write("/take beboo 51")

    assert chat.texts == [
        "“51” does not work here: it is 1 to 50 at once, in digits.\nWrite for example: /take beboo 5"
    ]
    assert chat.desk.asked == []


async def test_typing_is_shown_before_the_desk_has_answered(chat):
    """Whoever asks sees at once that the bot works on it."""
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(0)

    assert [call.action for call in chat.session.named("SendChatAction")] == ["typing"]
    assert chat.texts == []
    chat.desk.gate.set()
    await asking


async def test_a_slow_take_shows_one_progress_message_that_becomes_the_answer(chat):
    """After 10 s a message says so; the answer replaces it."""
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo 2"))
    await chat.clock.tick(9.9)
    assert chat.texts == []
    await chat.clock.tick(60)
    assert chat.texts == ["Being checked: 2 proxies for beboo. Google is slow just now; the answer follows."]
    chat.desk.gate.set()
    await asking

    [edit] = chat.session.named("EditMessageText")
    assert edit.message_id == 9000
    assert edit.text.startswith("2 proxies for <b>beboo</b>")
    assert len(chat.session.named("SendMessage")) == 1


async def test_an_answer_does_not_wait_for_later_signs_of_life(chat):
    """An answer that comes while "typing" is being sent follows it at once."""
    shown = chat.session.held_back["SendChatAction"] = asyncio.Event()
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(0)
    chat.desk.gate.set()
    await chat.clock.tick(0)
    shown.set()
    await asyncio.wait_for(asking, 5)

    assert len(chat.session.named("SendChatAction")) == 1
    assert chat.texts[0].startswith("1 proxy for <b>beboo</b>")


async def test_a_progress_message_on_its_way_is_waited_for(chat):
    """An answer that comes while the progress message is being sent still replaces it."""
    sent = chat.session.held_back["SendMessage"] = asyncio.Event()
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(10)
    chat.desk.gate.set()
    await chat.clock.tick(0)
    sent.set()
    await asking

    assert [edit.message_id for edit in chat.session.named("EditMessageText")] == [9000]
    assert len(chat.session.named("SendMessage")) == 1


async def test_an_answer_whose_progress_message_is_gone_is_sent_anew(chat):
    """Deleting the progress message does not lose the answer."""
    chat.session.failures["EditMessageText"] = [
        lambda method: TelegramBadRequest(method, "Bad Request: message to edit not found")
    ]
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(11)
    chat.desk.gate.set()
    await asking

    assert chat.session.named("SendMessage")[-1].text.startswith("1 proxy for <b>beboo</b>")


async def test_a_progress_message_is_taken_back_when_the_take_fails(chat):
    """The error comes as a message of its own and nothing goes on claiming to be checked."""
    chat.desk.gate.clear()
    chat.desk.refusals = [StorageError("disk full")]
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(11)
    chat.desk.gate.set()
    await asking

    assert [call.message_id for call in chat.session.named("DeleteMessage")] == [9000]
    assert chat.texts[-1] == (
        "I cannot write my records just now, so nothing was done.\nTry again in a minute."
    )


async def test_an_answer_that_met_a_dead_connection_is_sent_again(chat):
    """Who has been given proxies hears of them, even if Telegram could not be reached at first."""
    chat.session.failures["SendMessage"] = [
        lambda method: TelegramNetworkError(method, "reset"),
        lambda method: TelegramNetworkError(method, "reset"),
    ]
    asking = asyncio.create_task(chat.write("/take beboo"))
    await chat.clock.tick(3)
    await asking

    assert len(chat.session.named("SendMessage")) == 3
    assert len(chat.desk.asked) == 1


async def test_fewer_than_asked_takes_nothing_and_offers_the_rest(chat):
    """Nothing is taken unasked: a button offers what there is, and pressing it takes exactly that."""
    chat.desk.refusals = [NotEnough("beboo", 10, 3)]
    await chat.write("/take beboo 10")

    assert chat.texts == ["Only 3 of 10 are free for beboo. Nothing was taken."]
    [(label, data)] = chat.buttons
    assert label == "Take 3"

    await chat.press(data)
    assert chat.desk.asked[-1] | {"name": ""} == {
        "resource": "beboo",
        "count": 3,
        "user_id": USER,
        "name": "",
        "key": "offer:offer000offer001:0",
        "new": False,
    }
    [edit] = chat.session.named("EditMessageText")
    assert edit.message_id == 77
    assert edit.text.startswith("3 proxies for <b>beboo</b>")
    assert edit.reply_markup is None
    assert chat.alerts == [(None, False)]


async def test_a_long_answer_to_a_press_begins_in_its_message(chat):
    """What does not fit into the pressed message follows in new ones; nothing overwrites the beginning."""
    button = await offered(chat, "beboo", 50)
    many = tuple(a_proxy(row, country="x" * 32) for row in range(2, 152))
    chat.desk.settled["offer:offer000offer001:0"] = Issued("beboo", many, (), Receipt(7, 1, 1, 0.0))
    await chat.press(button)

    assert [edit.message_id for edit in chat.session.named("EditMessageText")] == [77]
    assert len(chat.session.named("SendMessage")) >= 2
    assert sum(text.count("<code>") for text in chat.texts) == 150


async def test_pressing_twice_changes_nothing_and_sends_nothing(chat):
    """Telegram's refusal to edit a text into itself is no reason for a second copy."""
    button = await offered(chat, "beboo", 1)
    chat.session.failures["EditMessageText"] = [
        lambda method: TelegramBadRequest(method, "Bad Request: message is not modified: specified new …")
    ]
    await chat.press(button)

    assert chat.session.named("SendMessage") == []
    assert chat.alerts == [(None, False)]


async def test_a_new_resource_with_too_few_is_offered_as_new_again(chat):
    """The smaller offer can be kept: it too begins the resource."""
    button = await offered(chat, "newsite", 5, new=True)
    chat.desk.refusals = [NotEnough("newsite", 5, 2)]
    await chat.press(button)

    [(label, data)] = chat.buttons
    await chat.press(data)
    assert (label, chat.desk.asked[-1]["count"], chat.desk.asked[-1]["new"]) == ("Take 2", 2, True)


async def test_none_free_offers_a_place_in_the_line(chat):
    """There is no button for what is not there."""
    chat.desk.refusals = [NotEnough("beboo", 10, 0)]
    await chat.write("/take beboo 10")

    assert chat.texts == ["None is free for beboo. Nothing was taken; try again later."]
    assert [label for label, _ in chat.buttons] == ["Tell me when one is free"]


async def test_an_unknown_resource_names_the_nearest_and_can_be_begun(chat):
    """A typing error is one press from mended, a new site one press from begun."""
    chat.desk.refusals = [UnknownResource("bebo", ("beboo", "bumble"))]
    await chat.write("/take bebo 5")

    assert chat.texts == [
        "“bebo” is not in use yet, so nothing was taken. Did you mean <b>beboo</b> or <b>bumble</b>?"
    ]
    labels, data = zip(*chat.buttons, strict=True)
    assert labels == ("Take 5 for beboo", "Take 5 for bumble", "Take 5 for bebo")
    await chat.press(data[2])
    assert (chat.desk.asked[-1]["resource"], chat.desk.asked[-1]["new"]) == ("bebo", True)


async def test_a_slow_press_is_acknowledged_within_a_second(chat):
    """The button's spinner never waits for Google."""
    button = await offered(chat, "beboo", 3)
    chat.desk.gate.clear()
    pressing = asyncio.create_task(chat.press(button))
    await chat.clock.tick(0.9)
    assert chat.alerts == []
    await chat.clock.tick(0.1)
    assert chat.alerts == [(None, False)]
    chat.desk.gate.set()
    await pressing

    assert chat.alerts == [(None, False)]


async def test_a_foreign_or_forged_button_has_no_effect(chat):
    """Whatever bytes a client sends, only the presser's own live offers do something."""
    foreign = await offered(chat, "beboo", 3, user=STRANGER)
    own = await offered(chat, "beboo", 3)
    out_of_reach = [own.rpartition(":")[0] + place for place in (":1", ":-1", ":x", "")]
    forged = [foreign, *out_of_reach, "b:nonsense:0", "b:a:b", "take:beboo:3", "", "x" * 64]
    for data in forged:
        await chat.press(data)

    assert chat.alerts == [LAPSED] * len(forged)
    assert chat.desk.asked == []
    assert chat.texts == []


async def test_a_press_in_a_group_is_answered_in_private(chat):
    """Credentials never reach a group, however the button got there."""
    button = await offered(chat, "beboo", 1)
    await chat.press(button, chat=GROUP)

    assert chat.sent_to == [USER]
    assert chat.session.named("EditMessageText") == []


async def test_a_failing_press_keeps_its_button_and_says_why(chat):
    """The message with the button stays as it was, so that it can be pressed again."""
    button = await offered(chat, "beboo", 1)
    chat.desk.refusals = [StorageError("disk full")]
    await chat.press(button)

    assert chat.session.named("EditMessageText") == []
    assert chat.texts == ["I cannot write my records just now, so nothing was done.\nTry again in a minute."]
    assert (None, False) in chat.alerts


async def test_in_a_group_the_proxies_go_to_the_private_chat(chat):
    """The group sees that it was done, and nothing else."""
    await chat.write("/take@desk_bot beboo", chat=GROUP)

    assert chat.sent_to == [USER, GROUP]
    assert "<code>" in chat.texts[0]
    assert chat.texts[1] == "Sent to you privately."


async def test_in_a_group_nothing_is_taken_for_who_cannot_be_written_to(chat):
    """Proxies that could not be delivered are never taken."""
    chat.session.failures["SendChatAction"] = [
        lambda method: TelegramForbiddenError(
            method, "Forbidden: bot can't initiate conversation with a user"
        )
    ]
    await chat.write("/take beboo", chat=GROUP)

    assert chat.texts == ["Open a private chat with me first: t.me/desk_bot"]
    assert chat.desk.asked == []


async def test_a_command_for_another_bot_is_ignored(chat):
    """Two bots in one group do not answer for each other, and neither does one in private."""
    await chat.write("/take@other_bot beboo", chat=GROUP)
    await chat.write("/take@other_bot beboo")

    assert chat.texts == []
    assert chat.desk.asked == []


async def test_an_old_command_does_nothing(chat):
    """What waited for more than 10 minutes is asked for again rather than carried out by surprise."""
    await chat.write("/take beboo", date=int(chat.clock.time()) - 601)

    assert chat.texts == ["That was asked a while ago: please ask again."]
    assert chat.desk.asked == []


async def test_an_old_command_that_was_accepted_in_time_gets_its_answer(chat):
    """A request that is known is answered whatever its age: after a restart nobody is left without."""
    message = chat.message("/take beboo")
    await chat.feed(message=message)
    await chat.clock.tick(3600)
    await chat.feed(message=message)

    assert "request #1042" in chat.texts[1]


async def test_edited_forwarded_and_captioned_commands_never_run(chat):
    """Only a command as its sender typed it does anything."""
    await chat.feed(edited_message=chat.message("/take beboo") | {"edit_date": 1})
    origin = {"type": "hidden_user", "sender_user_name": "x", "date": 1}
    await chat.write("/take beboo", forward_origin=origin)
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    await chat.feed(message=chat.message(None, caption="/take beboo", photo=photo))

    assert chat.desk.asked == []
    assert chat.texts == [
        "I only act on commands you type yourself. Send /help.",
        "I cannot read that here. Send /help.",
    ]


async def test_a_waiting_take_lends_its_work_slot_out(chat):
    """A crowd that waits for Google does not keep the bot from serving others: the chat leaves what the desk lends."""
    slots = Slots(1)
    chat.desk.gate.clear()

    async def working(text: str) -> None:
        async with slots.occupied():
            await chat.write(text)

    waiting = asyncio.create_task(working("/take beboo"))
    await chat.clock.tick(0)
    await asyncio.wait_for(working("/help"), 5)
    assert "What I can do" in chat.texts[0]
    chat.desk.gate.set()
    await waiting


async def test_a_user_who_blocked_the_bot_is_left_alone(chat):
    """No error message is sent after a refusal to be written to."""
    chat.session.failures["SendMessage"] = [
        lambda method: TelegramForbiddenError(method, "Forbidden: bot was blocked by the user")
    ]
    await chat.write("/take beboo")

    assert len(chat.session.named("SendMessage")) == 1
