"""
What is there after all: counted, adjusted, scrapped, set apart in quarantine.

Goods that turn out not to be there may have been set aside: then who queues last loses them, and
is told. Goods that turn up serve who waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.parts import Part, Tracking
from dispatch.stock import levels, lots, movements, reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import STAGING, Basis, Kind, Lot, Movement, Place
from dispatch.stock.reservations import Lost, Reservation
from dispatch.store import clock, events, rows, states
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.states import Machine


class Quarantine(Versioned, Table):
    """Goods that lie apart and are not on hand until somebody has judged them."""

    __tablename__ = "quarantines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index(None, "depot_id", "status"),
    )
    machine: ClassVar[Machine] = states.QUARANTINE

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lots.id"), index=True)
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]

    @property
    def title(self) -> str:
        return f"a quarantine of {self.quantity}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id, "part": self.part_id}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a correction added to a bin, and what it meant for orders: who lost, who was served."""

    booked: int = 0
    lost: list[Lost] = field(default_factory=list)
    served: list[Reservation] = field(default_factory=list)


def count(
    session: Session,
    place: Place,
    counted: int,
    *,
    document: str,
    counted_at: datetime | None = None,
    reason: str | None = None,
) -> Outcome:
    """
    Book the difference between what was counted in a bin and what the ledger says.

    Nothing is frozen: what moved after ``counted_at`` is no difference.
    """
    _check_place(session, place, counted)
    levels.ensure(session, place.shelf)
    levels.lock(session, [place.shelf])
    session.flush()
    then = movements.in_bin(session, place) - _moved_since(session, place, counted_at)
    outcome = _change(session, Kind.COUNT, place, counted - then, Basis(document=document))
    data: dict[str, object] = {"bin": place.bin, "counted": counted, "expected": then}
    data |= {"document": document, "reason": reason}
    _tell(session, "stock.counted", place, data)
    return outcome


def adjust(session: Session, place: Place, difference: int, *, reason: str) -> Outcome:
    """Correct a bin by a difference, with the reason."""
    _check_place(session, place, abs(difference))
    levels.ensure(session, place.shelf)
    outcome = _change(session, Kind.ADJUST, place, difference, Basis(document=reason))
    _tell(session, "stock.adjusted", place, {"bin": place.bin, "difference": difference})
    return outcome


def move(session: Session, place: Place, to_bin: str, quantity: int) -> None:
    """Put goods into another bin of the depot (``bin_short``)."""
    _check_quantity(quantity)
    _check_place(session, place, quantity)
    _check_place(session, Place(place.shelf, to_bin, place.lot_id), quantity)
    movements.shift(session, Kind.ADJUST, place, to_bin, quantity)


def scrap(session: Session, place: Place, quantity: int, *, reason: str) -> Outcome:
    """Take goods off the books for good."""
    _check_quantity(quantity)
    outcome = _change(session, Kind.SCRAP, place, -quantity, Basis(document=reason))
    data = {"bin": place.bin, "quantity": quantity, "reason": reason}
    _tell(session, "stock.scrapped", place, data)
    return outcome


def set_apart(
    session: Session, place: Place, quantity: int, *, reason: str
) -> tuple[Quarantine, Outcome]:
    """Put goods into quarantine: they are on hand no longer, until they are released."""
    _check_quantity(quantity)
    outcome = _change(session, Kind.QUARANTINE, place, -quantity, Basis(document=reason))
    row = Quarantine(
        depot_id=place.shelf.depot_id,
        part_id=place.shelf.part_id,
        lot_id=place.lot_id,
        quantity=quantity,
        reason=reason,
        since=clock.now(),
    )
    states.step(session, row, "hold", data={"quantity": quantity, "reason": reason})
    session.flush()
    return row, outcome


def release(session: Session, quarantine: Quarantine, *, bin: str) -> Outcome:
    """Put goods from quarantine into a bin, and serve who waits."""
    place = _place(quarantine, bin)
    _check_place(session, place, quarantine.quantity)
    states.step(session, quarantine, "release", data={"bin": bin})
    session.flush()
    return _change(session, Kind.QUARANTINE, place, quarantine.quantity, movements.NO_BASIS)


