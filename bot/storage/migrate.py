"""Brings a database to the newest schema, or to any other, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.errors import StorageError

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Step up to `revision`; StorageError when the database is newer than this program."""
    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise StorageError("the database was written by a newer version: update the program") from error


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Step down to `revision`."""
    command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
