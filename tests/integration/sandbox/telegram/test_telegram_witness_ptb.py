"""python-telegram-bot as a second witness: another client, other habits, the same world."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    ChatMemberAdministrator,
    ChatMemberOwner,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    MenuButtonWebApp,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
    WebAppInfo,
)
from telegram.constants import ChatAction, ChatMemberStatus, ChatType, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)
from telegram_harness import ANNA, BORIS, Harness
from telegram_pictures import png

APP = WebAppInfo("https://example.com/app")
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more")]])


def client(telegram: Harness, token: str | None = None) -> Bot:
    """A bot of python-telegram-bot for this server."""
    return Bot(
        token or telegram.world.token,
        base_url=f"{telegram.url}/bot",
        base_file_url=f"{telegram.url}/file/bot",
    )


@pytest.fixture
async def bot(telegram: Harness, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """A started bot; spans of time are timedeltas, as the client will have it in future."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    async with client(telegram) as bot:
        yield bot


async def heard(telegram: Harness, bot: Bot, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Have an application's handlers hear everything that is pending, and confirm it."""
    updates = await bot.get_updates(allowed_updates=Update.ALL_TYPES, timeout=0)
    for update in updates:
        await application.process_update(update)
    await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0)


def application(telegram: Harness) -> Application[Any, Any, Any, Any, Any, Any]:
    """An application for this server, without jobs of its own."""
    builder = ApplicationBuilder().token(telegram.world.token).updater(None).job_queue(None)
    return builder.base_url(f"{telegram.url}/bot").base_file_url(f"{telegram.url}/file/bot").build()


async def test_texts_buttons_and_edits(telegram: Harness, bot: Bot) -> None:
    """Sent, answered, pressed, edited and deleted, in its own objects."""
    assert ("quartermaster_bot", True) == (bot.username, bot.can_join_groups)
    asked = await telegram.says("question")
    reply = ReplyParameters(asked["message_id"])
    sent = await bot.send_message(
        ANNA, "<b>Hi</b> 😀", ParseMode.HTML, reply_markup=KEYBOARD, reply_parameters=reply
    )
    assert ("<b>Hi</b> 😀", KEYBOARD) == (sent.text_html, sent.reply_markup)
    assert sent.reply_to_message is not None
    assert ("question", ChatType.PRIVATE) == (sent.reply_to_message.text, sent.chat.type)
    assert datetime.fromtimestamp(telegram.clock.now, UTC) == sent.date
    press = {"user": ANNA, "message_id": sent.message_id, "data": "more"}
    pressed = await telegram.control("POST", "press", press)
    query = (await bot.get_updates(timeout=0))[-1].callback_query
    assert query is not None
    assert ("more", ANNA) == (query.data, query.from_user.id)
    assert await query.answer("done")
    edited = await query.edit_message_text("more")
    assert isinstance(edited, Message)
    assert ("more", None) == (edited.text, edited.reply_markup)
    assert await edited.delete()
    answer = await telegram.control("GET", f"callbacks/{pressed['callback_query_id']}")
    assert answer["text"] == "done"


async def test_files_go_both_ways(telegram: Harness, bot: Bot) -> None:
    """Photo, document, by id, downloaded; a person's document as well."""
    sent = await bot.send_photo(ANNA, png(64, 48), caption="Rack")
    assert (64, 48, "Rack") == (sent.photo[-1].width, sent.photo[-1].height, sent.caption)
    assert sent.photo == (await bot.send_photo(ANNA, sent.photo[-1])).photo
    listed = await bot.send_document(ANNA, b"a,b", filename="list.csv")
    assert listed.document is not None
    assert ("list.csv", 3) == (listed.document.file_name, listed.document.file_size)
    await telegram.sends(b"c,d", kind="document", text="mine")
    message = (await bot.get_updates(timeout=0))[-1].message
    assert message is not None
    assert message.document is not None
    assert "mine" == message.caption
    for document, content in ((listed.document, b"a,b"), (message.document, b"c,d")):
        file = await document.get_file()
        assert content == bytes(await file.download_as_bytearray())


async def test_albums_and_edits_of_media(bot: Bot) -> None:
    """An album of music, one of photos; a caption and a file changed."""
    songs = await bot.send_media_group(
        ANNA, [InputMediaAudio(b"la", filename="1.mp3", duration=9), InputMediaAudio(b"li", filename="2.mp3")]
    )
    heard_for = [(song.audio.file_name, song.audio.duration) for song in songs if song.audio]
    assert [("1.mp3", timedelta(seconds=9)), ("2.mp3", timedelta())] == heard_for
    assert 1 == len({song.media_group_id for song in songs})
    photos = await bot.send_media_group(ANNA, [InputMediaPhoto(png()), InputMediaPhoto(png())], caption="all")
    assert ["all", None] == [photo.caption for photo in photos]
    captioned = await photos[0].edit_caption("one")
    assert isinstance(captioned, Message)
    replaced = await photos[1].edit_media(InputMediaPhoto(png(9, 9)))
    assert isinstance(replaced, Message)
    assert ("one", 9) == (captioned.caption, replaced.photo[-1].width)
    with pytest.raises(BadRequest, match="Can't change media type in the album"):
        await photos[0].edit_media(InputMediaDocument(b"x", filename="x.txt"))


