"""What a view hands to a handler: texts in Telegram's HTML, and buttons under the last of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MESSAGE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Button:
    """A button and the offer behind it."""

    text: str
    offer: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: at least one message, each short enough for Telegram."""

    texts: tuple[str, ...]
    buttons: tuple[Button, ...] = ()


def one(text: str, *buttons: Button) -> Reply:
    """An answer of a single message."""
    return Reply((text,), buttons)


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
