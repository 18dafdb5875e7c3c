"""The trading desk's tables; `migrations/` holds the same, step by step."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from bot.storage.exact import DecimalText, Money
from bot.storage.tables import metadata

OPEN_ACCOUNT = text("closed_at IS NULL")
UNSETTLED_ORDER = text("state IN ('sending', 'unknown', 'open')")

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("venue", String(32), nullable=False),
    Column("secret", LargeBinary),  # encrypted, bound to user and account; NULL: paper, or closed
    Column("tail", String(8), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of venue and key: connected once
    Column("can_trade", Boolean, nullable=False),
    Column("refused", String(200)),  # why the venue no longer takes the key
    Column("created_at", Float, nullable=False),
    Column("closed_at", Float),
    Index("ux_accounts_open", "user_id", "fingerprint", unique=True, sqlite_where=OPEN_ACCOUNT),
)

user_settings = Table(
    "user_settings",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", Integer),
    Column("account_type", String(8), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("order_limit", DecimalText),
    Column("day_limit", DecimalText),
    Column("active_at", Float, nullable=False),  # when they last asked the trading desk for something
    Index("ix_user_settings_active_at", "active_at"),
)

orders = Table(
    "orders",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("client_id", String(32), nullable=False, unique=True),
    Column("request_key", String(128), nullable=False, unique=True),
    Column("user_id", BigInteger, nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("account_type", String(8), nullable=False),
    Column("symbol", String(32), nullable=False),
    Column("base", String(16), nullable=False),
    Column("quote", String(16), nullable=False),
    Column("side", String(4), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("amount", DecimalText, nullable=False),
    Column("price", DecimalText),  # of a limit order
    Column("reduce_only", Boolean, nullable=False),
    Column("stop_loss", DecimalText),
    Column("take_profit", DecimalText),
    Column("quoted", DecimalText, nullable=False),  # the price that was confirmed
    Column("worth", Money, nullable=False),  # USD, as it counts for the day's limit
    Column("state", String(10), nullable=False),
    Column("venue_id", String(64)),
    Column("filled", DecimalText, nullable=False),
    Column("average", DecimalText),
    Column("fee", DecimalText),
    Column("reason", Text),  # why it was refused, in the venue's words
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("settled_at", Float),
    Index("ix_orders_unsettled", "number", sqlite_where=UNSETTLED_ORDER),
    Index("ix_orders_user_id", "user_id", "created_at"),
)

trade_logs = Table(
    "trade_logs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_number", Integer, nullable=False),
    Column("filled_to", DecimalText, nullable=False),  # of the order: each part is logged once
    Column("user_id", BigInteger, nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("account_type", String(8), nullable=False),
    Column("symbol", String(32), nullable=False),
    Column("side", String(4), nullable=False),
    Column("amount", DecimalText, nullable=False),
    Column("price", DecimalText, nullable=False),
    Column("cost", Money, nullable=False),
    Column("fee", Money, nullable=False),
    Column("profit", Money),  # realised; NULL where nothing was closed, or what it had cost is not known
    Column("entry_ts", Float, nullable=False),
    Index("ux_trade_logs_part", "order_number", "filled_to", unique=True),
    Index("ix_trade_logs_user_id_symbol", "user_id", "symbol"),
    Index("ix_trade_logs_entry_ts", "entry_ts"),
    Index("ix_trade_logs_statistics", "user_id", "entry_ts", "profit", "cost", "fee", "account_id"),
)

active_positions = Table(
    "active_positions",
    metadata,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("account_type", String(8), primary_key=True),
    Column("symbol", String(32), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("side", String(4), nullable=False),
    Column("amount", DecimalText, nullable=False),
    Column("entry_price", DecimalText, nullable=False),
    Column("warned_at", Float),  # when its owner was told that liquidation is near
    Column("updated_at", Float, nullable=False),
    Index("ix_active_positions_symbol", "symbol"),
    Index("ix_active_positions_user_id", "user_id", "account_type"),
)

pending_limit_orders = Table(
    "pending_limit_orders",
    metadata,
    Column("order_number", Integer, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("symbol", String(32), nullable=False),
    Column("side", String(4), nullable=False),
    Column("amount", DecimalText, nullable=False),
    Column("price", DecimalText, nullable=False),
    Column("filled", DecimalText, nullable=False),
    Column("strategy", String(32), nullable=False),  # `manual`: a person confirmed it
    Column("created_at", Float, nullable=False),
    Index("ix_pending_limit_orders_symbol", "symbol"),
    Index("ix_pending_limit_orders_user_id", "user_id", "strategy"),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("step", String(32), nullable=False),
    Column("data", LargeBinary, nullable=False),  # encrypted JSON
    Column("expires_at", Float, nullable=False),
)

paper_accounts = Table(
    "paper_accounts",
    metadata,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),  # JSON: coins, positions, open orders
    Column("updated_at", Float, nullable=False),
)

paper_orders = Table(
    "paper_orders",
    metadata,
    Column("client_id", String(36), primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("body", Text, nullable=False),  # JSON of an order that has ended
    Column("updated_at", Float, nullable=False),
    Index("ix_paper_orders_account_id", "account_id", "updated_at"),
)
