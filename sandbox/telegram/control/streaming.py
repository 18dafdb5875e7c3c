"""Control requests that wait for something to happen."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from sandbox.telegram.control.answers import answering, query_number
from sandbox.telegram.control.viewing import find
from sandbox.telegram.events import Listener
from sandbox.telegram.records import Chat, JsonObject
from sandbox.telegram.rendering import shown
from sandbox.telegram.world import TelegramWorld

HEARTBEAT_SECONDS = 15.0
WAIT_SECONDS = 10


class Streaming:
    """Handlers of server-sent events and of waiting for the bot's next message."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes of these handlers."""
        return [web.get("/sandbox/events", self.events), web.get("/sandbox/wait", self.wait)]

    @answering
    async def events(self, request: web.Request) -> web.StreamResponse:
        """What happens from now on, in all chats or in `?chat=`, as server-sent events."""
        chat_id = query_number(request, "chat")
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        with self._world.events.listening(chat_id) as listener:
            await stream.prepare(request)
            # A listener that has left needs to be told nothing.
            with suppress(ConnectionError):
                await _pass_on(listener, stream)
        return stream

    @answering
    async def wait(self, request: web.Request) -> web.Response:
        """The bot's messages and edits since `after_revision` of the chat (default: now), ids above `after`.

        Answers as soon as there is one, with none after `timeout` seconds.
        """
        chat = find(self._world, request.query.get("chat", ""))
        seen = query_number(request, "after_revision", 0 if "after" in request.query else chat.revision)
        after = query_number(request, "after", 0)
        deadline = asyncio.get_running_loop().time() + query_number(request, "timeout", WAIT_SECONDS)
        while True:
            found = self._news(chat, seen, after)
            left = deadline - asyncio.get_running_loop().time()
            if found or left <= 0 or self._world.events.closed:
                return web.json_response({"revision": chat.revision, "messages": found})
            await self._world.events.wait(chat.id, left)

    def _news(self, chat: Chat, seen: int, after: int) -> list[JsonObject]:
        return [
            shown(self._world, message)
            for message in self._world.messages[chat.id].values()
            if message.revision > seen
            and message.message_id > after
            and message.sender_id == self._world.bot.id
            and not message.deleted
        ]


async def _pass_on(listener: Listener, stream: web.StreamResponse) -> None:
    await stream.write(b": connected\n\n")
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                event = await listener.queue.get()
        except TimeoutError:
            await stream.write(b": still here\n\n")
            continue
        if event is None:
            return
        await stream.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
