"""The market desk: last prices and history, alerts, portfolio values, pool usage, pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ACTIVE_ALERT = sa.text("ended_at IS NULL")

TABLES = (
    "pictures",
    "pool_usage",
    "portfolio_values",
    "alerts",
    "price_history",
    "last_prices",
)


def upgrade() -> None:
    _last_prices()
    _price_history()
    _alerts()
    _portfolio_values()
    _pool_usage()
    _pictures()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _last_prices() -> None:
    op.create_table(
        "last_prices",
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("price", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("is_futures", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("series"),
    )


def _price_history() -> None:
    op.create_table(
        "price_history",
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("price", sa.String(length=48), nullable=False),
        sa.PrimaryKeyConstraint("series", "seconds", "at"),
    )
    op.create_index("ix_price_history_age", "price_history", ["seconds", "at"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=128), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("target", sa.String(length=48), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("set_at_price", sa.String(length=48), nullable=True),
        sa.Column("quiet_until", sa.Float(), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("fired_at", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_key"),
    )
    op.create_index("ix_alerts_active", "alerts", ["series", "seconds"], sqlite_where=ACTIVE_ALERT)
    op.create_index("ix_alerts_user_id", "alerts", ["user_id", "id"], sqlite_where=ACTIVE_ALERT)


def _portfolio_values() -> None:
    op.create_table(
        "portfolio_values",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("usd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "at"),
    )


def _pool_usage() -> None:
    op.create_table(
        "pool_usage",
        sa.Column("resource", sa.String(length=128), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "day"),
    )
    op.create_index("ix_pool_usage_day", "pool_usage", ["day"])


def _pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_pictures_made_at", "pictures", ["made_at"])
