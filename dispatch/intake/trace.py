"""
Where goods of a lot or with a serial number went, and where they came from; one query each way.

Lots keep their key from depot to depot, so every movement of a lot is its trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake.orders import Order, OrderLine
from dispatch.stock.movements import Kind, Lot, Movement


@dataclass(frozen=True, slots=True)
class Trail:
    """One movement of a lot, with the order, customer and car that it was for, if any."""

    at: datetime
    kind: str
    depot: str
    bin: str
    quantity: int
    actor: str
    document: str | None
    delivery_id: UUID | None
    transfer_id: UUID | None
    van: str | None
    order: str | None
    customer: str | None
    customer_name: str | None
    vin: str | None
    depot_id: UUID


@dataclass(frozen=True, slots=True)
class Origin:
    """A receipt: who supplied so many of a lot, on which delivery note."""

    part: str
    lot: str
    supplier: str | None
    document: str | None
    depot: str
    at: datetime
    quantity: int


def forwards(session: Session, lot_id: UUID) -> list[Trail]:
    """Return every movement of a lot or serial number, from its receipt on."""
    query = (
        select(
            Movement.at,
            Movement.kind,
            Depot.name,
            Movement.bin,
            Movement.quantity,
            Movement.actor,
            Movement.document,
            Movement.delivery_id,
            Movement.transfer_id,
            Movement.van,
            Order.number,
            Customer.number,
            Customer.name,
            OrderLine.vin,
            Depot.id,
        )
        .join(Depot, Depot.id == Movement.depot_id)
        .outerjoin(OrderLine, OrderLine.id == Movement.order_line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .where(Movement.lot_id == lot_id)
        .order_by(Movement.id)
    )
    rows: Sequence[Any] = session.execute(query).all()
    return [Trail(*row) for row in rows]


def backwards(session: Session, lot_id: UUID) -> list[Origin]:
    """Return the receipts of a lot or serial number: supplier and document."""
    return _origins(session, Movement.lot_id == lot_id)


@dataclass(frozen=True, slots=True)
class Lying:
    """So many of a lot that lie in a bin now."""

    depot: str
    bin: str
    quantity: int


def lying(trails: Sequence[Trail]) -> list[Lying]:
    """Return where a lot lies now: what its movements add up to."""
    sums: Counter[tuple[str, str]] = Counter()
    for each in trails:
        sums[each.depot, each.bin] += each.quantity
    return [Lying(*place, quantity) for place, quantity in sorted(sums.items()) if quantity]


def behind_order(session: Session, order_id: UUID) -> list[Origin]:
    """Return the receipts of every lot that left for an order."""
    lines = select(OrderLine.id).where(OrderLine.order_id == order_id)
    return _origins(session, Movement.lot_id.in_(_left_for(lines)))


def behind_vin(
    session: Session, vin: str, *, depot_ids: Collection[UUID] | None = None
) -> list[Origin]:
    """Return the receipts of every lot that left for a car; only of orders of some depots."""
    lines = select(OrderLine.id).where(OrderLine.vin == vin)
    if depot_ids is not None:
        orders = select(Order.id).where(Order.depot_id.in_(depot_ids))
        lines = lines.where(OrderLine.order_id.in_(orders))
    return _origins(session, Movement.lot_id.in_(_left_for(lines)))


def lots_numbered(session: Session, number: str) -> list[Lot]:
    """Return the lots, of whatever part, that have a number on them."""
    return list(session.scalars(select(Lot).where(Lot.number == number).order_by(Lot.id)))


def _left_for(lines: Select[UUID]) -> Select[UUID | None]:
    return select(Movement.lot_id).where(
        Movement.order_line_id.in_(lines),
        Movement.kind == Kind.SHIP,
        Movement.lot_id.is_not(None),
    )


def _origins(session: Session, which: ColumnElement[bool]) -> list[Origin]:
    query = (
        select(
            Part,
            Lot.number,
            Movement.supplier,
            Movement.document,
            Depot.name,
            Movement.at,
            Movement.quantity,
        )
        .join(Part, Part.id == Movement.part_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(Depot, Depot.id == Movement.depot_id)
        .where(which, Movement.kind == Kind.RECEIPT)
        .order_by(Movement.id)
    )
    rows: Sequence[Any] = session.execute(query).all()
    return [Origin(part.title, *rest) for part, *rest in rows]
