"""What an admin types that names nobody and nothing, and what others type that is not for them."""

from __future__ import annotations

from bad_inputs.cases import Typed, typed
from bad_inputs.promises import Promise
from bad_inputs.whole_desk import ANNA, CLARA, DORA, EVA

LETTERS = "A resource's name has only letters, digits, dots, dashes and underscores."
TOO_LONG = "A resource's name has at most 64 characters."
BEGINS = "A resource's name begins with a letter or a digit."
WHO = "Write for example: /who beboo, /who 192.0.2.7 or /who @anna"
AUDIT = "Write for example: /audit beboo, /audit 192.0.2.7 or /audit @anna"
RELEASE_FOR = "Write for example: /release_for @anna, /release_for @anna 5 or /release_for @anna 192.0.2.7"
ALLOW = "Write for example: /allow 1234567 user"
ROLE = "Write for example: /role @anna trader"
DENY = "Write for example: /deny @anna"
ROLES = "The roles are viewer, user, trader or admin."
NEWCOMERS = "Let them in by their id: /allow 1234567. Whoever writes to me is told theirs."

SUBJECTS = {
    "@": "That is no user name.",
    "@an-na": "That is no user name.",
    "@" + "a" * 33: "That is no user name.",
    "@an\u200bna": "That is no user name.",
    "beboo avito": "Those are too many words: one is enough.",
    "-1": BEGINS,
    "beboo,avito": LETTERS,
    "<b>": LETTERS,
    "=1+1": LETTERS,
    "be\x00boo": LETTERS,
    "🙂": LETTERS,
    "x" * 65: TOO_LONG,
    "1" + "0" * 400: TOO_LONG,
}


def _nobody(shown: str) -> str:
    return f"I know nobody called {shown}."


def _unused(name: str, *near: str) -> str:
    question = f"Did you mean {near[0]}?" if near else "Send /proxies for the names there are."
    return f"Nobody has used “{name}” yet; nothing was changed.\n{question}"


USERS = "See /users for everybody; write @name or the id."
UNKNOWN = {
    "/who @nobody": f"{_nobody('@nobody')}\n{USERS}",
    "/who 999999999": f"{_nobody('999999999')}\n{USERS}",
    "/audit @nobody": f"{_nobody('@nobody')}\n{USERS}",
    "/release_for @nobody": f"{_nobody('@nobody')}\n{USERS}",
    "/release_for 999999999 all": f"{_nobody('999999999')}\n{USERS}",
    "/who bebo": _unused("bebo", "beboo"),
    "/who nothing": _unused("nothing"),
    "/who NaN": _unused("nan"),
    "/who 0": _unused("0"),
    "/who 192.0.2.99": "192.0.2.99: I never handed it out.",
    "/who 192.0.2.99:8080:user:pass2": "192.0.2.99:8080: I never handed it out.",
    "/audit nothing": "Nothing is written down about nothing yet.",
    "/freeze bebo": _unused("bebo", "beboo"),
    "/freeze nothing": _unused("nothing"),
    "/freeze ALL": _unused("all"),
    "/thaw bebo": _unused("bebo", "beboo"),
    "/thaw nothing": _unused("nothing"),
    "/release_for @boris 192.0.2.99": "@boris holds nothing of that kind, so there is nothing to free.",
    "/release_for @boris 10.0.0.2:1": "@boris holds nothing of that kind, so there is nothing to free.",
    "/role @nobody user": f"I know nobody with the name @nobody.\n{NEWCOMERS}",
    "/role 999999999 user": f"I know nobody with the id 999999999.\n{NEWCOMERS}",
    "/deny @nobody": f"I know nobody with the name @nobody.\n{NEWCOMERS}",
    "/deny 999999999": f"I know nobody with the id 999999999.\n{NEWCOMERS}",
    "/allow @nobody user": f"I know nobody with the name @nobody.\n{NEWCOMERS}",
}
WHOSE = "Say whose proxies: begin with @name or an id."
WHICH = "It is not clear which: a number, a host, or all."
FOR_OTHERS = {
    "/release_for": WHOSE,
    "/release_for all": WHOSE,
    "/release_for 10.0.0.2": WHOSE,
    "/release_for @": WHOSE,
    "/release_for 0": WHOSE,
    "/release_for -1": WHOSE,
    "/release_for @boris 0": WHICH,
    "/release_for @boris -1": WHICH,
    "/release_for @boris 1.5": WHICH,
    "/release_for @boris ٣": WHICH,
    "/release_for @boris 1e9": WHICH,
    "/release_for @boris 1" + "0" * 400: WHICH,
    "/release_for @boris NaN": WHICH,
    "/release_for @boris beboo": WHICH,
    "/release_for @boris <b>": WHICH,
    "/release_for @boris all all": "Those are too many words.",
}
RESOURCES = {
    "": "Say which resource.",
    "beboo avito": "Those are too many words: one resource is enough.",
    "beboo,avito": LETTERS,
    "beboo;": LETTERS,
    "be\u200bboo": LETTERS,
    "*": LETTERS,
    "-": BEGINS,
    "x" * 1000: TOO_LONG,
}


