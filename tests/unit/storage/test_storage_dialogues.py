"""The dialogues table: one a user, encrypted, gone after its time."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update
from storage_makers import NOW

from bot.errors import CannotConnect, StorageError
from bot.models.dialogue import Dialogue, Problem, Step
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.dialogues import DialogueStore
from bot.storage.trading_tables import dialogues as table

BEGUN = Dialogue(7, "okx", "r1", NOW + 600, Step.PASSPHRASE, ("a-key-of-8", "secret"))


@pytest.fixture
def store(db: Database, cipher: Cipher) -> DialogueStore:
    return DialogueStore(db, cipher)


@pytest.mark.parametrize(
    "dialogue",
    [
        BEGUN,
        Dialogue(7, "bybit", "r0", NOW + 600),
        Dialogue(7, "bybit", "r2", NOW, Step.DONE, (), "a3f9", can_trade=True),
        Dialogue(7, "bybit", "r2", NOW, Step.DONE, (), "a3f9", problem=Problem.REFUSED, detail="no <key>"),
    ],
    ids=lambda dialogue: f"{dialogue.step} {dialogue.problem}",
)
async def test_a_dialogue_comes_back_as_it_was(store: DialogueStore, dialogue: Dialogue) -> None:
    """At each step, and however it ended; a new one replaces it."""
    await store.put(BEGUN)
    await store.put(dialogue)
    assert dialogue == await store.get(7)
    assert [dialogue] == await store.all()
    assert await store.get(8) is None


async def test_it_is_dropped_once(store: DialogueStore) -> None:
    """With all that was said."""
    await store.put(BEGUN)
    assert [True, False] == [await store.drop(7), await store.drop(7)]
    assert await store.get(7) is None


async def test_what_has_lapsed_is_forgotten(store: DialogueStore) -> None:
    """What has not stays."""
    await store.put(BEGUN)
    assert [0, 1] == [await store.forget(NOW + 600), await store.forget(NOW + 601)]
    assert [] == await store.all()


async def test_only_what_is_being_checked_can_end(store: DialogueStore) -> None:
    """One that was stopped or begun anew meanwhile is another one."""
    await store.put(BEGUN)
    with pytest.raises(CannotConnect, match="stopped"):
        await store.end(BEGUN.failed(Problem.EXPIRED))
    assert BEGUN == await store.get(7)


async def test_a_dialogue_under_another_name_is_refused(store: DialogueStore, db: Database) -> None:
    """What somebody said does not become somebody else's by a swap of rows; the others can be read still."""
    await store.put(BEGUN)
    await store.put(Dialogue(8, "bybit", "r0", NOW + 600))
    data = select(table.c.data).where(table.c.user_id == 7).scalar_subquery()
    swap = update(table).where(table.c.user_id == 8).values(data=data)
    await db.write(lambda connection: connection.execute(swap).rowcount)
    with pytest.raises(StorageError, match="not of the user"):
        await store.get(8)
    assert [BEGUN] == await store.all()


async def test_a_lost_key_does_not_stop_the_start(store: DialogueStore, db: Database) -> None:
    """What cannot be decrypted any more lapses by itself."""
    await store.put(BEGUN)
    assert [] == await DialogueStore(db, Cipher([Fernet.generate_key().decode()])).all()
