"""Orders: placed, accepted, changed, rejected, cancelled, one or many at a time."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import Query
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from api.http.etags import Version, VersionIfTold
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, DepotFilter, In, Limit, Moment, Out, Quantity, Reason, Text60
from dispatch.intake import changes, deliveries, orders
from dispatch.intake.changes import Changes
from dispatch.intake.orders import Filter, NewOrder, Order, Wanted
from dispatch.people.permissions import Permission, Who
from dispatch.store import database, edits
from dispatch.store.errors import Refused
from dispatch.store.pages import Page

routes = Routes("/orders", tag="orders")

Status = Literal["placed", "accepted", "rejected", "cancelled"]


Priority = Annotated[int, Field(ge=-100, le=100, description="More is more urgent.")]
DowntimeCost = Annotated[
    int,
    Field(
        ge=0,
        le=1_000_000_000,
        description="What the customer loses in each hour without the goods, such as for a "
        "blocked bay, in minor units.",
        examples=[26000],
    ),
]
Notes = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Vin = Annotated[
    str,
    Field(
        pattern=r"^[A-Z0-9-]{5,17}$",
        description="The car that it is for.",
        examples=["LSVAU2A37N2183294"],
    ),
]


class LineIn(In):
    part_id: UUID
    quantity: Quantity
    vin: Vin | None = None


Lines = Annotated[list[LineIn], Field(min_length=1, max_length=500)]


class OrderIn(In):
    number: Text60 = Field(description="The caller's own number.", examples=["A-17"])
    customer_id: UUID
    depot_id: UUID = Field(description="Whose stock it is promised from.")
    repair_point_id: UUID | None = Field(
        default=None, description="Where it is brought to; null: the customer collects it."
    )
    lines: Lines
    priority: Priority = 0
    downtime_cost_per_h: DowntimeCost = 0
    earliest_at: Moment | None = None
    latest_at: Moment | None = None
    notes: Notes = ""


class OrderChange(In):
    repair_point_id: UUID | None = Field(
        default=None, description="Null: the customer collects it instead."
    )
    lines: Lines = Field(
        default=[],
        description="All that it is to have: a line of the same part and car is raised or "
        "lowered, one that is not named is taken out.",
    )
    priority: Priority = 0
    downtime_cost_per_h: DowntimeCost = 0
    earliest_at: Moment | None = None
    latest_at: Moment | None = None
    notes: Notes = ""


class LineOut(Out):
    id: UUID
    position: int
    part_id: UUID
    quantity: int = Field(description="0: it was taken out.")
    vin: str | None


class OrderOut(Out):
    id: UUID
    number: str
    customer_id: UUID
    repair_point_id: UUID | None
    depot_id: UUID
    fulfilment: str
    status: str
    priority: int
    downtime_cost_per_h: int
    placed_at: Moment
    earliest_at: Moment | None
    latest_at: Moment | None
    notes: str
    version: int
    lines: list[LineOut]


class OrdersOut(Out):
    rows: list[OrderOut]
    next: str | None


class ReservationOut(Out):
    id: UUID
    order_line_id: UUID
    part_id: UUID
    depot_id: UUID
    quantity: int
    status: str = Field(
        description="`reserved`: set aside; `waiting`: a backorder.", examples=["reserved"]
    )


class PromiseOut(Out):
    order: OrderOut
    reservations: list[ReservationOut]


class ReservationsOut(Out):
    rows: list[ReservationOut]


class DeliveryLineOut(Out):
    order_line_id: UUID
    quantity: int


class DeliveryOut(Out):
    id: UUID
    depot_id: UUID = Field(description="From where it is brought.")
    attempt: int
    status: str = Field(examples=["pending"])
    ready_at: Moment = Field(description="Since when its goods are set aside.")
    lines: list[DeliveryLineOut]


class DeliveriesOut(Out):
    rows: list[DeliveryOut]


class ManyIn(In):
    order_ids: list[UUID] = Field(min_length=1, max_length=500)


class FateOut(Out):
    order_id: UUID
    accepted: bool
    reservations: list[ReservationOut]
    code: str | None = None
    detail: str | None = None
    action: str | None = None


class FatesOut(Out):
    rows: list[FateOut]


@routes.post("", needs=Permission.ORDERS_PLACE, shape=OrderOut, creates=True, may=(404, 409))
def place_order(tx: Tx, who: User, new: OrderIn) -> Order:
    """Place an order; nothing is promised yet."""
    who.need_depot(new.depot_id)
    who.need_customer(new.customer_id)
    return orders.place(tx, NewOrder(**{**dict(new), "lines": _wanted(new.lines)}))


@routes.get("", needs=Permission.ORDERS_READ, shape=OrdersOut)
def list_orders(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    customer_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    number: Annotated[Text60 | None, Query()] = None,
    placed_from: Annotated[Moment | None, Query()] = None,
    placed_until: Annotated[Moment | None, Query(description="Not included.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Order]:
    """Orders, the newest first; those of one's depots, and of oneself as a customer."""
    only = Filter(
        depot_ids=who.depots(depot_id),
        customer_id=who.customer_id or customer_id,
        status=status,
        number=number,
        placed_from=placed_from,
        placed_until=placed_until,
    )
    return orders.page(reader, only, cursor=cursor, limit=limit)


