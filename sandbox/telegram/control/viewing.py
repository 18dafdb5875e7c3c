"""Control requests that look: who there is, what was written, what the bot has called."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.telegram.control.answers import NotThereError, answering, query_number
from sandbox.telegram.records import Chat, JsonObject
from sandbox.telegram.rendering import chat_json, shown, user_json
from sandbox.telegram.world import TelegramWorld


class Viewing:
    """Handlers of the requests that leave the world as it is (but for `DELETE /sandbox/calls`)."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes of these handlers."""
        return [
            web.get("/sandbox/users", self.users),
            web.get("/sandbox/chats", self.chats),
            web.get("/sandbox/chats/{chat}/messages", self.messages),
            web.get("/sandbox/chats/{chat}/history/{message}", self.history),
            web.get("/sandbox/chats/{chat}/commands", self.commands),
            web.get("/sandbox/chats/{chat}/menu_button", self.menu_button),
            web.get("/sandbox/callbacks/{callback}", self.callback),
            web.get("/sandbox/documents/{file_id}", self.document),
            web.get("/sandbox/calls", self.calls),
            web.delete("/sandbox/calls", self.forget_calls),
            web.get("/sandbox/state", self.state),
        ]

    async def users(self, request: web.Request) -> web.Response:
        """Everybody but the bot."""
        people = [user for user in self._world.users.values() if not user.is_bot]
        return web.json_response(
            [user_json(user) | {"blocked": self._world.chats[user.id].blocked} for user in people]
        )

    async def chats(self, request: web.Request) -> web.Response:
        """All chats, each with its last message."""
        return web.json_response([self._chat(chat) for chat in self._world.chats.values()])

    @answering
    async def messages(self, request: web.Request) -> web.Response:
        """A chat's messages, those with a greater id than `after`; deleted ones are left out."""
        chat = find(self._world, request.match_info["chat"])
        after = query_number(request, "after", 0)
        _check_viewer(chat, query_number(request, "viewer"))
        kept = self._world.messages[chat.id].values()
        shown_ = [shown(self._world, m) for m in kept if m.message_id > after and not m.deleted]
        return web.json_response(shown_)

    @answering
    async def history(self, request: web.Request) -> web.Response:
        """Every text a message has had, deleted or not."""
        chat = find(self._world, request.match_info["chat"])
        message = self._world.messages[chat.id].get(int(request.match_info["message"]))
        if message is None:
            raise NotThereError("there is no such message")
        return web.json_response(message.versions)

    @answering
    async def commands(self, request: web.Request) -> web.Response:
        """The commands that `?user=` (default: the private chat's person) is offered in a chat."""
        chat = find(self._world, request.match_info["chat"])
        user = self._world.users.get(query_number(request, "user", chat.id))
        if user is None:
            raise NotThereError("there is no such user")
        return web.json_response(self._world.profile.commands_for(user, chat))

    @answering
    async def menu_button(self, request: web.Request) -> web.Response:
        """The button beside the input field: the chat's own, or what all chats have."""
        chat, profile = find(self._world, request.match_info["chat"]), self._world.profile
        own = profile.menu_button(chat.id)
        return web.json_response(profile.menu_button(None) if own == {"type": "default"} else own)

    @answering
    async def callback(self, request: web.Request) -> web.Response:
        """Whether and how a pressed button was answered."""
        callback = self._world.callbacks.get(request.match_info["callback"])
        if callback is None:
            raise NotThereError("there is no such callback query")
        return web.json_response(
            {
                "answered": callback.answers > 0,
                "text": callback.text,
                "show_alert": callback.show_alert,
                "answers": callback.answers,
            }
        )

    @answering
    async def document(self, request: web.Request) -> web.Response:
        """A file's bytes, as a download."""
        file = self._world.files.get(request.match_info["file_id"])
        if file is None:
            raise NotThereError("there is no such file")
        headers = {
            "Content-Type": file.mime_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=file.content, headers=headers)

    async def calls(self, request: web.Request) -> web.Response:
        """How often each method was called, by status."""
        return web.json_response(self._world.calls)

    async def forget_calls(self, request: web.Request) -> web.Response:
        """Count from zero."""
        self._world.calls.clear()
        return web.json_response({})

    async def state(self, request: web.Request) -> web.Response:
        """Where the bot stands with its updates."""
        world = self._world
        body: dict[str, Any] = {
            "pending": len(world.updates),
            "confirmed_offset": world.updates.confirmed_offset,
            "next_update_id": world.updates.next_id,
            "polling": world.poller.polling,
            "webhook": world.webhook.url,
            "bot": user_json(world.bot),
        }
        return web.json_response(body)

    def _chat(self, chat: Chat) -> JsonObject:
        kept = reversed(self._world.messages[chat.id].values())
        last = next((message for message in kept if not message.deleted), None)
        return chat_json(self._world, chat) | {
            "members": [user_id for user_id in chat.members if user_id != self._world.bot.id],
            "last_message": shown(self._world, last) if last else None,
        }


def find(world: TelegramWorld, chat_id: str | int) -> Chat:
    """The chat that a path or query names."""
    chat = world.chats.get(int(chat_id))
    if chat is None:
        raise NotThereError(f"there is no chat {chat_id}")
    return chat


def _check_viewer(chat: Chat, viewer: int | None) -> None:
    if viewer is not None and viewer not in chat.members:
        raise ValueError(f"user {viewer} is not in chat {chat.id}")
