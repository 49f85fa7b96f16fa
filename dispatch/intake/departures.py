"""Which deliveries leave with which wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from dispatch.catalogue import moments
from dispatch.catalogue.customers import RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.fleet import zones
from dispatch.fleet.waves import Departure, Timetable, Wave
from dispatch.fleet.zones import Areas, Zone
from dispatch.intake.deliveries import HERE, Delivery, DeliveryLine
from dispatch.intake.orders import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Leaving:
    """A delivery that is still at its depot, with its place, and the wave that it reaches first."""

    delivery: Delivery
    order: Order
    point: RepairPoint
    zone: Zone | None
    departure: Departure | None

    def leaves_with(self, wave: Wave, on: date) -> bool:
        """Tell whether that wave is the one that it reaches first."""
        departure = self.departure
        return departure is not None and departure.on == on and departure.wave.id == wave.id


@dataclass(frozen=True, slots=True)
class WaveLoad:
    """A wave on a day, its cut-off for each zone, and how much it takes along."""

    departure: Departure
    by_zone: Sequence[tuple[Zone, Departure]]
    num_deliveries: int
    num_orders: int
    weight_g: int
    volume_ml: int
    num_earlier: int
    """Deliveries of earlier waves that are still here."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What a delivery weighs and takes up, how many lines it has, whether any is dangerous."""

    weight_g: int
    volume_ml: int
    num_lines: int
    dangerous: bool


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


def of_wave_alone(session: Session, depot: Depot, wave: Wave, on: date) -> list[Leaving]:
    """Return what reaches a wave first, without what earlier ones have yet to take."""
    return [one for one in here(session, depot) if one.leaves_with(wave, on)]


def loads(session: Session, depot: Depot, on: date) -> list[WaveLoad]:
    """Return the waves of a day by their cut-offs, with what each takes along."""
    timetable = Timetable(session, depot)
    day = timetable.on(on)
    ranked = zones.ranked(session, depot.id)
    by_zone = {zone.id: {one.wave.id: one for one in timetable.on(on, zone.id)} for zone in ranked}
    found, measures = here(session, depot, timetable), measured(session, depot)
    made = []
    num_earlier = sum(one.departure is not None and one.departure.on < on for one in found)
    for departure in day:
        own = [one for one in found if one.leaves_with(departure.wave, on)]
        sizes = [measures[one.delivery.id] for one in own]
        made.append(
            WaveLoad(
                departure=departure,
                by_zone=[(zone, by_zone[zone.id][departure.wave.id]) for zone in ranked],
                num_deliveries=len(own),
                num_orders=len({one.order.id for one in own}),
                weight_g=sum(one.weight_g for one in sizes),
                volume_ml=sum(one.volume_ml for one in sizes),
                num_earlier=num_earlier,
            )
        )
        num_earlier += len(own)
    return made


def measured(session: Session, depot: Depot) -> dict[UUID, Measures]:
    """Return the measures of every delivery that is still at a depot."""
    query = (
        select(
            DeliveryLine.delivery_id,
            func.sum(DeliveryLine.quantity * Part.weight_g),
            func.sum(DeliveryLine.quantity * Part.volume_ml),
            func.count(),
            func.max(case((Part.dangerous, 1), else_=0)),
        )
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .join(OrderLine, OrderLine.id == DeliveryLine.order_line_id)
        .join(Part, Part.id == OrderLine.part_id)
        .where(Delivery.depot_id == depot.id, Delivery.status.in_(HERE))
        .group_by(DeliveryLine.delivery_id)
    )
    return {
        key: Measures(int(weight_g), int(volume_ml), lines, bool(dangerous))
        for key, weight_g, volume_ml, lines, dangerous in session.execute(query).all()
    }


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
