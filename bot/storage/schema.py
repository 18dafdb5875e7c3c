"""All tables of the database in one metadata, whichever desk they belong to."""

from bot.storage import market_tables, trading_tables
from bot.storage.tables import metadata

DESKS = (trading_tables, market_tables)

__all__ = ["DESKS", "metadata"]
