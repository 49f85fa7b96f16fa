"""How goods get from depot to depot, and what a depot asks for an order beside its routes."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import In, Out
from dispatch.people.permissions import Permission
from dispatch.stock import lanes
from dispatch.stock.lanes import SourcingTerms

routes = Routes("/depots", tag="depots")

MinorUnits = Annotated[int, Field(ge=0, le=10**12, examples=[400])]
Seconds = Annotated[int, Field(ge=0, le=30 * 86_400, examples=[3600])]
OfDay = Annotated[int, Field(ge=0, lt=86_400, examples=[34_200])]


class LaneIn(In):
    price: MinorUnits = Field(description="What a transfer for one order costs.")
    duration_s: Seconds
    departures: list[OfDay] = Field(
        default=[],
        max_length=100,
        description="Seconds after midnight on the clock of the depot; none: it leaves at once.",
    )


class LaneOut(Out):
    from_depot_id: UUID
    to_depot_id: UUID
    price: int
    duration_s: int
    departures: list[int]


class LanesOut(Out):
    rows: list[LaneOut]


class TermsIn(In):
    split_price: MinorUnits = Field(description="For an order of which it brings only a part.")
    handling_s: Seconds = Field(description="From an order until its goods are ready to load.")


class TermsOut(Out):
    depot_id: UUID
    split_price: int
    handling_s: int


@routes.get("/{depot_id}/lanes", needs=Permission.STOCK_READ, shape=LanesOut, may=(404,))
def list_lanes(reader: Reader, who: User, depot_id: UUID) -> dict[str, Any]:
    """The ways for goods that lead away from a depot."""
    who.need_depot(depot_id)
    return {"rows": lanes.from_depot(reader, depot_id)}


@routes.put(
    "/{depot_id}/lanes/{to_depot_id}", needs=Permission.DEPOTS_WRITE, shape=LaneOut, may=(404, 409)
)
def set_lane(tx: Tx, who: User, depot_id: UUID, to_depot_id: UUID, lane: LaneIn) -> lanes.Lane:
    """Say how goods get from one depot to another."""
    who.need_depot(depot_id)
    return lanes.set_lane(tx, depot_id, to_depot_id, **dict(lane))


@routes.delete("/{depot_id}/lanes/{to_depot_id}", needs=Permission.DEPOTS_WRITE, may=(404,))
def remove_lane(tx: Tx, who: User, depot_id: UUID, to_depot_id: UUID) -> None:
    """Say that goods no longer go that way."""
    who.need_depot(depot_id)
    lanes.remove_lane(tx, depot_id, to_depot_id)


@routes.get("/{depot_id}/sourcing-terms", needs=Permission.STOCK_READ, shape=TermsOut, may=(404,))
def get_terms(reader: Reader, who: User, depot_id: UUID) -> SourcingTerms:
    """What a depot asks for a split, and how long it takes to make goods ready."""
    who.need_depot(depot_id)
    return lanes.terms_of(reader, depot_id)


@routes.put(
    "/{depot_id}/sourcing-terms", needs=Permission.DEPOTS_WRITE, shape=TermsOut, may=(404, 409)
)
def set_terms(tx: Tx, who: User, depot_id: UUID, terms: TermsIn) -> SourcingTerms:
    """Say what a depot asks for a split, and how long it takes to make goods ready."""
    who.need_depot(depot_id)
    return lanes.set_terms(tx, depot_id, **dict(terms))
