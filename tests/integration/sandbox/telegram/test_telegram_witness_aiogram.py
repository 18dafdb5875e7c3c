"""aiogram as witness: everything that is more than texts and buttons, in its own objects."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram import exceptions as refusals
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeChatMember,
    BufferedInputFile,
    ChatMemberAdministrator,
    ChatMemberOwner,
    ChatMemberUpdated,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    KeyboardButton,
    MenuButtonDefault,
    MenuButtonWebApp,
    Message,
    ReplyKeyboardMarkup,
    Update,
    WebAppInfo,
)
from telegram_harness import ANNA, BORIS, Harness
from telegram_pictures import png

APP = WebAppInfo(url="https://example.com/app")
KINDS = ["message", "my_chat_member", "chat_member"]


@pytest.fixture
async def bot(telegram: Harness) -> AsyncIterator[Bot]:
    bot = telegram.bot()
    yield bot
    await bot.session.close()


async def group(telegram: Harness, bot: Bot, *rights: str) -> int:
    """A supergroup of Anna's in which the bot is an administrator with these rights."""
    founded = {"type": "supergroup", "title": "Desk", "members": [ANNA], "creator": ANNA}
    chat: int = (await telegram.control("POST", "chats", founded))["id"]
    change = {"chat": chat, "user": bot.id, "status": "administrator", "rights": rights}
    await telegram.control("POST", "members", change)
    return chat


async def test_photos_go_and_come_back(telegram: Harness, bot: Bot) -> None:
    """Sent, sent again by id, downloaded; a person's photo is downloaded too."""
    sent = await bot.send_photo(ANNA, BufferedInputFile(png(64, 48), "rack.png"), caption="Rack")
    assert sent.photo is not None
    assert (64, 48, "Rack") == (sent.photo[-1].width, sent.photo[-1].height, sent.caption)
    again = await bot.send_photo(ANNA, sent.photo[-1].file_id, caption="<b>7</b>", parse_mode="HTML")
    assert (sent.photo, "<b>7</b>") == (again.photo, again.html_text)
    await telegram.sends(png(8, 6), text="mine")
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.photo is not None
    for sizes, content in ((sent.photo, png(64, 48)), (update.message.photo, png(8, 6))):
        target = await bot.download(sizes[-1])
        assert isinstance(target, BytesIO)
        assert content == target.read()


async def test_albums_and_edits(bot: Bot) -> None:
    """Photo and video in one album; another caption, another file."""
    album = await bot.send_media_group(
        ANNA,
        [
            InputMediaPhoto(media=BufferedInputFile(png(), "a.png"), caption="first"),
            InputMediaVideo(media=BufferedInputFile(b"film", "b.mp4"), width=16, height=9, duration=3),
        ],
    )
    first, second = album
    assert isinstance(first, Message)
    assert (first.media_group_id, "first") == (second.media_group_id, first.caption)
    assert second.video is not None
    assert (16, 3) == (second.video.width, second.video.duration)
    single = await bot.send_document(ANNA, BufferedInputFile(b"a,b", "list.csv"), caption="old")
    place: dict[str, Any] = {"chat_id": ANNA, "message_id": single.message_id}
    edited = await bot.edit_message_caption(caption="new", **place)
    assert isinstance(edited, Message)
    assert (single.document, "new") == (edited.document, edited.caption)
    media = InputMediaDocument(media=BufferedInputFile(b"c,d", "other.csv"), caption="newer")
    replaced = await bot.edit_message_media(media, **place)
    assert isinstance(replaced, Message)
    assert replaced.document is not None
    assert ("other.csv", "newer") == (replaced.document.file_name, replaced.caption)


