"""Customers and orders in full."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import Document, Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "drivers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("skills", Document, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_drivers_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drivers")),
        sa.UniqueConstraint("number", name=op.f("uq_drivers_number")),
    )
    op.create_index(op.f("ix_drivers_depot_id"), "drivers", ["depot_id"], unique=False)

    op.create_table(
        "special_days",
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_special_days_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("depot_id", "on_date", name=op.f("pk_special_days")),
    )
    op.create_table(
        "vehicles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=20), nullable=False),
        sa.Column("profile", sa.String(length=20), nullable=False),
        sa.Column("capacity_g", sa.BigInteger(), nullable=True),
        sa.Column("capacity_ml", sa.BigInteger(), nullable=True),
        sa.Column("skills", Document, nullable=False),
        sa.Column("cost_fixed", sa.BigInteger(), nullable=False),
        sa.Column("cost_per_km", sa.BigInteger(), nullable=False),
        sa.Column("cost_per_h", sa.BigInteger(), nullable=False),
        sa.Column("max_distance_m", sa.Integer(), nullable=True),
        sa.Column("max_stops", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cost_fixed >= 0 AND cost_per_km >= 0", name=op.f("ck_vehicles_costs")),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_vehicles_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("plate", name=op.f("uq_vehicles_plate")),
    )
    op.create_index(op.f("ix_vehicles_depot_id"), "vehicles", ["depot_id"], unique=False)

    op.create_table(
        "waves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("cut_off", sa.Integer(), nullable=False),
        sa.Column("weekdays", Document, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cut_off >= 0 AND cut_off < 86400", name=op.f("ck_waves_cut_off")),
        sa.ForeignKeyConstraint(["depot_id"], ["depots.id"], name=op.f("fk_waves_depot_id_depots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
        sa.UniqueConstraint("depot_id", "name", name=op.f("uq_waves_depot_id_name")),
    )
    op.create_table(
        "zones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("area", Document, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["depot_id"], ["depots.id"], name=op.f("fk_zones_depot_id_depots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones")),
        sa.UniqueConstraint("depot_id", "name", name=op.f("uq_zones_depot_id_name")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_absences_days")),
        sa.ForeignKeyConstraint(
            ["driver_id"], ["drivers.id"], name=op.f("fk_absences_driver_id_drivers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_driver_id"), "absences", ["driver_id"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("repair_point_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_contacts_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["repair_point_id"],
            ["repair_points.id"],
            name=op.f("fk_contacts_repair_point_id_repair_points"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_customer_id"), "contacts", ["customer_id"], unique=False)

    op.create_table(
        "papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(vehicle_id IS NULL) <> (driver_id IS NULL)", name=op.f("ck_papers_owner")
        ),
        sa.ForeignKeyConstraint(
            ["driver_id"], ["drivers.id"], name=op.f("fk_papers_driver_id_drivers")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicles.id"], name=op.f("fk_papers_vehicle_id_vehicles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(op.f("ix_papers_driver_id"), "papers", ["driver_id"], unique=False)
    op.create_index(op.f("ix_papers_vehicle_id"), "papers", ["vehicle_id"], unique=False)

    op.create_table(
        "shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("break_s", sa.Integer(), nullable=False),
        sa.Column("break_from", sa.Integer(), nullable=True),
        sa.Column("break_to", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts < ends", name=op.f("ck_shifts_times")),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_shifts_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["driver_id"], ["drivers.id"], name=op.f("fk_shifts_driver_id_drivers")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicles.id"], name=op.f("fk_shifts_vehicle_id_vehicles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index(op.f("ix_shifts_depot_id"), "shifts", ["depot_id"], unique=False)

    op.create_table(
        "zone_cut_offs",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("cut_off", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_zone_cut_offs_wave_id_waves")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zones.id"], name=op.f("fk_zone_cut_offs_zone_id_zones")
        ),
        sa.PrimaryKeyConstraint("wave_id", "zone_id", name=op.f("pk_zone_cut_offs")),
    )
    op.create_table(
        "imported_orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("fate", sa.String(length=10), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("before", Document, nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_imported_orders_import_id_imports")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_imported_orders_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_orders")),
    )
    op.create_index(
        op.f("ix_imported_orders_import_id"), "imported_orders", ["import_id"], unique=False
    )
    op.create_index(
        op.f("ix_imported_orders_order_id"), "imported_orders", ["order_id"], unique=False
    )

    op.create_table(
        "quarantined_orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("cells", Document, nullable=False),
        sa.Column("faults", Document, nullable=False),
        sa.Column("decimal_comma", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_quarantined_orders_import_id_imports")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_quarantined_orders_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_orders")),
    )
    op.create_index(
        op.f("ix_quarantined_orders_import_id"), "quarantined_orders", ["import_id"], unique=False
    )
    op.create_index(
        op.f("ix_quarantined_orders_source_hash"),
        "quarantined_orders",
        ["source_hash"],
        unique=False,
    )

    op.create_table(
        "shift_changes",
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=True),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["driver_id"], ["drivers.id"], name=op.f("fk_shift_changes_driver_id_drivers")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_shift_changes_shift_id_shifts")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicles.id"], name=op.f("fk_shift_changes_vehicle_id_vehicles")
        ),
        sa.PrimaryKeyConstraint("shift_id", "on_date", name=op.f("pk_shift_changes")),
    )
    with op.batch_alter_table("customers") as table:
        table.add_column(
            sa.Column("language", sa.String(length=2), server_default="zh", nullable=False)
        )

    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("ready_at", Moment(), nullable=True))
    op.execute(
        "UPDATE deliveries SET ready_at = "
        "(SELECT placed_at FROM orders WHERE orders.id = deliveries.order_id)"
    )
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("ready_at", existing_type=Moment(), nullable=False)

    with op.batch_alter_table("depots") as table:
        table.add_column(sa.Column("hours", Document, nullable=True))
        table.add_column(sa.Column("settings", Document, nullable=True))

    with op.batch_alter_table("orders") as table:
        table.add_column(
            sa.Column("downtime_cost_per_h", sa.BigInteger(), server_default="0", nullable=False)
        )
        table.add_column(sa.Column("content_hash", sa.String(length=64), nullable=True))

    with op.batch_alter_table("repair_points") as table:
        table.add_column(
            sa.Column("found", sa.String(length=10), server_default="given", nullable=False)
        )
        table.add_column(sa.Column("found_by", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("found_at", Moment(), nullable=True))
        table.add_column(
            sa.Column(
                "access_notes", sa.String(length=2000), server_default=sa.text("''"), nullable=False
            )
        )
        table.add_column(sa.Column("hours", Document, nullable=True))
        table.alter_column("service_s", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("order_lines") as table:
        table.drop_constraint(op.f("ck_order_lines_quantity"), type_="check")
        table.create_check_constraint(op.f("ck_order_lines_quantity"), "quantity >= 0")
