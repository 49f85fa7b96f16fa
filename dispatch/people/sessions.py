"""
Sessions: what stands for a user between signing in and out.

A session ends when it is not used for a while, when its whole time is over, or when it is ended.
The token is known to its holder alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.people import tokens
from dispatch.store import clock
from dispatch.store.base import Key, Table
from dispatch.store.statements import changed

_TOUCH = timedelta(minutes=1)
"""How exact the time of last use is: a write for each request would be dear."""

_KEPT = timedelta(days=30)


class Kind(StrEnum):
    """What a session is used on."""

    PERSON = "person"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Times:
    """How long a session lasts unused, and altogether."""

    idle: timedelta
    whole: timedelta


TIMES = {
    Kind.PERSON: Times(timedelta(hours=2), timedelta(hours=14)),
    # A phone that was off over a weekend still sends what it has; a lost one is cut off by hand.
    Kind.DEVICE: Times(timedelta(days=7), timedelta(days=90)),
}


class UserSession(Table):
    """One session of a user."""

    __tablename__ = "user_sessions"

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    """The browser or the phone, for the list of sessions."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def begin(session: Session, user_id: UUID, kind: Kind, *, title: str) -> tuple[UserSession, str]:
    """Begin a session; return it and its token, which is kept nowhere."""
    token = tokens.new()
    now = clock.now()
    row = UserSession(
        user_id=user_id,
        kind=kind,
        token_hash=tokens.hashed(token),
        title=title[:200],
        created_at=now,
        used_at=now,
        expires_at=now + TIMES[kind].whole,
    )
    session.add(row)
    session.flush()
    return row, token


def is_over(row: UserSession) -> bool:
    now = clock.now()
    idle = TIMES[Kind(row.kind)].idle
    return row.ended_at is not None or now >= row.expires_at or now >= row.used_at + idle


def is_to_touch(row: UserSession) -> bool:
    """Tell whether its last use is long enough ago to be written anew."""
    return clock.now() >= row.used_at + _TOUCH


def touch(session: Session, session_id: UUID) -> None:
    """Write that a session is in use."""
    mine = (UserSession.id == session_id) & UserSession.ended_at.is_(None)
    changed(session, update(UserSession).where(mine).values(used_at=clock.now()))


def end(session: Session, session_id: UUID) -> bool:
    """End a session; tell whether it was still there."""
    mine = (UserSession.id == session_id) & UserSession.ended_at.is_(None)
    return changed(session, update(UserSession).where(mine).values(ended_at=clock.now())) == 1


def end_all(session: Session, user_id: UUID) -> int:
    """End all sessions of a user; return how many there were."""
    theirs = (UserSession.user_id == user_id) & UserSession.ended_at.is_(None)
    return changed(session, update(UserSession).where(theirs).values(ended_at=clock.now()))


def of_user(session: Session, user_id: UUID) -> list[UserSession]:
    """Return the sessions of a user that are not over, the last used first."""
    theirs = select(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None)
    )
    found = session.scalars(theirs.order_by(UserSession.used_at.desc())).all()
    return [row for row in found if not is_over(row)]


def forget_old(session: Session) -> None:
    """Delete sessions that are over for long; what was done in them stays in the events."""
    session.execute(delete(UserSession).where(UserSession.expires_at < clock.now() - _KEPT))
