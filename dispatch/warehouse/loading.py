"""
Loading a van: what was scanned leaves, and what is missing stays set aside.

A parcel that nobody can find is left behind: another delivery brings it later, and its order's
events tell so. Its goods stay picked for the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.intake import deliveries, orders, warehouse
from dispatch.intake.deliveries import Delivery
from dispatch.stock import levels, reservations
from dispatch.store import events, rows
from dispatch.store.errors import Conflict
from dispatch.warehouse import parcels
from dispatch.warehouse.parcels import Parcel


@dataclass(frozen=True, slots=True)
class Loaded:
    """Which deliveries left, which parcels did not, and which deliveries are to bring these."""

    loaded: list[UUID] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    to_bring_later: list[UUID] = field(default_factory=list)


def load(
    session: Session, delivery_ids: Collection[UUID], scanned: Collection[str], *, van: str
) -> Loaded:
    """
    Let deliveries leave with a van, but for parcels that were not scanned.

    Refused as a whole: ``strange_parcel`` for one of another delivery, and as `warehouse.ship`.
    """
    ordered = sorted(set(delivery_ids))
    _lock(session, ordered)
    check = parcels.check_load(session, ordered, scanned)
    if check.strange:
        cause = f"{', '.join(check.strange)[:200]} is not for this van"
        raise Conflict("strange_parcel", cause=cause, action="take it off, and scan the rest")
    loaded = Loaded()
    for delivery_id in ordered:
        _load(session, rows.get(session, Delivery, delivery_id), check.missing, van, loaded)
    return loaded


def _lock(session: Session, delivery_ids: Collection[UUID]) -> None:
    """Lock all orders, then all levels, then all deliveries: in one order for everybody."""
    found = [rows.get(session, Delivery, each) for each in delivery_ids]
    order_ids = sorted({delivery.order_id for delivery in found})
    for order_id in order_ids:
        orders.get(session, order_id)
    levels.lock(session, {s for each in order_ids for s in reservations.shelves_of(session, each)})
    for delivery_id in sorted(delivery_ids):
        rows.locked(session, Delivery, delivery_id)


def _load(
    session: Session, delivery: Delivery, missing: Collection[str], van: str, loaded: Loaded
) -> None:
    packed = parcels.of_deliveries(session, [delivery.id])
    lost = [parcel for parcel in packed if parcel.number in missing]
    if lost:
        later = _leave_behind(session, delivery, lost, van)
        loaded.left_behind.extend(parcel.number for parcel in lost)
        loaded.to_bring_later.append(later.id)
        if later is delivery:
            return
    here = [parcel.id for parcel in packed if parcel not in lost]
    first = {one.id for one in parcels.inside(session, here)}
    never = {one.id for one in parcels.inside(session, _elsewhere(session, delivery))}
    warehouse.ship(session, delivery.id, van=van, first=first, never=never)
    loaded.loaded.append(delivery.id)


def _leave_behind(
    session: Session, delivery: Delivery, lost: Collection[Parcel], van: str
) -> Delivery:
    """Return the delivery that brings the parcels later: itself, if nothing else is on it."""
    missing: Counter[UUID] = Counter()
    for one in parcels.inside(session, [parcel.id for parcel in lost]):
        missing[one.order_line_id] += one.quantity
    later = delivery
    if dict(missing) != deliveries.lines_of(session, delivery.id):
        later = deliveries.split_off(session, delivery, missing)
        for parcel in lost:
            parcel.delivery_id = later.id
        session.flush()
    for parcel in lost:
        subjects = {**delivery.concerns(), "delivery": later.id}
        data = {"number": parcel.number, "van": van}
        events.record(session, "parcel.left_behind", parcel.id, subjects=subjects, data=data)
    return later


def _elsewhere(session: Session, delivery: Delivery) -> list[UUID]:
    """Return the parcels of the order's other deliveries."""
    query = (
        select(Parcel.id)
        .join(Delivery, Delivery.id == Parcel.delivery_id)
        .where(Delivery.order_id == delivery.order_id, Delivery.id != delivery.id)
    )
    return list(session.scalars(query))
