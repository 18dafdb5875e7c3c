"""The local world as a process of its own, seen through its control side."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.request import Request, urlopen

from sandbox.telegram.world import TOKEN

T = TypeVar("T")

FREE_PORTS = tuple(f"--{name}-port=0" for name in ("chat", "telegram", "sheets", "exchange", "prices"))
LAST_LINE = "People"
PATIENCE = 30.0
FIRST_PERSON = 20_000
BLOCK = 500

Json = dict[str, Any]


def until(look: Callable[[], T], patience: float = PATIENCE) -> T:
    """What `look` returns once it is true; an AssertionError with its last value if it never is."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {patience:g} s"
        time.sleep(0.02)
    return seen


def username(user: int) -> str:
    """What somebody of these tests is called."""
    return f"person{user}"


def call(url: str, method: str = "GET", body: object = None) -> Any:
    """One JSON call; refusals are raised as urllib's HTTPError."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
    with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        return json.load(answer)


class Server:
    """What the local servers have in common: an address and faults to switch on."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, method: str, path: str, body: object = None) -> Any:
        """A call to the control side."""
        return call(f"{self.url}/sandbox/{path}", method, body)

    def strike(self, *rules: Json) -> None:
        """From now on these faults, and no others."""
        self.control("PUT", "faults", {"rules": list(rules)})

    def struck(self) -> int:
        """How many calls the present faults have struck."""
        return sum(rule["hits"] for rule in self.control("GET", "faults")["rules"])

    def slow_down(self, milliseconds: float) -> None:
        """Every call takes that long."""
        self.control("PUT", "faults", {"latency": {"kind": "constant", "ms": milliseconds}})

    def heal(self) -> None:
        """No faults, no latency."""
        self.control("DELETE", "faults")


class Telegram(Server):
    """Telegram from the people's side."""

    token = TOKEN

    def join(self, user: int, name: str = "Somebody") -> int:
        """A new person, whose username is made of their id; returns the id."""
        new = {"id": user, "first_name": name, "username": username(user)}
        joined: int = self.control("POST", "users", new)["id"]
        return joined

    def group(self, members: list[int], kind: str = "supergroup") -> int:
        """A group of these people and the bot; returns its id."""
        chat = {"type": kind, "title": "All of us", "members": members}
        made: int = self.control("POST", "chats", chat)["id"]
        return made

    def send(self, user: int, text: str, **more: Any) -> Json:
        """Somebody writes, by default in their private chat."""
        sent: Json = self.control("POST", "send", {"user": user, "text": text, **more})
        return sent

    def press(self, user: int, message: Json, data: str, **more: Any) -> Json:
        """Somebody presses a button of a message in their private chat; returns how the press was answered."""
        press = {"user": user, "chat": user, "message_id": message["message_id"], "data": data, **more}
        callback = self.control("POST", "press", press)["callback_query_id"]

        def answered() -> Json | None:
            seen: Json = self.control("GET", f"callbacks/{callback}")
            return seen if seen["answered"] else None

        return until(answered) or {}

    def messages(self, chat: int) -> list[Json]:
        """What the bot has written in a chat and not deleted, as it reads now."""
        every = self.control("GET", f"chats/{chat}/messages")
        return [message for message in every if message["from"]["is_bot"]]

    def texts(self, chat: int) -> list[str]:
        """The texts of these messages."""
        return [message["text"] for message in self.messages(chat)]

    def answers(self, chat: int, count: int = 1, patience: float = PATIENCE) -> list[str]:
        """The texts in a chat, once there are that many."""
        return until(lambda: texts if len(texts := self.texts(chat)) >= count else [], patience)

    def calls(self, method: str) -> int:
        """How often the bots of this test have called a method, whatever came of it."""
        return sum(self.control("GET", "calls").get(method, {}).values())

    def state(self) -> Json:
        """Where the bot stands with its updates."""
        state: Json = self.control("GET", "state")
        return state

    def forget(self) -> None:
        """Drop what no bot has fetched, as the owner of a token can; and no faults any more."""
        self.heal()
        self.control("DELETE", "calls")
        call(f"{self.url}/bot{TOKEN}/getUpdates?timeout=0&offset={self.state()['next_update_id']}")


class Sheets(Server):
    """Google Sheets from the people's side."""

    def put(self, book: str, rows: list[list[Any]], **more: Any) -> None:
        """A spreadsheet with one tab, shared with the bot unless `shared_with` says otherwise."""
        sheet = {"title": "Pool", "values": rows}
        self.control("PUT", f"spreadsheets/{book}", {"title": book, "sheets": [sheet], **more})

    def cells(self, book: str) -> list[list[Any]]:
        """The tab as it stands, header first."""
        values: list[list[Any]] = self.control("GET", f"spreadsheets/{book}")["sheets"][0]["values"]
        return values

    def edit(self, book: str, *edits: Json) -> None:
        """People edit the sheet."""
        self.control("POST", f"spreadsheets/{book}/edit", list(edits))

    def calls(self, book: str) -> tuple[int, int]:
        """Reads and writes of a spreadsheet since `count_anew`; what a killed bot sent may still arrive at others."""
        counted = self.control("GET", "counters")["spreadsheets"].get(book, {})
        return counted.get("reads", 0), counted.get("writes", 0)

    def count_anew(self) -> None:
        """Zero the counters."""
        self.control("DELETE", "counters")

    def forget(self) -> None:
        """No faults and no hooks any more."""
        self.heal()
        self.control("DELETE", "hooks")


@dataclass(frozen=True, slots=True)
class World:
    """The servers, and the key file with which a bot signs in at Google."""

    telegram: Telegram
    sheets: Sheets
    service_account: Path
    exchange: Server
    prices: Server
    _blocks: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_PERSON, BLOCK))

    def new_ids(self) -> range:
        """Ids of people that nobody else has got."""
        first = next(self._blocks)
        return range(first, first + BLOCK)

    def forget(self) -> None:
        """Leave nothing of a test behind that the next one could meet."""
        self.telegram.forget()
        self.sheets.forget()
        self.exchange.heal()
        self.prices.control("POST", "reset")


@contextmanager
def local_world(folder: Path) -> Iterator[World]:
    """`python -m sandbox --no-bot` in a folder of its own; one bot at a time may poll it."""
    command = [sys.executable, "-m", "sandbox", "--no-bot", "--quota", "off", "--data-dir", str(folder)]
    with subprocess.Popen([*command, *FREE_PORTS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            urls = _addresses(process.stdout)
            key = folder / "service-account.json"
            telegram, sheets = Telegram(urls["Telegram"]), Sheets(urls["Sheets"])
            yield World(telegram, sheets, key, Server(urls["Exchange"]), Server(urls["Prices"]))
        finally:
            process.terminate()


def _addresses(lines: IO[str]) -> dict[str, str]:
    urls = {}
    for line in lines:
        if found := re.match(r"(\w+) .*(http://127\.0\.0\.1:\d+)", line):
            urls[found[1]] = found[2]
        if line.startswith(LAST_LINE):
            break
    return urls