def _neither(shown: str) -> str:
    return f"“{shown}” is neither an @name nor an id, which is a number."


WHOM = {
    "0": _neither("0"),
    "-1": _neither("-1"),
    "007": _neither("007"),
    "1.5": _neither("1.5"),
    "1e9": _neither("1e9"),
    "٣": _neither("٣"),
    "NaN": _neither("NaN"),
    "boris": _neither("boris"),
    "@": _neither("@"),
    "@бор": _neither("@бор"),
    "@1boris": _neither("@1boris"),
    "@bo\u200bris": _neither("@boris"),
    "<b>": _neither("<b>"),
    "1" + "0" * 400: _neither("1" + "0" * 19 + "…"),
}
ALLOWED = {
    "/allow": "Say who is meant.",
    "/allow 12345 user now": "Those are too many words.",
}
ROLED = {
    "/role": "Say who is meant.",
    "/role @boris": "The role is missing.",
    "/role @boris trader please": "Those are too many words.",
}
DENIED = {"/deny": "Say who is meant.", "/deny @boris @eva": "Those are too many words."}
NO_ROLES = {
    "/allow 12345 boss": "“boss” is no role.",
    "/allow 12345 users": "“users” is no role.",
    "/allow 12345 0": "“0” is no role.",
    "/role @boris emperor": "“emperor” is no role.",
    "/role @boris <b>admin</b>": "“<b>admin</b>” is no role.",
    "/role @boris ad\u200bmin": "“admin” is no role.",
    "/role @boris " + "x" * 1000: f"“{'x' * 20}…” is no role.",
    "/role @boris none": "“none” is no role.",
}
NOT_POSSIBLE = {
    "/allow @boris trader": "@boris has access already, as user.\nTo change that: /role @boris trader",
    "/allow 8 admin": "8 has access already, as user.\nTo change that: /role 8 admin",
    "/allow @boris": "@boris has access as user already. Nothing was changed.",
    "/role @boris user": "@boris has access as user already. Nothing was changed.",
    "/role @anna user": "@anna is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
    "/role 7 viewer": "@anna is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
    "/deny @anna": "@anna is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
    "/deny 7": "@anna is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
}
NEEDLESS = {
    "/users all": "People · 4",
    "/stats now": "All is well",
    "/doctor who": "The sheet is in order.",
    "/sources all": "Sources",
    "/drill gold-api": "Drill",
}
FOR_ADMINS = "That is for admins.\nSee /help for what you can use."
FOR_USERS = "That is for users.\nSee /help for what you can use."
ADMINS_ALONE = (
    *("/stats", "/refresh", "/who beboo", "/release_for @boris", "/freeze beboo", "/thaw beboo", "/audit"),
    *("/export", "/users", "/allow 12345", "/role @eva admin", "/deny @boris", "/doctor", "/STATS", "/role"),
    *("/sources", "/drill"),
)
USERS_ALONE = ("/take beboo", "/my", "/release all", "/bad 10.0.0.2", "/cancel", "/format", "/take")
DOOR = "This is a private desk. Ask for access to be let in; your id is 10."
AT_THE_DOOR = (
    "/take beboo",
    "/my",
    "/stats",
    "/help",
    "/start",
    "hello",
    "/take 0",
    "/nonsense",
    "<b>",
    "\x00",
)

