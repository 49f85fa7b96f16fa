"""What is told of imports, orders and depots over HTTP."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dispatch.store.base import DocumentOrNull

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("imports", sa.Column("fates", DocumentOrNull, nullable=True))
    op.add_column(
        "orders", sa.Column("notes", sa.String(length=2000), server_default="", nullable=False)
    )
    op.add_column(
        "sourcing_terms",
        sa.Column("away_price", sa.BigInteger(), server_default="0", nullable=False),
    )
