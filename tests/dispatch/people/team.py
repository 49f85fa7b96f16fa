"""Users of a small firm in a database, each with the same password."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from uuid import UUID

from dispatch.people import passwords, users
from dispatch.people.users import NewUser
from dispatch.store.database import Database, transaction

PASSWORD = "correct horse battery"


@cache
def password_hash() -> str:
    """Made once: a hash is dear."""
    return passwords.hashed(PASSWORD)


def add(
    db: Database,
    name: str,
    *roles: str,
    depot_ids: Collection[UUID] | None = None,
    customer_id: UUID | None = None,
) -> UUID:
    """Add a user who signs in with `PASSWORD`."""
    new = NewUser(name, name.title(), roles or ("admin",), depot_ids, customer_id)
    with transaction(db, actor="test") as session:
        return users.add(session, new, password_hash=password_hash()).id
