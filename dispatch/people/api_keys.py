"""API keys: how another system proves who it is, and what it may do."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.people import permissions, tokens, users
from dispatch.people.permissions import Permission, Who
from dispatch.store import clock, edits, events, pages
from dispatch.store.base import Document, DocumentOrNull, Key, Table
from dispatch.store.errors import Invalid
from dispatch.store.pages import Page

MARK = "mk_"
"""How every key begins, so that one in a log or a repository is found."""


class ApiKey(Table):
    """A key; ``prefix`` is the part of it that is shown, ``depot_ids`` None means all depots."""

    __tablename__ = "api_keys"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120))
    prefix: Mapped[str] = mapped_column(String(20), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(Document)
    depot_ids: Mapped[list[str] | None] = mapped_column(DocumentOrNull)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as an administrator describes it."""

    name: str
    scopes: Collection[str]
    depot_ids: Collection[UUID] | None = None
    expires_at: datetime | None = None


def add(session: Session, new: NewKey) -> tuple[ApiKey, str]:
    """Make a key; return it and its secret, which is kept nowhere."""
    if new.expires_at and new.expires_at <= clock.now():
        cause = f"{new.expires_at.isoformat()} is past"
        raise Invalid("expired", cause=cause, action="give a later time, or none")
    prefix, secret = MARK + secrets.token_hex(5), tokens.new()
    row = ApiKey(
        name=new.name,
        prefix=prefix,
        secret_hash=tokens.hashed(secret),
        scopes=_scopes(new.scopes),
        depot_ids=users.kept_scope(session, new.depot_ids),
        created_at=clock.now(),
        expires_at=new.expires_at,
    )
    edits.create(session, "api_key", row, secret=("secret_hash",))
    return row, f"{prefix}_{secret}"


def of_secret(session: Session, secret: str) -> ApiKey | None:
    """Return the key of a secret, unless it is over."""
    prefix, _, rest = secret.removeprefix(MARK).partition("_")
    row = session.scalar(select(ApiKey).where(ApiKey.prefix == MARK + prefix))
    if row is None or not hmac.compare_digest(row.secret_hash, tokens.hashed(rest)):
        return None
    expired = row.expires_at is not None and row.expires_at <= clock.now()
    return None if expired or row.revoked_at else row


def revoke(session: Session, row: ApiKey) -> None:
    """Make a key useless."""
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        events.record(session, "api_key.revoked", row.id, data={"prefix": row.prefix})


def page(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
    """Return keys, the newest first."""
    return pages.newest(session, select(ApiKey), ApiKey, cursor=cursor, limit=limit)


def who(row: ApiKey) -> Who:
    """Return what a key may do now."""
    scopes = frozenset(Permission(scope) for scope in row.scopes)
    return Who(
        actor=f"key:{row.prefix}",
        permissions=scopes - permissions.STAFF_ONLY,
        depot_ids=users.scope(row.depot_ids),
    )


def _scopes(scopes: Collection[str]) -> list[str]:
    allowed = {permission.value for permission in Permission} - permissions.STAFF_ONLY
    wrong = sorted(set(scopes) - allowed)
    if wrong or not scopes:
        cause = f"no key can have {', '.join(wrong)}" if wrong else "no scope is given"
        action = f"choose of {', '.join(sorted(allowed))}"
        raise Invalid("unknown_scope", cause=cause, action=action)
    return sorted(set(scopes))
