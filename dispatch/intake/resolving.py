"""Orders as they are written, in words, to orders of known customers, places and parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import moments
from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake.order_rows import Written
from dispatch.intake.orders import LONGEST_NOTES, MAX_QUANTITY, Fulfilment, NewOrder, Wanted
from dispatch.sheets.faults import RowFault
from dispatch.sheets.rows import RowReader
from dispatch.store import clock

MAX_PRIORITY = 100
_MOST_MONEY = 1e7
_MOST_LETTERS = 50
_FULFILMENT = {
    "": Fulfilment.DELIVERY,
    "delivery": Fulfilment.DELIVERY,
    "送货": Fulfilment.DELIVERY,
    "配送": Fulfilment.DELIVERY,
    "pickup": Fulfilment.PICKUP,
    "自提": Fulfilment.PICKUP,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a database has of everything that an order may name, by the words for it."""

    depots: dict[str, Depot] = field(default_factory=dict)
    customers: dict[str, UUID] = field(default_factory=dict)
    points: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    parts: dict[str, list[tuple[str, UUID]]] = field(default_factory=dict)
    """By number: every brand that has it."""


def known(
    session: Session, written: Iterable[Written], *, depot_ids: Collection[UUID] | None = None
) -> Known:
    """Look up what these orders name, in a few queries; only some depots may be named, or all."""
    rows = [row.cells for one in written for row in one.rows]
    depots = session.scalars(select(Depot)).all()
    found = Known(
        depots={one.name: one for one in depots if depot_ids is None or one.id in depot_ids}
    )
    numbers = {str(cells.get("customer", "")) for cells in rows}
    for some in _batches(numbers):
        customers = select(Customer.number, Customer.id).where(Customer.number.in_(some))
        for number, customer_id in session.execute(customers):
            found.customers[number] = customer_id
    for some in _batches(found.customers.values()):
        points = select(RepairPoint).where(RepairPoint.customer_id.in_(some))
        for point in session.scalars(points):
            found.points[point.customer_id, point.address] = point.id
            found.points[point.customer_id, point.name] = point.id
    for some in _batches({str(cells.get("part", "")) for cells in rows}):
        parts = select(Part.number, Part.brand, Part.id).where(Part.number.in_(some))
        for number, brand, part_id in session.execute(parts):
            found.parts.setdefault(number, []).append((brand, part_id))
    return found


def resolve(written: Written, words: Known) -> tuple[NewOrder | None, list[RowFault]]:
    """Return the order that is meant, or every fault of it."""
    faults: list[RowFault] = list(written.faults)
    readers = [RowReader(written.table, row, faults) for row in written.rows]
    lines = [_line(reader, words) for reader in readers]
    head = _head(readers[0], words, written)
    if faults or head is None or not all(reader.sound for reader in readers):
        return None, faults
    return replace(head, lines=[line for line in lines if line]), []


def _head(reader: RowReader, words: Known, written: Written) -> NewOrder | None:
    number = reader.name("order")
    if len(number) > _MOST_LETTERS:
        cause = f"the number has {len(number)} letters"
        reader.refuse("order", "text_too_long", cause, f"use at most {_MOST_LETTERS}")
    depot = words.depots.get(reader.name("depot"))
    if depot is None and reader.has("depot"):
        cause = f"no depot of yours is called {reader.text('depot')!r}"
        reader.refuse("depot", "unknown_depot", cause, f"write one of {', '.join(words.depots)}")
    customer = words.customers.get(reader.name("customer"))
    if customer is None and reader.has("customer"):
        cause = f"no customer has the number {reader.text('customer')!r}"
        reader.refuse("customer", "unknown_customer", cause, "correct it, or add the customer")
    point = _point(reader, words, customer)
    notes = reader.text("notes")
    if len(notes) > LONGEST_NOTES:
        cause = f"the notes have {len(notes)} letters"
        reader.refuse("notes", "text_too_long", cause, f"use at most {LONGEST_NOTES}")
    priority = reader.whole("priority", 0, most=MAX_PRIORITY)
    downtime = reader.scaled("downtime_per_h", 100, 0, most=_MOST_MONEY)
    if depot is None or customer is None:
        return None
    earliest, latest = _window(reader, depot)
    return NewOrder(
        number=number,
        customer_id=customer,
        depot_id=depot.id,
        lines=(),
        repair_point_id=point,
        priority=priority or 0,
        downtime_cost_per_h=downtime or 0,
        earliest_at=earliest,
        latest_at=latest,
        notes=notes,
        content_hash=written.content_hash,
    )


def _point(reader: RowReader, words: Known, customer: UUID | None) -> UUID | None:
    """Return where it goes: the customer's repair point of that name or address."""
    fulfilment = _FULFILMENT.get(reader.text("fulfilment").casefold())
    if fulfilment is None:
        cause = f"{reader.text('fulfilment')!r} is no way to get it"
        reader.refuse("fulfilment", "unknown_fulfilment", cause, "write delivery or pickup")
    if fulfilment == Fulfilment.PICKUP:
        return None
    name = reader.name("repair_point")
    if customer is None or not name:
        return None
    point = words.points.get((customer, name))
    if point is None:
        cause = f"the customer has no repair point {name!r}"
        action = "write its name or its address as the customer has it, or add it"
        reader.refuse("repair_point", "unknown_repair_point", cause, action)
    return point


def _line(reader: RowReader, words: Known) -> Wanted | None:
    part = _part(reader, words)
    if not reader.has("quantity"):
        reader.name("quantity")
    quantity = reader.whole("quantity", least=1, most=MAX_QUANTITY)
    return Wanted(part, quantity) if part and quantity else None


def _part(reader: RowReader, words: Known) -> UUID | None:
    number, brand = reader.name("part"), reader.text("brand")
    found = [one for one in words.parts.get(number, []) if brand in {"", one[0]}]
    if len(found) == 1:
        return found[0][1]
    if number and not found:
        cause = f"there is no part {f'{brand} {number}'.strip()}"
        reader.refuse("part", "unknown_part", cause, "correct brand and number, or add the part")
    elif found:
        cause = f"{number} is a part of {', '.join(one[0] for one in found)}"
        reader.refuse("brand", "part_ambiguous", cause, "name the brand")
    return None


def _window(reader: RowReader, depot: Depot) -> tuple[datetime | None, datetime | None]:
    on = reader.day("date") or moments.day(clock.now(), depot.zone)
    earliest, latest = reader.clock("earliest"), reader.clock("latest")
    if earliest is not None and latest is not None and latest < earliest:
        cause = f"{reader.text('latest')} comes before {reader.text('earliest')}"
        reader.refuse("latest", "window_reversed", cause, "swap the times, or correct them")
    if reader.has("date"):
        earliest = 0 if earliest is None else earliest
    return _at(on, earliest, depot), _at(on, latest, depot)


def _at(on: date, second: int | None, depot: Depot) -> datetime | None:
    return None if second is None else moments.moment(on, second, depot.zone)


def _batches(values: Iterable[object], size: int = 500) -> Iterable[list[object]]:
    """Return values in lists short enough for one query each."""
    all_of_them = list(values)
    return (all_of_them[at : at + size] for at in range(0, len(all_of_them), size))
