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
    Column(
        "promised", Boolean, nullable=False, server_default=text("0")
    ),  # handed out before the sheet shows it
    Column("reason", String(16)),  # why it is bad
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
    Column("actions", Text, nullable=False),  # JSON: [[verb, [argument, …]], …]
    Column("expires_at", Float, nullable=False),
    Index("ix_offers_user_id", "user_id"),
    Index("ix_offers_expires_at", "expires_at"),
)

people = Table(
    "people",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(64), nullable=False),  # as the sheet shows it
    Column("username", String(64)),
    Column("role", String(8)),  # NULL: on no list
    Column("asked_at", Float),  # when they asked for access and nobody has answered yet
    Column("blocked_at", Float),  # when Telegram said that they do not want to hear from us
    Column("preferences", Text, nullable=False),  # JSON
    Column("updated_at", Float, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", String(160), unique=True),  # the same key is said once
    Column("chat_id", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", LargeBinary),  # encrypted JSON; NULL when it is done
    Column("due_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("done_at", Float),
    Column("outcome", String(16)),  # delivered, undeliverable
    Index("ix_outbox_open", "due_at", "number", sqlite_where=text("done_at IS NULL")),
    Index("ix_outbox_done_at", "done_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("actor", BigInteger, nullable=False),  # 0: the bot itself, or somebody in the sheet
    Column("name", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("hash", String(64), nullable=False),  # of this row and of the one before it
    Index("ix_audit_subject", "subject", "number"),
)

waiting = Table(
    "waiting",
    metadata,
    Column("number", Integer, primary_key=True),  # the order of the line
    Column("user_id", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("resource", String(128), nullable=False),
    Column("joined_at", Float, nullable=False),
    Column("turn", Integer),  # the request that keeps a proxy for them
    Column("turn_until", Float),
    Column("ended_at", Float),
    Index("ux_waiting_open", "resource", "user_id", unique=True, sqlite_where=text("ended_at IS NULL")),
)

previews = Table(
    "previews",
    metadata,
    Column("request", Integer, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("ended_at", Float),
    Index("ix_previews_open", "expires_at", sqlite_where=text("ended_at IS NULL")),
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
