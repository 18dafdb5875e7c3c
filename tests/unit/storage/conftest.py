"""A new database for each test, with its schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from new_schema import upgrade
from storage_makers import NOW

from bot.resilience.clock import ManualClock
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.journal import Journal


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}", busy_timeout=0.1)
    await db.start()
    await db.migrate(upgrade)
    yield db
    await db.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def cipher() -> Cipher:
    return Cipher([Fernet.generate_key().decode()])


@pytest.fixture
def journal(db: Database, cipher: Cipher, clock: ManualClock) -> Journal:
    return Journal(db, cipher, clock)
