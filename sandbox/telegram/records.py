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

    `started`: the person has written to the bot; `blocked`: has blocked it; `revision` counts events;
    `migrated_to`: the supergroup that a group has become.
    """

    id: int
    type: str
    title: str = ""
    members: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    revision: int = 0
    migrated_to: int | None = None

    @property
    def is_group(self) -> bool:
        """Whether several people are in it."""
        return self.type != "private"


@dataclass(slots=True)
class Message:
    """A message as it now is; `versions` are its texts, `revision` is the chat's at its last change."""

    message_id: int
    chat_id: int
    sender_id: int
    date: int
    content: FormattedText
    markup: JsonObject | None = None
    file_id: str | None = None
    media_group_id: str | None = None
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
