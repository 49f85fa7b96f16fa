"""What can still be promised, and what is to come: by part, over depots."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import supersession
from dispatch.stock import incoming, lots, reservations
from dispatch.stock.incoming import Incoming
from dispatch.stock.levels import Shelf, StockLevel


@dataclass(frozen=True, slots=True)
class Available:
    """A part at a depot; ``waiting`` is what lines queue for there, and get before others."""

    shelf: Shelf
    on_hand: int
    reserved: int
    waiting: int
    expired: int
    """What of it has passed its date: on hand, and not to be promised."""
    incoming: tuple[Incoming, ...] = ()

    @property
    def available(self) -> int:
        return max(0, self.on_hand - self.reserved - self.expired)


@dataclass(frozen=True, slots=True)
class Instead:
    """A part that may be had for another."""

    part_id: UUID
    depots: list[Available]


def of_part(
    session: Session, part_id: UUID, *, depot_ids: Collection[UUID] | None = None
) -> list[Available]:
    """Return what each depot has or expects of a part, or only these depots."""
    levels = {
        level.depot_id: level
        for level in session.scalars(select(StockLevel).where(StockLevel.part_id == part_id))
    }
    expected = incoming.of_part(session, part_id)
    everywhere = set(levels) | {one.depot_id for one in expected}
    out = lots.expired(session, everywhere, [part_id])
    return [
        _of(
            session,
            Shelf(depot_id, part_id),
            levels.get(depot_id),
            expected,
            out[depot_id, part_id],
        )
        for depot_id in sorted(everywhere)
        if depot_ids is None or depot_id in depot_ids
    ]


def instead_of(
    session: Session, part_id: UUID, *, depot_ids: Collection[UUID] | None = None
) -> list[Instead]:
    """Return the substitutes of a part that some depot has available, the newest first."""
    found = (
        Instead(each, of_part(session, each, depot_ids=depot_ids))
        for each in supersession.substitutes(session, part_id)
    )
    return [each for each in found if any(one.available > 0 for one in each.depots)]


def _of(
    session: Session,
    shelf: Shelf,
    level: StockLevel | None,
    expected: list[Incoming],
    expired: int,
) -> Available:
    return Available(
        shelf,
        level.on_hand if level else 0,
        level.reserved if level else 0,
        reservations.waiting(session, shelf),
        expired,
        tuple(one for one in expected if one.depot_id == shelf.depot_id),
    )
