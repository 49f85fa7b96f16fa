"""Customers and their repair points."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, In, Lat, Limit, Lon, Out, Text60, Text200, Text400
from dispatch.catalogue import customers
from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.people.permissions import Permission
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("", tag="customers")

ServiceS = Annotated[int, Field(ge=0, le=86_400, description="Seconds.", examples=[240])]


class CustomerIn(In):
    number: Text60 = Field(examples=["K-1001"])
    name: Text200 = Field(examples=["王记汽修"])


class CustomerChange(In):
    number: Text60 | None = None
    name: Text200 | None = None


class CustomerOut(Out):
    id: UUID
    number: str
    name: str
    version: int


class CustomersOut(Out):
    rows: list[CustomerOut]
    next: str | None


class RepairPointIn(In):
    name: Text200 = Field(examples=["North garage"])
    address: Text400 = Field(examples=["中山南路30号"])
    lon: Lon
    lat: Lat
    service_s: ServiceS = 240


class RepairPointChange(In):
    name: Text200 | None = None
    address: Text400 | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    service_s: ServiceS | None = None


class RepairPointOut(Out):
    id: UUID
    customer_id: UUID
    name: str
    address: str
    lon: float
    lat: float
    service_s: int | None
    version: int


class RepairPointsOut(Out):
    rows: list[RepairPointOut]
    next: str | None


@routes.get("/customers", needs=Permission.CUSTOMERS_READ, shape=CustomersOut)
def list_customers(
    reader: Reader,
    who: User,
    number: Annotated[Text60 | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Customer]:
    """Customers, the newest first; a customer sees itself."""
    return customers.page(reader, only=who.customer_id, number=number, cursor=cursor, limit=limit)


@routes.post(
    "/customers", needs=Permission.CUSTOMERS_WRITE, shape=CustomerOut, creates=True, may=(409,)
)
def add_customer(tx: Tx, new: CustomerIn) -> Customer:
    """Add a customer."""
    return customers.add(tx, number=new.number, name=new.name)


@routes.get(
    "/customers/{customer_id}", needs=Permission.CUSTOMERS_READ, shape=CustomerOut, may=(404,)
)
def get_customer(reader: Reader, who: User, customer_id: UUID) -> Customer:
    """One customer."""
    who.need_customer(customer_id)
    return rows.get(reader, Customer, customer_id)


@routes.patch(
    "/customers/{customer_id}",
    needs=Permission.CUSTOMERS_WRITE,
    shape=CustomerOut,
    may=(404, 409, 412, 428),
)
def change_customer(
    tx: Tx, customer_id: UUID, change: CustomerChange, version: Version
) -> Customer:
    """Change a customer; what is left out stays as it is."""
    customer = rows.locked(tx, Customer, customer_id)
    customers.change(tx, customer, change.model_dump(exclude_none=True), version=version)
    return customer


@routes.get(
    "/customers/{customer_id}/repair-points",
    needs=Permission.CUSTOMERS_READ,
    shape=RepairPointsOut,
    may=(404,),
)
def list_repair_points(
    reader: Reader, who: User, customer_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[RepairPoint]:
    """The repair points of a customer, the newest first."""
    who.need_customer(customer_id)
    rows.get(reader, Customer, customer_id)
    return customers.points(reader, customer_id, cursor=cursor, limit=limit)


@routes.post(
    "/customers/{customer_id}/repair-points",
    needs=Permission.CUSTOMERS_WRITE,
    shape=RepairPointOut,
    creates=True,
    may=(404,),
)
def add_repair_point(tx: Tx, customer_id: UUID, new: RepairPointIn) -> RepairPoint:
    """Add a repair point of a customer."""
    return customers.add_point(tx, customer_id, new.model_dump())


@routes.get(
    "/repair-points/{repair_point_id}",
    needs=Permission.CUSTOMERS_READ,
    shape=RepairPointOut,
    may=(404,),
)
def get_repair_point(reader: Reader, who: User, repair_point_id: UUID) -> RepairPoint:
    """One repair point."""
    point = rows.get(reader, RepairPoint, repair_point_id)
    who.need_customer(point.customer_id)
    return point


@routes.patch(
    "/repair-points/{repair_point_id}",
    needs=Permission.CUSTOMERS_WRITE,
    shape=RepairPointOut,
    may=(404, 409, 412, 428),
)
def change_repair_point(
    tx: Tx, repair_point_id: UUID, change: RepairPointChange, version: Version
) -> RepairPoint:
    """Change a repair point, such as the place of its dock; what is left out stays as it is."""
    point = rows.locked(tx, RepairPoint, repair_point_id)
    customers.change_point(tx, point, change.model_dump(exclude_none=True), version=version)
    return point
