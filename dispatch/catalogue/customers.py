"""Customers, and the repair points where they want their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import ground
from dispatch.store import edits, pages, rows
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid, NotFound
from dispatch.store.pages import Page

_LONGEST_SERVICE_S = 24 * 3600


class Customer(Versioned, Table):
    """Who orders, and who is told about it."""

    __tablename__ = "customers"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class RepairPoint(Versioned, Table):
    """A place of a customer that is delivered to; the coordinates are those of its dock."""

    __tablename__ = "repair_points"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(400))
    lon: Mapped[float]
    lat: Mapped[float]
    service_s: Mapped[int]

    def concerns(self) -> Mapping[str, UUID]:
        return {"customer": self.customer_id}


def add(session: Session, *, number: str, name: str) -> Customer:
    """Add a customer."""
    _check_number(session, number)
    customer = Customer(number=number, name=name)
    edits.create(session, "customer", customer)
    return customer


def change(
    session: Session, customer: Customer, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a customer; ``version`` is the one that was looked at."""
    edits.expect(customer, version, edits.differences(customer, wanted))
    if wanted.get("number", customer.number) != customer.number:
        _check_number(session, wanted["number"])
    edits.change(session, "customer", customer, wanted)


def page(
    session: Session,
    *,
    only: UUID | None = None,
    number: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Customer]:
    """Return customers, the newest first; only one of them, or the one of a number."""
    query = select(Customer)
    if only is not None:
        query = query.where(Customer.id == only)
    if number is not None:
        query = query.where(Customer.number == number)
    return pages.newest(session, query, Customer, cursor=cursor, limit=limit)


def numbered(session: Session, number: str) -> Customer:
    """Return the customer of that number, or refuse (``not_found``)."""
    customer = session.scalar(select(Customer).where(Customer.number == number))
    if customer is None:
        cause = f"there is no customer {number}"
        raise NotFound("not_found", cause=cause, action="check the number")
    return customer


def add_point(session: Session, customer_id: UUID, values: Mapping[str, Any]) -> RepairPoint:
    """Add a repair point of a customer, by the names of its columns."""
    rows.get(session, Customer, customer_id)
    _check_point(values)
    point = RepairPoint(customer_id=customer_id, **values)
    edits.create(session, "repair_point", point)
    return point


def change_point(
    session: Session, point: RepairPoint, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a repair point; ``version`` is the one that was looked at."""
    edits.expect(point, version, edits.differences(point, wanted))
    _check_point(wanted)
    edits.change(session, "repair_point", point, wanted)


def points(
    session: Session, customer_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[RepairPoint]:
    """Return the repair points of a customer, the newest first."""
    query = select(RepairPoint).where(RepairPoint.customer_id == customer_id)
    return pages.newest(session, query, RepairPoint, cursor=cursor, limit=limit)


def _check_number(session: Session, number: str) -> None:
    if session.scalar(select(Customer.id).where(Customer.number == number)):
        cause = f"there is a customer {number} already"
        raise Conflict("already_there", cause=cause, action="change that one, or renumber")


def _check_point(wanted: Mapping[str, Any]) -> None:
    ground.check(wanted)
    if not 0 <= wanted.get("service_s", 0) <= _LONGEST_SERVICE_S:
        cause = f"service_s is {wanted['service_s']}"
        raise Invalid("bad_service", cause=cause, action="give seconds from 0 to 86,400")
