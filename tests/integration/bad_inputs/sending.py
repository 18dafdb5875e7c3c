"""What somebody may send besides commands, and how such updates are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bad_inputs.promises import Promise
from bad_inputs.whole_desk import Json, WholeDesk

Make = Callable[[WholeDesk, int], list[Json]]

TAKE = "/take beboo 5"


@dataclass(frozen=True, slots=True)
class Sent:
    """Updates that come in, and the whole lines with which the bot's one answer begins; None: it says nothing.

    By a newcomer, unless `by` says who; `in_group`: the answer comes where it was asked.
    """

    promise: Promise
    name: str
    make: Make
    says: str | None = None
    by: int | None = None
    in_group: bool = False


def message(**changes: Any) -> Make:
    """A message without a text of its own."""
    return lambda desk, user: [{"message": desk.message(None, user, **changes)}]


def typed(text: str, **changes: Any) -> Make:
    """A text."""
    return lambda desk, user: [{"message": desk.message(text, user, **changes)}]


def in_group(text: str | None, **changes: Any) -> Make:
    """A text, or none, in the group."""
    return lambda desk, user: [{"message": desk.message(text, user, desk.group, **changes)}]


def other(kind: str, text: str = TAKE, **changes: Any) -> Make:
    """A text in another kind of update than a message."""
    return lambda desk, user: [{kind: desk.message(text, user, **changes)}]


def late(text: str, seconds: float) -> Make:
    """A text that was written so many seconds ago."""
    return lambda desk, user: [{"message": desk.message(text, user, date=int(desk.clock.time() - seconds))}]


def raw(update: Json) -> Make:
    """An update as it is."""
    return lambda _desk, _user: [update]
