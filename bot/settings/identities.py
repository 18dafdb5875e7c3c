"""Forms of tokens, keys and ids: who the bot is, whom it serves, which sheet it reads."""

import re

from bot.settings.forms import Form, FormError, words

SHORTEST_SECRET = 16

_TOKEN = re.compile(r"[0-9]{6,20}:[A-Za-z0-9_-]{30,}")
_SHEET_ID = re.compile(r"[A-Za-z0-9_-]{10,}")
_SHEET_URL = re.compile(r"(?:https?://)?docs\.google\.com/spreadsheets/(?:u/[0-9]+/)?d/([^/?#]+)(?:[/?#].*)?")
_USER_ID = re.compile(r"[0-9]{1,16}")
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_VENUE = re.compile(r"[a-z][a-z0-9]{1,31}")


def bot_token() -> Form:
    """The token @BotFather gave."""

    def read(text: str) -> str:
        if _TOKEN.fullmatch(text):
            return text
        if _SHEET_URL.fullmatch(text) or (":" not in text and len(text) > 40):
            raise FormError("looks like the value of SHEET_ID")
        raise FormError("holds a blank" if re.search(r"\s", text) else "is not a bot token")

    return Form("a token like 123456789:ABCdef…, as @BotFather gives it, without quotes", read, secret=True)


def spreadsheet_id() -> Form:
    """A spreadsheet's id, or any of its addresses as a browser shows them."""

    def read(text: str) -> str:
        if _TOKEN.fullmatch(text):
            raise FormError("looks like the value of BOT_TOKEN")
        url = _SHEET_URL.fullmatch(text)
        sheet_id = url.group(1) if url else text
        if sheet_id == "e":
            raise FormError("is the address of a published copy, which cannot be written to")
        if not _SHEET_ID.fullmatch(sheet_id):
            raise FormError("is not the id or address of a Google Sheet")
        return sheet_id

    return Form("the sheet's address, https://docs.google.com/spreadsheets/d/…, or the id in it", read)


def user_ids() -> Form:
    """Telegram users by their numbers, at least one; the value is a frozenset of int."""

    def read(text: str) -> frozenset[int]:
        entries = words(text)
        if not entries:
            raise FormError("names nobody")
        for position, entry in enumerate(entries, 1):
            if not _USER_ID.fullmatch(entry) or int(entry) == 0:
                raise FormError(f"has a wrong entry, number {position}")
        return frozenset(map(int, entries))

    return Form("user ids such as 1234567, 7654321 (numbers, not @names)", read)


def fernet_keys() -> Form:
    """Fernet keys, the one to encrypt with first; the value is a tuple of str."""

    def read(text: str) -> tuple[str, ...]:
        keys = tuple(words(text))
        for position, key in enumerate(keys, 1):
            if not _FERNET_KEY.fullmatch(key):
                raise FormError(f"has a wrong key, number {position}")
        return keys

    return Form("Fernet keys (44 characters each, the last a =), comma-separated", read, secret=True)


def signing_secret() -> Form:
    """What messages to somebody else's program are signed with."""

    def read(text: str) -> str:
        if len(text) < SHORTEST_SECRET:
            raise FormError("is too short to keep anybody from guessing it")
        return text

    return Form(f"a secret of {SHORTEST_SECRET} characters or more", read, secret=True)


def venues() -> Form:
    """Exchanges by name, in lower case; the value is a tuple without repetitions."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(word.lower() for word in words(text)))
        for position, name in enumerate(names, 1):
            if not _VENUE.fullmatch(name):
                raise FormError(f"has a wrong name, number {position}")
        return tuple(name for name in names if name != "paper")

    return Form("names of exchanges such as bybit, binance, okx", read)
