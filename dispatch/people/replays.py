"""
Answers that are kept, so that a request which is sent again changes nothing.

The key is taken in the transaction that does the work: of two at once the second waits for the
first, then finds its answer. What was refused changed nothing and is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.store import clock, keys
from dispatch.store.base import DocumentOrNull, Key, Table
from dispatch.store.errors import Invalid
from dispatch.store.statements import changed, insert_unless_there

KEPT = timedelta(hours=48)


class Replay(Table):
    """The answer to one request of one caller."""

    __tablename__ = "replays"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: Mapped[Key]
    actor: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: dict[str, Any]


def take(session: Session, actor: str, key: str, request_hash: str) -> Answer | None:
    """
    Take a key for the work that follows, or return what was answered to it before.

    Refused (``idempotency_key_reused``) if it came with another request.
    """
    row_id = keys.new()
    row = {
        "id": row_id,
        "actor": actor,
        "key": key,
        "request_hash": request_hash,
        "created_at": clock.now(),
    }
    insert_unless_there(session, Replay, row)
    found = session.scalars(select(Replay).where(Replay.actor == actor, Replay.key == key)).one()
    if found.id == row_id:
        return None
    if found.request_hash != request_hash:
        raise Invalid(
            "idempotency_key_reused",
            cause=f"the key {key!r} came before with another request",
            action="take a new key for each thing that you want, the same one only to repeat it",
        )
    if found.status is None or found.answer is None:
        raise AssertionError("a key was committed without its answer")
    return Answer(found.status, found.answer)


def keep(session: Session, actor: str, key: str, answer: Answer) -> None:
    """Keep the answer to the request whose key was taken."""
    mine = (Replay.actor == actor) & (Replay.key == key)
    values = {"status": answer.status, "answer": answer.body}
    if changed(session, update(Replay).where(mine).values(**values)) != 1:
        raise AssertionError(f"the key {key!r} was not taken")


def forget_old(session: Session) -> None:
    """Delete answers that nobody will ask for again."""
    session.execute(delete(Replay).where(Replay.created_at < clock.now() - KEPT))