SPOKEN_TO = {
    "/tkae beboo": "I do not know that command. Did you mean /take?",
    "/tak": "I do not know that command. Did you mean /take?",
    "/releas all": "I do not know that command. Did you mean /release?",
    "/stat": "I do not know that command. Did you mean /start?",
    "/xyzzy": "I do not know that command. See /help.",
    "/": "I do not know that command. See /help.",
    "//take beboo": "I do not know that command. Did you mean /take?",
    "/ take beboo": "I do not know that command. See /help.",
    "/take! beboo": "I do not know that command. Did you mean /take?",
    "/take\u200bbeboo 5": "I do not know that command. See /help.",
    "/tаke beboo": "I do not know that command. Did you mean /take?",  # with a Cyrillic a
    "/１": "I do not know that command. See /help.",
    "/<b>": "I do not know that command. See /help.",
    "/\x00": "I do not know that command. See /help.",
    "/🙂": "I do not know that command. See /help.",
    "/" + "x" * 4000: "I do not know that command. See /help.",
}

CASES: tuple[Typed, ...] = (
    *typed(Promise.NAMES, {f"/who {word}": says for word, says in SUBJECTS.items()}, remedy=WHO, by=ANNA),
    *typed(Promise.NAMES, {f"/audit {word}": says for word, says in SUBJECTS.items()}, remedy=AUDIT, by=ANNA),
    *typed(Promise.WORDS_AND_NUMBERS, {"/who": "Say about whom or what."}, remedy=WHO, by=ANNA),
    *typed(Promise.NOTHING_OF_THAT_NAME, UNKNOWN, by=ANNA),
    *typed(Promise.WORDS_AND_NUMBERS, FOR_OTHERS, remedy=RELEASE_FOR, by=ANNA),
    *(
        case
        for command in ("/freeze", "/thaw")
        for case in typed(
            Promise.NAMES,
            {f"{command} {word}": says for word, says in RESOURCES.items()},
            remedy=f"Write for example: {command} beboo",
            by=ANNA,
        )
    ),
    *typed(
        Promise.WORDS_AND_NUMBERS,
        {f"/allow {word}": says for word, says in WHOM.items()},
        remedy=ALLOW,
        by=ANNA,
    ),
    *typed(
        Promise.WORDS_AND_NUMBERS,
        {f"/deny {word}": says for word, says in WHOM.items()},
        remedy=DENY,
        by=ANNA,
    ),
    *typed(
        Promise.WORDS_AND_NUMBERS,
        {f"/role {word} user": says for word, says in WHOM.items()},
        remedy=ROLE,
        by=ANNA,
    ),
    *typed(Promise.WORDS_AND_NUMBERS, ALLOWED, remedy=ALLOW, by=ANNA),
    *typed(Promise.WORDS_AND_NUMBERS, ROLED, remedy=ROLE, by=ANNA),
    *typed(Promise.WORDS_AND_NUMBERS, DENIED, remedy=DENY, by=ANNA),
    *typed(Promise.WORDS_AND_NUMBERS, NO_ROLES, remedy=ROLES, by=ANNA),
    *typed(Promise.NOTHING_OF_THAT_NAME, NOT_POSSIBLE, by=ANNA),
    *typed(Promise.WORDS_AND_NUMBERS, NEEDLESS, by=ANNA),
    *typed(Promise.NOT_FOR_THEM, dict.fromkeys(ADMINS_ALONE, FOR_ADMINS), by=EVA),
    *typed(Promise.NOT_FOR_THEM, dict.fromkeys(USERS_ALONE, FOR_USERS), by=CLARA),
    *typed(Promise.NOT_FOR_THEM, dict.fromkeys(AT_THE_DOOR, DOOR), by=DORA),
    *typed(Promise.NOT_A_COMMAND, SPOKEN_TO),
)
