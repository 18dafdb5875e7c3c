"""Takes secrets out of text that people or files will see; hosts and ids stay readable.

Where text can't be told from a secret, it goes. Each pattern takes time linear in the text: its starting
points lie where an earlier try has not read on, and no two of its repeats can share out the same characters.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
SHORTEST_SECRET = 4

_IPV6 = r"\[[0-9A-Fa-f:.]{2,45}\]"
# The rest of a word, but not the quote that closes a JSON string: a redacted JSON line is still JSON.
_REST = r"(?:\\\S|[^\s\"\\\x1b]|\"(?![,}\]:\s]|$))+"

# Most lines hold no secret: what a rule cannot do without is looked for first, in a fraction of its time.
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{30}").search
_AUTHORIZATION = re.compile(r"[Ee][Aa][Rr][Ee][Rr]|[Uu][Tt][Hh][Oo][Rr]").search
_PORT_AND_USER = re.compile(r":[0-9]{2,5}:[^\s:]++:").search

_RULES = tuple(
    (sign, re.compile(pattern), replacement)
    for sign, pattern, replacement in (
        (
            re.compile("-----BEGIN").search,
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-\"]|-(?!----))*(?:-----END [A-Z ]{0,40}-----)?",
            MASK,
        ),
        (_LONG_WORD, r"(?<![0-9])([0-9]{6,}(?::|%(?:25){0,3}3[Aa]))[A-Za-z0-9_-]{30,}", rf"\1{MASK}"),
        (_AUTHORIZATION, r"((?i:bearer|authorization\W{1,6}basic)\s{1,8})[\w.~+/=-]{8,}", rf"\1{MASK}"),
        (re.compile(r"ya29\.").search, r"ya29\.[\w.-]+", MASK),
        (re.compile("gAAAA").search, r"gAAAA[\w-]{20,}={0,2}", MASK),
        (_LONG_WORD, r"[A-Za-z0-9_-]{43}(?:=|%3[Dd])", MASK),
        # scheme://user:pass@host; a password may hold @ and single slashes
        (re.compile("://").search, r"(://)[^\s/@:?#]*(?::(?:[^\s/]|/(?!/))*)?@", rf"\1{MASK}@"),
        # host:port:user:pass, which a time with its zone resembles
        (
            _PORT_AND_USER,
            rf"((?:(?<![\w.-])(?![0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T)[\w.-]++|{_IPV6}):[0-9]{{2,5}}:)[^\s:]++:{_REST}",
            rf"\1{MASK}",
        ),
    )
)
_BEFORE_HOST = re.compile(rf"(?<!\S)\S*@(?=(?:[\w.-]{{1,253}}|{_IPV6}):[0-9]{{1,5}})")
_WORD_START = re.compile(r"\x1b\[[0-9;]*m|\\[nrt\"]|[\"'=(\[{,;<>|]")


class Redactor:
    """Replaces by `***` what looks like a secret, and the given secrets in plain, JSON and URL spelling.

    Known by their looks: bot tokens, the credentials of proxies and URLs, private keys, bearer tokens, Fernet
    keys and tokens. A given secret of less than 4 characters is left alone: it would blacken ordinary words.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        long_enough = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        spellings = {spelling for secret in long_enough for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        self._given = re.compile("|".join(map(re.escape, longest_first))) if spellings else None

    def __call__(self, text: str) -> str:
        if self._given is not None:
            text = self._given.sub(MASK, text)
        for sign, pattern, replacement in _RULES:
            if sign(text):
                text = pattern.sub(replacement, text)
        return _BEFORE_HOST.sub(_without_credentials, text) if "@" in text else text


def _spellings(secret: str) -> set[str]:
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, repr(secret)[1:-1], quote(secret, safe=""), quote(secret)} | in_json


def _without_credentials(match: re.Match[str]) -> str:
    """`user:pass@` in front of host:port, masked from where the user's name begins."""
    word = match.group()
    user_end = word.find(":")
    if user_end < 0 or "://" in word:
        return word
    starts = [start.end() for start in _WORD_START.finditer(word, 0, user_end)]
    return f"{word[: max(starts, default=0)]}{MASK}@"