async def test_refusals_of_files_are_bad_requests(bot: Bot) -> None:
    """With the description in the exception."""
    with pytest.raises(refusals.TelegramBadRequest, match="PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(ANNA, BufferedInputFile(png(10_000, 1), "a.png"))
    with pytest.raises(refusals.TelegramBadRequest, match="can't be mixed with other media types"):
        await bot.send_media_group(
            ANNA,
            [
                InputMediaPhoto(media=BufferedInputFile(png(), "a.png")),
                InputMediaDocument(media=BufferedInputFile(b"x", "b.txt")),
            ],
        )
    with pytest.raises(refusals.TelegramBadRequest, match="wrong parameter action in request"):
        await bot.send_chat_action(ANNA, "dancing")


async def test_pins(telegram: Harness, bot: Bot) -> None:
    """Pinned, shown by getChat, told as a service message, unpinned; not without the right."""
    chat = await group(telegram, bot, "can_pin_messages")
    telegram.world.updates.drop()
    rules = await bot.send_message(chat, "rules")
    assert await rules.pin()
    full = await bot.get_chat(chat)
    [update] = await bot.get_updates()
    assert full.pinned_message is not None
    assert update.message is not None
    assert isinstance(update.message.pinned_message, Message)
    assert ("rules", "rules") == (full.pinned_message.text, update.message.pinned_message.text)
    assert await rules.unpin()
    assert (await bot.get_chat(chat)).pinned_message is None
    assert await bot.unpin_all_chat_messages(chat)
    powerless = await group(telegram, bot)
    message = await bot.send_message(powerless, "x")
    with pytest.raises(refusals.TelegramBadRequest, match="not enough rights to manage pinned messages"):
        await message.pin()


async def test_members(telegram: Harness, bot: Bot) -> None:
    """Heads, counts, and a dispatcher whose handlers hear who came, went and was promoted."""
    chat = await group(telegram, bot)
    owner, head = await bot.get_chat_administrators(chat)
    assert isinstance(owner, ChatMemberOwner)
    assert isinstance(head, ChatMemberAdministrator)
    assert (ANNA, bot.id, 2) == (owner.user.id, head.user.id, await bot.get_chat_member_count(chat))
    await bot.get_updates(allowed_updates=KINDS)
    telegram.world.updates.drop()
    heard: list[str] = []

    async def other(change: ChatMemberUpdated) -> None:
        heard.append(f"{change.new_chat_member.user.first_name} is {change.new_chat_member.status}")

    async def came(message: Message) -> None:
        heard.extend(f"{user.first_name} came" for user in message.new_chat_members or [])

    dispatcher = Dispatcher()
    dispatcher.chat_member.register(other)
    dispatcher.my_chat_member.register(other)
    dispatcher.message.register(came, F.new_chat_members)
    for user, status in ((BORIS, "member"), (BORIS, "administrator"), (bot.id, "kicked")):
        body = {"chat": chat, "user": user, "status": status, "by": ANNA}
        await telegram.control("POST", "members", body)
    for update in await bot.get_updates():
        await dispatcher.feed_update(bot, update)
    assert ["Boris is member", "Boris came", "Boris is administrator", "Quartermaster is kicked"] == heard
    with pytest.raises(refusals.TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(chat, "x")


async def test_commands_and_menu(telegram: Harness, bot: Bot) -> None:
    """Lists per scope, and a button that opens a Mini App."""
    chat = await group(telegram, bot)
    heads, member = (
        BotCommandScopeAllChatAdministrators(),
        BotCommandScopeChatMember(chat_id=chat, user_id=ANNA),
    )
    for scope, name in ((heads, "heads"), (member, "anna")):
        assert await bot.set_my_commands([BotCommand(command=name, description="x")], scope)
    assert [["heads"], ["anna"]] == [
        [command.command for command in await bot.get_my_commands(scope)] for scope in (heads, member)
    ]
    assert isinstance(await bot.get_chat_menu_button(ANNA), MenuButtonDefault)
    await bot.set_chat_menu_button(ANNA, MenuButtonWebApp(text="Open", web_app=APP))
    button = await bot.get_chat_menu_button(ANNA)
    assert isinstance(button, MenuButtonWebApp)
    assert ("Open", APP.url) == (button.text, button.web_app.url)


async def test_a_mini_app_sends_data(telegram: Harness, bot: Bot) -> None:
    """A keyboard button opens it; its data are an update."""
    keyboard = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Order", web_app=APP)]])
    await bot.send_message(ANNA, "Choose", reply_markup=keyboard)
    await telegram.control("POST", "web_app", {"user": ANNA, "button_text": "Order", "data": "two"})
    [update] = await bot.get_updates()
    assert isinstance(update, Update)
    assert update.message is not None
    assert update.message.web_app_data is not None
    assert ("two", "Order") == (update.message.web_app_data.data, update.message.web_app_data.button_text)


async def test_floods(telegram: Harness, bot: Bot) -> None:
    """A wait is on the exception, and after it the message passes."""
    await telegram.control("PUT", "settings", {"flood": True})
    for _ in range(5):
        await bot.send_message(ANNA, "x")
    with pytest.raises(refusals.TelegramRetryAfter) as refused:
        await bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"))
    telegram.clock.tick(refused.value.retry_after)
    assert await bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"))
