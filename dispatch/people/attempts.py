"""
How often somebody may try: five times, then not for a quarter of an hour.

Counted before the password is looked at, by one conditional UPDATE, so that many guesses at once
are no more than five; and counted for names that nobody has, so that none can be found out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, case, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.people import tokens
from dispatch.store import clock
from dispatch.store.base import Table
from dispatch.store.errors import TooMany
from dispatch.store.statements import changed, insert_unless_there

MOST = 5
WINDOW = timedelta(minutes=15)


class Attempts(Table):
    """Tries for one name since the first of them; the name is kept as a hash."""

    __tablename__ = "sign_in_attempts"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    since: Mapped[datetime]


def take(session: Session, name: str) -> int:
    """Count one try and return how many there were, or refuse (``locked_out``)."""
    now = clock.now()
    key = tokens.hashed(name)
    insert_unless_there(session, Attempts, {"name_hash": key, "tries": 0, "since": now})
    old = Attempts.since <= now - WINDOW
    counted = (
        update(Attempts)
        .where(Attempts.name_hash == key, (Attempts.tries < MOST) | old)
        .values(
            tries=case((old, 1), else_=Attempts.tries + 1),
            since=case((old, now), else_=Attempts.since),
        )
    )
    allowed = changed(session, counted) == 1
    row = session.execute(
        select(Attempts.tries, Attempts.since).where(Attempts.name_hash == key)
    ).one()
    if not allowed:
        wait_s = max(1, int((row.since + WINDOW - now).total_seconds()) + 1)
        raise TooMany(
            "locked_out",
            cause=f"{MOST} sign-ins in a row were wrong",
            action=f"try again in {-(-wait_s // 60)} minutes, or ask for another password",
            wait_s=wait_s,
        )
    return int(row.tries)


def forgive(session: Session, name: str) -> None:
    """Begin to count anew, since the right password was given."""
    session.execute(delete(Attempts).where(Attempts.name_hash == tokens.hashed(name)))


def forget_old(session: Session) -> None:
    """Delete what no longer counts."""
    session.execute(delete(Attempts).where(Attempts.since <= clock.now() - WINDOW))
