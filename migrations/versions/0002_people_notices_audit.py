"""People, notices, the audit, the waiting line, previews; offers by message; promises before the sheet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = sa.text("done_at IS NULL")
NOT_ENDED = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column(
        "allocations", sa.Column("promised", sa.Boolean(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("allocations", sa.Column("reason", sa.String(length=16), nullable=True))
    _offers_by_message()
    _people()
    _outbox()
    _audit()
    _waiting()
    _previews()


def downgrade() -> None:
    for table in ("previews", "waiting", "audit", "outbox", "people", "offers"):
        op.drop_table(table)
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("resource", sa.String(length=128), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("new_resource", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_offers_expires_at", "offers", ["expires_at"])
    op.drop_column("allocations", "reason")
    op.drop_column("allocations", "promised")


def _offers_by_message() -> None:
    """Buttons live ten minutes: those of the older form lapse."""
    op.drop_table("offers")
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_offers_user_id", "offers", ["user_id"])
    op.create_index("ix_offers_expires_at", "offers", ["expires_at"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=True),
        sa.Column("asked_at", sa.Float(), nullable=True),
        sa.Column("blocked_at", sa.Float(), nullable=True),
        sa.Column("preferences", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("done_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_outbox_open", "outbox", ["due_at", "number"], sqlite_where=OPEN)
    op.create_index("ix_outbox_done_at", "outbox", ["done_at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "number"])


def _waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=128), nullable=False),
        sa.Column("joined_at", sa.Float(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("turn_until", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(
        "ux_waiting_open", "waiting", ["resource", "user_id"], unique=True, sqlite_where=NOT_ENDED
    )


def _previews() -> None:
    op.create_table(
        "previews",
        sa.Column("request", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("request"),
    )
    op.create_index("ix_previews_open", "previews", ["expires_at"], sqlite_where=NOT_ENDED)
