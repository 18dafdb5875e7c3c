"""The audit: who did what when, in a chain that shows when a link was changed or taken out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

THE_BOT = 0
START = "0" * 64


class Deed(StrEnum):
    """What can be done, as it stands in the chain: a word once written there is never changed."""

    TAKE = "take"
    GIVE_BACK = "give back"
    SPENT = "spent"
    BAD = "bad"
    REVIVE = "revive"
    TRANSFER = "transfer"
    NOT_FREED = "not freed"
    FREED_BY_HAND = "freed by hand"
    RESTORE = "restore"
    ROTATE = "rotate"
    FREEZE = "freeze"
    THAW = "thaw"
    ASK = "ask for access"
    ALLOW = "allow"
    ROLE = "role"
    DENY = "deny"
    EXPORT = "export"
    ADD_COLUMN = "add column"
    PROTECT_COLUMN = "protect column"
    PAUSE = "pause trading"
    RESUME = "resume trading"
    CONNECT = "connect account"
    DISCONNECT = "disconnect account"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Act:
    """One act; `actor` THE_BOT for what the bot did by itself or found done in the sheet. No secrets.

    `subject`: what it was done to, such as `beboo`, `192.0.2.1:8000` or `@anna`.
    """

    actor: int
    name: str
    act: Deed
    subject: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An act as it was written down; `at` in seconds since the epoch."""

    number: int
    at: float
    act: Act
    hash: str


def link_hash(previous: str, number: int, at: float, act: Act) -> str:
    """SHA-256 over the hash before it and the act as JSON."""
    what = (act.actor, act.name, act.act, act.subject, act.before, act.after)
    body = json.dumps([previous, number, at, *what], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()
