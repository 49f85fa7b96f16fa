"""Parts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx
from api.http.shapes import Cursor, In, Limit, Out, Text60, Text200
from dispatch.catalogue import parts
from dispatch.catalogue.parts import Part, Tracking
from dispatch.people.permissions import Permission
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("/parts", tag="parts")

_MOST = 10**12
Grams = Annotated[int, Field(ge=0, le=_MOST, examples=[900])]
Millilitres = Annotated[int, Field(ge=0, le=_MOST, examples=[700])]


class PartIn(In):
    brand: Text60 = Field(examples=["Bosch"])
    number: Text60 = Field(examples=["0 986 494 104"])
    name: Text200 = Field(examples=["制动片"])
    name_en: Text200 | None = Field(default=None, examples=["Brake pad"])
    weight_g: Grams
    volume_ml: Millilitres
    tracking: Tracking = Tracking.NONE
    dangerous: bool = False


class PartChange(In):
    brand: Text60 | None = None
    number: Text60 | None = None
    name: Text200 | None = None
    name_en: Text200 | None = None
    weight_g: Grams | None = None
    volume_ml: Millilitres | None = None
    dangerous: bool | None = None


class PartOut(Out):
    id: UUID
    brand: str
    number: str
    name: str
    name_en: str | None
    weight_g: int
    volume_ml: int
    tracking: str
    dangerous: bool
    un_number: str | None
    hazard_class: str | None
    packing_group: str | None
    version: int


class PartsOut(Out):
    rows: list[PartOut]
    next: str | None


@routes.get("", needs=Permission.CATALOGUE_READ, shape=PartsOut)
def list_parts(
    reader: Reader,
    brand: Annotated[Text60 | None, Query()] = None,
    number: Annotated[Text60 | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Part]:
    """Parts, the newest first; of one brand, of one number."""
    return parts.page(reader, brand=brand, number=number, cursor=cursor, limit=limit)


@routes.post("", needs=Permission.CATALOGUE_WRITE, shape=PartOut, creates=True, may=(409,))
def add_part(tx: Tx, new: PartIn) -> Part:
    """Add a part."""
    return parts.add(tx, new.model_dump())


@routes.get("/{part_id}", needs=Permission.CATALOGUE_READ, shape=PartOut, may=(404,))
def get_part(reader: Reader, part_id: UUID) -> Part:
    """One part."""
    return rows.get(reader, Part, part_id)


@routes.patch(
    "/{part_id}", needs=Permission.CATALOGUE_WRITE, shape=PartOut, may=(404, 409, 412, 428)
)
def change_part(tx: Tx, part_id: UUID, change: PartChange, version: Version) -> Part:
    """Change a part; what is left out stays as it is."""
    part = rows.locked(tx, Part, part_id)
    parts.change(tx, part, change.model_dump(exclude_none=True), version=version)
    return part
