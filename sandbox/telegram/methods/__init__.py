"""The methods of the Bot API: the table from name to function."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.telegram.methods import (
    albums,
    callbacks,
    chats,
    commands,
    deleting,
    editing,
    files,
    pins,
    profile,
    sending,
    updates,
)
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

Method = Callable[[TelegramWorld, Parameters], Any | Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getMe": profile.get_me,
    "getUpdates": updates.get_updates,
    "setWebhook": updates.set_webhook,
    "deleteWebhook": updates.delete_webhook,
    "getWebhookInfo": updates.get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_file("photo"),
    "sendVideo": sending.send_file("video"),
    "sendDocument": sending.send_file("document"),
    "sendAudio": sending.send_file("audio"),
    "sendMediaGroup": albums.send_media_group,
    "getFile": files.get_file,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": deleting.delete_message,
    "deleteMessages": deleting.delete_messages,
    "answerCallbackQuery": callbacks.answer_callback_query,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatAdministrators": chats.get_chat_administrators,
    "getChatMemberCount": chats.get_chat_member_count,
    "getChatMembersCount": chats.get_chat_member_count,
    "pinChatMessage": pins.pin_chat_message,
    "unpinChatMessage": pins.unpin_chat_message,
    "unpinAllChatMessages": pins.unpin_all_chat_messages,
    "setMyCommands": commands.set_my_commands,
    "getMyCommands": commands.get_my_commands,
    "deleteMyCommands": commands.delete_my_commands,
    "setMyDescription": profile.set_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
}

BY_LOWER_NAME = {name.lower(): name for name in METHODS}
