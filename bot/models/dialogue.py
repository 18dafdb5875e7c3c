"""The dialogue in which somebody connects an account: what is asked for next, what was said, how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.models.account import Credentials

DIALOGUE_TTL = 600.0
LONGEST = 4096

# Venues whose keys have a passphrase besides, which their owner has chosen.
WITH_PASSPHRASE = frozenset(
    {"okx", "okxus", "myokx", "kucoin", "kucoinfutures", "bitget", "blofin", "coinbaseexchange"}
)

_KEY = re.compile(r"[!-~]{8,256}")
_LIKE_A_SECRET = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_-]{16,}", re.DOTALL)
_LIKE_A_COMMAND = re.compile(r"/[a-z_]{1,32}(?:@\w+)?", re.IGNORECASE)


class Step(StrEnum):
    """What is to be done next."""

    KEY = "key"
    SECRET = "secret"  # noqa: S105 - what is asked for, not a secret
    PASSPHRASE = "passphrase"  # noqa: S105 - as before
    CHECK = "check"  # all is said: the venue is to be asked
    DONE = "done"


class Problem(StrEnum):
    """Why an account was not connected."""

    VENUE = "venue"  # it is none of those that the desk trades at
    WITHDRAWS = "withdraws"  # the key could move money away
    EXPIRED = "expired"
    KNOWN = "known"  # the key is connected already
    MANY = "many"  # no more accounts fit
    REFUSED = "refused"  # the venue does not take the key
    STOPPED = "stopped"  # the person has said no meanwhile


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where somebody stands. `request` brought it there: the same again changes nothing.

    `said`: key, secret, passphrase, as far as they were asked for; nothing once it is done. `problem` None when
    done: it is connected; `detail` are the venue's words where it refused, `can_trade` what the key may do.
    """

    user_id: int
    venue: str
    request: str
    expires_at: float
    step: Step = Step.KEY
    said: tuple[str, ...] = field(default=(), repr=False)
    tail: str = ""
    can_trade: bool = False
    problem: Problem | None = None
    detail: str = ""

    @property
    def credentials(self) -> Credentials:
        """What was said, once it is enough to be checked."""
        return Credentials(*self.said)

    def hear(self, text: str, request: str) -> Dialogue:
        """One step further; the same dialogue where the request has been heard, or the text does not fit."""
        step = next_step(self.venue, self.step)
        if request == self.request or step is None or not fits(self.step, text):
            return self
        return replace(self, step=step, said=(*self.said, text.strip()), request=request)

    def connected(self, *, can_trade: bool) -> Dialogue:
        """Its good end; nothing of what was said is left."""
        tail = tail_of(self.said[0])
        return replace(self, step=Step.DONE, said=(), tail=tail, can_trade=can_trade)

    def failed(self, problem: Problem, detail: str = "") -> Dialogue:
        """Its other end."""
        tail = tail_of(self.said[0]) if self.said else ""
        return replace(self, step=Step.DONE, said=(), tail=tail, problem=problem, detail=detail)


def steps_of(venue: str) -> tuple[Step, ...]:
    """All steps for the venue, in their order."""
    asked = (Step.KEY, Step.SECRET, *((Step.PASSPHRASE,) if venue in WITH_PASSPHRASE else ()))
    return (*asked, Step.CHECK, Step.DONE)


def next_step(venue: str, step: Step) -> Step | None:
    """The step after one in which something is to be said; None for the others."""
    steps = steps_of(venue)
    if step not in steps or steps.index(step) >= steps.index(Step.CHECK):
        return None
    return steps[steps.index(step) + 1]


def fits(step: Step, text: str) -> bool:
    """Whether the text can be what the step asks for: a key is one word; a secret may be a whole PEM block."""
    said = text.strip()
    if step is Step.KEY:
        return _KEY.fullmatch(said) is not None
    return 0 < len(said) <= LONGEST


def tail_of(key: str) -> str:
    """The last four characters of a key; fewer where it is so short that they would tell too much."""
    return key[-min(4, len(key) // 4) :] if len(key) >= 4 else ""


def looks_like_a_secret(text: str) -> bool:
    """Whether it is one long word of letters and digits, as nobody writes to people."""
    return _LIKE_A_SECRET.fullmatch(text.strip()) is not None


def looks_like_a_command(text: str) -> bool:
    """Whether it begins with a word that a person would type as a command; some secrets begin with a slash, too."""
    words = text.split(maxsplit=1)
    return bool(words) and _LIKE_A_COMMAND.fullmatch(words[0]) is not None