@routes.post("/accept", needs=Permission.ORDERS_DECIDE, shape=FatesOut)
def accept_orders(tx: Tx, who: User, many: ManyIn) -> dict[str, Any]:
    """Accept many orders; the answer tells what became of each."""
    # Orders are locked in one order, so that two such requests cannot wait for each other.
    fates = {order_id: _fate(tx, who, order_id) for order_id in sorted(set(many.order_ids))}
    return {"rows": [fates[order_id] for order_id in dict.fromkeys(many.order_ids)]}


@routes.get("/{order_id}", needs=Permission.ORDERS_READ, shape=OrderOut, may=(404,))
def get_order(reader: Reader, who: User, order_id: UUID) -> Order:
    """One order with its lines."""
    return visible(reader, who, order_id)


@routes.patch(
    "/{order_id}", needs=Permission.ORDERS_PLACE, shape=OrderOut, may=(404, 409, 412, 428)
)
def change_order(tx: Tx, who: User, order_id: UUID, change: OrderChange, version: Version) -> Order:
    """Change an order until its goods have left; what is left out stays as it is."""
    order = visible(tx, who, order_id)
    wanted = {name: getattr(change, name) for name in change.model_fields_set}
    if "lines" in wanted:
        wanted["lines"] = _wanted(change.lines)
    changes.change(tx, order, cast("Changes", wanted), version=version)
    return order


@routes.get("/{order_id}/deliveries", needs=Permission.ORDERS_READ, shape=DeliveriesOut, may=(404,))
def list_order_deliveries(reader: Reader, who: User, order_id: UUID) -> dict[str, Any]:
    """What brings an order, from each depot that has some of it, with attempts that are over."""
    order = visible(reader, who, order_id)
    found = deliveries.of_order(reader, order.id)
    return {"rows": [{**edits.values(one), "lines": lines} for one, lines in found]}


@routes.get(
    "/{order_id}/reservations", needs=Permission.ORDERS_READ, shape=ReservationsOut, may=(404,)
)
def list_reservations(reader: Reader, who: User, order_id: UUID) -> dict[str, Any]:
    """What is set aside for an order, and what it waits for."""
    order = visible(reader, who, order_id)
    return {"rows": orders.reserved(reader, order)}


@routes.post(
    "/{order_id}/accept", needs=Permission.ORDERS_DECIDE, shape=PromiseOut, may=(404, 409, 412)
)
def accept_order(tx: Tx, who: User, order_id: UUID, version: VersionIfTold) -> dict[str, Any]:
    """Promise an order: set aside what there is, queue for the rest, open its delivery."""
    order = visible(tx, who, order_id)
    edits.expect(order, version)
    made = orders.accept(tx, order)
    return {"order": order, "reservations": made}


@routes.post(
    "/{order_id}/reject", needs=Permission.ORDERS_DECIDE, shape=OrderOut, may=(404, 409, 412)
)
def reject_order(tx: Tx, who: User, order_id: UUID, why: Reason, version: VersionIfTold) -> Order:
    """Refuse an order that was placed."""
    order = visible(tx, who, order_id)
    edits.expect(order, version)
    orders.reject(tx, order, reason=why.reason)
    return order


@routes.post(
    "/{order_id}/cancel", needs=Permission.ORDERS_CANCEL, shape=OrderOut, may=(404, 409, 412)
)
def cancel_order(tx: Tx, who: User, order_id: UUID, why: Reason, version: VersionIfTold) -> Order:
    """Cancel an order, unless its goods are on the way; what it had goes to who waits for it."""
    order = visible(tx, who, order_id)
    edits.expect(order, version)
    orders.cancel(tx, order, reason=why.reason)
    return order


def visible(session: Session, who: Who, order_id: UUID) -> Order:
    """Return an order that somebody may see, or refuse."""
    order = orders.get(session, order_id)
    who.need_customer(order.customer_id)
    who.need_depot(order.depot_id)
    return order


def _wanted(lines: list[LineIn]) -> list[Wanted]:
    return [Wanted(line.part_id, line.quantity, line.vin) for line in lines]


def _fate(tx: Session, who: Who, order_id: UUID) -> FateOut:
    try:
        with database.savepoint(tx):
            made = orders.accept(tx, visible(tx, who, order_id))
            tx.flush()
    except Refused as error:
        return FateOut(
            order_id=order_id,
            accepted=False,
            reservations=[],
            code=error.code,
            detail=error.cause,
            action=error.action,
        )
    reservations = [ReservationOut.model_validate(one) for one in made]
    return FateOut(order_id=order_id, accepted=True, reservations=reservations)
