"""What a version of a plan shows and decides, what-ifs, and the routes of published plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import Document, Moment

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _plans()
    _published()
    op.add_column(
        "vehicles", sa.Column("co2_g_per_km", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_table(
        "solve_points",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("objective", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["solve_runs.id"], name=op.f("fk_solve_points_run_id_solve_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", "at", name=op.f("pk_solve_points")),
    )


def _plans() -> None:
    with op.batch_alter_table("plans") as table:
        table.add_column(sa.Column("shared_with", Document, server_default="[]", nullable=False))
        table.add_column(sa.Column("shadow_of", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("assumptions", Document, server_default="{}", nullable=False))
        table.create_foreign_key(op.f("fk_plans_shadow_of_plans"), "plans", ["shadow_of"], ["id"])
    with op.batch_alter_table("plan_versions") as table:
        table.add_column(sa.Column("decisions", Document, server_default="{}", nullable=False))
        table.add_column(sa.Column("outline", Document, server_default="{}", nullable=False))


def _published() -> None:
    op.create_table(
        "routes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("drive_s", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{noun}_id"], [f"{noun}s.id"], name=op.f(f"fk_routes_{noun}_id_{noun}s")
            )
            for noun in ("plan", "depot", "shift", "vehicle", "driver")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
    )
    op.create_index(op.f("ix_routes_plan_id"), "routes", ["plan_id"], unique=False)
    op.create_index(
        op.f("ix_routes_depot_id_day_status"), "routes", ["depot_id", "day", "status"], unique=False
    )
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("route_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("repair_point_id", sa.Uuid(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("planned_arrival", Moment(), nullable=False),
        sa.Column("planned_start", Moment(), nullable=False),
        sa.Column("planned_departure", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["routes.id"], name=op.f("fk_stops_route_id_routes")),
        sa.ForeignKeyConstraint(
            ["repair_point_id"],
            ["repair_points.id"],
            name=op.f("fk_stops_repair_point_id_repair_points"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
        sa.UniqueConstraint("route_id", "position", name=op.f("uq_stops_route_id_position")),
    )
    op.create_table(
        "stop_deliveries",
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["stops.id"], name=op.f("fk_stop_deliveries_stop_id_stops")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_stop_deliveries_delivery_id_deliveries"),
        ),
        sa.PrimaryKeyConstraint("stop_id", "delivery_id", name=op.f("pk_stop_deliveries")),
    )
    op.create_index(
        op.f("ix_stop_deliveries_delivery_id"), "stop_deliveries", ["delivery_id"], unique=False
    )
