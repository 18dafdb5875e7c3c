"""The market desk's tables; `migrations/` holds the same, step by step."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, text

from bot.storage.exact import DecimalText, Money
from bot.storage.tables import metadata

ACTIVE_ALERT = text("ended_at IS NULL")

last_prices = Table(
    "last_prices",
    metadata,
    Column("series", String(32), primary_key=True),  # XAU, BTC …
    Column("price", DecimalText, nullable=False),
    Column("source", String(32), nullable=False),
    Column("at", Float, nullable=False),
    Column("is_futures", Boolean, nullable=False),
)

price_history = Table(
    "price_history",
    metadata,
    Column("series", String(32), primary_key=True),
    Column("seconds", Integer, primary_key=True, autoincrement=False),  # of the interval: 60, 3600, 86400
    Column("at", Integer, primary_key=True, autoincrement=False),  # when the interval began
    Column("price", DecimalText, nullable=False),  # the last one of the interval
    Index("ix_price_history_age", "seconds", "at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_key", String(128), nullable=False, unique=True),
    Column("user_id", BigInteger, nullable=False),
    Column("series", String(32), nullable=False),
    Column("kind", String(8), nullable=False),  # above, below, change
    Column("target", DecimalText, nullable=False),  # a price; a fraction for change
    Column("seconds", Integer),  # of a change
    Column("repeats", Boolean, nullable=False),
    Column("set_at_price", DecimalText),  # the price when it was made
    Column("quiet_until", Float),  # snoozed, or cooling down
    Column("expires_at", Float),
    Column("fired_at", Float),  # of one that repeats: until the price has come back
    Column("created_at", Float, nullable=False),
    Column("ended_at", Float),
    Index("ix_alerts_active", "series", "seconds", sqlite_where=ACTIVE_ALERT),
    Index("ix_alerts_user_id", "user_id", "id", sqlite_where=ACTIVE_ALERT),
)

portfolio_values = Table(
    "portfolio_values",
    metadata,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("at", Integer, primary_key=True, autoincrement=False),
    Column("usd", Money, nullable=False),
)

pool_usage = Table(
    "pool_usage",
    metadata,
    Column("resource", String(128), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("taken", Integer, nullable=False),  # handed out on that day
    Column("free", Integer, nullable=False),  # at the last look of the day
    Index("ix_pool_usage_day", "day"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("key", String(64), primary_key=True),  # of what is drawn
    Column("file_id", String(200), nullable=False),
    Column("made_at", Float, nullable=False),
    Index("ix_pictures_made_at", "made_at"),
)
