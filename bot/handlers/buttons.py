"""What a button carries, read back."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from types import UnionType
from typing import Any

from bot.errors import OfferLapsed
from bot.handlers.filters import ButtonData
from bot.models.offer import Argument

Kind = type | UnionType | frozenset[str]


def read_button(data: str) -> tuple[str, int]:
    """An offer's id and a position; raises OfferLapsed for what we never wrote."""
    try:
        button = ButtonData.unpack(data)
        is_ours = button.pack() == data
    except (TypeError, ValueError) as error:
        raise OfferLapsed("the button is not ours") from error
    if not is_ours:  # a number has more spellings than the one we write
        raise OfferLapsed("the button is not as we write them")
    return button.offer, button.button


def carried(args: Sequence[Argument], *kinds: Kind) -> list[Any]:
    """A button's arguments, each of its kind: a type, an enumeration (whose member it becomes), one of some words.

    Raises OfferLapsed where there are others: another version of the bot has stored the button.
    """
    try:
        return [_as(kind, value) for kind, value in zip(kinds, args, strict=True)]
    except ValueError as error:
        raise OfferLapsed("the button is of another version") from error


def _as(kind: Kind, value: Argument) -> Any:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(str(value))
    if value not in kind if isinstance(kind, frozenset) else not isinstance(value, kind):
        raise ValueError("an argument is of another kind")
    return value
