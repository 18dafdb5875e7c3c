"""The outbox table and its twin in memory: the same promises, so that what is tested on one holds on the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from new_schema import upgrade
from outbox_support import ANNA, BORIS, CHIEF, MemoryOutbox

from bot.models.delivery import Outcome
from bot.models.notice import Kind, Notice
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore

NOW = 1_800_000_000.0


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryOutbox | OutboxStore]:
    if request.param == "memory":
        yield MemoryOutbox()
        return
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await db.start()
    await db.migrate(upgrade)
    yield OutboxStore(db, Cipher([Fernet.generate_key().decode()]))
    await db.close()


def notice(to: int, what: str, key: str | None = None) -> Notice:
    return Notice(to, Kind.EXPIRES, {"say": what}, key)


async def said(store: MemoryOutbox | OutboxStore, now: float, limit: int = 10) -> list[tuple[int, str]]:
    """What is due, opened."""
    parcels = await store.due(now, limit)
    return [(parcel.to, parcel.notice.data["say"]) for parcel in parcels if parcel.notice]


async def test_a_notice_comes_back_as_it_was(store: MemoryOutbox | OutboxStore) -> None:
    """With its number, its time and no attempts yet."""
    first = Notice(ANNA, Kind.ROLE, {"role": None, "list": [1, "ü", {"a": 1.5}]}, "key")
    assert 1 == await store.post([first], NOW)
    [parcel] = await store.due(NOW, 10)
    assert (ANNA, first, NOW, 0) == (parcel.to, parcel.notice, parcel.created_at, parcel.attempts)


async def test_the_same_key_is_said_once(store: MemoryOutbox | OutboxStore) -> None:
    """Also after it was said; what has no key is said each time."""
    assert 2 == await store.post([notice(ANNA, "a", "k"), notice(BORIS, "b", "l")], NOW)
    [first, _] = await store.due(NOW, 10)
    await store.done(first.number, Outcome.DELIVERED, NOW)
    assert 1 == await store.post([notice(ANNA, "a", "k"), notice(ANNA, "c")], NOW)
    assert 1 == await store.post([notice(ANNA, "c")], NOW)
    assert [(BORIS, "b"), (ANNA, "c")] == await said(store, NOW)


async def test_the_oldest_of_each_chat_is_due(store: MemoryOutbox | OutboxStore) -> None:
    """One a chat, oldest first, at most as many as asked for."""
    await store.post([notice(BORIS, "a"), notice(ANNA, "b"), notice(BORIS, "c"), notice(CHIEF, "d")], NOW)
    assert [(BORIS, "a"), (ANNA, "b"), (CHIEF, "d")] == await said(store, NOW)
    assert [(BORIS, "a")] == await said(store, NOW, limit=1)


async def test_what_has_to_be_tried_again_holds_up_its_chat(store: MemoryOutbox | OutboxStore) -> None:
    """Until it is due; what only waits for a better time does not."""
    await store.post([notice(ANNA, "a"), notice(ANNA, "b"), notice(BORIS, "c"), notice(BORIS, "d")], NOW)
    [anna, boris] = await store.due(NOW, 10)
    await store.postpone(anna.number, NOW + 60, attempts=1)
    await store.postpone(boris.number, NOW + 30, attempts=0)
    assert [(BORIS, "d")] == await said(store, NOW)
    assert NOW + 30 == await store.next_due(NOW)
    assert NOW + 60 == await store.next_due(NOW + 30)
    assert [(ANNA, "a"), (BORIS, "c")] == await said(store, NOW + 60)
    assert None is await store.next_due(NOW + 60)


async def test_what_is_done_is_forgotten_in_time(store: MemoryOutbox | OutboxStore) -> None:
    """Its key can be used again then; what is open stays, however old."""
    await store.post([notice(ANNA, "a", "k"), notice(BORIS, "b", "l")], NOW)
    [anna, _] = await store.due(NOW, 10)
    await store.done(anna.number, Outcome.DELIVERED, NOW)
    assert (0, 1) == (await store.forget(NOW), await store.forget(NOW + 1))
    assert 1 == await store.post([notice(ANNA, "a", "k"), notice(BORIS, "b", "l")], NOW)
    assert [(BORIS, "b"), (ANNA, "a")] == await said(store, NOW)


async def test_what_was_remembered_is_recalled(store: MemoryOutbox | OutboxStore) -> None:
    """The last value under each name."""
    assert None is await store.recall("low")
    await store.post([], NOW, {"low": ["a"], "rows": {"b": 1}})
    await store.post([notice(ANNA, "a")], NOW, {"low": []})
    assert ([], {"b": 1}) == (await store.recall("low"), await store.recall("rows"))
