"""A crowd in full conversations, tapping twice: nobody is doubled, and every chat ends in what its user was told."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chat_stream import ChatStream
from local_world import Sheets, World, username
from process_desk import CANARY, COMMIT_READ, COMMIT_WRITE, HEADER, ISSUED, ProcessDesk, process_desk
from process_people import Person, all_holdings, all_walk
from told import KINDS, Possession, kinds_of

SITES = ("beboo", "kiwi", "sulpak")
RARE = "unobtainium"
COUNTRIES = ("NL", "DE", "FR")
POOL = 400
STEPS = 12
ENTRY = re.compile(r"(\S+) (?:(spent|bad) )?(@\w+) \S+ #[0-9a-z]{8}")
SELDOM = {"dropped", "spent", "reported", "received"}  # a crowd may well do without
NEVER_AT_REST = ("queued", "taking", "releasing")
GOOD_FOR, BAD_FOR = 4.0, 9.0
BAD_GOOGLE = {
    "latency": {"kind": "constant", "ms": 2000},
    "rules": [
        {"kind": "status", "status": 503, "path": COMMIT_READ, "times": 2},
        {"kind": "status", "status": 503, "path": COMMIT_WRITE, "times": 1},
    ],
}


def rows() -> list[list[object]]:
    """Proxies of several countries, of which but three are free for RARE."""
    return [
        [
            f"10.0.{n >> 8}.{n & 255}:8080:user{n}:{CANARY}{n}",
            COUNTRIES[n % len(COUNTRIES)],
            900 - n,
            "" if n < 3 else RARE,
            "",
            "",
        ]
        for n in range(POOL)
    ]


@pytest.fixture
def market(quiet_world: World, tmp_path: Path) -> Iterator[ProcessDesk]:
    """A desk with so many proxies that a crowd can do with them what it likes."""
    known = ["10.9.9.9:8080:anchor:x", "NL", 1, ", ".join((*SITES, RARE)), "", ""]
    with process_desk(quiet_world, tmp_path, []) as desk:
        desk.sheets.put(desk.book, [HEADER, *rows(), known])
        yield desk


class Crowd:
    """The people of a desk, and what chats, sheet and journal say of them."""

    def __init__(self, desk: ProcessDesk, stream: ChatStream, count: int, seed: int) -> None:
        self._desk = desk
        self._stream = stream
        sites = (*SITES, RARE)
        self.people = [
            Person(desk.telegram, stream, user, sites, random.Random(f"{seed} {number}"))
            for number, user in enumerate(desk.people(count))
        ]
        self._known_as = {f"@{username(person.id)}": person.id for person in self.people}

    def start_bot(self, **changed: str) -> None:
        """Start their bot, which lets in nobody else, and everybody as often as they like."""
        allowed = ",".join(str(person.id) for person in self.people)
        self._desk.start(ALLOWED_IDS=allowed, REQUESTS_PER_MINUTE="600", **changed)

    def in_the_sheet(self) -> dict[int, set[Possession]]:
        """Who holds what by the entries' names; every (proxy, resource) stands there once, whatever its state."""
        held: dict[int, set[Possession]] = {person.id: set() for person in self.people}
        for row in self._desk.sheets.cells(self._desk.book)[1:]:
            entries = ENTRY.findall(str(row[ISSUED]) if len(row) > ISSUED else "")
            assert [] == [name for name, times in Counter(name for name, *_ in entries).items() if times > 1]
            address = ":".join(str(row[0]).split(":")[:2])
            for resource, ended, name in entries:
                if not ended:
                    held[self._known_as[name]].add((address, resource))
        return held

    def in_the_journal(self) -> dict[int, set[Possession]]:
        """Who holds what by the journal, in which nothing is on its way any more."""
        moving = self._desk.ask(f"SELECT state FROM allocations WHERE state IN {NEVER_AT_REST}")  # noqa: S608
        assert [] == moving
        held: dict[int, set[Possession]] = {person.id: set() for person in self.people}
        taken = "SELECT user_id, proxy_key, resource FROM allocations WHERE state = 'taken'"
        for user, key, resource in self._desk.ask(taken):
            held[user].add((":".join(key.split(":")[:2]), resource))
        return held

    def told(self) -> dict[int, set[Possession]]:
        """Who holds what by the texts in their chats."""
        return {person.id: person.told().held for person in self.people}

    def kinds(self) -> Counter[str]:
        """How often which kind of thing was told to anybody."""
        every = (event.text for person in self.people for event in self._stream.events(person.id))
        return kinds_of(every)

    def check(self) -> None:
        """Chats, /my, sheet and journal say the same; every question got an answer, and nothing went wrong."""
        self._desk.come_to_rest()
        listed = dict(zip(self._known_as.values(), all_holdings(self.people), strict=True))
        sheet = self.in_the_sheet()
        assert {} == differences(self.in_the_journal(), sheet)
        assert {} == differences(listed, sheet)
        assert {} == differences(self.told(), sheet)
        assert [] == [asked for person in self.people for asked in person.unanswered]
        assert [] == [texts for person in self.people for texts in person.done_twice]
        assert [] == [record for record in self._desk.bot.log if record["level"] in ("error", "critical")]


def differences(
    some: dict[int, set[Possession]], others: dict[int, set[Possession]]
) -> dict[int, tuple[set[Possession], set[Possession]]]:
    """For each person what the first have too much, and the second."""
    return {
        user: (held - others[user], others[user] - held)
        for user, held in some.items()
        if held != others[user]
    }


@contextmanager
def a_bad_spell(sheets: Sheets) -> Iterator[None]:
    """After some seconds every call takes two, and some are refused; some seconds later all is well again."""
    struck: list[int] = []

    def end() -> None:
        struck.append(sheets.struck())
        sheets.heal()

    begins = threading.Timer(GOOD_FOR, sheets.control, ("PUT", "faults", BAD_GOOGLE))
    ends = threading.Timer(GOOD_FOR + BAD_FOR, end)
    for timer in (begins, ends):
        timer.start()
    yield
    ends.join()
    assert min(struck) >= 2


def test_fifty_people_at_once(market: ProcessDesk) -> None:
    """Twelve steps each through every screen, a fifth of the taps doubled and delivered again, on a day as it comes."""
    with ChatStream(market.telegram.url) as stream:
        crowd = Crowd(market, stream, 50, seed=1)
        crowd.start_bot(SHEET_CALL_TIMEOUT="10")
        began = time.monotonic()
        with a_bad_spell(market.sheets):
            all_walk(crowd.people, STEPS)
        taken = time.monotonic() - began
        print(f"\n50 people, {STEPS} steps each: {taken:.1f} s; told {dict(crowd.kinds())}")  # noqa: T201
        crowd.check()
        assert KINDS.keys() - SELDOM <= crowd.kinds().keys()
    assert market.bot.stop() == 0