async def test_groups_and_pins(telegram: Harness, bot: Bot) -> None:
    """Heads, members, counts, pins; and what the handlers of an application hear of them."""
    founded = {"type": "supergroup", "title": "Desk", "members": [ANNA], "creator": ANNA}
    chat = (await telegram.control("POST", "chats", founded))["id"]
    seen: list[str] = []

    async def changed(update: Update, _: object) -> None:
        change = update.chat_member or update.my_chat_member
        assert change is not None
        seen.append(f"{change.new_chat_member.user.first_name} is {change.new_chat_member.status}")

    async def said(update: Update, _: object) -> None:
        message = update.effective_message
        assert message is not None
        seen.extend(f"{user.first_name} came" for user in message.new_chat_members)
        if isinstance(message.pinned_message, Message):
            seen.append(f"pinned {message.pinned_message.text}")

    app = application(telegram)
    app.add_handler(ChatMemberHandler(changed, ChatMemberHandler.ANY_CHAT_MEMBER))
    app.add_handler(MessageHandler(filters.StatusUpdate.ALL, said))
    async with app:
        await bot.get_updates(allowed_updates=Update.ALL_TYPES, timeout=0)
        head = {"user": bot.id, "status": "administrator", "rights": ["can_pin_messages"]}
        for change in (head, {"user": BORIS, "status": "member"}):
            await telegram.control("POST", "members", {"chat": chat, **change})
        await (await bot.send_message(chat, "rules")).pin()
        await heard(telegram, bot, app)
    assert ["Quartermaster is administrator", "Boris is member", "Boris came", "pinned rules"] == seen
    owner, own = await bot.get_chat_administrators(chat)
    assert isinstance(owner, ChatMemberOwner)
    assert isinstance(own, ChatMemberAdministrator)
    assert (True, 3) == (own.can_pin_messages, await bot.get_chat_member_count(chat))
    assert ChatMemberStatus.MEMBER == (await bot.get_chat_member(chat, BORIS)).status
    pinned = (await bot.get_chat(chat)).pinned_message
    assert pinned is not None
    assert "rules" == pinned.text
    assert await bot.unpin_all_chat_messages(chat)


async def test_commands_menu_and_actions(bot: Bot) -> None:
    """Stored and read back."""
    scope = BotCommandScopeChat(ANNA)
    assert await bot.set_my_commands([BotCommand("take", "Take one")], scope, "de")
    assert (BotCommand("take", "Take one"),) == await bot.get_my_commands(scope, "de")
    assert await bot.delete_my_commands(scope, "de")
    assert () == await bot.get_my_commands(scope, "de")
    assert MenuButtonCommands() == await bot.get_chat_menu_button()
    button = MenuButtonWebApp("Open", APP)
    assert await bot.set_chat_menu_button(ANNA, button)
    assert button == await bot.get_chat_menu_button(ANNA)
    for action in set(ChatAction):
        assert await bot.send_chat_action(ANNA, action)


async def test_presses_and_web_apps_reach_an_application(telegram: Harness, bot: Bot) -> None:
    """A callback and the data of a Mini App, each in its own handler."""
    seen: list[object] = []

    async def pressed(update: Update, _: object) -> None:
        assert update.callback_query is not None
        seen.append(update.callback_query.data)

    async def ordered(update: Update, _: object) -> None:
        assert update.effective_message is not None
        assert update.effective_message.web_app_data is not None
        seen.append(update.effective_message.web_app_data.data)

    app = application(telegram)
    app.add_handler(CallbackQueryHandler(pressed))
    app.add_handler(MessageHandler(filters.StatusUpdate.WEB_APP_DATA, ordered))
    inline = await bot.send_message(ANNA, "offer", reply_markup=KEYBOARD)
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("Order", web_app=APP)]])
    await bot.send_message(ANNA, "Choose", reply_markup=keyboard)
    async with app:
        await telegram.control(
            "POST", "press", {"user": ANNA, "message_id": inline.message_id, "data": "more"}
        )
        await telegram.control("POST", "web_app", {"user": ANNA, "button_text": "Order", "data": "two"})
        await heard(telegram, bot, app)
    assert ["more", "two"] == seen


async def test_refusals_are_its_own_exceptions(telegram: Harness, bot: Bot) -> None:
    """BadRequest, Forbidden, RetryAfter, ChatMigrated, InvalidToken."""
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(77, "x")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_photo(BORIS, png())
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(ANNA, b"no picture")
    founded = {"type": "group", "title": "Desk", "members": [ANNA]}
    old = (await telegram.control("POST", "chats", founded))["id"]
    new = (await telegram.control("POST", "migrate", {"chat": old}))["id"]
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(old, "x")
    assert new == moved.value.new_chat_id
    await telegram.control("PUT", "settings", {"flood": True})
    for _ in range(5):
        await bot.send_message(ANNA, "x")
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(ANNA, "x")
    assert timedelta(seconds=1) == refused.value.retry_after
    stranger = client(telegram, "123456:wrong-but-well-formed")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.request.shutdown()
