"""Parts that replace others: A is superseded by B, B by C; whoever wants A is offered C and B."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.parts import Part
from dispatch.store import events, rows
from dispatch.store.base import Table
from dispatch.store.errors import Conflict, Invalid

_LONGEST = 50


class Supersession(Table):
    """A part that is no longer made, and the one that replaces it."""

    __tablename__ = "supersessions"
    __table_args__ = (CheckConstraint("part_id <> successor_id", name="other"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"), primary_key=True)
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"), index=True)
    both_ways: Mapped[bool]
    """The old part also does for the new one."""


def supersede(
    session: Session, part_id: UUID, successor_id: UUID, *, both_ways: bool = False
) -> None:
    """Say that a part is replaced by another; a circle is refused (``supersession_loop``)."""
    part = rows.get(session, Part, part_id)
    successor = rows.get(session, Part, successor_id)
    if part_id in {successor_id, *successors(session, successor_id)}:
        cause = f"{successor.title} is itself replaced by {part.title} in the end"
        raise Invalid("supersession_loop", cause=cause, action="correct the older one first")
    there = session.get(Supersession, part_id)
    if there and there.successor_id != successor_id:
        other = rows.get(session, Part, there.successor_id)
        cause = f"{part.title} is replaced by {other.title} already"
        action = f"say what replaces {other.title}, or withdraw that first"
        raise Conflict("superseded_already", cause=cause, action=action)
    row = Supersession(part_id=part_id, successor_id=successor_id, both_ways=both_ways)
    session.merge(row)
    data = {"successor": str(successor_id), "both_ways": both_ways}
    events.record(session, "part.superseded", part_id, data=data)


def withdraw(session: Session, part_id: UUID) -> None:
    """Take back what was said of a part, if anything was."""
    there = session.get(Supersession, part_id)
    if there:
        session.delete(there)
        session.flush()
        events.record(session, "part.reinstated", part_id)


def successors(session: Session, part_id: UUID) -> list[UUID]:
    """Return what replaces a part, the next one first."""
    found: list[UUID] = []
    here: UUID | None = part_id
    while here and len(found) < _LONGEST:
        query = select(Supersession.successor_id).where(Supersession.part_id == here)
        here = session.scalar(query)
        if here:
            found.append(here)
    return found


def substitutes(session: Session, part_id: UUID) -> list[UUID]:
    """Return what may be had instead: the newest successor first, then older parts that also do."""
    return [*reversed(successors(session, part_id)), *_older(session, part_id)]


def _older(session: Session, part_id: UUID) -> list[UUID]:
    found: list[UUID] = []
    look = [part_id]
    while look:
        query = select(Supersession.part_id).where(
            Supersession.successor_id.in_(look), Supersession.both_ways
        )
        look = list(session.scalars(query.order_by(Supersession.part_id)))
        found += look
    return found
