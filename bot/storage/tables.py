"""Every table. Times are seconds since the epoch; `migrations/` holds the same, step by step."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

LIVE_SQL = text("state NOT IN ('released', 'expired', 'failed')")

requests = Table(
    "requests",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column(
        "params", String(64), nullable=False
    ),  # hash of the parameters: the same key may not mean another thing
    Column("user_id", BigInteger, nullable=False),
    Column("resource", String(128), nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("result", Text),  # JSON; NULL while it is open
    Column("created_at", Float, nullable=False),
    Column("settled_at", Float),
    Index("ix_requests_open", "number", sqlite_where=text("result IS NULL")),
    Index("ix_requests_settled_at", "settled_at"),
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("request", Integer, nullable=False),  # outlives the request's row, which is kept 7 days
    Column("release_request", Integer),
    Column("proxy_key", String(255), nullable=False),
    Column("credential", LargeBinary, nullable=False),  # encrypted
    Column("resource", String(128), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("issued_on", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("expires_at", Float),  # of a reservation
    Column("row", Integer, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("missing_since", Float),
    Column("replaced", Boolean, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("ux_allocations_live", "proxy_key", "resource", unique=True, sqlite_where=LIVE_SQL),
    Index("ix_allocations_reserved", "expires_at", sqlite_where=text("state = 'reserved'")),
)

inbox = Table(
    "inbox",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("payload", LargeBinary),  # the raw update, encrypted; NULL when done
    Column("received_at", Float, nullable=False),
    Column("done_at", Float),
    Index("ix_inbox_open", "bot_id", "update_id", sqlite_where=text("done_at IS NULL")),
    Index("ix_inbox_done_at", "done_at"),
)

offers = Table(
    "offers",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("resource", String(128), nullable=False),
    Column("count", Integer, nullable=False),
    Column("new_resource", Boolean, nullable=False),
    Column("expires_at", Float, nullable=False),
    Index("ix_offers_expires_at", "expires_at"),
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
