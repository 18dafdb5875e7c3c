"""The inbox on the real database: what is in it once, what is wiped, and what never is on the disk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from new_schema import upgrade
from sqlalchemy import func, select, text

from bot.errors import StorageError
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.inbox import FORGET_CHUNK, Inbox
from bot.storage.tables import inbox as table

CANARY = "canary-Xq7-secret"


def message(update_id: int, words: str = "hello") -> dict[str, Any]:
    return {"update_id": update_id, "message": {"chat": {"id": 7}, "from": {"id": 7}, "text": words}}


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await db.start()
    await db.migrate(upgrade)
    yield db
    await db.close()


@pytest.fixture
def cipher() -> Cipher:
    return Cipher([Fernet.generate_key().decode()])


@pytest.fixture
def inbox(db: Database, cipher: Cipher) -> Inbox:
    return Inbox(db, cipher, bot_id=1)


async def test_only_what_is_new_comes_back(inbox: Inbox) -> None:
    """Of a batch with repeats, from before and within itself, each update is new exactly once."""
    await inbox.store([message(1), message(2)], now=10.0)
    new = await inbox.store([message(3), message(2), message(4), message(3)], now=20.0)
    assert [(stored.update_id, stored.received_at) for stored in new] == [(3, 20.0), (4, 20.0)]


async def test_an_update_that_is_done_is_a_repeat_too(inbox: Inbox) -> None:
    """Being done does not make an update new again."""
    await inbox.store([message(1)], now=10.0)
    await inbox.done(1, now=11.0)
    assert await inbox.store([message(1)], now=12.0) == []
    assert await inbox.open_updates(None, 10) == []


async def test_who_comes_at_the_same_time_shares_a_transaction(inbox: Inbox, db: Database) -> None:
    """Arrivals, a repeat among them, and what is done: each call hears of its own updates alone."""
    await inbox.store([message(1), message(2)], now=10.0)
    calls = (inbox.store([message(3), message(2)], now=20.0), inbox.done(1, now=21.0))
    first, _, again = await asyncio.gather(*calls, inbox.store([message(3), message(4)], now=22.0))
    assert [[stored.update_id for stored in new] for new in (first, again)] == [[3], [4]]
    assert [stored.update_id for stored in await inbox.open_updates(None, 10)] == [2, 3, 4]


async def test_bots_do_not_share_an_inbox(db: Database, cipher: Cipher, inbox: Inbox) -> None:
    """The same update id of another bot is another update."""
    other = Inbox(db, cipher, bot_id=2)
    await inbox.store([message(1)], now=10.0)
    assert len(await other.store([message(1)], now=10.0)) == 1
    await other.done(1, now=11.0)
    assert len(await inbox.open_updates(None, 10)) == 1


async def test_open_updates_come_page_by_page_in_order(inbox: Inbox) -> None:
    """Pages hold the open updates as they came, by update id, none twice, none left out."""
    raws = [message(n, f"word {n} 👋 \ud800") for n in (5, 3, 9, 1, 7)]
    await inbox.store(raws, now=10.0)
    await inbox.done(3, now=11.0)
    first = await inbox.open_updates(None, 3)
    second = await inbox.open_updates(first[-1].update_id, 3)
    assert sorted((raws[3], raws[0], raws[4], raws[2]), key=lambda raw: raw["update_id"]) == [
        stored.raw for stored in first + second
    ]


async def test_nothing_is_stored_of_a_batch_that_fails(inbox: Inbox) -> None:
    """A batch is one transaction."""
    with pytest.raises(OverflowError):
        await inbox.store([message(1), message(2**63)], now=10.0)
    assert await inbox.open_updates(None, 10) == []


async def test_no_word_of_an_update_is_on_the_disk(inbox: Inbox, db: Database) -> None:
    """Neither the database file nor its log holds a message's text, open or done."""
    await inbox.store([message(1, CANARY), message(2, CANARY)], now=10.0)
    await inbox.done(1, now=11.0)
    files = [path for path in db.path.parent.iterdir() if path.name.startswith(db.path.name)]
    assert any(path.name.endswith("-wal") and path.stat().st_size for path in files)
    assert not [path.name for path in files if CANARY.encode() in path.read_bytes()]


async def test_done_wipes_the_content(inbox: Inbox, db: Database) -> None:
    """Of a done update only its number and times stay."""
    await inbox.store([message(1)], now=10.0)
    await inbox.done(1, now=11.0)
    await inbox.done(1, now=99.0)
    rows = await db.read(lambda c: c.execute(select(table.c.payload, table.c.done_at)).all())
    assert [tuple(row) for row in rows] == [(None, 11.0)]


async def test_old_numbers_are_forgotten_and_open_updates_never(inbox: Inbox, db: Database) -> None:
    """`forget` deletes what was done before its time, however much, and nothing else."""
    many = FORGET_CHUNK + 5
    await inbox.store([message(n) for n in range(1, many + 1)], now=10.0)
    await db.write(lambda c: c.execute(table.update().values(done_at=20.0, payload=None)))
    await inbox.store([message(many + 1), message(many + 2)], now=10.0)
    await inbox.done(many + 1, now=30.0)
    assert many == await inbox.forget(before=30.0)
    assert await db.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar()) == 2


async def test_the_last_update_id_is_known_when_it_is_done(inbox: Inbox) -> None:
    """The highest number counts, open or done; an empty inbox has none."""
    assert None is await inbox.last_update_id()
    await inbox.store([message(4), message(9)], now=10.0)
    await inbox.done(9, now=11.0)
    assert await inbox.last_update_id() == 9


async def test_a_changed_secret_key_is_told(inbox: Inbox, db: Database) -> None:
    """Updates written with another SECRET_KEY are a StorageError, not garbage."""
    await inbox.store([message(1)], now=10.0)
    stranger = Inbox(db, Cipher([Fernet.generate_key().decode()]), bot_id=1)
    with pytest.raises(StorageError, match="SECRET_KEY"):
        await stranger.open_updates(None, 10)


async def test_pages_of_open_updates_are_read_by_index(db: Database) -> None:
    """What was done, the bulk of the table, is not looked at when open updates are read."""
    query = (
        "EXPLAIN QUERY PLAN SELECT update_id FROM inbox WHERE bot_id = 1 AND done_at IS NULL"
        " AND update_id > 5 ORDER BY update_id LIMIT 10"
    )
    plan = await db.read(lambda c: c.execute(text(query)).all())
    assert [word for row in plan for word in row.detail.split() if "ix_" in word] == ["ix_inbox_open"]
