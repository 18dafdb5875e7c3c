"""Brings a database to the newest schema, or to any other, with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Step up to `revision`; StorageError when the database is newer than this program."""
    if revision == "head" and _revision_of(connection) == newest():
        return
    # Alembic takes long to import, and most starts find the newest schema.
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise StorageError("the database was written by a newer version: update the program") from error


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Step down to `revision`."""
    from alembic import command

    command.downgrade(_config(connection), revision)


def newest() -> str:
    """The newest revision: the number that its file's name begins with."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision_of(connection: Connection) -> str | None:
    """Which one the database is at; None where it is at none."""
    with connection.begin():
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
