"""What a route costs, if it breaks no rule: the one place that says so for a whole route."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from routing import timing
from routing.problem import NO_WAY
from routing.tables import Load, Tables, route_cost


def feasible_cost(tables: Tables, vehicle: int, order: Sequence[int]) -> int | None:
    """Return the cost of a route in minor units, or None where it breaks any rule."""
    if not order:
        return 0
    asked = tables.vehicles[vehicle]
    if asked.max_stops is not None and len(order) > asked.max_stops:
        return None
    if not all(tables.visits[index].skills <= asked.skills for index in order):
        return None
    travelled = travel(tables, vehicle, order)
    if travelled is None or not _loads_fit(tables, asked.capacity, order):
        return None
    metres, drive, price = travelled
    if asked.max_distance_m is not None and metres > asked.max_distance_m:
        return None
    if asked.max_drive_s is not None and drive > asked.max_drive_s:
        return None
    duration = timing.duration(asked, *timing.halts(tables, vehicle, order))
    if duration is None or (asked.max_duration_s is not None and duration > asked.max_duration_s):
        return None
    return route_cost(asked, distance_m=metres, duration_s=duration, drive_s=drive, leg_costs=price)


def travel(
    tables: Tables, vehicle: int, order: Sequence[int]
) -> tuple[int, int, int | None] | None:
    """Return metres, seconds and price of all legs; None where one has no way."""
    asked, legs = tables.vehicles[vehicle], tables.legs(vehicle)
    metres = drive = 0
    price = None if legs.costs is None else 0
    places = [asked.start, *(tables.visits[index].place for index in order), asked.end]
    for here, there in pairwise(places):
        if here is None or there is None:
            continue
        seconds = legs.durations.item(here, there)
        if seconds == NO_WAY:
            return None
        drive += seconds
        metres += legs.distances.item(here, there)
        if price is not None and legs.costs is not None:
            price += legs.costs.item(here, there)
    return metres, drive, price


def _loads_fit(tables: Tables, capacity: Load, order: Sequence[int]) -> bool:
    for k, room in enumerate(capacity):
        load = sum(tables.delivered[index][k] for index in order)
        if load > room:
            return False
        for index in order:
            load += tables.picked_up[index][k] - tables.delivered[index][k]
            if load > room:
                return False
    return True
