"""What the world is made of. Plain data: everything but a file's bytes goes to JSON as it is."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.entities import FormattedText

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """A person or the bot."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = ""
    is_bot: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat (its id is the user's), a group or a supergroup.

    `administrators`: rights by user id; `pinned`: message ids; `keyboard_id`: the message with the reply keyboard
    that is open; `started`: the person has written to the bot; `blocked`: has blocked it; `revision` counts events;
    `migrated_to`: the supergroup that a group has become.
    """

    id: int
    type: str
    title: str = ""
    members: list[int] = field(default_factory=list)
    creator: int | None = None
    administrators: dict[str, list[str]] = field(default_factory=dict)
    banned: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    keyboard_id: int | None = None
    started: bool = False
    blocked: bool = False
    revision: int = 0
    migrated_to: int | None = None

    @property
    def is_group(self) -> bool:
        """Whether several people are in it."""
        return self.type != "private"

    def is_administrator(self, user_id: int) -> bool:
        """Whether somebody runs this group, as its creator or by appointment."""
        return user_id == self.creator or str(user_id) in self.administrators

    def has_right(self, user_id: int, right: str) -> bool:
        """Whether somebody may do this in a group; its creator may do everything."""
        return user_id == self.creator or right in self.administrators.get(str(user_id), [])


@dataclass(slots=True)
class Message:
    """A message as it now is; `versions` are its texts, `revision` is the chat's at its last change.

    A service message has no text; `service` is the field that tells what happened.
    """

    message_id: int
    chat_id: int
    sender_id: int
    date: int
    content: FormattedText
    markup: JsonObject | None = None
    file_id: str | None = None
    media_group_id: str | None = None
    service: JsonObject = field(default_factory=dict)
    reply_to: int | None = None
    forwarded: bool = False
    protected: bool = False
    edit_date: int | None = None
    versions: list[str] = field(default_factory=list)
    deleted: bool = False
    revision: int = 0


@dataclass(slots=True)
class File:
    """A file that somebody has sent. What its `kind` does not have is 0: a side in pixels, a length in seconds."""

    file_id: str
    name: str
    mime_type: str
    content: bytes = field(repr=False)
    kind: str = "document"
    width: int = 0
    height: int = 0
    duration: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The update that an act led to (None: the bot is not told), and the id of what it made."""

    update_id: int | None
    made_id: int | str


@dataclass(slots=True)
class Callback:
    """A pressed button; `text` and `show_alert` are those of the bot's first answer."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    created_at: float
    text: str = ""
    show_alert: bool = False
    answers: int = 0
