"""An offer: what stands behind the buttons of one message."""

from __future__ import annotations

from dataclasses import dataclass

Argument = str | int | float | None


@dataclass(frozen=True, slots=True)
class Action:
    """What a button does: a verb (whose command decides who may press it) and its arguments, JSON values."""

    verb: str
    args: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """The actions of a message's buttons, by position; bound to one user, gone after `expires_at` (epoch seconds)."""

    id: str
    user_id: int
    actions: tuple[Action, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class Press:
    """One button that was pressed; `key` is the request key of whatever the press sets off."""

    action: Action
    key: str
