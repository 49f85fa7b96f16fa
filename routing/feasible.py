"""What a route costs, if it breaks no rule: the one place that says so for a whole route."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from routing import itinerary, rules, timing
from routing.problem import NO_WAY
from routing.tables import Tables, route_cost


def feasible_cost(tables: Tables, vehicle: int, order: Sequence[int]) -> int | None:
    """
    Return the cost of a route in minor units, or None where it breaks any rule.

    Rules that need the other routes (`rules.of_plan`) are not looked at.
    """
    if not order:
        return 0
    asked, stops = tables.vehicles[vehicle], itinerary.visits(order)
    if asked.max_stops is not None and len(stops) > asked.max_stops:
        return None
    if next(rules.of_route(tables, vehicle, order), None) is not None:
        return None
    travelled = travel(tables, vehicle, order)
    if travelled is None or not _loads_fit(tables, vehicle, order):
        return None
    metres, drive, price = travelled
    if asked.max_distance_m is not None and metres > asked.max_distance_m:
        return None
    timed = _timed(tables, vehicle, order, drive)
    if timed is None:
        return None
    duration, drive, clock = timed
    if asked.max_drive_s is not None and drive > asked.max_drive_s:
        return None
    if asked.max_duration_s is not None and duration > asked.max_duration_s:
        return None
    return route_cost(
        tables,
        vehicle,
        distance_m=metres,
        duration_s=duration,
        drive_s=drive,
        leg_costs=price,
        clock_price=clock,
        num_stops=len(stops),
        num_changes=sum(tables.changes_vehicle(vehicle, index) for index in stops),
    )


def travel(
    tables: Tables, vehicle: int, order: Sequence[int]
) -> tuple[int, int, int | None] | None:
    """Return metres, seconds and price of all legs; None where one has no way at any hour."""
    asked, legs = tables.vehicles[vehicle], tables.legs(vehicle)
    metres = drive = 0
    price = None if legs.costs is None else 0
    stops = [itinerary.place(tables, vehicle, item) for item in order]
    for here, there in pairwise([asked.start, *stops, asked.end]):
        if here is None or there is None:
            continue
        hours = (legs.durations, *(durations for _, durations in legs.hours))
        seconds = min(durations.item(here, there) for durations in hours)
        if seconds == NO_WAY:
            return None
        drive += seconds
        metres += legs.distances.item(here, there)
        if price is not None and legs.costs is not None:
            price += legs.costs.item(here, there)
    return metres, drive, price


def _timed(
    tables: Tables, vehicle: int, order: Sequence[int], drive_s: int
) -> tuple[int, int, int] | None:
    """Return route duration, seconds of driving, and what the clock costs; None if it cannot be."""
    asked = itinerary.asked(tables, vehicle, order)
    halts, last = itinerary.halts(tables, vehicle, order)
    if isinstance(last, int) and itinerary.is_plain(asked, halts, last):
        duration = timing.duration(tables.vehicles[vehicle], halts, last)
        return None if duration is None else (duration, drive_s, 0)
    times = timing.best(asked, halts, last)
    return None if times is None else (times.end - times.departure, times.drive_s, times.price)


def _loads_fit(tables: Tables, vehicle: int, order: Sequence[int]) -> bool:
    capacity = tables.vehicles[vehicle].capacity
    return all(
        amount <= room
        for load in itinerary.loads(tables, vehicle, order)
        for amount, room in zip(load, capacity, strict=True)
    )
