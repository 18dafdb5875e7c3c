"""The trading desk: accounts, orders, trades, positions, dialogues, paper accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN_ACCOUNT = sa.text("closed_at IS NULL")
UNSETTLED_ORDER = sa.text("state IN ('sending', 'unknown', 'open')")

TABLES = (
    "paper_orders",
    "paper_accounts",
    "dialogues",
    "pending_limit_orders",
    "active_positions",
    "trade_logs",
    "orders",
    "user_settings",
    "accounts",
)


def upgrade() -> None:
    _accounts()
    _user_settings()
    _orders()
    _trade_logs()
    _active_positions()
    _pending_limit_orders()
    _dialogues()
    _paper_accounts()
    _paper_orders()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("venue", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("tail", sa.String(length=8), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("can_trade", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ux_accounts_open", "accounts", ["user_id", "fingerprint"], unique=True, sqlite_where=OPEN_ACCOUNT
    )


def _user_settings() -> None:
    op.create_table(
        "user_settings",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_type", sa.String(length=8), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("order_limit", sa.String(length=48), nullable=True),
        sa.Column("day_limit", sa.String(length=48), nullable=True),
        sa.Column("active_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_index("ix_user_settings_active_at", "user_settings", ["active_at"])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("request_key", sa.String(length=128), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_type", sa.String(length=8), nullable=False),
        sa.Column("symbol", sa.String(length=32), nullable=False),
        sa.Column("base", sa.String(length=16), nullable=False),
        sa.Column("quote", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.String(length=48), nullable=False),
        sa.Column("price", sa.String(length=48), nullable=True),
        sa.Column("reduce_only", sa.Boolean(), nullable=False),
        sa.Column("stop_loss", sa.String(length=48), nullable=True),
        sa.Column("take_profit", sa.String(length=48), nullable=True),
        sa.Column("quoted", sa.String(length=48), nullable=False),
        sa.Column("worth", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("venue_id", sa.String(length=64), nullable=True),
        sa.Column("filled", sa.String(length=48), nullable=False),
        sa.Column("average", sa.String(length=48), nullable=True),
        sa.Column("fee", sa.String(length=48), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("settled_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("client_id"),
        sa.UniqueConstraint("request_key"),
    )
    op.create_index("ix_orders_unsettled", "orders", ["number"], sqlite_where=UNSETTLED_ORDER)
    op.create_index("ix_orders_user_id", "orders", ["user_id", "created_at"])


def _trade_logs() -> None:
    op.create_table(
        "trade_logs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=False),
        sa.Column("filled_to", sa.String(length=48), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_type", sa.String(length=8), nullable=False),
        sa.Column("symbol", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("amount", sa.String(length=48), nullable=False),
        sa.Column("price", sa.String(length=48), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("profit", sa.BigInteger(), nullable=True),
        sa.Column("entry_ts", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_trade_logs_part", "trade_logs", ["order_number", "filled_to"], unique=True)
    op.create_index("ix_trade_logs_user_id_symbol", "trade_logs", ["user_id", "symbol"])
    op.create_index("ix_trade_logs_entry_ts", "trade_logs", ["entry_ts"])
    op.create_index(
        "ix_trade_logs_statistics",
        "trade_logs",
        ["user_id", "entry_ts", "profit", "cost", "fee", "account_id"],
    )


def _active_positions() -> None:
    op.create_table(
        "active_positions",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_type", sa.String(length=8), nullable=False),
        sa.Column("symbol", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("amount", sa.String(length=48), nullable=False),
        sa.Column("entry_price", sa.String(length=48), nullable=False),
        sa.Column("warned_at", sa.Float(), nullable=True),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "account_type", "symbol"),
    )
    op.create_index("ix_active_positions_symbol", "active_positions", ["symbol"])
    op.create_index("ix_active_positions_user_id", "active_positions", ["user_id", "account_type"])


def _pending_limit_orders() -> None:
    op.create_table(
        "pending_limit_orders",
        sa.Column("order_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("amount", sa.String(length=48), nullable=False),
        sa.Column("price", sa.String(length=48), nullable=False),
        sa.Column("filled", sa.String(length=48), nullable=False),
        sa.Column("strategy", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("order_number"),
    )
    op.create_index("ix_pending_limit_orders_symbol", "pending_limit_orders", ["symbol"])
    op.create_index("ix_pending_limit_orders_user_id", "pending_limit_orders", ["user_id", "strategy"])


def _dialogues() -> None:
    op.create_table(
        "dialogues",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )


def _paper_accounts() -> None:
    op.create_table(
        "paper_accounts",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )


def _paper_orders() -> None:
    op.create_table(
        "paper_orders",
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("client_id"),
    )
    op.create_index("ix_paper_orders_account_id", "paper_orders", ["account_id", "updated_at"])
