"""Indexes that hold orders of a depot, customer or state in the order of their pages."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

_OLD = (["depot_id", "status", "placed_at"], ["customer_id"])
_NEW = (["depot_id", "id"], ["depot_id", "status", "id"], ["status", "id"], ["customer_id", "id"])


def upgrade() -> None:
    for columns in _NEW:
        op.create_index(op.f(f"ix_orders_{'_'.join(columns)}"), "orders", columns, unique=False)
    for columns in _OLD:
        op.drop_index(op.f(f"ix_orders_{'_'.join(columns)}"), table_name="orders")
