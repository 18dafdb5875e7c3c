"""The real client as witness: an unchanged aiogram bot lives on the local Bot API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot, Dispatcher, Router
from aiogram import exceptions as aiogram_errors
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberMember,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MenuButtonCommands,
    Message,
)
from telegram_harness import ANNA, BORIS, Harness

from sandbox.telegram.limits import UPLOAD_BYTES

KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="More", callback_data="more")]])


@pytest.fixture
async def bot(telegram: Harness) -> AsyncIterator[Bot]:
    bot = telegram.bot()
    yield bot
    await bot.session.close()


def echo_router() -> Router:
    router = Router()

    async def start(message: Message) -> None:
        await message.answer("<b>Welcome</b> &lt;you&gt;", parse_mode="HTML", reply_markup=KEYBOARD)

    async def more(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("more <i>welcome</i>", parse_mode="HTML")
        await query.answer("done")

    async def echo(message: Message) -> None:
        await message.reply(message.html_text, parse_mode="HTML")

    router.message.register(start, CommandStart())
    router.message.register(echo, ~Command("quiet"))
    router.edited_message.register(echo)
    router.callback_query.register(more)
    return router


@asynccontextmanager
async def polling(bot: Bot) -> AsyncIterator[None]:
    dispatcher = Dispatcher()
    dispatcher.include_router(echo_router())
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task


async def news(telegram: Harness, since: int, chat: int = ANNA) -> list[dict[str, object]]:
    answer = await telegram.control("GET", f"wait?chat={chat}&after_revision={since}&timeout=20")
    messages: list[dict[str, object]] = answer["messages"]
    return messages


async def test_a_polling_bot_answers_is_pressed_and_edits(telegram: Harness, bot: Bot) -> None:
    """Command, answer with a keyboard, press, edit, toast, edited message: the whole round."""
    async with polling(bot):
        [welcome] = await news(telegram, (await telegram.says("/start"))["revision"])
        assert (welcome["text"], welcome["html"]) == ("Welcome <you>", "<b>Welcome</b> &lt;you&gt;")
        press = {"user": ANNA, "chat": ANNA, "message_id": welcome["message_id"], "data": "more"}
        pressed = await telegram.control("POST", "press", press)
        [edited] = await news(telegram, pressed["revision"])
        assert (edited["text"], edited["edits"], edited["reply_markup"]) == ("more welcome", 1, None)
        said = await telegram.says("a 😀 <tag>")
        [echo] = await news(telegram, said["revision"])
        assert ("a 😀 <tag>", said["message_id"]) == (echo["text"], echo["reply_to"])
        changed = await telegram.says("b", edit=said["message_id"])
        assert [message["text"] for message in await news(telegram, changed["revision"])] == ["b"]
    callback = await telegram.control("GET", f"callbacks/{pressed['callback_query_id']}")
    assert (callback["answered"], callback["text"]) == (True, "done")


async def test_refusals_become_aiograms_exceptions(telegram: Harness, bot: Bot) -> None:
    """400, 401, 403, 404, 409, 429: each its class; the wait is on the exception."""
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="chat not found"):
        await bot.send_message(77, "x")
    with pytest.raises(aiogram_errors.TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(BORIS, "x")
    await telegram.control("PUT", "settings", {"flood": True})
    for _ in range(5):
        await bot.send_message(ANNA, "x")
    with pytest.raises(aiogram_errors.TelegramRetryAfter) as refused:
        await bot.send_message(ANNA, "x")
    assert refused.value.retry_after == 1
    stranger = Bot("123456:wrong-but-well-formed", session=bot.session)
    with pytest.raises(aiogram_errors.TelegramUnauthorizedError):
        await stranger.get_me()
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.until_polling()
    await bot.get_updates()
    with pytest.raises(aiogram_errors.TelegramConflictError):
        await first


async def test_injected_faults_look_like_telegrams_own(telegram: Harness, bot: Bot) -> None:
    """A 429 rule is a flood wait to the client, a 502 rule a server error."""
    rules = [
        {"kind": "status", "status": 429, "retry_after": 7, "path": "/getMe$", "times": 1},
        {"kind": "status", "status": 502, "path": "/getMe$", "times": 1},
    ]
    await telegram.control("PUT", "faults", {"rules": rules})
    with pytest.raises(aiogram_errors.TelegramRetryAfter) as refused:
        await bot.get_me()
    assert refused.value.retry_after == 7
    with pytest.raises(aiogram_errors.TelegramServerError):
        await bot.get_me()
    assert (await bot.get_me()).username == "quartermaster_bot"


async def test_documents_are_kept_whole(telegram: Harness, bot: Bot) -> None:
    """Name, size, caption and bytes; a file sent once can be sent again by its id."""
    content = bytes(range(256)) * 40
    file = BufferedInputFile(content, "Прокси ü.csv")
    message = await bot.send_document(ANNA, file, caption="<b>List</b>", parse_mode="HTML")
    assert message.document is not None
    assert ("Прокси ü.csv", len(content)) == (message.document.file_name, message.document.file_size)
    assert message.html_text == "<b>List</b>"
    again = await bot.send_document(ANNA, message.document.file_id)
    assert again.document == message.document
    async with telegram.client.get(
        f"{telegram.url}/sandbox/documents/{message.document.file_id}"
    ) as response:
        assert content == await response.read()


async def test_documents_have_their_limits(telegram: Harness, bot: Bot) -> None:
    """No empty file, no unknown id, a caption of 1024 characters, 50 MB."""
    file = BufferedInputFile(b"x", "x.txt")
    assert await bot.send_document(ANNA, file, caption="x" * 1024)
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="message caption is too long"):
        await bot.send_document(ANNA, file, caption="x" * 1025)
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="file must be non-empty"):
        await bot.send_document(ANNA, BufferedInputFile(b"", "x.txt"))
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="wrong file identifier/HTTP URL specified"):
        await bot.send_document(ANNA, "no-such-file")
    with pytest.raises(aiogram_errors.TelegramEntityTooLarge):
        await bot.send_document(ANNA, BufferedInputFile(bytes(UPLOAD_BYTES + 1), "x.bin"))


async def test_commands_are_kept_by_scope_and_language(telegram: Harness, bot: Bot) -> None:
    """The narrowest scope wins, in the person's language first."""

    def one(name: str) -> list[BotCommand]:
        return [BotCommand(command=name, description="x")]

    async def offered(user: int) -> list[str]:
        commands = await telegram.control("GET", f"chats/{user}/commands")
        return [command["command"] for command in commands]

    await telegram.says("/start", BORIS)
    await bot.set_my_commands(one("all"))
    assert (await offered(ANNA), await offered(BORIS)) == (["all"], ["all"])
    await bot.set_my_commands(one("german"), BotCommandScopeAllPrivateChats(), language_code="de")
    assert (await offered(ANNA), await offered(BORIS)) == (["german"], ["all"])
    await bot.set_my_commands(one("boris"), BotCommandScopeChat(chat_id=BORIS))
    assert (await offered(ANNA), await offered(BORIS)) == (["german"], ["boris"])
    [stored] = await bot.get_my_commands(BotCommandScopeChat(chat_id=BORIS))
    assert (stored.command, stored.description) == ("boris", "x")
    await bot.delete_my_commands(BotCommandScopeChat(chat_id=BORIS))
    assert await offered(BORIS) == ["all"]


