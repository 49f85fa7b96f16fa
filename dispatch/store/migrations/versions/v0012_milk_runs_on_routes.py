"""Stops at the suppliers of a milk run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("stops") as table:
        for noun, others in (("supplier", "suppliers"), ("milk_run", "milk_runs")):
            table.add_column(sa.Column(f"{noun}_id", sa.Uuid(), nullable=True))
            name = op.f(f"fk_stops_{noun}_id_{others}")
            table.create_foreign_key(name, others, [f"{noun}_id"], ["id"])
