"""
What people say of bins: counted, adjusted, moved, scrapped, set apart; with what it means.

They name lots by the number on the goods. Who loses goods by it, or is served, is seen to at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import warehouse
from dispatch.stock import corrections, levels, movements
from dispatch.stock.corrections import Outcome, Quarantine
from dispatch.stock.levels import Shelf
from dispatch.stock.lots import Lot
from dispatch.stock.movements import Place
from dispatch.store import pages, rows
from dispatch.store.errors import Invalid
from dispatch.store.pages import Page


@dataclass(frozen=True, slots=True)
class At:
    """A bin of a depot with a part in it, and the number of the lot where there is one."""

    depot_id: UUID
    part_id: UUID
    bin: str
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How much somebody saw in a bin."""

    at: At
    quantity: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was counted beside what the ledger said, and what that meant for orders."""

    counted: Counted
    outcome: Outcome

    @property
    def expected(self) -> int:
        return self.counted.quantity - self.outcome.booked


def count(
    session: Session,
    counted: Sequence[Counted],
    *,
    document: str,
    reason: str | None = None,
    counted_at: datetime | None = None,
) -> list[Found]:
    """Book a count sheet, as a whole (`corrections.count`); a difference needs a reason."""
    _lock(session, [one.at for one in counted])
    found = []
    for one in counted:
        place = _place(session, one.at, may_be_new=one.quantity > 0)
        outcome = corrections.count(
            session,
            place,
            one.quantity,
            document=document,
            counted_at=counted_at,
            reason=reason,
        )
        found.append(Found(one, warehouse.follow(session, outcome)))
    different = [one.counted.at.bin for one in found if one.outcome.booked]
    if different and reason is None:
        cause = f"what was counted differs in {', '.join(different)[:200]}"
        raise Invalid("reason_needed", cause=cause, action="look again, or send it with a reason")
    return found


def adjust(session: Session, at: At, difference: int, *, reason: str) -> Outcome:
    """Correct a bin by a difference."""
    _lock(session, [at])
    place = _place(session, at, may_be_new=difference > 0)
    return warehouse.follow(session, corrections.adjust(session, place, difference, reason=reason))


def move(session: Session, at: At, to_bin: str, quantity: int) -> None:
    """Put goods into another bin of the depot."""
    _lock(session, [at])
    corrections.move(session, _place(session, at), to_bin, quantity)


def scrap(session: Session, at: At, quantity: int, *, reason: str) -> Outcome:
    """Take goods off the books for good."""
    _lock(session, [at])
    outcome = corrections.scrap(session, _place(session, at), quantity, reason=reason)
    return warehouse.follow(session, outcome)


def set_apart(
    session: Session, at: At, quantity: int, *, reason: str
) -> tuple[Quarantine, Outcome]:
    """Put goods into quarantine."""
    _lock(session, [at])
    place = _place(session, at)
    row, outcome = corrections.set_apart(session, place, quantity, reason=reason)
    return row, warehouse.follow(session, outcome)


def apart(
    session: Session,
    *,
    depot_ids: Sequence[UUID] | frozenset[UUID] | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Quarantine]:
    """Return what is or was in quarantine, the newest first."""
    query = select(Quarantine)
    if depot_ids is not None:
        query = query.where(Quarantine.depot_id.in_(depot_ids))
    if status is not None:
        query = query.where(Quarantine.status == status)
    return pages.newest(session, query, Quarantine, cursor=cursor, limit=limit)


def _lock(session: Session, places: Sequence[At]) -> None:
    """Lock the levels of all places, in their order, before anything else."""
    for depot_id in sorted({at.depot_id for at in places}):
        rows.get(session, Depot, depot_id)
    for part_id in sorted({at.part_id for at in places}):
        rows.get(session, Part, part_id)
    shelves = sorted({Shelf(at.depot_id, at.part_id) for at in places})
    for shelf in shelves:
        levels.ensure(session, shelf)
    levels.lock(session, shelves)


def _place(session: Session, at: At, *, may_be_new: bool = False) -> Place:
    return Place(Shelf(at.depot_id, at.part_id), at.bin, _lot(session, at, may_be_new=may_be_new))


def _lot(session: Session, at: At, *, may_be_new: bool) -> UUID | None:
    if at.lot is None:
        return None
    if may_be_new:
        return movements.lot(session, at.part_id, at.lot).id
    query = select(Lot.id).where(Lot.part_id == at.part_id, Lot.number == at.lot)
    found = session.scalar(query)
    if found is None:
        cause = f"the part has no lot {at.lot}"
        raise Invalid("wrong_lot", cause=cause, action="look at the number on the goods again")
    return found
