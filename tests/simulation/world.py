"""The whole desk in one deterministic world: the real services on a twin sheet, a manual clock and seeded chance."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import random
import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from clients import Op, Record, Work, address
from hands import Hands
from history import NEVER, Event, Moment, Operation, Outcome, Thing
from memory_client import LATE, TIMEOUT, MemoryClient, Wire
from memory_sheet import UNREADABLE, MemorySheet, entries
from pydantic import SecretStr
from stillness import SECRET, StillDatabase, StillLoop, new_database

from bot.app import Desk, Parts, open_desk
from bot.errors import NotYours, PeerRefused, PeerUnavailable, StillPending, StorageError
from bot.models.allocation import State
from bot.models.notice import Kind, Notice
from bot.models.proxy import address_of
from bot.models.sheet import Cell
from bot.resilience.clock import ManualClock
from bot.settings import Settings
from bot.settings.sections import LogSettings, PoolSettings, SheetSettings, StorageSettings, TelegramSettings
from bot.storage.cipher import Cipher

T = TypeVar("T")

OWNER = "SELECT user_id, proxy_key, resource FROM allocations WHERE id = ?"
TOLD = "SELECT key, chat_id, kind, body FROM outbox WHERE kind IN ('replaced', 'lost') ORDER BY number"
CIPHER = Cipher([SECRET])
HEADER: list[Cell] = ["proxy", "country", "expires", "used_for", "note", "issued"]
CLIENTS = (1, 2, 3)
COMING = {State.QUEUED, State.TAKING}
HORIZON = 200.0
SETTLED_AFTER = LATE + HORIZON + 2 * TIMEOUT
SETTLED_BY = 1_500.0
PACE = 60  # 50 a minute, and 10 saved up


def busiest(sent: Sequence[float]) -> int:
    """The most calls within any minute, of calls in order of time."""
    return max((at - bisect_right(sent, sent[at] - 60.0) + 1 for at in range(len(sent))), default=0)


def proxy_row(
    number: int, *, expires: str = "2030-01-01", used_for: str = "", issued: str = ""
) -> list[Cell]:
    """A row whose proxy can be told by its number."""
    return [f"10.0.0.{number}:8080:user:pass{number}", "NL", expires, used_for, f"note {number}", issued]


def usual_rows() -> list[list[Cell]]:
    """A small pool, so that clients meet: six good proxies, one past its time, one that cannot be read."""
    rows = [proxy_row(number, expires=f"2030-01-{number:02}") for number in range(1, 7)]
    return [*rows, proxy_row(7, expires="2020-01-01"), [UNREADABLE]]


class World:
    """Everything there is. Time moves only in `tick`; whatever runs may be killed between any two steps."""

    def __init__(
        self,
        folder: Path,
        seed: int = 0,
        rows: list[list[Cell]] | None = None,
        sheet: MemorySheet | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.sheet = sheet or MemorySheet([HEADER, *(usual_rows() if rows is None else rows)])
        self.wire = Wire(self.sheet, self.clock)
        self.record = Record()
        self.hands = Hands()
        self.log: list[str] = []
        self.ids: set[str] = set()
        self.desk: Desk
        self.database: StillDatabase
        self.looked_at: Moment = (0.0, 0)
        self.notices: dict[str, Notice] = {}
        self._folder = folder
        self._chance = random.Random(seed)
        self._order = itertools.count()
        self._serials = itertools.count()
        self._process: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        new_database(folder / "desk.db")

    # -- the process ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the desk and wait until it is up. Each process has a pace of its own."""
        self.wire.reads_sent.clear()
        self.wire.writes_sent.clear()
        self._up = asyncio.Event()
        self._process = asyncio.create_task(self._run())
        while not self._up.is_set():
            await self.tick(0.5)
            if self._process.done():
                await self._process

    @property
    def is_up(self) -> bool:
        """Whether a process serves."""
        return self._process is not None and not self._process.done()

    async def kill(self) -> None:
        """End the process where it stands; what it has sent to the sheet stays under way."""
        if self._process is None:
            return
        self.record.broken += self.over_pace()
        for task in asyncio.all_tasks() - {asyncio.current_task(), self._process, *self.wire.under_way}:
            task.cancel()
        await self._rest()
        while not self._process.done():
            self._process.cancel()
            await self._rest()

    def over_pace(self) -> list[str]:
        """Minutes in which this process has sent more calls than the pace lets through."""
        sent = {"reads": self.wire.reads_sent, "writes": self.wire.writes_sent}
        return [
            f"{busiest(calls)} {kind} in a minute" for kind, calls in sent.items() if busiest(calls) > PACE
        ]

    async def _run(self) -> None:
        self.database = StillDatabase(self._folder / "desk.db", self.clock)
        parts = Parts(
            make_sheet=lambda pace, outage: MemoryClient(self.wire, pace, outage),
            database=self.database,
            new_id=self._new_id,
            jitter=random.Random(self._chance.random()),
        )
        async with open_desk(_settings(self._folder), self.clock, parts) as self.desk:
            self._up.set()
            await asyncio.Event().wait()

    def _new_id(self) -> str:
        fresh = base64.b32encode(self._chance.randbytes(5)).decode().lower()
        self.ids.add(fresh)
        return fresh

    # -- time -----------------------------------------------------------------------------------------------

    def now(self) -> Moment:
        """A moment that nothing else shares."""
        return self.clock.time(), next(self._order)

    async def tick(self, seconds: float) -> None:
        """Let time pass, and everything happen that then happens."""
        await self._rest()
        await self.clock.tick(seconds)
        await self._rest()

    def spawn(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Start something that the process does besides; a fault may hit it, or the end of the process."""

        async def run() -> None:
            await self._excused(work())

        asyncio.create_task(run())  # noqa: RUF006 - `kill` finds it among all tasks

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Let time pass until the work is done, and return its result."""
        task, passed = asyncio.create_task(work), 0.0
        while not task.done() and passed < SETTLED_BY:
            await self.tick(0.01 if passed < 1 else 10.0)
            passed += 0.01 if passed < 1 else 10.0
        return await task

    async def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let the process do something that a fault may hit, and time pass until it is done."""
        await self.wait(self._excused(work))

    async def _excused(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except (StorageError, PeerUnavailable, PeerRefused) as error:
            self._note(f"failed: {error}")

    async def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        await loop.rest()

    # -- clients --------------------------------------------------------------------------------------------

    def ask(
        self,
        client: int,
        operation: Operation,
        resource: str,
        work: Work,
        *,
        key: str,
        wanted: int = 0,
        targets: tuple[Thing, ...] = (),
        conflicting: Work | None = None,
    ) -> Op:
        """A client asks for something; the answer comes in its own time."""
        op = Op(key, client, operation, resource, work, self.now(), wanted, targets, conflicting)
        self.record.ops.append(op)
        self.send(op)
        return op

    def send(self, op: Op) -> asyncio.Task[None]:
        """Send a request, perhaps not for the first time."""
        op.under_way += 1
        task = asyncio.create_task(self._attempt(op), name=op.key)
        task.add_done_callback(op.ended)
        return task

    @property
    def read_at(self) -> float:
        """When the last reading began that the desk has drawn its conclusions from."""
        return self.desk.reconciler.compared_at or 0.0

    def knows(self, address: str) -> bool:
        """Whether the last reading has seen that proxy."""
        inventory = self.desk.pool.inventory
        return inventory is None or any(row.endpoint.address == address for row in inventory.rows)

    def has_entry(self, address: str) -> bool:
        """Whether an entry of that proxy stands beside it."""
        column, issued = self.sheet.column("proxy"), self.sheet.column(self.sheet.ours)
        cells = [line.cells for line in self.sheet.lines if str(line.cells[column]).startswith(f"{address}:")]
        ids = (entry.rpartition("#")[2] for row in cells for entry in entries(row[issued]))
        owners = (self.owner_of(each) for each in ids if each in self.ids)
        return any(owner is not None and owner[1][0] == address for owner in owners)

    def takes_away(self, row: int) -> None:
        """A person takes a row out of the sheet, and with it what lies there of other proxies."""
        cells = self.sheet.lines[row - 1].cells
        address = ":".join(str(cells[self.sheet.column("proxy")]).split(":")[:2])
        self.hands.takes_away(address, self.read_at)
        for entry in entries(cells[self.sheet.column(self.sheet.ours)]):
            owner = self.owner_of(entry.rpartition("#")[2])
            if owner and owner[1][0] != address:
                self.freed(*owner)

    def freed(self, client: int, thing: Thing) -> None:
        """A person has deleted its entry: the client may lose it from now on, or not."""
        address, resource = thing
        freed = Event(self.now(), NEVER, client, Operation.RELEASE, Outcome.UNKNOWN, resource, address)
        self.record.looks.append(freed)

    def owner_of(self, allocation: str) -> tuple[int, Thing] | None:
        """Whose it is, and what, by the journal."""
        with closing(sqlite3.connect(self.database.path)) as connection:
            found = connection.execute(OWNER, (allocation,)).fetchone()
        return (found[0], (address_of(found[1]), found[2])) if found else None

    async def desk_reads(self) -> None:
        """The whole sheet is read anew."""
        await self.wait(self.desk.service.refresh(force=True))

    def replay(self, ops: Sequence[Op]) -> None:
        """What a former process left without an answer comes again; then the desk ends what nobody asked for."""
        attempts = [self.send(op) for op in ops]

        async def afterwards() -> None:
            await asyncio.gather(*attempts)
            await self.desk.service.settle_orphans()

        self.spawn(afterwards)

    def new_key(self) -> str:
        """A request key that nobody has used."""
        return f"request-{len(self.record.ops)}"

    def serial(self) -> int:
        """A number that nothing else was given."""
        return next(self._serials)

    async def look(self) -> dict[int, dict[str, Thing]]:
        """What each client sees to be theirs, by allocation id."""
        self.hands.loses_proof(self.read_at, self.has_entry)
        seen = {}
        for client in CLIENTS:
            called = self.now()
            held = await self.desk.service.held_by(client)
            seen[client] = {each.allocation: (address(each.proxy), each.resource) for each in held}
            # What is on its way may still fail: under an old password it does, and another has the new one.
            live = self.desk.pool.ledger.live
            coming = {
                each
                for each in seen[client]
                if each in live and live[each].state in COMING and not live[each].promised
            }
            things = frozenset(
                thing
                for each, thing in seen[client].items()
                if each not in coming or thing[0] not in self.hands.rotated
            )
            self.record.looks.append(
                Event(called, self.now(), client, Operation.LOOK, Outcome.OK, seen=things)
            )
        self._hear()
        self.looked_at = self.now()
        return seen

    def _hear(self) -> None:
        """What the desk has told its people since the last look: what was promised is lost, perhaps replaced."""
        with closing(sqlite3.connect(self.database.path)) as connection:
            told = connection.execute(TOLD).fetchall()
        for key, client, kind, body in told:
            if key not in self.notices:
                data = json.loads(CIPHER.decrypt(body))
                self.notices[key] = Notice(client, Kind(kind), data, key)
                self._loses(client, (data.get("old") or data["address"], data["resource"]))
                if "new" in data:
                    self._gets(client, (data["new"], data["resource"]))

    def _loses(self, client: int, thing: Thing) -> None:
        lost = Event(self.looked_at, self.now(), client, Operation.RELEASE, Outcome.OK, thing[1], thing[0])
        self.record.looks.append(lost)

    def _gets(self, client: int, thing: Thing) -> None:
        got = Event(self.now(), NEVER, client, Operation.TAKE, Outcome.OK, thing[1], thing[0])
        self.record.looks.append(got)

    async def _attempt(self, op: Op) -> None:
        try:
            answer = await op.work(self.desk.service)
        except (StorageError, PeerUnavailable, PeerRefused) as error:
            self._note(f"{op.key} failed: {error}")
            if "UNIQUE" in str(error):
                self.record.broken.append(f"{op.key} met itself: {error}")
        except (NotYours, StillPending) as refused:
            self._note(f"{op.key} refused: {refused}")
            if op.answer is not None and not op.answer.refusal:
                self.record.broken.append(f"{op.key} was answered {op.answer} and then refused: {refused}")
        else:
            self._note(f"{op.key} answered: {answer}")
            self.record.accept(op, answer, self.now())

    # -- the record -----------------------------------------------------------------------------------------

    def act(self, text: str) -> None:
        """Note what is done to the world."""
        self._note(text)

    def digest(self) -> str:
        """A fingerprint of everything that happened and of the sheet at the end."""
        cells = [line.cells for line in self.sheet.lines]
        looks = [(look.called, look.client, sorted(look.seen)) for look in self.record.looks]
        return hashlib.sha256(repr((self.log, looks, cells)).encode()).hexdigest()

    def _note(self, text: str) -> None:
        self.log.append(f"{self.clock.time() - 1_800_000_000:10.3f}  {text}")


def _settings(folder: Path) -> Settings:
    return Settings(
        telegram=TelegramSettings(token=SecretStr("123456:" + "A" * 35), admin_ids=frozenset({1})),
        sheet=SheetSettings(
            id="book-of-the-simulation",
            service_account=folder / "none.json",
            api_url="http://127.0.0.1:9",
            write_horizon=HORIZON,
        ),
        pool=PoolSettings(),
        storage=StorageSettings(
            data_dir=folder,
            database_url=f"sqlite+aiosqlite:///{folder}/desk.db",
            secret_keys=(SecretStr(SECRET),),
        ),
        log=LogSettings(),
    )
