"""Tables whose rows, once written, are neither changed nor deleted: the database itself refuses."""

from __future__ import annotations

from alembic import op

_MESSAGE = "is append-only"

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION milkrun_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% {message}', TG_TABLE_NAME; END $$
"""


def guard(table: str) -> None:
    """Refuse to update or delete rows; on SQLite, repeat it when a step makes the table anew."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} {_MESSAGE}'); END"
            )
        return
    op.execute(_POSTGRESQL.format(message=_MESSAGE))
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION milkrun_refuse()"
    )