@pytest.mark.parametrize(
    ("name", "description", "reason"),
    [
        ("Upper", "x", "BOT_COMMAND_INVALID"),
        ("x" * 33, "x", "command length must not exceed 32"),
        ("/", "x", "command must be non-empty"),
        ("x", " ", "command description must be non-empty"),
        ("x", "x" * 257, "command description length must not exceed 256"),
    ],
)
async def test_commands_have_their_limits(bot: Bot, name: str, description: str, reason: str) -> None:
    """Names of a-z 0-9 _ up to 32, descriptions of 1-256 characters."""
    with pytest.raises(aiogram_errors.TelegramBadRequest, match=reason):
        await bot.set_my_commands([BotCommand(command=name, description=description)])


async def test_a_hundred_commands_are_the_limit(bot: Bot) -> None:
    """100 pass, 101 do not; a scope's chat has to be known, a language to be one."""
    commands = [BotCommand(command=f"c{n}", description="x") for n in range(101)]
    assert await bot.set_my_commands(commands[:100])
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="BOT_COMMANDS_TOO_MUCH"):
        await bot.set_my_commands(commands)
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="chat not found"):
        await bot.set_my_commands(commands[:1], BotCommandScopeChat(chat_id=77))
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="invalid language code specified"):
        await bot.set_my_commands(commands[:1], language_code="german")


async def test_chats_and_members_decode(telegram: Harness, bot: Bot) -> None:
    """getChat and getChatMember give what aiogram's types demand."""
    group = await telegram.control("POST", "chats", {"type": "group", "title": "Desk", "members": [ANNA]})
    chat = await bot.get_chat(group["id"])
    assert (chat.type, chat.title) == ("group", "Desk")
    assert isinstance(await bot.get_chat_member(group["id"], ANNA), ChatMemberMember)
    assert (await bot.get_chat_member(group["id"], BORIS)).status == "left"
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="user not found"):
        await bot.get_chat_member(group["id"], 77)


async def test_the_profile_is_stored(telegram: Harness, bot: Bot) -> None:
    """Descriptions within 512 and 120 characters, and the menu button."""
    assert await bot.set_my_description("d" * 512)
    assert await bot.set_my_short_description("s" * 120, language_code="de")
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    profile = telegram.world.profile
    assert (profile.descriptions, profile.short_descriptions) == ({"": "d" * 512}, {"de": "s" * 120})
    assert profile.menu_buttons == {"": {"type": "commands"}}
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="description is too long"):
        await bot.set_my_description("d" * 513)
    with pytest.raises(aiogram_errors.TelegramBadRequest, match="short description is too long"):
        await bot.set_my_short_description("s" * 121)


async def test_dates_and_previews_pass_through(telegram: Harness, bot: Bot) -> None:
    """Options of today's client are taken; dates are the world's clock."""
    options = LinkPreviewOptions(is_disabled=True)
    message = await bot.send_message(ANNA, "x", link_preview_options=options, protect_content=True)
    assert (telegram.clock.now, True) == (message.date.timestamp(), message.has_protected_content)
