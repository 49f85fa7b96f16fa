"""Deliveries as orders of a day: what each weighs, takes and needs, and when it is taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.catalogue import depots, hazards, hours
from dispatch.intake import departures
from dispatch.intake.departures import Leaving, Measures
from dispatch.planning.day import Depot, Order
from dispatch.plans.plans import Plan
from dispatch.store import rows
from routing.solution import Reason, Unplanned

_NOTHING = Measures(0, 0, 0, False)

_FAR = 48 * 3600
"""A clock time that no window of the day reaches."""


def orders_of(
    session: Session,
    plan: Plan,
    leaving: Sequence[Leaving],
    places: tuple[Depot, ...],
    extra: Collection[str],
) -> tuple[tuple[Order, ...], tuple[Unplanned, ...]]:
    """
    Return deliveries as orders of a day, and those that nobody takes in on it.

    Parameters
    ----------
    extra
        Those that missed the wave: they are loaded once they are ready.
    """
    measures: dict[UUID, Measures] = {}
    for depot_id in plan.depot_ids:
        measures |= departures.measured(session, rows.get(session, depots.Depot, depot_id))
    found: list[Order] = []
    impossible: list[Unplanned] = []
    for one in leaving:
        depot = rows.get(session, depots.Depot, one.delivery.depot_id)
        windows = _windows(one, plan.day, depot.zone)
        load = measures.get(one.delivery.id, _NOTHING)
        if windows is None:
            reason = Reason(
                "CLOSED",
                f"{one.point.name} is closed on {plan.day} when the goods are wanted",
                "ask the customer for another time, or correct its opening hours",
            )
            impossible.append(Unplanned(str(one.delivery.id), (reason,)))
            continue
        order = _order(one, load, windows, depot, shared=len(places) > 1)
        if order.id in extra:
            ready = clock_at(one.delivery.ready_at, plan.day, depot.zone)
            order = replace(order, ready=ready + depots.settings(depot).load_s)
        found.append(order)
    return tuple(found), tuple(impossible)


def _order(
    one: Leaving,
    load: Measures,
    windows: Sequence[tuple[int, int]],
    depot: depots.Depot,
    *,
    shared: bool,
) -> Order:
    settings = depots.settings(depot)
    service_s = settings.service_s if one.point.service_s is None else one.point.service_s
    return Order(
        id=str(one.delivery.id),
        lon=one.point.lon,
        lat=one.point.lat,
        name=one.point.name,
        address=one.point.address,
        service_s=service_s + load.num_lines * settings.service_per_line_s,
        weight_g=load.weight_g,
        volume_ml=load.volume_ml,
        skills=frozenset({hazards.SKILL}) if load.dangerous else frozenset(),
        priority=max(0, one.order.priority),
        windows=tuple(windows),
        source=str(depot.id) if shared else None,
        cost_per_late_h=one.order.downtime_cost_per_h,
    )


def _windows(one: Leaving, day: date, zone: ZoneInfo) -> list[tuple[int, int]] | None:
    """Return when service may begin, in clock times; nothing: any time; None: at none."""
    order = one.order
    first = clock_at(order.earliest_at, day, zone) if order.earliest_at else 0
    last = clock_at(order.latest_at, day, zone) if order.latest_at else _FAR
    opening = hours.read(one.point.hours)
    if opening is None:
        asked = order.earliest_at is not None or order.latest_at is not None
        return [(first, max(first, last))] if asked else []
    spans = [(max(first, span.opens), min(last, span.closes)) for span in opening.on(day)]
    return [(opens, closes) for opens, closes in spans if opens <= closes] or None


def clock_at(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """Return what a clock on the wall shows at a moment, in seconds since midnight of a day."""
    wall = moment.astimezone(zone).replace(tzinfo=None)
    return round((wall - datetime.combine(day, time())).total_seconds())


def names_of(leaving: Iterable[Leaving]) -> Iterator[tuple[str, str]]:
    """Yield what people call a delivery: its order's number, and which of several it is."""
    count: Counter[UUID] = Counter()
    for one in sorted(leaving, key=lambda one: one.delivery.id):
        count[one.order.id] += 1
        number = count[one.order.id]
        yield str(one.delivery.id), one.order.number + (f"/{number}" if number > 1 else "")
