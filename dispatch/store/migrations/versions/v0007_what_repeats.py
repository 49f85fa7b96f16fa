"""Standing orders, suppliers and milk runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import Document

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index(
        op.f("ix_purchases_depot_id_supplier"), "purchases", ["depot_id", "supplier"], unique=False
    )
    op.create_table(
        "suppliers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("hours", Document, nullable=True),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
        sa.UniqueConstraint("name", name=op.f("uq_suppliers_name")),
    )
    op.create_table(
        "milk_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("skills", Document, nullable=False),
        sa.Column("stops", Document, nullable=False),
        sa.Column("weekdays", Document, nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("on_holiday", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_milk_runs_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicles.id"], name=op.f("fk_milk_runs_vehicle_id_vehicles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milk_runs")),
        sa.UniqueConstraint("depot_id", "name", name=op.f("uq_milk_runs_depot_id_name")),
    )
    op.create_table(
        "standing_orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("repair_point_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("lines", Document, nullable=False),
        sa.Column("window_from", sa.Integer(), nullable=True),
        sa.Column("window_to", sa.Integer(), nullable=True),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("accepts", sa.Boolean(), nullable=False),
        sa.Column("weekdays", Document, nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("on_holiday", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("days_ahead >= 0", name=op.f("ck_standing_orders_days_ahead")),
        sa.CheckConstraint("window_from <= window_to", name=op.f("ck_standing_orders_window")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_standing_orders_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_standing_orders_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["repair_point_id"],
            ["repair_points.id"],
            name=op.f("fk_standing_orders_repair_point_id_repair_points"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_standing_orders_number")),
    )
    op.create_index(
        op.f("ix_standing_orders_customer_id"), "standing_orders", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_standing_orders_depot_id"), "standing_orders", ["depot_id"], unique=False
    )
    op.create_index(
        op.f("ix_standing_orders_status_id"), "standing_orders", ["status", "id"], unique=False
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("milk_run_id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_rounds_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["milk_run_id"], ["milk_runs.id"], name=op.f("fk_rounds_milk_run_id_milk_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("milk_run_id", "on_date", name=op.f("uq_rounds_milk_run_id_on_date")),
    )
    op.create_table(
        "standing_dates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standing_order_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("skipped_because", sa.String(length=400), nullable=True),
        sa.CheckConstraint(
            "(order_id IS NULL) <> (skipped_because IS NULL)",
            name=op.f("ck_standing_dates_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_standing_dates_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["standing_order_id"],
            ["standing_orders.id"],
            name=op.f("fk_standing_dates_standing_order_id_standing_orders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_dates")),
        sa.UniqueConstraint("order_id", name=op.f("uq_standing_dates_order_id")),
        sa.UniqueConstraint(
            "standing_order_id", "due_on", name=op.f("uq_standing_dates_standing_order_id_due_on")
        ),
        sa.UniqueConstraint(
            "standing_order_id", "on_date", name=op.f("uq_standing_dates_standing_order_id_on_date")
        ),
    )
    op.create_table(
        "collections",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_collections_quantity")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_collections_purchase_id_purchases")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_collections_round_id_rounds")
        ),
        sa.PrimaryKeyConstraint("round_id", "purchase_id", name=op.f("pk_collections")),
    )
    op.create_index(
        op.f("ix_collections_purchase_id"), "collections", ["purchase_id"], unique=False
    )
    op.create_table(
        "skipped_stops",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_skipped_stops_round_id_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_skipped_stops_supplier_id_suppliers")
        ),
        sa.PrimaryKeyConstraint("round_id", "supplier_id", name=op.f("pk_skipped_stops")),
    )
