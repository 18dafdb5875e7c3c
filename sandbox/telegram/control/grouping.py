"""Control requests about groups: founded, upgraded, joined, left, run by somebody else."""

from typing import Any

from aiohttp import web

from sandbox.telegram.control.answers import Fields, answering, read_fields
from sandbox.telegram.membership import Appointment, appoint, member_json
from sandbox.telegram.migration import migrate
from sandbox.telegram.people import find_chat, find_user
from sandbox.telegram.records import Chat, User
from sandbox.telegram.rendering import chat_json
from sandbox.telegram.world import GROUP_IDS, TelegramWorld


class Grouping:
    """Handlers of the requests that found and change groups."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes of these handlers."""
        return [
            web.post("/sandbox/chats", self.add_chat),
            web.post("/sandbox/migrate", self.migrate),
            web.post("/sandbox/members", self.change_member),
        ]

    @answering
    async def add_chat(self, request: web.Request) -> web.Response:
        """A new group with the bot in it."""
        fields = await read_fields(request)
        kind, members = fields.text("type"), fields.source.get("members", [])
        if kind not in GROUP_IDS or not isinstance(members, list):
            raise ValueError(f"type must be one of {', '.join(GROUP_IDS)} and members a list of user ids")
        ids = [find_user(self._world, user_id).id for user_id in members]
        creator = fields.integer("creator", None)
        if creator is not None and creator not in ids:
            raise ValueError("the creator must be one of the members")
        chat = self._world.add_group(kind, fields.text("title"), ids)
        chat.creator = creator
        return web.json_response(chat_json(self._world, chat))

    @answering
    async def migrate(self, request: web.Request) -> web.Response:
        """A group becomes a supergroup."""
        group = find_chat(self._world, (await read_fields(request)).integer("chat"))
        return web.json_response(chat_json(self._world, migrate(self._world, group)))

    @answering
    async def change_member(self, request: web.Request) -> web.Response:
        """Somebody, or the bot, joins, leaves, is promoted, demoted or banned."""
        fields = await read_fields(request)
        chat, user = find_chat(self._world, fields.integer("chat")), self._anybody(fields.integer("user"))
        actor = self._actor(fields, chat, user)
        appointment = Appointment(fields.text("status"), _names(fields.source.get("rights", [])))
        update_ids = appoint(self._world, chat, user, actor, appointment)
        body = {"update_ids": update_ids, "member": member_json(chat, user), "revision": chat.revision}
        return web.json_response(body)

    def _anybody(self, user_id: int) -> User:
        bot = self._world.bot
        return bot if user_id == bot.id else find_user(self._world, user_id)

    def _actor(self, fields: Fields, chat: Chat, user: User) -> User:
        """Whoever is named by `by`; without it people act for themselves, and the creator for the bot."""
        default = user.id if not user.is_bot or chat.creator is None else chat.creator
        return self._anybody(fields.integer("by", default))


def _names(source: Any) -> list[str]:
    if not isinstance(source, list) or not all(isinstance(name, str) for name in source):
        raise ValueError("rights must be a list of names")
    return source
