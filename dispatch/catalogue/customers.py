"""Customers, and the repair points where they want their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import ground, hours
from dispatch.catalogue.depot_settings import DepotSettings
from dispatch.store import clock, edits, events, pages, rows
from dispatch.store.base import DocumentOrNull, Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid, NotFound
from dispatch.store.pages import Page

_LONGEST_SERVICE_S = 24 * 3600
_PLACE = ("lon", "lat")


class Language(StrEnum):
    """In which language somebody is written to."""

    CHINESE = "zh"
    ENGLISH = "en"


class Found(StrEnum):
    """How the coordinates of a dock are known."""

    GIVEN = "given"
    GEOCODED = "geocoded"
    CORRECTED = "corrected"


class Customer(Versioned, Table):
    """Who orders, and who is told about it."""

    __tablename__ = "customers"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(
        String(2), default=Language.CHINESE, server_default=Language.CHINESE
    )


class RepairPoint(Versioned, Table):
    """A place of a customer that is delivered to; the coordinates are those of its dock."""

    __tablename__ = "repair_points"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(400))
    lon: Mapped[float]
    lat: Mapped[float]
    found: Mapped[str] = mapped_column(String(10), default=Found.GIVEN, server_default=Found.GIVEN)
    found_by: Mapped[str | None] = mapped_column(String(200))
    found_at: Mapped[datetime | None]
    access_notes: Mapped[str] = mapped_column(String(2000), default="", server_default=text("''"))
    hours: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    """When goods are taken in, as `dispatch.catalogue.hours` has it; None: always."""
    service_s: Mapped[int | None]
    """How long a stop there takes; None: as the depot's settings say."""

    def concerns(self) -> Mapping[str, UUID]:
        return {"customer": self.customer_id}


class Contact(Versioned, Table):
    """A person at a customer, or at one of its repair points."""

    __tablename__ = "contacts"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    repair_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("repair_points.id"))
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")

    def concerns(self) -> Mapping[str, UUID]:
        return {"customer": self.customer_id}


def add(
    session: Session, *, number: str, name: str, language: Language = Language.CHINESE
) -> Customer:
    """Add a customer."""
    _check_number(session, number)
    customer = Customer(number=number, name=name, language=language)
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
    point = RepairPoint(customer_id=customer_id, **{**values, **_from_here(session)})
    edits.create(session, "repair_point", point)
    return point


def change_point(
    session: Session, point: RepairPoint, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a repair point; ``version`` is the one that was looked at."""
    edits.expect(point, version, edits.differences(point, wanted))
    _check_point(wanted)
    if any(wanted.get(name, getattr(point, name)) != getattr(point, name) for name in _PLACE):
        wanted = {"found": Found.CORRECTED, **wanted, **_from_here(session)}
    edits.change(session, "repair_point", point, wanted)


def move_dock(
    session: Session, point: RepairPoint, lon: float, lat: float, *, found: Found
) -> None:
    """Put the dock elsewhere, and keep how that is known and from whom."""
    change_point(session, point, {"lon": lon, "lat": lat, "found": found})


def points(
    session: Session, customer_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[RepairPoint]:
    """Return the repair points of a customer, the newest first."""
    query = select(RepairPoint).where(RepairPoint.customer_id == customer_id)
    return pages.newest(session, query, RepairPoint, cursor=cursor, limit=limit)


def add_contact(session: Session, contact: Contact) -> Contact:
    """Take a person in, who can be reached by telephone or mail (``contact_unreachable``)."""
    rows.get(session, Customer, contact.customer_id)
    if not (contact.phone or contact.email):
        cause = f"{contact.name} has neither telephone nor mail"
        raise Invalid("contact_unreachable", cause=cause, action="give at least one of them")
    edits.create(session, "contact", contact)
    return contact


def contacts(session: Session, customer_id: UUID) -> Sequence[Contact]:
    """Return the people at a customer, by name."""
    query = select(Contact).where(Contact.customer_id == customer_id)
    return session.scalars(query.order_by(Contact.name)).all()


def service_s(point: RepairPoint, settings: DepotSettings, *, num_lines: int) -> int:
    """Return how long a stop with so many order lines takes there."""
    if point.service_s is not None:
        return point.service_s
    return settings.service_s + settings.service_per_line_s * num_lines


def _from_here(session: Session) -> dict[str, Any]:
    """Return who says now where a dock is."""
    return {"found_by": session.info[events.ACTOR], "found_at": clock.now()}


def _check_number(session: Session, number: str) -> None:
    if session.scalar(select(Customer.id).where(Customer.number == number)):
        cause = f"there is a customer {number} already"
        raise Conflict("already_there", cause=cause, action="change that one, or renumber")


def _check_point(wanted: Mapping[str, Any]) -> None:
    ground.check(wanted)
    hours.read(wanted.get("hours"))
    if not 0 <= (wanted.get("service_s") or 0) <= _LONGEST_SERVICE_S:
        cause = f"service_s is {wanted['service_s']}"
        raise Invalid("bad_service", cause=cause, action="give seconds from 0 to 86,400")
