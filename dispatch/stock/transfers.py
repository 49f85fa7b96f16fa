"""
Goods from depot to depot: out of one, on the way, into the other.

A line may carry what an order has set aside: the reservation goes along, counts nowhere while it
is on the way, and is set aside again at the other depot when it arrives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.stock import levels, movements, picking, reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import Basis, Kind, Place
from dispatch.stock.reservations import IN_TRANSIT, Lost, Reservation
from dispatch.store import keys, pages, rows, states
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page
from dispatch.store.states import Machine


class Transfer(Versioned, Table):
    """Goods that one depot sends to another."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("from_depot_id <> to_depot_id", name="other"),
        Index(None, "to_depot_id", "status"),
    )
    machine: ClassVar[Machine] = states.TRANSFER

    id: Mapped[Key]
    from_depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    to_depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    expected_at: Mapped[datetime]
    document: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(20))

    @property
    def title(self) -> str:
        return f"transfer {self.document}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"from_depot": self.from_depot_id, "depot": self.to_depot_id}


class TransferLine(Table):
    """So many of a part, once sent of one lot; ``received`` is how many arrived."""

    __tablename__ = "transfer_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[Key]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"), index=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"), index=True)
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lots.id"))
    reservation_id: Mapped[UUID | None] = mapped_column(ForeignKey("reservations.id"), index=True)
    quantity: Mapped[int]
    received: Mapped[int | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of a part, or all that a reservation has set aside."""

    part_id: UUID
    quantity: int
    reservation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a transfer brought: reservations that are whole again, and others that it served."""

    reservations: list[Reservation]
    served: list[Reservation]


def plan(
    session: Session,
    from_depot_id: UUID,
    to_depot_id: UUID,
    wanted: Sequence[Wanted],
    *,
    expected_at: datetime,
    document: str,
) -> Transfer:
    """Plan a transfer; what no order has set aside is not held back for it."""
    rows.get(session, Depot, from_depot_id)
    rows.get(session, Depot, to_depot_id)
    if from_depot_id == to_depot_id or not wanted:
        cause = "it leads nowhere" if wanted else "it has no lines"
        raise Invalid("bad_transfer", cause=cause, action="name two depots, and what to send")
    for each in wanted:
        part = rows.get(session, Part, each.part_id)
        if not 0 < each.quantity <= levels.MOST:
            cause = f"{part.title}: the quantity is {each.quantity}"
            raise Invalid("bad_quantity", cause=cause, action="give a whole number above 0")
    transfer = Transfer(
        id=keys.new(),
        from_depot_id=from_depot_id,
        to_depot_id=to_depot_id,
        expected_at=expected_at,
        document=document,
    )
    states.step(session, transfer, "plan")
    session.flush()
    for each in wanted:
        session.add(_line(transfer, each.part_id, each.quantity, each.reservation_id))
    session.flush()
    return transfer


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Transfer]:
    """Return transfers from or to some depots, the newest first."""
    query = select(Transfer)
    if depot_ids is not None:
        here = Transfer.from_depot_id.in_(depot_ids) | Transfer.to_depot_id.in_(depot_ids)
        query = query.where(here)
    if status is not None:
        query = query.where(Transfer.status == status)
    return pages.newest(session, query, Transfer, cursor=cursor, limit=limit)


def send(session: Session, transfer: Transfer, *, today: date, van: str) -> list[Lost]:
    """
    Let the goods leave, what expires first at first (``out_of_stock``).

    Returns what orders had set aside here of it.
    """
    states.step(session, transfer, "send", data={"van": van})
    session.flush()
    lines = lines_of(session, transfer.id)
    levels.lock(session, [Shelf(transfer.from_depot_id, line.part_id) for line in lines])
    for line in sorted(lines, key=lambda line: (line.part_id, line.id)):
        _send_line(session, transfer, line, today, van)
    return [
        Lost(one.order_id, one.order_line_id, transfer.from_depot_id, one.quantity)
        for one in _reservations_of(session, lines)
    ]


def receive(
    session: Session,
    transfer: Transfer,
    *,
    bin: str,
    received: Mapping[UUID, int] | None = None,
) -> Arrived:
    """
    Take the goods in; ``received`` says for lines where not all arrived how many did.

    Reservations that went along are set aside again, as far as goods arrived for them; for the
    rest they wait here, in their old place. What is over serves who waits.
    """
    states.step(session, transfer, "receive", data=_told(received))
    session.flush()
    lines = lines_of(session, transfer.id)
    for line in lines:
        _check_received(line, received or {})
    shelves = {Shelf(transfer.to_depot_id, line.part_id) for line in lines}
    for shelf in sorted(shelves):
        levels.ensure(session, shelf)
    levels.lock(session, shelves)
    for line in lines:
        if line.received:
            place = Place(Shelf(transfer.to_depot_id, line.part_id), bin, line.lot_id)
            basis = Basis(document=transfer.document, transfer_id=transfer.id)
            movements.record(session, Kind.TRANSFER_IN, place, line.received, basis)
    arrived = _arrive(session, lines)
    return Arrived(arrived, reservations.fill(session, shelves))


