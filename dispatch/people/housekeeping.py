"""Deletes what nobody will ask for again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from dispatch.people import attempts, replays, sessions


def tidy(session: Session) -> None:
    """Delete sessions, tries and kept answers that are over for long."""
    sessions.forget_old(session)
    attempts.forget_old(session)
    replays.forget_old(session)
