"""Suppliers: where bought goods come from, and where a milk run collects them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import ground, hours
from dispatch.store import edits, pages
from dispatch.store.base import DocumentOrNull, Key, Table, Versioned
from dispatch.store.errors import Conflict
from dispatch.store.pages import Page


class Supplier(Versioned, Table):
    """
    A supplier with its ramp.

    Purchases, delivery notes and the ledger call a supplier by its name, so the name stays.
    """

    __tablename__ = "suppliers"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(400))
    lon: Mapped[float]
    lat: Mapped[float]
    hours: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    """When goods are handed out, as `dispatch.catalogue.hours` has it; None: always."""
    contact: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")


def add(session: Session, values: Mapping[str, Any]) -> Supplier:
    """Add a supplier, by the names of its columns (``already_there``)."""
    _check(values)
    if session.scalar(select(Supplier.id).where(Supplier.name == values["name"])):
        cause = f"there is a supplier {values['name']} already"
        raise Conflict("already_there", cause=cause, action="change that one")
    supplier = Supplier(**values)
    edits.create(session, "supplier", supplier)
    return supplier


def change(
    session: Session, supplier: Supplier, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change anything of a supplier but its name; ``version`` is the one that was looked at."""
    edits.expect(supplier, version, edits.differences(supplier, wanted))
    _check(wanted)
    edits.change(session, "supplier", supplier, wanted)


def page(
    session: Session, *, name: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Supplier]:
    """Return suppliers, the newest first; only the one of a name."""
    query = select(Supplier)
    if name is not None:
        query = query.where(Supplier.name == name)
    return pages.newest(session, query, Supplier, cursor=cursor, limit=limit)


def _check(wanted: Mapping[str, Any]) -> None:
    ground.check(wanted)
    hours.read(wanted.get("hours"))
