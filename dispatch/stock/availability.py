"""What can still be promised: by part, over depots."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.stock import reservations
from dispatch.stock.levels import Shelf, StockLevel


@dataclass(frozen=True, slots=True)
class Available:
    """A part at a depot; ``waiting`` is what lines queue for there."""

    shelf: Shelf
    on_hand: int
    reserved: int
    waiting: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def of_part(
    session: Session, part_id: UUID, *, depot_ids: Collection[UUID] | None = None
) -> list[Available]:
    """Return what each depot has of a part, or only these depots."""
    query = select(StockLevel).where(StockLevel.part_id == part_id)
    if depot_ids is not None:
        query = query.where(StockLevel.depot_id.in_(depot_ids))
    return [_of(session, level) for level in session.scalars(query.order_by(StockLevel.depot_id))]


def _of(session: Session, level: StockLevel) -> Available:
    shelf = Shelf(level.depot_id, level.part_id)
    waiting = reservations.waiting(session, shelf)
    return Available(shelf, level.on_hand, level.reserved, waiting)