def cancel(session: Session, transfer: Transfer) -> None:
    """Give a planned transfer up; what orders have set aside stays where it is."""
    states.step(session, transfer, "cancel")
    session.flush()


def lines_of(session: Session, transfer_id: UUID) -> list[TransferLine]:
    """Return the lines of a transfer."""
    query = select(TransferLine).where(TransferLine.transfer_id == transfer_id)
    return list(session.scalars(query.order_by(TransferLine.id)).all())


def _send_line(
    session: Session, transfer: Transfer, line: TransferLine, today: date, van: str
) -> None:
    shelf = Shelf(transfer.from_depot_id, line.part_id)
    grabs = picking.propose(session, shelf, line.quantity, today=today)
    free = line.quantity if line.reservation_id else levels.available(session, shelf)
    there = max(0, min(free, sum(grab.quantity for grab in grabs)))
    if there < line.quantity:
        cause = f"{line.quantity} are to leave, {there} are there for it"
        raise Conflict("out_of_stock", cause=cause, action="lower the quantity, or count the bins")
    if line.reservation_id:
        _send_reserved(session, line)
    basis = Basis(document=transfer.document, transfer_id=transfer.id, van=van)
    for first, grab in zip([True] + [False] * len(grabs), grabs, strict=False):
        if line.reservation_id:
            movements.leave(session, Kind.TRANSFER_OUT, grab.place, grab.quantity, basis)
        else:
            movements.record(session, Kind.TRANSFER_OUT, grab.place, -grab.quantity, basis)
        if first:
            line.quantity, line.lot_id = grab.quantity, grab.place.lot_id
        else:
            more = _line(transfer, line.part_id, grab.quantity, line.reservation_id)
            more.lot_id = grab.place.lot_id
            session.add(more)
    session.flush()


def _reservations_of(session: Session, lines: Sequence[TransferLine]) -> list[Reservation]:
    ids = {line.reservation_id for line in lines if line.reservation_id}
    return [rows.get(session, Reservation, each) for each in sorted(ids)]


def _send_reserved(session: Session, line: TransferLine) -> None:
    assert line.reservation_id
    one = reservations.locked(session, line.reservation_id)
    if one.quantity != line.quantity:
        cause = f"{line.quantity} are to go along, {one.quantity} are set aside"
        raise Conflict("changed_meanwhile", cause=cause, action="plan the transfer anew")
    states.step(session, one, "send", data={"quantity": one.quantity})
    session.flush()


def _check_received(line: TransferLine, received: Mapping[UUID, int]) -> None:
    line.received = received.get(line.id, line.quantity)
    if not 0 <= line.received <= line.quantity:
        cause = f"{line.received} are said to have arrived, {line.quantity} were sent"
        raise Invalid("too_many", cause=cause, action=f"give a number from 0 to {line.quantity}")


def _arrive(session: Session, lines: Sequence[TransferLine]) -> list[Reservation]:
    """Set aside anew what went along for orders, as far as it arrived."""
    by_reservation: dict[UUID, int] = {}
    for line in lines:
        if line.reservation_id:
            before = by_reservation.get(line.reservation_id, 0)
            by_reservation[line.reservation_id] = before + (line.received or 0)
    transfer = rows.get(session, Transfer, lines[0].transfer_id)
    arrived = []
    for reservation_id, quantity in sorted(by_reservation.items()):
        one = reservations.locked(session, reservation_id)
        if one.status != IN_TRANSIT:
            continue
        one.depot_id = transfer.to_depot_id
        # What has expired on the way is nobody's.
        quantity = max(0, min(quantity, levels.available(session, one.shelf)))
        if quantity == 0:
            states.step(session, one, "miss", data={"quantity": one.quantity})
            continue
        if quantity < one.quantity:
            reservations.split(session, one, quantity, "queue")
        if not levels.take(session, one.shelf, quantity):
            raise AssertionError(f"{one.shelf} changed under its lock")
        states.step(session, one, "arrive", data={"quantity": quantity})
        arrived.append(one)
    session.flush()
    return arrived


def _line(
    transfer: Transfer, part_id: UUID, quantity: int, reservation_id: UUID | None
) -> TransferLine:
    return TransferLine(
        id=keys.new(),
        transfer_id=transfer.id,
        part_id=part_id,
        quantity=quantity,
        reservation_id=reservation_id,
    )


def _told(received: Mapping[UUID, int] | None) -> dict[str, object]:
    return {"received": {str(line): n for line, n in (received or {}).items()}}
