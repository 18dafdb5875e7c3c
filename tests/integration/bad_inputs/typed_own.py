"""What is typed after the commands of one's own proxies and settings. Eva holds nothing, Boris four."""

from __future__ import annotations

from bad_inputs.cases import typed
from bad_inputs.promises import Promise
from bad_inputs.whole_desk import BORIS, EVA

RELEASE = "Write for example: /release 192.0.2.7, /release 3 or /release all"
BAD = "Write for example: /bad 192.0.2.7, or choose it in /my"
LOOK = "See /my for what you hold."
QUIET = "Write for example: /notices quiet 22:00-07:30, or: /notices quiet off"
NOTHING_FITS = "You hold nothing that fits, or it is still being checked."


def _limit(shown: str) -> str:
    return f"“{shown}” does not work here: it is 1 to 999, in digits."


RELEASE_NUMBERS = {
    "/release 0": _limit("0"),
    "/release -1": _limit("-1"),
    "/release −3": _limit("−3"),
    "/release 1.5": _limit("1.5"),
    "/release 1,5": _limit("1,5"),
    "/release 1000": _limit("1000"),
    "/release 1e9": _limit("1e9"),
    "/release ٣": _limit("٣"),
    "/release 1" + "0" * 400: _limit("1" + "0" * 19 + "…"),
    "/release 999.999.999.999": _limit("999.999.999.999"),
    "/release 5": "You do not hold 5 of one resource.",
    "/release 999": "You do not hold 999 of one resource.",
    "/release all all": "Those are too many words: one host, one number or “all” is enough.",
    "/release 3 beboo": "Those are too many words: one host, one number or “all” is enough.",
    "/release " + "x" * 1001: "That is too long to be a host.",
}
RELEASE_NAMES = (
    "/release NaN",
    "/release everything",
    "/release 192.0.2.99",
    "/release 10.0.0.2:99999",
    "/release 10.0.0.2:1",
    "/release 192.0.2.99:8080:user2:pass2",
    "/release [::1",
    "/release @anna",
    "/release #k3f9x2qa",
    "/release <b>all</b>",
    "/release =1+1",
    "/release \u202ella",
    "/release al\u200bl",
    "/release 10.0.0.2\x00",
    "/release 🙂",
)
BAD_WORDS = {
    "/bad": "Say which proxy does not work.",
    "/bad   ": "Say which proxy does not work.",
    "/bad 0": "“0” is no host.",
    "/bad 3": "“3” is no host.",
    "/bad -1": "“-1” is no host.",
    "/bad 1.5": "“1.5” is no host.",
    "/bad ٣": "“٣” is no host.",
    "/bad 1e9": "“1e9” is no host.",
    "/bad 1" + "0" * 400: f"“1{'0' * 19}…” is no host.",
    "/bad 10.0.0.2 ugly": "“ugly” is no reason: dead, banned, slow, other are.",
    "/bad 10.0.0.2 <b>dead</b>": "“<b>dead</b>” is no reason: dead, banned, slow, other are.",
    "/bad 10.0.0.2 de\u200bad": "“dead” is no reason: dead, banned, slow, other are.",
    "/bad 10.0.0.2 it is dead": "Those are too many words: a host and a reason are enough.",
    "/bad " + "x" * 1001: "That is too long to be a host.",
}
BAD_NAMES = (
    "/bad all",
    "/bad NaN",
    "/bad 192.0.2.99",
    "/bad 192.0.2.99 dead",
    "/bad 10.0.0.2:99999",
    "/bad http://10.0.0.2:8080/../..",
    "/bad <script>",
    "/bad '",
    "/bad 🙂",
)
NO_HOURS = "The quiet hours cannot be understood."
NO_TIME = "There is no such time of day."
NOTICES = {
    "/notices quiet": NO_HOURS,
    "/notices quiet 22": NO_HOURS,
    "/notices quiet 22:00": NO_HOURS,
    "/notices quiet 22:00-": NO_HOURS,
    "/notices quiet -8": NO_HOURS,
    "/notices quiet -1-5": NO_HOURS,
    "/notices quiet 1.5-8": NO_HOURS,
    "/notices quiet 10pm-8am": NO_HOURS,
    "/notices quiet ٢٢-٨": NO_HOURS,
    "/notices quiet 1e1-8": NO_HOURS,
    "/notices quiet 1" + "0" * 400 + "-8": NO_HOURS,
    "/notices quiet 22:0-8:0": NO_HOURS,
    "/notices quiet 22:00:00-08:00:00": NO_HOURS,
    "/notices quiet 22:00-07:30 please": NO_HOURS,
    "/notices quiet off please": NO_HOURS,
    "/notices quiet 22—8": NO_HOURS,
    "/notices quiet 22;8": NO_HOURS,
    "/notices quiet <b>": NO_HOURS,
    "/notices quiet 22\x00-8": NO_HOURS,
    "/notices quiet 25-8": NO_TIME,
    "/notices quiet 22-99": NO_TIME,
    "/notices quiet 24:01-8": NO_TIME,
    "/notices quiet 22:60-8": NO_TIME,
    "/notices quiet 8-8": "Quiet hours that end when they begin are none.",
    "/notices quiet 24-0": "Quiet hours that end when they begin are none.",
    "/notices loud": "Only the quiet hours can be written; the rest is set by buttons.",
    "/notices off": "Only the quiet hours can be written; the rest is set by buttons.",
    "/notices " + "quiet" * 700: "Only the quiet hours can be written; the rest is set by buttons.",
    "/notices qui\u200bet off": "Only the quiet hours can be written; the rest is set by buttons.",
}
NEEDLESS = {
    "/my 3": "You hold no proxies.",
    "/my @boris": "You hold no proxies.",
    "/cancel everything now": "Nothing was reserved for you.",
    "/format url": "Your proxies are written as host:port:user:pass.",
    "/format <b>": "Your proxies are written as host:port:user:pass.",
    "/help me": "What I can do",
    "/start 0xdeadbeef": "I hand out proxies from the team's sheet, never the same one twice for the same site.",
    "/start "
    + "a" * 3000: "I hand out proxies from the team's sheet, never the same one twice for the same site.",
    "/proxies beboo 5": "What are the proxies for?",
    "/proxies ' OR 1=1": "What are the proxies for?",
}

CASES = (
    *typed(Promise.WORDS_AND_NUMBERS, RELEASE_NUMBERS, remedy=RELEASE, by=BORIS),
    *typed(Promise.WORDS_AND_NUMBERS, {"/release": "Say what you give back:"}, by=BORIS),
    *typed(Promise.WORDS_AND_NUMBERS, {"/release": "Say what you give back:"}, by=EVA),
    *typed(Promise.NOTHING_OF_THAT_NAME, dict.fromkeys(RELEASE_NAMES, NOTHING_FITS), remedy=LOOK, by=BORIS),
    *typed(Promise.NOTHING_OF_THAT_NAME, {"/release all": NOTHING_FITS}, remedy=LOOK, by=EVA),
    *typed(Promise.WORDS_AND_NUMBERS, BAD_WORDS, remedy=BAD, by=BORIS),
    *typed(Promise.NOTHING_OF_THAT_NAME, dict.fromkeys(BAD_NAMES, NOTHING_FITS), remedy=LOOK, by=BORIS),
    *typed(Promise.WORDS_AND_NUMBERS, NOTICES, remedy=QUIET),
    *typed(Promise.WORDS_AND_NUMBERS, NEEDLESS),
)
