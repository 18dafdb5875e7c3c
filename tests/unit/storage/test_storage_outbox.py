"""The outbox in the database: encrypted, in the writer's own transaction, wiped when it is done."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, select, text
from test_storage_plans import Query, scans

from bot.errors import StorageError
from bot.models.delivery import Outcome
from bot.models.notice import Kind, Notice
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore, add, due, next_due
from bot.storage.tables import meta, outbox

NOW = 1_800_000_000.0
NOTICE = Notice(
    7, Kind.REPLACED, {"resource": "beboo", "address": "192.0.2.1:80", "new": "192.0.2.2:80"}, "k"
)


@pytest.fixture
def store(db: Database, cipher: Cipher) -> OutboxStore:
    return OutboxStore(db, cipher)


async def body(db: Database) -> bytes | None:
    return await db.read(lambda connection: connection.scalar(select(outbox.c.body)))


async def test_a_body_is_encrypted_and_wiped_when_it_is_done(
    db: Database, store: OutboxStore, cipher: Cipher
) -> None:
    """Nobody reads in a stolen file who was told what."""
    await store.post([NOTICE], NOW)
    written = await body(db)
    assert written is not None
    assert (False, dict(NOTICE.data)) == (b"beboo" in written, json.loads(cipher.decrypt(written)))
    [parcel] = await store.due(NOW, 1)
    await store.done(parcel.number, Outcome.DELIVERED, NOW + 1)
    assert None is await body(db)


async def test_a_notice_is_written_with_what_it_tells_of(db: Database, store: OutboxStore) -> None:
    """Both or neither: a transaction that fails leaves no notice behind."""
    rows = store.prepare([NOTICE])

    def fails(connection: Connection) -> None:
        add(connection, rows, NOW)
        raise StorageError("the other half was refused")

    with pytest.raises(StorageError):
        await db.write(fails)
    assert [] == await store.due(NOW, 10)
    assert (1, 0) == (
        await db.write(lambda connection: add(connection, rows, NOW)),
        await db.write(lambda connection: add(connection, rows, NOW)),
    )
    assert 1 == len(await store.due(NOW, 10))


async def test_nothing_to_write_is_no_trouble(db: Database) -> None:
    """No rows, no statement."""
    assert 0 == await db.write(lambda connection: add(connection, [], NOW))


async def test_what_cannot_be_opened_does_not_hide_the_rest(db: Database, store: OutboxStore) -> None:
    """Another SECRET_KEY, or a kind of a newer version: that parcel has no notice, the others have."""
    other = OutboxStore(db, Cipher([Fernet.generate_key().decode()]))
    await other.post([NOTICE], NOW)
    await store.post([Notice(8, Kind.LOST, {}), Notice(9, Kind.LOST, {})], NOW)
    await db.write(lambda connection: connection.execute(text("UPDATE outbox SET kind='?' WHERE chat_id=9")))
    assert [None, Notice(8, Kind.LOST, {}), None] == [parcel.notice for parcel in await store.due(NOW, 10)]


async def test_a_memory_is_plain_json(db: Database, store: OutboxStore) -> None:
    """Whoever has to look into it can."""
    await store.post([], NOW, {"watch low stock": ["beboo"]})
    value = select(meta.c.value).where(meta.c.name == "watch low stock")
    assert b'["beboo"]' == await db.read(lambda connection: connection.scalar(value))


async def test_what_is_done_twice_keeps_its_first_outcome(db: Database, store: OutboxStore) -> None:
    """Neither a second mark nor a late postponement brings it back."""
    await store.post([NOTICE], NOW)
    [parcel] = await store.due(NOW, 1)
    await store.done(parcel.number, Outcome.LAPSED, NOW)
    await store.done(parcel.number, Outcome.DELIVERED, NOW + 1)
    await store.postpone(parcel.number, NOW - 1, 3)
    outcome = select(outbox.c.outcome, outbox.c.done_at, outbox.c.attempts)
    assert ("lapsed", NOW, 0) == await db.read(lambda connection: tuple(connection.execute(outcome).one()))


@pytest.mark.parametrize(
    "query",
    [lambda c: due(c, NOW, 16), lambda c: next_due(c, NOW)],
    ids=["due", "next due"],
)
async def test_weeks_of_done_notices_cost_nothing(db: Database, query: Query) -> None:
    """What the relay asks after every notice is found by an index."""
    assert [] == await db.write(scans(query))
