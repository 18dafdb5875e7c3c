"""The watch over positions, on a database and venues from memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from new_schema import upgrade
from sqlalchemy import insert, text

from bot.errors import KeyRefused, PeerUnavailable
from bot.models.account import Account
from bot.models.market import AccountType, Position, Side
from bot.models.trade import Holding
from bot.resilience.clock import ManualClock
from bot.services.position_monitor import PositionMonitor
from bot.storage import positions
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.position_watch import PositionWatchStore
from bot.storage.trading_tables import accounts, orders, pending_limit_orders

D = Decimal
NOW = 1_800_000_000.0
LINEAR = AccountType.LINEAR
SEEN = Position("BTCUSDT", Side.BUY, D("0.5"), D(60000), D(61000), D(500), liquidation_price=D(50000))


@dataclass
class Venues:
    """Positions by account id, or the error that asking for them raises."""

    answers: dict[int, Sequence[Position] | Exception] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def use(self, account: Account) -> AsyncIterator[Any]:
        self.asked.append(account.id)
        yield Venue(self.answers.get(account.id, ()))


@dataclass
class Venue:
    answer: Sequence[Position] | Exception

    async def positions(self) -> Sequence[Position]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class World:
    """Everything around a monitor."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.cipher = Cipher([Fernet.generate_key().decode()])
        self.venues = Venues()
        self.refused: list[tuple[int, str]] = []
        self.told, self.changed = 0, []
        self.monitor = self.started()

    def started(self, **bounds: int) -> PositionMonitor:
        store = PositionWatchStore(self.db, OutboxStore(self.db, self.cipher))
        return PositionMonitor(
            self.venues, store, self, ManualClock(NOW), self._tell, self.changed.append, **bounds
        )

    def _tell(self) -> None:
        self.told += 1

    async def refuse(self, account: Account, reason: str) -> None:
        self.refused.append((account.id, reason))

    async def has(self, *account_ids: int, **changes: Any) -> None:
        """Accounts that hold what is seen."""
        rows = [account(number) for number in account_ids]
        held = [replace(holding(number), **changes) for number in account_ids]
        await self.db.write(lambda connection: connection.execute(insert(accounts), rows) and None)
        await self.db.write(lambda connection: positions.put(connection, held))

    async def holdings(self) -> list[Holding]:
        statement = positions.of_user(7, LINEAR)
        return await self.db.read(lambda connection: positions.found(connection, statement))

    async def notices(self) -> list[tuple[str, dict[str, Any]]]:
        rows = await self.db.read(lambda c: c.execute(text("SELECT kind, body FROM outbox")).all())
        return [(row.kind, json.loads(self.cipher.decrypt(row.body))) for row in rows]

    async def order(self, state: str, kind: str) -> None:
        row = {column.name: None for column in orders.columns} | {
            "number": 1,
            "client_id": "a",
            "request_key": "a",
            "user_id": 7,
            "account_id": 1,
            "account_type": "linear",
            "symbol": "BTCUSDT",
            "base": "BTC",
            "quote": "USDT",
            "side": "sell",
            "kind": kind,
            "amount": D(1),
            "reduce_only": False,
            "quoted": D(1),
            "worth": D(1),
            "state": state,
            "filled": D(0),
            "created_at": NOW,
        }
        await self.db.write(lambda connection: connection.execute(insert(orders), [row]) and None)

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.monitor.look()


def account(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "user_id": 7,
        "venue": "bybit",
        "tail": f"t{number}",
        "fingerprint": str(number),
        "can_trade": True,
        "created_at": NOW,
    }


def holding(number: int) -> Holding:
    return Holding(7, number, LINEAR, "BTCUSDT", Side.BUY, D("0.5"), D(60000), updated_at=NOW - 60)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await db.start()
    await db.migrate(upgrade)
    yield World(db)
    await db.close()


async def test_what_the_venue_closed_is_told_once(world):
    """After two looks; the holding is gone, the account's cached numbers are dropped."""
    await world.has(1)
    world.venues.answers = {1: [SEEN]}
    await world.look()
    world.venues.answers = {1: []}
    await world.look(3)
    [(kind, data)] = await world.notices()
    assert ("position closed", "bybit …t1", "0.5") == (kind, data["account"], data["amount"])
    assert ([], 1, [1]) == (await world.holdings(), world.told, world.changed)


async def test_liquidation_is_warned_of_once_also_over_restarts(world):
    """Warned, remembered in the database, and again after it was farther away."""
    await world.has(1)
    near, far = replace(SEEN, liquidation_price=D(59000)), SEEN
    for seen in (near, near, far, near):
        world.venues.answers = {1: [seen]}
        world.monitor = world.started()
        await world.look()
    assert ["liquidation near"] * 2 == [kind for kind, _ in await world.notices()]
    assert [NOW] == [each.warned_at for each in await world.holdings()]


