"""Webhooks out, with every letter and try; sources of orders that come in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import Document, Moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _out()
    _in()


def _out() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("description", sa.String(length=400), nullable=False),
        sa.Column("kinds", Document, nullable=True),
        sa.Column("depot_ids", Document, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("former_secret", sa.String(length=200), nullable=True),
        sa.Column("former_until", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("disabled_because", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_webhooks_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_letters_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_letters")),
        sa.UniqueConstraint(
            "webhook_id", "event_id", name=op.f("uq_webhook_letters_webhook_id_event_id")
        ),
    )
    op.create_index(
        op.f("ix_webhook_letters_state_due_at"),
        "webhook_letters",
        ["state", "due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_webhook_letters_webhook_id_id"),
        "webhook_letters",
        ["webhook_id", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_tries",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["webhook_letters.id"],
            name=op.f("fk_webhook_tries_letter_id_webhook_letters"),
        ),
        sa.PrimaryKeyConstraint("letter_id", "token", name=op.f("pk_webhook_tries")),
    )


def _in() -> None:
    op.create_table(
        "order_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("customers", Document, nullable=False),
        sa.Column("parts", Document, nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("former_secret", sa.String(length=200), nullable=True),
        sa.Column("former_until", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_order_sources_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_order_sources_name")),
    )
    op.create_table(
        "sent_orders",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("sent_version", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["order_sources.id"], name=op.f("fk_sent_orders_source_id_order_sources")
        ),
        sa.PrimaryKeyConstraint("source_id", "number", name=op.f("pk_sent_orders")),
    )
