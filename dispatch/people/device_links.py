"""Links that sign a driver's phone in: for one time, for a while, and to be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.people import sessions, tokens
from dispatch.people.permissions import Role
from dispatch.people.sessions import UserSession
from dispatch.people.users import User
from dispatch.store import clock, events, rows
from dispatch.store.base import Key, Table
from dispatch.store.errors import Invalid, NotFound, Unauthenticated
from dispatch.store.statements import changed

LASTS = timedelta(minutes=15)


class DeviceLink(Table):
    """A link; shown as a QR code, scanned once."""

    __tablename__ = "device_links"

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


def add(session: Session, user: User) -> tuple[DeviceLink, str]:
    """Make a link for a driver; return it and its token, which is kept nowhere."""
    if Role.DRIVER not in user.roles or set(user.roles) - {Role.DRIVER} or user.disabled_at:
        cause = f"{user.name} is no driver, has other roles beside, or is disabled"
        action = "make links for users of the role driver alone; others sign in by password"
        raise Invalid("not_a_driver", cause=cause, action=action)
    token = tokens.new()
    now = clock.now()
    row = DeviceLink(
        user_id=user.id,
        token_hash=tokens.hashed(token),
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(row)
    session.flush()
    events.record(session, "device_link.created", row.id, subjects={"user": user.id})
    return row, token


def claim(session: Session, token: str, *, title: str) -> tuple[UserSession, str]:
    """Turn a link into a session of a phone, or refuse (``bad_link``); the first who comes."""
    now = clock.now()
    is_it = DeviceLink.token_hash == tokens.hashed(token)
    still_good = (
        is_it
        & DeviceLink.claimed_at.is_(None)
        & DeviceLink.revoked_at.is_(None)
        & (DeviceLink.expires_at > now)
    )
    if changed(session, update(DeviceLink).where(still_good).values(claimed_at=now)) != 1:
        raise _bad_link()
    link = session.scalars(select(DeviceLink).where(is_it)).one()
    user = rows.get(session, User, link.user_id)
    if user.disabled_at:
        raise _bad_link()
    subjects = {"user": user.id}
    events.record(session, "device_link.claimed", link.id, subjects=subjects, data={"by": title})
    return sessions.begin(session, user.id, sessions.Kind.DEVICE, title=title)


def of_user(session: Session, link_id: UUID, user_id: UUID) -> DeviceLink:
    """Return a link of a user, or refuse (``not_found``)."""
    link = session.get(DeviceLink, link_id)
    if link is None or link.user_id != user_id:
        cause = f"there is no device link {link_id} of that user"
        raise NotFound("not_found", cause=cause, action="make a new one")
    return link


def revoke(session: Session, link: DeviceLink) -> None:
    """Make a link useless; a session that it opened is ended by itself."""
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        subjects = {"user": link.user_id}
        events.record(session, "device_link.revoked", link.id, subjects=subjects)


def _bad_link() -> Unauthenticated:
    return Unauthenticated(
        "bad_link",
        cause="the link was used, has expired, or was taken back",
        action="ask the dispatcher for a new one",
    )
