"""From where an order comes: its options with cost and promise, and the one that is chosen."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.http.etags import VersionIfTold
from api.http.orders import PromiseOut, visible
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import In, Moment, Out
from dispatch.intake import sourcing
from dispatch.intake.orders import Order
from dispatch.intake.sourcing import SourcingOption
from dispatch.people.permissions import Permission
from dispatch.store import edits

routes = Routes("/orders", tag="orders")


class BringOut(Out):
    order_line_id: UUID
    part_id: UUID
    quantity: int
    source_id: UUID = Field(description="The depot where it lies, or is expected.")
    depot_id: UUID = Field(description="The depot that delivers it.")


class SourcingOptionOut(Out):
    key: str = Field(description="Names it when it is chosen.", examples=["5d41402abc4b2a76"])
    way: str = Field(description="`whole`, `split`, `transfer` or `wait`.")
    total_price: int = Field(description="Minor units: what it takes beside the usual routes.")
    whole_at: Moment = Field(description="When all of it is ready to leave.")
    ready_at: dict[UUID, Moment] = Field(description="By the depot that delivers.")
    in_time: bool = Field(description="Whether it is ready before the order's window closes.")
    bring: list[BringOut]


class SourcingOut(Out):
    rows: list[SourcingOptionOut]
    chosen: str | None = Field(description="The key of the cheapest that is ready in time.")


class ChoiceIn(In):
    option: Annotated[str, Field(pattern="^[0-9a-f]{16}$")] | None = Field(
        default=None, description="Its key; null: the cheapest that is ready in time."
    )


@routes.get(
    "/{order_id}/sourcing", needs=Permission.ORDERS_DECIDE, shape=SourcingOut, may=(404, 409)
)
def list_sourcing_options(reader: Reader, who: User, order_id: UUID) -> dict[str, Any]:
    """The ways to bring an order, out of one's own depots, with what each costs and when it is."""
    order = visible(reader, who, order_id)
    found = sourcing.options(reader, order, depot_ids=who.depot_ids)
    best = sourcing.choose(found, latest_at=order.latest_at)
    rows = [_option(one, order) for one in found]
    return {"rows": rows, "chosen": best.key if best else None}


@routes.post(
    "/{order_id}/sourcing/accept",
    needs=Permission.ORDERS_DECIDE,
    shape=PromiseOut,
    may=(404, 409, 412),
)
def accept_sourcing_option(
    tx: Tx, who: User, order_id: UUID, choice: ChoiceIn, version: VersionIfTold
) -> dict[str, Any]:
    """Promise an order by one of its options, which must be ready before its window closes."""
    order = visible(tx, who, order_id)
    edits.expect(order, version)
    made = sourcing.take(tx, order, choice.option, depot_ids=who.depot_ids)
    return {"order": order, "reservations": made}


def _option(option: SourcingOption, order: Order) -> dict[str, Any]:
    return {
        "key": option.key,
        "way": option.way,
        "total_price": option.total_price,
        "whole_at": option.whole_at,
        "ready_at": dict(option.ready_at),
        "in_time": option.in_time(order.latest_at),
        "bring": list(option.bring),
    }
