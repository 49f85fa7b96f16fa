"""What is known of a part: other numbers, successors, prices, dangers; and the search."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from api.http.parts import PartOut
from api.http.routes import Reader, Routes, Tx
from api.http.shapes import Cursor, In, Limit, Moment, Out, Text60, Text120
from dispatch.catalogue import hazards, numbers, part_search, prices, supersession
from dispatch.catalogue.parts import Part
from dispatch.catalogue.prices import Price
from dispatch.people.permissions import Permission
from dispatch.store import clock, rows
from dispatch.store.pages import Page

routes = Routes("/parts", tag="parts")

READ, WRITE = Permission.CATALOGUE_READ, Permission.CATALOGUE_WRITE

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
MinorUnits = Annotated[int, Field(ge=0, le=10**12, examples=[42_000])]


class FoundOut(Out):
    part: PartOut
    by: str = Field(description="What led to it; the surest first.", examples=["cross_number"])


class SearchOut(Out):
    rows: list[FoundOut]


class NumberIn(In):
    maker: Text60 = Field(examples=["VW"])
    number: Text60 = Field(examples=["5Q0 615 301"])


class NumberOut(Out):
    id: UUID
    maker: str
    number: str


class NumbersOut(Out):
    rows: list[NumberOut]


class SuccessorIn(In):
    successor_id: UUID
    both_ways: bool = Field(default=False, description="The old part also does for the new one.")


class SubstitutesOut(Out):
    replaced_by: list[PartOut] = Field(description="The next one first.")
    substitutes: list[PartOut] = Field(description="What may be had instead, the newest first.")


class PriceIn(In):
    amount: MinorUnits = Field(description="For one unit, in minor units such as fen.")
    currency: Currency = "CNY"
    core_deposit: MinorUnits = Field(default=0, description="For the old part, handed back.")
    valid_from: Moment


class PriceOut(Out):
    id: UUID
    part_id: UUID
    amount: int
    currency: str
    core_deposit: int
    valid_from: Moment


class PricesOut(Out):
    rows: list[PriceOut]
    next: str | None


class HazardIn(In):
    un_number: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] = Field(examples=["3268"])
    hazard_class: Annotated[str, StringConstraints(pattern=r"^[1-9](\.[1-6])?$")]
    packing_group: Literal["I", "II", "III"] | None = None


@routes.get("/search", needs=READ, shape=SearchOut)
def search_parts(
    reader: Reader,
    text: Annotated[Text120, Query(description="Any number in any spelling, or words.")],
    limit: Limit = 20,
) -> dict[str, Any]:
    """Parts by number, number of another maker, beginning of a number, or name."""
    return {"rows": part_search.search(reader, text, limit=limit)}


@routes.get("/{part_id}/numbers", needs=READ, shape=NumbersOut, may=(404,))
def list_numbers(reader: Reader, part_id: UUID) -> dict[str, Any]:
    """The numbers of other makers for the same part."""
    rows.get(reader, Part, part_id)
    return {"rows": numbers.of_part(reader, part_id)}


@routes.post("/{part_id}/numbers", needs=WRITE, shape=NumbersOut, creates=True, may=(404,))
def add_number(tx: Tx, part_id: UUID, new: NumberIn) -> dict[str, Any]:
    """Note another number; one that is there already, however written, is left alone."""
    rows.get(tx, Part, part_id)
    numbers.add(tx, part_id, maker=new.maker, number=new.number)
    return {"rows": numbers.of_part(tx, part_id)}


@routes.get("/{part_id}/substitutes", needs=READ, shape=SubstitutesOut, may=(404,))
def list_substitutes(reader: Reader, part_id: UUID) -> dict[str, Any]:
    """What replaces a part, and what may be had instead."""
    return _substitutes(reader, part_id)


@routes.put("/{part_id}/successor", needs=WRITE, shape=SubstitutesOut, may=(404, 409))
def supersede_part(tx: Tx, part_id: UUID, by: SuccessorIn) -> dict[str, Any]:
    """Say that a part is replaced by another one."""
    supersession.supersede(tx, part_id, by.successor_id, both_ways=by.both_ways)
    tx.flush()
    return _substitutes(tx, part_id)


@routes.delete("/{part_id}/successor", needs=WRITE, may=(404,))
def reinstate_part(tx: Tx, part_id: UUID) -> None:
    """Take back that a part is replaced."""
    rows.get(tx, Part, part_id)
    supersession.withdraw(tx, part_id)


@routes.get("/{part_id}/prices", needs=READ, shape=PricesOut, may=(404,))
def list_prices(
    reader: Reader, part_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[Price]:
    """The prices of a part, the newest first; each holds until the next begins."""
    rows.get(reader, Part, part_id)
    return prices.page(reader, part_id, cursor=cursor, limit=limit)


@routes.post("/{part_id}/prices", needs=WRITE, shape=PriceOut, creates=True, may=(404, 409))
def set_price(tx: Tx, part_id: UUID, new: PriceIn) -> Price:
    """Say what a part costs from a moment on, with the deposit for its core."""
    return prices.set_price(tx, part_id, **dict(new))


@routes.get("/{part_id}/price", needs=READ, shape=PriceOut, may=(404,))
def get_price(
    reader: Reader,
    part_id: UUID,
    at: Annotated[Moment | None, Query(description="Without it, now.")] = None,
    currency: Annotated[Currency, Query()] = "CNY",
) -> Price:
    """What a part costs at a moment."""
    return prices.needed(reader, part_id, at or clock.now(), currency=currency)


@routes.put("/{part_id}/hazard", needs=WRITE, shape=PartOut, may=(404, 409))
def declare_hazard(tx: Tx, part_id: UUID, hazard: HazardIn) -> Part:
    """Say that a part is dangerous: UN number, class and packing group."""
    return hazards.declare(tx, part_id, **dict(hazard))


def _substitutes(session: Session, part_id: UUID) -> dict[str, Any]:
    rows.get(session, Part, part_id)
    after = supersession.successors(session, part_id)
    instead = supersession.substitutes(session, part_id)
    return {
        "replaced_by": [rows.get(session, Part, each) for each in after],
        "substitutes": [rows.get(session, Part, each) for each in instead],
    }
