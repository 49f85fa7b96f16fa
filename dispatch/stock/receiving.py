"""Goods in: into the ledger, a bin and a lot, and at once to the lines that queue for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.catalogue.parts import Part, Tracking
from dispatch.stock import incoming, levels, movements, reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import STAGING, Basis, Kind, Place
from dispatch.stock.reservations import Reservation
from dispatch.store import events, rows
from dispatch.store.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of a delivery note: so many of a part, into a bin, of a lot where it has lots."""

    part_id: UUID
    quantity: int
    bin: str
    lot: str | None = None
    expires_on: date | None = None


def take_in(
    session: Session,
    depot_id: UUID,
    goods: Sequence[Goods],
    *,
    supplier: str,
    document: str,
    against: UUID | None = None,
) -> list[Reservation]:
    """
    Book what came in, and serve who queues for it; return what was set aside for them.

    ``against`` is the expected purchase that it is for, if any.

    Refused as a whole (``bad_quantity``, ``lot_needed``, ``serial_twice``) if any line is wrong.
    """
    parts = {each.part_id: _checked(session, each) for each in goods}
    shelves = {Shelf(depot_id, part_id) for part_id in parts}
    for shelf in sorted(shelves):
        levels.ensure(session, shelf)
    levels.lock(session, shelves)
    basis = Basis(supplier=supplier, document=document)
    for each in sorted(goods, key=lambda each: (each.part_id, each.lot or "")):
        place = Place(Shelf(depot_id, each.part_id), each.bin, _lot(session, each, parts))
        movements.record(session, Kind.RECEIPT, place, each.quantity, basis)
    for part_id, quantity in _sums(goods).items():
        data = {"quantity": quantity, "supplier": supplier, "document": document}
        subjects = {"depot": depot_id, "part": part_id}
        incoming.came(session, depot_id, part_id, quantity, supplier, against=against)
        events.record(session, "stock.received", part_id, subjects=subjects, data=data)
    return reservations.fill(session, shelves)


def _checked(session: Session, goods: Goods) -> Part:
    part = rows.get(session, Part, goods.part_id)
    if goods.quantity <= 0:
        cause = f"{part.title}: the quantity is {goods.quantity}"
        raise Invalid("bad_quantity", cause=cause, action="give a whole number above 0")
    if goods.bin == STAGING:
        cause = f"{part.title}: {STAGING} holds what is picked, and nothing else"
        raise Invalid("staging_bin", cause=cause, action="name another bin")
    if part.tracking != Tracking.NONE and not goods.lot:
        cause = f"{part.title} is tracked by {part.tracking}, and none is given"
        raise Invalid("lot_needed", cause=cause, action="scan or write the number on the goods")
    return part


def _lot(session: Session, goods: Goods, parts: dict[UUID, Part]) -> UUID | None:
    """Return the lot that the goods are of; a serial number is one unit, and comes in once."""
    if not goods.lot:
        return None
    part = parts[goods.part_id]
    lot = movements.lot(session, part.id, goods.lot, goods.expires_on)
    serial = part.tracking == Tracking.SERIAL
    if serial and goods.quantity + movements.on_hand_of(session, lot.id) > 1:
        raise Conflict(
            "serial_twice",
            cause=f"{part.title}: {goods.lot} would be there more than once",
            action="give each unit a line of its own, with its own serial number",
        )
    return lot.id


def _sums(goods: Sequence[Goods]) -> dict[UUID, int]:
    sums: Counter[UUID] = Counter()
    for each in goods:
        sums[each.part_id] += each.quantity
    return dict(sums)
