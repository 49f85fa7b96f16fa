"""Suppliers, where milk runs collect."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx
from api.http.shapes import (
    Blank40,
    Blank120,
    Change,
    Cursor,
    In,
    Lat,
    Limit,
    Lon,
    Out,
    Text40,
    Text120,
    Text400,
)
from dispatch.catalogue import suppliers
from dispatch.catalogue.suppliers import Supplier
from dispatch.people.permissions import Permission
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("/suppliers", tag="suppliers")

_Spans = Annotated[list[Text40], Field(max_length=10, examples=[["08:00-12:00"]])]


class HoursIn(In):
    week: dict[Text40, _Spans] = Field(
        default={},
        description="By `mon` to `sun`, in clock times of the depot that collects.",
        examples=[{"mon": ["08:00-12:00"]}],
    )
    exceptions: dict[Text40, _Spans] = Field(
        default={}, description="By date.", examples=[{"2026-10-01": []}]
    )


class SupplierIn(In):
    name: Text120 = Field(
        description="As purchases and delivery notes call it; it stays.", examples=["Bosch China"]
    )
    address: Text400 = Field(examples=["工业路1号"])
    lon: Lon
    lat: Lat
    hours: HoursIn | None = Field(default=None, description="Null: always open.")
    contact: Blank120 = ""
    phone: Blank40 = ""
    email: Blank120 = ""


class SupplierChange(Change):
    may_be_none: ClassVar = frozenset({"hours"})

    address: Text400 | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    hours: HoursIn | None = Field(default=None, description="Null: always open.")
    contact: Blank120 | None = None
    phone: Blank40 | None = None
    email: Blank120 | None = None


class SupplierOut(Out):
    id: UUID
    name: str
    address: str
    lon: float
    lat: float
    hours: dict[str, Any] | None
    contact: str
    phone: str
    email: str
    version: int


class SuppliersOut(Out):
    rows: list[SupplierOut]
    next: str | None


@routes.get("", needs=Permission.STOCK_READ, shape=SuppliersOut)
def list_suppliers(
    reader: Reader,
    name: Annotated[Text120 | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Supplier]:
    """Suppliers, the newest first."""
    return suppliers.page(reader, name=name, cursor=cursor, limit=limit)


@routes.post("", needs=Permission.CATALOGUE_WRITE, shape=SupplierOut, creates=True, may=(409,))
def add_supplier(tx: Tx, new: SupplierIn) -> Supplier:
    """Add a supplier; what was bought there before by its name is collected there from now on."""
    return suppliers.add(tx, new.model_dump())


@routes.get("/{supplier_id}", needs=Permission.STOCK_READ, shape=SupplierOut, may=(404,))
def get_supplier(reader: Reader, supplier_id: UUID) -> Supplier:
    """One supplier."""
    return rows.get(reader, Supplier, supplier_id)


@routes.patch(
    "/{supplier_id}",
    needs=Permission.CATALOGUE_WRITE,
    shape=SupplierOut,
    may=(404, 409, 412, 428),
)
def change_supplier(
    tx: Tx, supplier_id: UUID, change: SupplierChange, version: Version
) -> Supplier:
    """Change a supplier; what is left out stays as it is."""
    supplier = rows.locked(tx, Supplier, supplier_id)
    suppliers.change(tx, supplier, change.wanted(), version=version)
    return supplier
