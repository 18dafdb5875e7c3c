"""Migrations: each step can be taken back, and all together they make the tables the code speaks of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from storage_makers import schema

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.migrate import MIGRATIONS, downgrade, newest, upgrade
from bot.storage.schema import metadata


def revisions() -> list[str]:
    """Every revision, first to last."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    return [step.revision for step in reversed(steps)]


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await db.start()
    yield db
    await db.close()


async def test_the_migrations_make_the_tables_of_the_code(empty: Database, tmp_path: Path) -> None:
    """Columns, types, keys, indexes and their conditions are those of `tables.metadata`."""
    await empty.migrate(upgrade)
    made = Database(f"sqlite:///{tmp_path / 'made.db'}")
    await made.start()
    await made.write(metadata.create_all)
    assert await made.read(schema) == await empty.read(schema)
    await made.close()


async def test_every_step_goes_up_down_and_up_again(empty: Database) -> None:
    """After each step down the schema is what it was before the step up, and the second way up ends the same."""
    before = await empty.read(schema)
    former = "base"
    for revision in revisions():
        await empty.migrate(lambda connection, to=revision: upgrade(connection, to))  # type: ignore[misc]
        after = await empty.read(schema)
        assert before != after
        await empty.migrate(lambda connection, to=former: downgrade(connection, to))  # type: ignore[misc]
        assert before == await empty.read(schema)
        await empty.migrate(lambda connection, to=revision: upgrade(connection, to))  # type: ignore[misc]
        assert after == await empty.read(schema)
        before, former = after, revision
    assert set(metadata.tables) == set(before)


async def test_upgrading_what_is_up_to_date_changes_nothing(empty: Database) -> None:
    """Every start does it."""
    await empty.migrate(upgrade)
    before = await empty.read(schema)
    await empty.migrate(upgrade)
    assert before == await empty.read(schema)


def test_the_newest_revision_is_known_without_alembic() -> None:
    """The names of the files tell it, so that a start which has nothing to do need not import Alembic."""
    assert revisions()[-1] == newest()


async def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    """The remedy is named, and nothing in the database is touched."""
    await empty.migrate(upgrade)
    before = await empty.read(schema)
    await empty.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")).rowcount)
    with pytest.raises(StorageError, match="newer version"):
        await empty.migrate(upgrade)
    assert (before, "9999") == (await empty.read(schema), await empty.read(version))


def version(connection: Connection) -> object:
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
