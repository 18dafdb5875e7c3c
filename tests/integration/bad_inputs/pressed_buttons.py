"""What a button may carry that we never wrote, or not for the presser; and what older versions may have written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bad_inputs.promises import Promise
from bad_inputs.whole_desk import ANNA, BORIS, CLARA, DORA, EVA
from bot.models.offer import Action, Argument
from bot.views.commands import ROLE_OF_VERB

LAPSED = "This button is not yours or has lapsed. Send the command again."
DOOR = "This is a private desk. Ask for access to be let in; your id is 10."
FOR_ADMINS = "That is for admins.\nSee /help for what you can use."
FOR_USERS = "That is for users.\nSee /help for what you can use."


@dataclass(frozen=True, slots=True)
class Pressed:
    """Data that somebody's client sends, and the alert they get.

    `{mine}` is an offer of Eva's, `{his}` one of Boris's, each with one button that takes a proxy for `beboo`.
    """

    promise: Promise
    data: str
    alert: str = LAPSED
    by: int = EVA

    @property
    def name(self) -> str:
        """How the case is told from others."""
        return f"{self.by}:{ascii(self.data)[1:-1]}"


@dataclass(frozen=True, slots=True)
class Written:
    """A button that another version of the bot has stored."""

    action: Action

    @property
    def name(self) -> str:
        """How the case is told from others."""
        return f"{self.action.verb}{self.action.args}"


FORGED = (
    "",
    " ",
    "b",
    "b:",
    "b::",
    "b:::",
    ":",
    "b:{mine}",
    "b:{mine}:",
    "b:{mine}:-1",
    "b:{mine}:1",
    "b:{mine}:999999999999999999",
    "b:{mine}:1" + "0" * 40,
    "b:{mine}:0.5",
    "b:{mine}:0.0",
    "b:{mine}:0e0",
    "b:{mine}:0x0",
    "b:{mine}:+0",
    "b:{mine}:00",
    "b:{mine}:0_0",
    "b:{mine}: 0",
    "b:{mine}:0 ",
    "b:{mine}:０",
    "b:{mine}:٠",
    "b:{mine}:NaN",
    "b:{mine}:None",
    "b:{mine}:true",
    "b:{mine}:0:0",
    "b:{mine}:0:take",
    "b:{mine}\x00:0",
    "b: {mine}:0",
    "b:{mine} :0",
    "b:{mine}\u200b:0",
    "B:{mine}:0",
    "c:{mine}:0",
    "v2:{mine}:0",
    "{mine}:0",
    "{mine}",
    "0:{mine}:b",
    "b:{MINE}:0",
    "b:{mine}{mine}:0",
    "b::0",
    "b:0:0",
    "b:unknown0unknown0:0",
    "b:%:0",
    "b:_:0",
    "b:*:0",
    "b:' OR '1'='1:0",
    "b:1;DROP TABLE offers:0",
    "b:../../offers:0",
    "take",
    "take:beboo:50",
    "take preview",
    "approve:11:admin",
    "ask",
    '{{"verb":"take","args":["beboo",50,1]}}',
    "[]",
    "null",
    "/take beboo 5",
    "<b>",
    "🙂" * 16,
    "\u202eb:{mine}:0",
    "b:{mine}:0\n",
    "\x00" * 64,
    "\x7f\x80\xff",
    "x" * 64,
    "x" * 65,
    "b:" + "x" * 4000 + ":0",
)
FOREIGN = (
    Pressed(Promise.FOREIGN_BUTTON, "b:{his}:0"),
    Pressed(Promise.FOREIGN_BUTTON, "b:{mine}:0", by=BORIS),
    Pressed(Promise.FOREIGN_BUTTON, "b:{mine}:0", by=ANNA),
    Pressed(Promise.FOREIGN_BUTTON, "b:{mine}:0", by=CLARA),
    Pressed(Promise.FOREIGN_BUTTON, "b:{mine}:0", DOOR, by=DORA),
    Pressed(Promise.FOREIGN_BUTTON, "b:{his}:-1"),
    Pressed(Promise.FOREIGN_BUTTON, "x" * 64, DOOR, by=DORA),
    Pressed(Promise.FOREIGN_BUTTON, "", DOOR, by=DORA),
)
CASES = (*(Pressed(Promise.FORGED_BUTTON, data) for data in FORGED), *FOREIGN)

STRANGE: tuple[tuple[Argument, ...], ...] = (
    (),
    ("zzz", "zzz", "zzz", "zzz", "zzz", "zzz"),
    (None, None, None, None, None, None, None, None),
)


def of_other_versions() -> Iterator[Written]:
    """Each verb of today with arguments that it never had, and verbs that there are not."""
    for verb in ROLE_OF_VERB:
        for args in STRANGE:
            yield Written(Action(verb, args))
    for verb in ("teleport", "", "Take", "ask for more"):
        yield Written(Action(verb, ("beboo", 1, 0)))


WRITTEN = tuple(of_other_versions())
TOO_HIGH = (
    ("retry", EVA, FOR_ADMINS),
    ("freeze", EVA, FOR_ADMINS),
    ("approve", CLARA, FOR_ADMINS),
    ("take", CLARA, FOR_USERS),
    ("show", CLARA, FOR_USERS),
)