def scrap_apart(session: Session, quarantine: Quarantine, *, reason: str) -> None:
    """Scrap goods in quarantine; the ledger has them back for a moment, so that it tells why."""
    states.step(session, quarantine, "scrap", data={"reason": reason})
    session.flush()
    place, basis = _place(quarantine, "QUARANTINE"), Basis(document=reason)
    movements.record(session, Kind.QUARANTINE, place, quarantine.quantity, basis)
    movements.record(session, Kind.SCRAP, place, -quarantine.quantity, basis)


def _change(session: Session, kind: Kind, place: Place, quantity: int, basis: Basis) -> Outcome:
    levels.lock(session, [place.shelf])
    if quantity < 0:
        if place.bin == STAGING:
            _refuse_staging()
        # Of what has expired nothing was available, so nobody loses by it.
        expired = lots.is_expired(session, place.shelf.depot_id, place.lot_id)
        lost = reservations.displace(session, place.shelf, 0 if expired else -quantity)
        movements.record(session, kind, place, quantity, basis)
        return Outcome(quantity, lost=lost)
    if quantity > 0:
        _refuse_second(session, place, quantity)
        movements.record(session, kind, place, quantity, basis)
    return Outcome(quantity, served=reservations.fill(session, [place.shelf]))


def _moved_since(session: Session, place: Place, at: datetime | None) -> int:
    if at is None:
        return 0
    query = select(func.sum(Movement.quantity)).where(
        Movement.depot_id == place.shelf.depot_id,
        Movement.part_id == place.shelf.part_id,
        Movement.bin == place.bin,
        Movement.lot_id.is_(None) if place.lot_id is None else Movement.lot_id == place.lot_id,
        Movement.at > at,
    )
    return int(session.scalar(query) or 0)


def _check_place(session: Session, place: Place, quantity: int) -> None:
    part = rows.get(session, Part, place.shelf.part_id)
    if place.bin == STAGING:
        _refuse_staging()
    if quantity < 0:
        cause = f"{part.title}: the quantity is {quantity}"
        raise Invalid("bad_quantity", cause=cause, action="give a whole number of at least 0")
    if part.tracking != Tracking.NONE and place.lot_id is None:
        cause = f"{part.title} is tracked by {part.tracking}, and none is given"
        raise Invalid("lot_needed", cause=cause, action="scan or write the number on the goods")
    if place.lot_id and rows.get(session, Lot, place.lot_id).part_id != part.id:
        cause = f"that lot is not of {part.title}"
        raise Invalid("wrong_lot", cause=cause, action="choose one of the part's lots")


def _refuse_second(session: Session, place: Place, quantity: int) -> None:
    part = rows.get(session, Part, place.shelf.part_id)
    if part.tracking != Tracking.SERIAL or place.lot_id is None:
        return
    if quantity + movements.on_hand_of(session, place.lot_id) > 1:
        cause = f"{part.title}: the serial number would be there more than once"
        action = "count the other bin, or look at the number again"
        raise Conflict("serial_twice", cause=cause, action=action)


def _check_quantity(quantity: int) -> None:
    if quantity <= 0:
        cause = f"the quantity is {quantity}"
        raise Invalid("bad_quantity", cause=cause, action="give a whole number above 0")


def _refuse_staging() -> None:
    cause = f"{STAGING} holds what is picked, and nothing else"
    action = "release or ship what is picked, or name another bin"
    raise Invalid("staging_bin", cause=cause, action=action)


def _place(quarantine: Quarantine, bin: str) -> Place:
    return Place(Shelf(quarantine.depot_id, quarantine.part_id), bin, quarantine.lot_id)


def _tell(session: Session, kind: str, place: Place, data: Mapping[str, object]) -> None:
    subjects = {"depot": place.shelf.depot_id, "part": place.shelf.part_id}
    events.record(session, kind, place.shelf.part_id, subjects=subjects, data=data)
