"""Control requests that do something: people come, write, press, block; updates are repeated or made up."""

from aiohttp import web

from sandbox.telegram import people
from sandbox.telegram.control.answers import Fields, NotThereError, answering, read_fields
from sandbox.telegram.control.drafts import read_draft
from sandbox.telegram.people import find_chat, find_user
from sandbox.telegram.records import Chat, Done, User
from sandbox.telegram.rendering import user_json
from sandbox.telegram.web_apps import send_data
from sandbox.telegram.world import TelegramWorld


class Acting:
    """Handlers of the requests that change the world."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes of these handlers."""
        return [
            web.post("/sandbox/users", self.add_user),
            web.post("/sandbox/send", self.send),
            web.post("/sandbox/press", self.press),
            web.post("/sandbox/web_app", self.send_web_app_data),
            web.post("/sandbox/block", self.block),
            web.post("/sandbox/redeliver", self.redeliver),
            web.post("/sandbox/raw", self.raw),
            web.put("/sandbox/settings", self.settings),
        ]

    @answering
    async def add_user(self, request: web.Request) -> web.Response:
        """A new person."""
        fields = await read_fields(request)
        user = self._world.add_user(
            fields.text("first_name"),
            fields.text("username", ""),
            fields.text("language_code", ""),
            fields.integer("id", None),
        )
        return web.json_response(user_json(user))

    @answering
    async def send(self, request: web.Request) -> web.Response:
        """Somebody writes or sends a file, or edits what they wrote."""
        fields = await read_fields(request)
        user, chat = self._where(fields)
        edited = fields.integer("edit", None)
        if edited is None:
            done = people.send(self._world, user, chat, read_draft(self._world, fields))
        else:
            done = people.edit(self._world, user, chat, edited, fields.text("text"))
        return _answer(done, "message_id", chat)

    @answering
    async def press(self, request: web.Request) -> web.Response:
        """Somebody presses a button."""
        fields = await read_fields(request)
        user, chat = self._where(fields)
        message_id, data = fields.integer("message_id"), fields.text("data")
        forged, date = fields.flag("forged", False), fields.integer("date", None)
        done = people.press(self._world, user, chat, message_id, data, forged=forged, date=date)
        return _answer(done, "callback_query_id", chat)

    @answering
    async def send_web_app_data(self, request: web.Request) -> web.Response:
        """The Mini App behind a button of somebody's reply keyboard sends data to the bot."""
        fields = await read_fields(request)
        user = find_user(self._world, fields.integer("user"))
        done = send_data(self._world, user, fields.text("button_text"), fields.text("data"))
        return _answer(done, "message_id", self._world.chats[user.id])

    @answering
    async def block(self, request: web.Request) -> web.Response:
        """Somebody blocks or unblocks the bot."""
        fields = await read_fields(request)
        user = find_user(self._world, fields.integer("user"))
        update_id = people.block(self._world, user, blocked=fields.flag("blocked"))
        return web.json_response({"update_id": update_id})

    @answering
    async def redeliver(self, request: web.Request) -> web.Response:
        """An update comes a second time."""
        update_id = (await read_fields(request)).integer("update_id")
        try:
            self._world.updates.redeliver(update_id)
        except KeyError:
            raise NotThereError(f"update {update_id} is not known, or not any more") from None
        return web.json_response({"update_id": update_id})

    @answering
    async def raw(self, request: web.Request) -> web.Response:
        """An update as somebody made it up."""
        source = (await read_fields(request)).source
        if "update_id" in source:
            raise ValueError("update_id is given by the world")
        update_id = self._world.updates.push_raw(source)
        self._world.touch()
        return web.json_response({"update_id": update_id})

    @answering
    async def settings(self, request: web.Request) -> web.Response:
        """Switches: `flood`, `privacy`; what is left out stays."""
        fields = await read_fields(request)
        settings = self._world.settings
        unknown = fields.source.keys() - {"flood", "privacy"}
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        flood, privacy = fields.flag("flood", settings.flood), fields.flag("privacy", settings.privacy)
        settings.flood, settings.privacy = flood, privacy
        return web.json_response({"flood": flood, "privacy": privacy})

    def _where(self, fields: Fields) -> tuple[User, Chat]:
        user = find_user(self._world, fields.integer("user"))
        return user, find_chat(self._world, fields.integer("chat", user.id))


def _answer(done: Done, name: str, chat: Chat) -> web.Response:
    body = {"update_id": done.update_id, name: done.made_id, "revision": chat.revision}
    return web.json_response(body)
