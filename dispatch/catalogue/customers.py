"""Customers, and the repair points where they want their parts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.base import Key, Table, Versioned


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