@pytest.mark.parametrize(
    ("state", "kind"), [("sending", "limit"), ("unknown", "limit"), ("open", "market"), ("sending", "market")]
)
async def test_an_order_of_ours_that_is_under_way_may_have_closed_it(world, state, kind):
    """Nothing is told or changed until it is settled."""
    await world.has(1)
    await world.order(state, kind)
    await world.look(3)
    assert ([holding(1)], []) == (await world.holdings(), await world.notices())
    await world.db.write(lambda c: c.execute(text("UPDATE orders SET state = 'cancelled'")) and None)
    await world.look()
    assert ["position closed"] == [kind for kind, _ in await world.notices()]


async def test_a_limit_order_that_waits_hides_nothing(world):
    """It may wait for weeks."""
    await world.has(1)
    await world.order("open", "limit")
    await world.look(2)
    assert ["position closed"] == [kind for kind, _ in await world.notices()]


async def test_what_was_written_down_meanwhile_is_not_undone(world):
    """Our own fill was logged while the venue was being asked."""
    await world.has(1)
    await world.look()
    newer = replace(holding(1), amount=D(2), updated_at=NOW)

    class Slow(Venue):
        async def positions(self):
            await world.db.write(lambda connection: positions.put(connection, [newer]))
            return []

    @asynccontextmanager
    async def use(_account):
        yield Slow(())

    world.venues.use = use
    await world.look()
    assert ([newer], []) == (await world.holdings(), await world.notices())


async def test_what_was_changed_elsewhere_is_adopted_quietly(world):
    """Size, and positions that were opened there."""
    await world.has(1)
    other = replace(SEEN, symbol="ETHUSDT", amount=D(3))
    world.venues.answers = {1: [replace(SEEN, amount=D(2)), other]}
    await world.look(2)
    assert [("BTCUSDT", D(2)), ("ETHUSDT", D(3))] == [
        (each.symbol, each.amount) for each in await world.holdings()
    ]
    assert ([], 0) == (await world.notices(), world.told)


async def test_who_does_not_answer_holds_up_nobody(world):
    """A refused key is noted, an absent venue asked again in the next round; the others are looked at."""
    await world.has(1, 2, 3)
    world.venues.answers = {
        1: PeerUnavailable("bybit", "no answer"),
        2: KeyRefused("bybit", 401, "API key is invalid."),
        3: [replace(SEEN, amount=D(9))],
    }
    await world.look(2)
    assert [(2, "API key is invalid.")] * 2 == world.refused
    assert [D("0.5"), D("0.5"), D(9)] == [each.amount for each in await world.holdings()]


async def test_only_accounts_with_something_to_watch_are_asked(world):
    """A position or an open order, a working key, not closed; spot coins are no position."""
    await world.has(1, 2, 3)
    await world.has(4, account_type=AccountType.SPOT)
    rows = [account(5), account(6)]
    pending = {
        "order_number": 1,
        "user_id": 7,
        "account_id": 6,
        "symbol": "BTCUSDT",
        "side": "buy",
        "amount": D(1),
        "price": D(1),
        "filled": D(0),
        "strategy": "manual",
        "created_at": NOW,
    }
    await world.db.write(lambda c: c.execute(insert(accounts), rows) and None)
    await world.db.write(lambda c: c.execute(insert(pending_limit_orders), [pending]) and None)
    await world.db.write(
        lambda c: c.execute(text("UPDATE accounts SET refused = 'no' WHERE id = 2")) and None
    )
    await world.db.write(lambda c: c.execute(text("UPDATE accounts SET closed_at = 1 WHERE id = 3")) and None)
    await world.look()
    assert [1, 6] == world.venues.asked


async def test_accounts_take_turns(world):
    """So many at a look; after the last comes the first."""
    await world.has(1, 2, 3)
    world.monitor = world.started(a_round=2)
    await world.look(3)
    assert [1, 2, 3, 1, 2] == world.venues.asked


@pytest.mark.parametrize("number", [1, 20])
async def test_as_many_statements_for_one_account_as_for_many(world, number, statements):
    """No query in a loop: two reads, and one transaction for all that has changed."""
    await world.has(*range(1, number + 1))
    world.venues.answers = {each: [replace(SEEN, amount=D(each + 1))] for each in range(1, number + 1)}
    await world.look()
    with statements() as asked:
        await world.look()
    assert [
        "SELECT accounts",
        "SELECT active_p",
        "SELECT active_p",
        "SELECT orders.a",
        "INSERT INTO act",
    ] == [each[:15] for each in asked if each[:6] in {"SELECT", "INSERT", "UPDATE", "DELETE"}]


async def test_nothing_to_watch_asks_nobody(world, statements):
    """One statement."""
    with statements() as asked:
        await world.look()
    assert 1 == len([each for each in asked if each.startswith("SELECT")])
    assert [] == world.venues.asked
