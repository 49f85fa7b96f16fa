"""Changes of an order until its goods have left; what is set aside follows each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy.orm import Session, attributes

from dispatch.intake import deliveries, orders
from dispatch.intake.orders import Fulfilment, Order, OrderLine, Wanted
from dispatch.stock import levels, reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.reservations import Reservation, Wish
from dispatch.store import clock, edits, events, keys
from dispatch.store.errors import Conflict

_Plan = Sequence[tuple[OrderLine, Wanted]]
"""Lines, and what each is to be."""


class Changes(TypedDict, total=False):
    """What is to be different; ``lines`` are all that the order is then to have."""

    lines: Sequence[Wanted]
    repair_point_id: UUID | None
    priority: int
    downtime_cost_per_h: int
    earliest_at: datetime | None
    latest_at: datetime | None
    notes: str
    content_hash: str | None


def change(
    session: Session, order: Order, changes: Changes, *, version: int | None = None
) -> list[Reservation]:
    """
    Change an order; return what was set aside by it, for this order and others.

    ``version`` is the one that was looked at. A line whose car nobody names keeps it; one for
    another car is another line. Refused as a whole: ``order_closed``, ``goods_left``,
    ``already_picked``, and as in `place`.
    """
    edits.expect(order, version, edits.differences(order, _columns(changes)))
    _check(session, order, changes)
    wanted = changes.get("lines")
    plan = _matched(order, wanted) if wanted is not None else []
    shelves = _lock(session, order, plan)
    here = deliveries.still_here(session, order.id)
    orders.refuse_left(session, order)
    if _change_columns(session, order, changes):
        for delivery in here:
            if delivery.status in deliveries.HERE:
                deliveries.touch(session, delivery)
    made = _change_lines(session, order, plan)
    served = made + reservations.fill(session, shelves)
    orders.carry(session, [one for one in served if one.status in reservations.ACTIVE])
    return served


def _check(session: Session, order: Order, changes: Changes) -> None:
    if order.status not in {"placed", "accepted"}:
        cause = f"{order.title} is {order.status}"
        raise Conflict("order_closed", cause=cause, action="place a new order")
    if "lines" in changes:
        orders.check_lines(session, order.number, changes["lines"])
    if "repair_point_id" in changes:
        orders.check_place(session, order.customer_id, changes["repair_point_id"])
    earliest_at = changes.get("earliest_at", order.earliest_at)
    orders.check_window(earliest_at, changes.get("latest_at", order.latest_at))


def _matched(order: Order, wanted: Sequence[Wanted]) -> _Plan:
    """Return each line with what it is to be: lines of the same part in their order, then new."""
    left = list(wanted)
    found: dict[UUID, Wanted] = {}
    for fits in (_for_same_car, _for_any_car):
        for line in order.lines:
            same = next((one for one in left if fits(line, one)), None)
            if same and line.id not in found:
                left.remove(same)
                found[line.id] = same
    plan = [(line, found.get(line.id, Wanted(line.part_id, 0))) for line in order.lines]
    first = len(order.lines) + 1
    for position, one in enumerate(left, start=first):
        line = OrderLine(
            id=keys.new(),
            order_id=order.id,
            position=position,
            part_id=one.part_id,
            quantity=0,
            vin=one.vin,
        )
        plan.append((line, one))
    return plan


def _for_same_car(line: OrderLine, one: Wanted) -> bool:
    return (line.part_id, line.vin) == (one.part_id, one.vin)


def _for_any_car(line: OrderLine, one: Wanted) -> bool:
    return line.part_id == one.part_id and None in {line.vin, one.vin}


def _lock(session: Session, order: Order, plan: _Plan) -> set[Shelf]:
    """Lock the levels that an accepted order may change, all of them before anything else."""
    if order.status != "accepted":
        return set()
    shelves = reservations.shelves_of(session, order.id)
    shelves |= {Shelf(order.depot_id, line.part_id) for line, _ in plan}
    for shelf in sorted(shelves):
        levels.ensure(session, shelf)
    levels.lock(session, shelves)
    return shelves


def _change_lines(session: Session, order: Order, plan: _Plan) -> list[Reservation]:
    """Give back first, then take: what one line gives up another may need."""
    told = [
        {"position": line.position, "before": line.quantity, "after": one.quantity}
        for line, one in plan
        if line.quantity != one.quantity or line.vin != (one.vin or line.vin)
    ]
    if not told:
        return []
    order.lines.extend(line for line, _ in plan if line not in order.lines)
    more: list[Wish] = []
    for line, one in plan:
        added, line.quantity = one.quantity - line.quantity, one.quantity
        line.vin = one.vin or line.vin
        if added > 0:
            more.append(orders.wish(order, line, added, since=clock.now()))
        elif added < 0 and order.status == "accepted":
            deliveries.lower(session, reservations.lower(session, line.id, -added))
    attributes.flag_modified(order, "priority")
    session.flush()
    data = {"lines": told}
    events.record(session, "order.lines_changed", order.id, subjects=order.concerns(), data=data)
    return reservations.reserve(session, more) if order.status == "accepted" else []


def _change_columns(session: Session, order: Order, changes: Changes) -> bool:
    columns = _columns(changes)
    order.content_hash = columns.pop("content_hash", order.content_hash)
    if "repair_point_id" in columns:
        delivered = columns["repair_point_id"] is not None
        columns["fulfilment"] = Fulfilment.DELIVERY if delivered else Fulfilment.PICKUP
    before = order.fulfilment
    different = edits.change(session, "order", order, columns)
    if before != order.fulfilment and order.status == "accepted":
        _switch(session, order)
    if different and "priority" in columns:
        reservations.hurry(session, order.id, order.priority)
    return different


def _columns(changes: Changes) -> dict[str, Any]:
    return {key: value for key, value in changes.items() if key != "lines"}


def _switch(session: Session, order: Order) -> None:
    """Let an order be collected that was to be brought, or the other way round."""
    if order.fulfilment == Fulfilment.PICKUP:
        deliveries.cancel(session, order.id)
    else:
        deliveries.carry(session, reservations.active(session, order.id))
