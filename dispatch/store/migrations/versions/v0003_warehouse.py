"""Parts in full: other numbers, what replaces what, prices, dangerous goods."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _parts()


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
