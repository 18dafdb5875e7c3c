"""What a view hands to a handler: texts in Telegram's HTML, buttons under the last, perhaps a picture or a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.models.offer import Action

MESSAGE_LIMIT = 4096
BUTTONS_GOOD_FOR = 600.0
EARLIER, FURTHER = "‹ Previous", "Next ›"  # the pages of a list


@dataclass(frozen=True, slots=True)
class Button:
    """A button and what it does."""

    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by what it shows: the same `key` is the same picture, `paint` brings it, PNG or JPEG.

    `file_id`: what Telegram knows it by, where it was sent before.
    """

    key: str
    name: str
    paint: Callable[[], Awaitable[bytes]]
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: at least one message, each short enough for Telegram; the buttons are good for so many seconds.

    Above the last text stands the picture, if there is one: the text is its caption, of 1,024 characters at most.
    """

    texts: tuple[str, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    file: Attachment | None = None
    picture: Picture | None = None
    good_for: float = BUTTONS_GOOD_FOR

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Every button, row by row."""
        return tuple(button for row in self.rows for button in row)

    def with_buttons(self, *rows: Sequence[Button]) -> Reply:
        """The same answer with further rows of buttons; empty rows are left out."""
        return replace(self, rows=(*self.rows, *(tuple(row) for row in rows if row)))


def one(text: str, *buttons: Button) -> Reply:
    """An answer of a single message, one button a row."""
    return Reply((text,), tuple((button,) for button in buttons))


def in_rows(buttons: Iterable[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    """The buttons, `width` a row."""
    every = tuple(buttons)
    return tuple(every[start : start + width] for start in range(0, len(every), width))


def utf16(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def pack(blocks: Iterable[str], *, between: str = "\n", limit: int = MESSAGE_LIMIT) -> tuple[str, ...]:
    """Join whole blocks into as few messages as their order allows; no block is ever cut.

    Markup counts too, so a message is rather a little too short. A block longer than `limit` is a message of
    its own: keep blocks short.
    """
    messages: list[str] = []
    for block in blocks:
        if messages and utf16(messages[-1]) + utf16(between) + utf16(block) <= limit:
            messages[-1] += between + block
        else:
            messages.append(block)
    return tuple(messages)
