"""A desk in the local world: its sheet, its people, its bot, over any number of starts."""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bot_process import BotProcess
from local_world import PATIENCE, World, until

HEADER = ["proxy", "country", "days_left", "used_for", "note", "issued"]
USED_FOR, ISSUED = 3, 5
COLD, WARM = False, True
CANARY = "Kanarienvogel"
ADMIN = 1001
SCARCE = "scarce"
SITES = tuple(f"site{number}" for number in range(1, 61))
COMMIT_READ = r"values:batchGet(?!.*COLUMNS)"
COMMIT_WRITE = "values:batchUpdate"

_books = itertools.count(1)
_ENTRY = re.compile(r"(\S+) \S+ \S+ #[0-9a-z]{8}")
_REQUEST = re.compile(r"request #(\d+)")


def proxy_rows(count: int, used_for: str = "") -> list[list[Any]]:
    """`count` proxies, the best first, each with a password that must never be seen outside chat and sheet."""
    return [
        [f"10.0.{n >> 8}.{n & 255}:8080:user{n}:{CANARY}{n}", "NL", 900 - n, used_for, "", ""]
        for n in range(1, count + 1)
    ]


def anchor_row() -> list[Any]:
    """A proxy that is used for every site, so that the sites are known."""
    return [f"10.9.9.9:8080:anchor:{CANARY}0", "NL", 1, ", ".join((SCARCE, *SITES)), "", ""]


def request_number(answer: str) -> str:
    """The request number in a receipt, "" where there is none."""
    found = _REQUEST.search(answer)
    return found[1] if found else ""


class ProcessDesk:
    """`start` a bot, let people write, look at chats and sheet; `folder` outlives each bot."""

    def __init__(self, world: World, folder: Path, rows: list[list[Any]]) -> None:
        self.world, self.telegram, self.sheets = world, world.telegram, world.sheets
        self.folder = folder
        self.book = f"book-of-the-test-{next(_books)}"
        self.sheets.put(self.book, [HEADER, *rows, anchor_row()])
        self.bots: list[BotProcess] = []
        self.allowed = world.new_ids()
        self._people = iter(self.allowed)
        self._sites = iter(SITES)

    # -- the bot --------------------------------------------------------------------------------------------

    @property
    def bot(self) -> BotProcess:
        """The last one started."""
        return self.bots[-1]

    def settings(self, **changed: str) -> dict[str, str]:
        """Ordinary settings for this desk; quick deadlines, and a pace that tests do not wait for."""
        return {
            "BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "ADMIN_IDS": str(ADMIN),
            "ALLOWED_IDS": ",".join(map(str, self.allowed)),
            "SHEET_ID": self.book,
            "GOOGLE_SERVICE_ACCOUNT": str(self.world.service_account),
            "SHEETS_API_URL": self.sheets.url,
            "BYBIT_API_URL": self.world.exchange.url,
            "PRICES_API_URL": self.world.prices.url,
            "SHEET_CACHE_TTL": "1h",
            "SHEET_CALL_TIMEOUT": "2",
            "SHEET_WRITE_HORIZON": "4",
            "SHEET_READS_PER_MINUTE": "300",
            "SHEET_WRITES_PER_MINUTE": "300",
            "DATA_DIR": str(self.folder / "data"),
            "LOG_FORMAT": "json",
        } | changed

    def launch(self, warm: bool = COLD, /, **changed: str) -> BotProcess:
        """Start the bot's process, and no more: as people do, or WARM, with its imports behind it."""
        folder = self.folder / f"bot-{len(self.bots) + 1}"
        self.bots.append(BotProcess(self.settings(**changed), folder, warm=warm))
        return self.bot

    def start(self, warm: bool = WARM, /, **changed: str) -> BotProcess:
        """Start the bot and wait until it is up."""
        bot = self.launch(warm, **changed)
        until(lambda: bot.logged("the bot is up") or not bot.running)
        assert bot.running, bot.lines
        return bot

    # -- people and the sheet -------------------------------------------------------------------------------

    def person(self) -> int:
        """Somebody new who may use the bot."""
        return self.telegram.join(next(self._people))

    def people(self, count: int) -> list[int]:
        """A crowd of them."""
        return [self.person() for _ in range(count)]

    def site(self) -> str:
        """A known resource that nobody has taken anything for."""
        return next(self._sites)

    def all_send(self, people: list[int], text: str) -> None:
        """Everybody writes at the same time."""
        with ThreadPoolExecutor(20) as threads:
            list(threads.map(lambda person: self.telegram.send(person, text), people))

    def issued(self, site: str) -> list[str]:
        """The proxies with our entry for that site, once for each entry."""
        return [
            row[0]
            for row in self.sheets.cells(self.book)[1:]
            for resource in _ENTRY.findall(str(row[ISSUED]) if len(row) > ISSUED else "")
            if resource == site
        ]

    def given(self, person: int) -> list[str]:
        """The proxies in a person's chat, once for each time they were shown."""
        lines = "\n".join(self.telegram.texts(person)).splitlines()
        return [line.split(" · ")[0] for line in lines if CANARY in line]

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the bot's database."""
        database = f"file:{self.folder / 'data' / 'quartermaster.db'}?mode=ro"
        with closing(sqlite3.connect(database, uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def come_to_rest(self) -> None:
        """Wait until the bot is done with every update, and every notice whose reader can be reached."""
        until(lambda: self.telegram.state()["pending"] == 0)
        until(lambda: not self.ask("SELECT 1 FROM inbox WHERE done_at IS NULL"), 2 * PATIENCE)
        notice = "SELECT 1 FROM outbox WHERE done_at IS NULL AND (attempts > 0 OR due_at < unixepoch() + 60)"
        until(lambda: not self.ask(notice), 2 * PATIENCE)

    # -- what must hold -------------------------------------------------------------------------------------

    def check_promises(self, site: str, people: list[int]) -> None:
        """Nobody shares a proxy, and the sheet shows for the site what the chats do, each once."""
        shown = [proxy for person in people for proxy in set(self.given(person))]
        assert [proxy for proxy, times in Counter(shown).items() if times > 1] == []
        assert sorted(shown) == sorted(self.issued(site))

    def leaks(self) -> dict[str, list[str]]:
        """Which secrets stand in which file that the bots have written."""
        key = json.loads(self.world.service_account.read_text())["private_key"]
        secrets = {
            "password": CANARY,
            "token": self.telegram.token.partition(":")[2],
            "private key": key.splitlines()[3],
            "private key, escaped": json.dumps(key)[80:140],
            **{f"key of {path.name}": path.read_text().strip() for path in self.folder.rglob("*.key")},
        }
        written = (path for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".key")
        found = {
            path.name: [what for what, secret in secrets.items() if secret.encode() in path.read_bytes()]
            for path in written
        }
        return {name: leaked for name, leaked in found.items() if leaked}


@contextmanager
def process_desk(world: World, folder: Path, rows: list[list[Any]]) -> Iterator[ProcessDesk]:
    """A desk; in the end its bots are killed, and none of them may have written a secret anywhere."""
    desk = ProcessDesk(world, folder, rows)
    try:
        yield desk
        assert desk.leaks() == {}
    finally:
        for bot in desk.bots:
            bot.kill()
        world.forget()
