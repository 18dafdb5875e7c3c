"""The Telegram of the sandbox: people, chats, messages, and what the bot is told of them. Pure state."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram import snapshot
from sandbox.telegram.entities import FormattedText
from sandbox.telegram.events import Events
from sandbox.telegram.limits import FloodControl
from sandbox.telegram.polling import Poller
from sandbox.telegram.profile import Profile
from sandbox.telegram.records import Callback, Chat, Done, File, JsonObject, Message, User
from sandbox.telegram.rendering import message_json, shown
from sandbox.telegram.updates import UpdateQueue
from sandbox.telegram.webhook import REPLACED, Webhook

TOKEN = "1000000000:SANDBOX-token-of-the-local-world-0000"
FIRST_USER_ID = 2001
GROUP_IDS = {"group": -4_000_000_000, "supergroup": -1_002_000_000_000}


@dataclass(slots=True)
class Settings:
    """Switches: flood control, and privacy mode, which hides groups' ordinary messages from the bot."""

    flood: bool = False
    privacy: bool = True


class TelegramWorld:
    """Everything the local Bot API knows. `clock` gives unix time; `on_change` follows each change."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        token: str = TOKEN,
        bot_username: str = "quartermaster_bot",
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.clock = clock
        self.token = token
        self.bot = User(int(token.partition(":")[0]), "Quartermaster", bot_username, is_bot=True)
        self.on_change = on_change
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.files: dict[str, File] = {}
        self.links: dict[str, tuple[str, float]] = {}
        self.callbacks: dict[str, Callback] = {}
        self.profile = Profile()
        self.settings = Settings()
        self.updates = UpdateQueue(clock)
        self.poller = Poller(self.updates)
        self.webhook = Webhook()
        self.events = Events()
        self.flood = FloodControl(clock)
        self.message_ids: dict[int, int] = {}
        self.last_id = 0
        self.calls: dict[str, Counter[str]] = {}

    def now(self) -> int:
        """Unix time in whole seconds, as messages carry it."""
        return int(self.clock())

    def new_id(self) -> int:
        """A number that was never given before: of a callback, a file, a chat."""
        self.last_id += 1
        return self.last_id

    def add_user(
        self, first_name: str, username: str = "", language_code: str = "", user_id: int | None = None
    ) -> User:
        """A person, with a private chat that begins with the first message; ValueError if the id is taken."""
        if user_id is None:
            user_id = next(free for free in range(FIRST_USER_ID, 2**52) if free not in self.users)
        if user_id in self.users or not 0 < user_id < 2**52:
            raise ValueError(f"user id {user_id} is taken or out of range")
        user = User(user_id, first_name, username, language_code)
        self.users[user_id] = user
        self._add_chat(Chat(user_id, "private", members=[user_id]))
        return user

    def add_group(self, kind: str, title: str, members: list[int]) -> Chat:
        """A `group` or `supergroup` with these people and the bot in it."""
        chat = Chat(GROUP_IDS[kind] - self.new_id(), kind, title, [*members, self.bot.id], started=True)
        self._add_chat(chat)
        return chat

    def _add_chat(self, chat: Chat) -> None:
        self.chats[chat.id] = chat
        self.messages[chat.id] = {}
        self.touch()

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """A message that exists and was not deleted."""
        message = self.messages.get(chat_id, {}).get(message_id)
        return message if message and not message.deleted else None

    def post(self, chat: Chat, sender: User, content: FormattedText, date: int | None = None) -> Message:
        """A new message in a chat. It is told to nobody yet: set what else belongs to it, then `announce`."""
        # Private chats and groups share one numbering, each supergroup has its own: as the real service does.
        numbering = chat.id if chat.type == "supergroup" else 0
        message_id = self.message_ids.get(numbering, 0) + 1
        self.message_ids[numbering] = message_id
        when = self.now() if date is None else date
        message = Message(message_id, chat.id, sender.id, when, content, versions=[content.text])
        self.messages[chat.id][message_id] = message
        return message

    def revise(self, message: Message, content: FormattedText) -> None:
        """A new version of a message's text."""
        message.content = content
        message.edit_date = self.now()
        message.versions.append(content.text)

    def announce(self, kind: str, message: Message) -> None:
        """Tell listeners that a message came (`message`), changed (`edit`) or went (`delete`)."""
        chat = self.chats[message.chat_id]
        chat.revision += 1
        message.revision = chat.revision
        self.tell(chat, kind, message=shown(self, message))

    def report(self, chat: Chat, actor: User, event: JsonObject) -> Done:
        """A service message about what `actor` did; the bot hears of it wherever it is, privacy or not."""
        message = self.post(chat, actor, FormattedText(""))
        message.service = event
        self.announce("message", message)
        inside = self.bot.id in chat.members or not chat.is_group
        return Done(self.push("message", message_json(self, message)) if inside else None, message.message_id)

    def tell(self, chat: Chat, kind: str, **details: object) -> None:
        """Tell listeners what happened in a chat."""
        self.events.publish({"kind": kind, "chat": chat.id, **details})
        self.touch()

    def push(self, kind: str, payload: JsonObject) -> int | None:
        """Queue an update for the bot: its id, None if the bot does not want this kind."""
        update_id = self.updates.push(kind, payload)
        self.touch()
        return update_id

    def set_webhook(self, webhook: Webhook) -> None:
        """From now on updates go there, or, if it has no URL, to who asks for them."""
        self.webhook = self.webhook.replaced_by(webhook)
        if self.webhook.url:
            self.poller.end(REPLACED)
        self.updates.arrived.fire()
        self.touch()

    def delivered(self, update_id: int) -> None:
        """The webhook has taken an update."""
        self.updates.delivered(update_id)
        self.touch()

    def touch(self) -> None:
        """Something is not any more as it was saved."""
        if self.on_change is not None:
            self.on_change()

    def open(self) -> None:
        """Let connections wait and listen (again)."""
        self.poller.open()
        self.events.open()

    def close(self) -> None:
        """Let every waiting connection go, so that the servers can end at once."""
        self.poller.close()
        self.events.close()

    def dump(self) -> JsonObject:
        """The world as JSON-able data."""
        return snapshot.dump(self)

    def load(self, data: JsonObject) -> None:
        """Take over what `dump` gave; ValueError if it is something else. Ids go on with a gap of 1000."""
        snapshot.load(self, data)
