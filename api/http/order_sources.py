"""Sources of orders: other systems that send them, for who manages webhooks."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, In, Limit, Out, Text60, Text80, Text120
from api.http.webhooks import Secret, SecretOut
from dispatch.intake.upserts import Mode
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows
from dispatch.store.pages import Page
from dispatch.webhooks import sources
from dispatch.webhooks.sources import NewSource, OrderSource

routes = Routes("/order-sources", tag="inbound")


class OurPart(In):
    """A part by number, and by brand where the number alone is not enough."""

    part: Text120
    brand: Text60 | None = None


Customers = Annotated[
    dict[Text120, Text60],
    Field(max_length=10_000, description="Its words for customers, to our customers' numbers."),
]
Parts = Annotated[
    dict[Text120, OurPart],
    Field(max_length=10_000, description="Its words for parts, to ours."),
]


class SourceIn(In):
    name: Text80 = Field(examples=["erp"])
    depot_id: UUID
    mode: Mode = Mode.MERGE
    customers: Customers = Field(default_factory=dict)
    parts: Parts = Field(default_factory=dict)
    secret: Secret | None = None


class SourceChange(In):
    name: Text80 | None = None
    mode: Mode | None = None
    active: bool | None = None
    customers: Customers | None = None
    parts: Parts | None = None


class SourceOut(Out):
    id: UUID
    name: str
    depot_id: UUID
    mode: Mode
    active: bool
    customers: dict[str, str]
    parts: dict[str, dict[str, str]]
    version: int


class NewSourceOut(SourceOut):
    secret: str | None = Field(description="What it signs its letters with; shown once.")


class SourcesOut(Out):
    rows: list[SourceOut]
    next: str | None


@routes.get("", needs=Permission.WEBHOOKS_MANAGE, shape=SourcesOut)
def list_order_sources(
    reader: Reader, who: User, cursor: Cursor = None, limit: Limit = 50
) -> Page[OrderSource]:
    """Sources of orders, the newest first; without their secrets."""
    who.need_all_depots()
    return sources.page(reader, cursor=cursor, limit=limit)


@routes.post(
    "",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=NewSourceOut,
    creates=True,
    shown_once=("secret",),
    may=(404, 409),
)
def add_order_source(tx: Tx, who: User, new: SourceIn) -> dict[str, Any]:
    """Let another system send orders for one depot."""
    who.need_all_depots()
    row = sources.add(tx, NewSource(**new.model_dump(exclude_none=True)))
    return SourceOut.model_validate(row).model_dump() | {"secret": row.secret}


@routes.get("/{source_id}", needs=Permission.WEBHOOKS_MANAGE, shape=SourceOut, may=(404,))
def get_order_source(reader: Reader, who: User, source_id: UUID) -> OrderSource:
    """One source of orders."""
    who.need_all_depots()
    return rows.get(reader, OrderSource, source_id)


@routes.patch(
    "/{source_id}",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=SourceOut,
    may=(404, 409, 412, 428),
)
def change_order_source(
    tx: Tx, who: User, source_id: UUID, change: SourceChange, version: Version
) -> OrderSource:
    """Change a source; what is left out stays as it is."""
    row = _locked(tx, who, source_id)
    sources.change(tx, row, change.model_dump(exclude_none=True), version=version)
    return row


@routes.post(
    "/{source_id}/secret",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=SecretOut,
    creates=True,
    shown_once=("secret",),
    may=(404,),
)
def rotate_order_source_secret(tx: Tx, who: User, source_id: UUID) -> dict[str, str]:
    """Give a source another secret; what the former one signs is heard for a day longer."""
    return {"secret": sources.rotate(tx, _locked(tx, who, source_id))}


def _locked(tx: Tx, who: Who, source_id: UUID) -> OrderSource:
    who.need_all_depots()
    return rows.locked(tx, OrderSource, source_id)
