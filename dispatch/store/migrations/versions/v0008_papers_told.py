"""Of which papers it was told that they expire."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("papers", sa.Column("told_near", sa.Date(), nullable=True))
    op.add_column("papers", sa.Column("told_over", sa.Date(), nullable=True))
