"""All tables of the database in one metadata, whichever desk they belong to."""

from bot.storage import trading_tables
from bot.storage.tables import metadata

DESKS = (trading_tables,)

__all__ = ["DESKS", "metadata"]
