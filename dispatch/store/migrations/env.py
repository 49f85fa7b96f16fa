"""Runs the steps on the connection and in the transaction that `dispatch.store.schema` opened."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite changes a table by making it anew.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
