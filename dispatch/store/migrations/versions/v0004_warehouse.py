"""Parts in full; the ledger in full, with transfers, quarantine, and what goods were for."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import Document, Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _parts()
    _transfers()
    _ledger()
    _quarantines()
    _sourcing()
    _floor()


def _parts() -> None:
    op.add_column("parts", sa.Column("number_key", sa.String(length=120), nullable=True))
    op.add_column("parts", sa.Column("name_en", sa.String(length=200), nullable=True))
    op.add_column("parts", sa.Column("un_number", sa.String(length=4), nullable=True))
    op.add_column("parts", sa.Column("hazard_class", sa.String(length=3), nullable=True))
    op.add_column("parts", sa.Column("packing_group", sa.String(length=3), nullable=True))
    op.create_index(op.f("ix_parts_number_key"), "parts", ["number_key"], unique=False)
    _fill_number_keys()
    op.create_table(
        "cross_numbers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("maker", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("number_key", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_id"], ["parts.id"], name=op.f("fk_cross_numbers_part_id_parts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cross_numbers")),
        sa.UniqueConstraint(
            "part_id", "maker", "number_key", name=op.f("uq_cross_numbers_part_id_maker_number_key")
        ),
    )
    op.create_index(
        op.f("ix_cross_numbers_number_key"), "cross_numbers", ["number_key"], unique=False
    )
    op.create_table(
        "part_prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", Moment(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("core_deposit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount >= 0 AND core_deposit >= 0", name=op.f("ck_part_prices_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["parts.id"], name=op.f("fk_part_prices_part_id_parts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_prices")),
        sa.UniqueConstraint(
            "part_id",
            "currency",
            "valid_from",
            name=op.f("uq_part_prices_part_id_currency_valid_from"),
        ),
    )
    op.create_table(
        "supersessions",
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("both_ways", sa.Boolean(), nullable=False),
        sa.CheckConstraint("part_id <> successor_id", name=op.f("ck_supersessions_other")),
        sa.ForeignKeyConstraint(
            ["part_id"], ["parts.id"], name=op.f("fk_supersessions_part_id_parts")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["parts.id"], name=op.f("fk_supersessions_successor_id_parts")
        ),
        sa.PrimaryKeyConstraint("part_id", name=op.f("pk_supersessions")),
    )
    op.create_index(
        op.f("ix_supersessions_successor_id"), "supersessions", ["successor_id"], unique=False
    )


def _fill_number_keys() -> None:
    """Give the parts that are there the number by which they are found."""
    # As numbers were compared when this version came; later ways to compare fill it anew.
    table = sa.table(
        "parts", sa.column("id", sa.Uuid()), sa.column("number"), sa.column("number_key")
    )
    connection = op.get_bind()
    for part_id, number in connection.execute(sa.select(table.c.id, table.c.number)).all():
        plain = unicodedata.normalize("NFKC", number).upper()
        key = "".join(letter for letter in plain if letter.isalnum())
        wanted = sa.update(table).where(table.c.id == part_id).values(number_key=key)
        connection.execute(wanted)


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_depot_id", sa.Uuid(), nullable=False),
        sa.Column("to_depot_id", sa.Uuid(), nullable=False),
        sa.Column("expected_at", Moment(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("from_depot_id <> to_depot_id", name=op.f("ck_transfers_other")),
        sa.ForeignKeyConstraint(
            ["from_depot_id"], ["depots.id"], name=op.f("fk_transfers_from_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["to_depot_id"], ["depots.id"], name=op.f("fk_transfers_to_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_to_depot_id_status"), "transfers", ["to_depot_id", "status"])
    op.create_table(
        "transfer_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_lines_transfer_id_transfers")
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["parts.id"], name=op.f("fk_transfer_lines_part_id_parts")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lots.id"], name=op.f("fk_transfer_lines_lot_id_lots")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservations.id"],
            name=op.f("fk_transfer_lines_reservation_id_reservations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_lines")),
    )
    for column in ("transfer_id", "part_id", "reservation_id"):
        op.create_index(op.f(f"ix_transfer_lines_{column}"), "transfer_lines", [column])


def _ledger() -> None:
    _refer("stock_movements", "order_line_id", "order_lines")
    _refer("stock_movements", "delivery_id", "deliveries")
    _refer("stock_movements", "transfer_id", "transfers")
    op.add_column("stock_movements", sa.Column("van", sa.String(length=80), nullable=True))
    _refer("reservations", "lot_id", "lots")
    op.add_column("reservations", sa.Column("bin", sa.String(length=40), nullable=True))
    op.add_column("order_lines", sa.Column("vin", sa.String(length=17), nullable=True))
    op.create_index(op.f("ix_order_lines_vin"), "order_lines", ["vin"])
    op.create_index(op.f("ix_lots_number"), "lots", ["number"])


def _refer(table: str, column: str, owner: str) -> None:
    """Add a column that names a row of another table, without making the table anew."""
    reference = sa.ForeignKey(f"{owner}.id", name=op.f(f"fk_{table}_{column}_{owner}"))
    wanted = sa.Column(column, sa.Uuid(), reference, nullable=True)
    op.add_column(table, wanted, inline_references=True)
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _quarantines() -> None:
    op.create_table(
        "quarantines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_quarantines_quantity")),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_quarantines_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["parts.id"], name=op.f("fk_quarantines_part_id_parts")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_quarantines_lot_id_lots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantines")),
    )
    op.create_index(op.f("ix_quarantines_depot_id_status"), "quarantines", ["depot_id", "status"])
    op.create_index(op.f("ix_quarantines_lot_id"), "quarantines", ["lot_id"])


def _sourcing() -> None:
    op.create_table(
        "purchases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("expected_at", Moment(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND received >= 0", name=op.f("ck_purchases_quantity")),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_purchases_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_purchases_part_id_parts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
    )
    op.create_index(op.f("ix_purchases_part_id_depot_id"), "purchases", ["part_id", "depot_id"])
    op.create_table(
        "lanes",
        sa.Column("from_depot_id", sa.Uuid(), nullable=False),
        sa.Column("to_depot_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("departures", Document, nullable=False),
        sa.CheckConstraint("from_depot_id <> to_depot_id", name=op.f("ck_lanes_other")),
        sa.CheckConstraint("price >= 0 AND duration_s >= 0", name=op.f("ck_lanes_sizes")),
        sa.ForeignKeyConstraint(
            ["from_depot_id"], ["depots.id"], name=op.f("fk_lanes_from_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["to_depot_id"], ["depots.id"], name=op.f("fk_lanes_to_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("from_depot_id", "to_depot_id", name=op.f("pk_lanes")),
    )
    op.create_table(
        "sourcing_terms",
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("split_price", sa.BigInteger(), nullable=False),
        sa.Column("handling_s", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "split_price >= 0 AND handling_s >= 0", name=op.f("ck_sourcing_terms_sizes")
        ),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_sourcing_terms_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("depot_id", name=op.f("pk_sourcing_terms")),
    )


def _floor() -> None:
    op.create_table(
        "pick_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.String(length=60), nullable=False),
        sa.Column("route", sa.String(length=60), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_pick_lists_depot_id_depots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_lists")),
    )
    op.create_index(op.f("ix_pick_lists_depot_id_made_at"), "pick_lists", ["depot_id", "made_at"])
    op.create_table(
        "pick_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("bin", sa.String(length=40), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND picked >= 0 AND picked <= quantity",
            name=op.f("ck_pick_tasks_quantity"),
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["pick_lists.id"], name=op.f("fk_pick_tasks_list_id_pick_lists")
        ),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depots.id"], name=op.f("fk_pick_tasks_depot_id_depots")
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["parts.id"], name=op.f("fk_pick_tasks_part_id_parts")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name=op.f("fk_pick_tasks_order_line_id_order_lines"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_pick_tasks_lot_id_lots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_tasks")),
    )
    op.create_index(op.f("ix_pick_tasks_list_id"), "pick_tasks", ["list_id"])
    op.create_index(op.f("ix_pick_tasks_order_line_id"), "pick_tasks", ["order_line_id"])
    op.create_index(
        op.f("ix_pick_tasks_depot_id_part_id_open"), "pick_tasks", ["depot_id", "part_id", "open"]
    )
    op.create_table(
        "parcels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("packed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_parcels_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
        sa.UniqueConstraint("number", name=op.f("uq_parcels_number")),
    )
    op.create_index(op.f("ix_parcels_delivery_id"), "parcels", ["delivery_id"])
    op.create_table(
        "parcel_lines",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_parcel_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcels.id"], name=op.f("fk_parcel_lines_parcel_id_parcels")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservations.id"],
            name=op.f("fk_parcel_lines_reservation_id_reservations"),
        ),
        sa.PrimaryKeyConstraint("parcel_id", "reservation_id", name=op.f("pk_parcel_lines")),
    )
    op.create_index(op.f("ix_parcel_lines_reservation_id"), "parcel_lines", ["reservation_id"])
