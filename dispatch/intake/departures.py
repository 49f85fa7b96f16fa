"""Which deliveries leave with which wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import moments
from dispatch.catalogue.customers import RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.fleet.waves import Departure, Timetable, Wave
from dispatch.fleet.zones import Areas, Zone
from dispatch.intake.deliveries import HERE, Delivery
from dispatch.intake.orders import Order


@dataclass(frozen=True, slots=True)
class Leaving:
    """A delivery that is still at its depot, with its place, and the wave that it reaches first."""

    delivery: Delivery
    order: Order
    point: RepairPoint
    zone: Zone | None
    departure: Departure | None


def here(session: Session, depot: Depot, timetable: Timetable | None = None) -> list[Leaving]:
    """Return every delivery that is still at a depot, the one that was ready first first."""
    query = (
        select(Delivery, Order, RepairPoint)
        .join(Order, Order.id == Delivery.order_id)
        .join(RepairPoint, RepairPoint.id == Order.repair_point_id)
        .where(Delivery.depot_id == depot.id, Delivery.status.in_(HERE))
        .order_by(Delivery.ready_at, Delivery.id)
    )
    areas = Areas(session, depot.id)
    timetable = timetable or Timetable(session, depot)
    return [_leaving(depot, areas, timetable, *row) for row in session.execute(query).all()]


def of_day(session: Session, depot: Depot, on: date) -> list[Leaving]:
    """Return what leaves on a day, with whichever wave, and what earlier days left behind."""
    found = here(session, depot)
    return [one for one in found if one.departure is None or one.departure.on <= on]


def of_wave(
    session: Session, depot: Depot, wave: Wave, on: date, *, later_s: int = 0
) -> Sequence[Leaving]:
    """
    Return what leaves with a wave: what reaches it first, and what an earlier one left behind.

    The wave is taken by its day and its own cut-off, so each delivery is in one of them at a time
    as long as waves are planned in their order.

    Parameters
    ----------
    later_s
        As if its cut-offs were so much later, in seconds.
    """
    timetable = Timetable(session, depot, later={wave.id: later_s} if later_s else None)
    day = timetable.on(on)
    number = next((n for n, one in enumerate(day) if one.wave.id == wave.id), None)
    if number is None:
        return []
    names = [one.wave.id for one in day]

    def reaches(one: Leaving) -> bool:
        departure = one.departure
        if departure is None or departure.on != on:
            return departure is not None and departure.on < on
        return names.index(departure.wave.id) <= number

    return [one for one in here(session, depot, timetable) if reaches(one)]


def _leaving(
    depot: Depot,
    areas: Areas,
    timetable: Timetable,
    delivery: Delivery,
    order: Order,
    point: RepairPoint,
) -> Leaving:
    zone = areas.of(point.lon, point.lat)
    wanted = moments.day(order.earliest_at, depot.zone) if order.earliest_at else None
    departure = timetable.of(delivery.ready_at, zone_id=zone.id if zone else None, earliest=wanted)
    return Leaving(delivery, order, point, zone, departure)
