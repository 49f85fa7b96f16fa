"""A day on its ground as a problem for the solver: units, windows, skills and prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import numpy as np

from dispatch.planning.day import Day, Depot, Order, VehicleRow, midnight, seconds_at
from dispatch.planning.ground import Ground
from routing.problem import NO_WAY, Break, Matrix, Problem, Reload, Vehicle, Visit, Window

DIMENSIONS = ("weight", "volume")
"""Grams and millilitres."""

LEFT_OUT_ROUTES = 2
"""What leaving an order out costs, in whole days of the dearest vehicle on its longest round."""


def start_of(day: Day, at: date) -> datetime:
    """
    Return second 0 of a plan: midnight of the day where it comes first, on the first depot's clock.

    So no clock time of any depot lies before it.
    """
    first = min(midnight(at, depot.zone).astimezone(UTC) for depot in day.depots)
    return first.astimezone(day.depots[0].zone)


def build(day: Day, ground: Ground, at: date) -> Problem:
    """
    Return the problem; every order may be left out, at a price that makes it the last resort.

    A vehicle that may load more than once may do so at every depot.
    """
    start = start_of(day, at)
    price = _price_left_out(day, ground.matrices)
    return Problem(
        vehicles=tuple(_vehicle(day, vehicle, ground, at, start) for vehicle in day.vehicles),
        visits=tuple(_visit(day, order, ground, at, start, price) for order in day.orders),
        matrices=ground.matrices,
        dimensions=DIMENSIONS,
        start=start,
        coordinates=ground.points,
    )


def _vehicle(day: Day, row: VehicleRow, ground: Ground, at: date, start: datetime) -> Vehicle:
    depot = day.depot_by_id[row.depot]
    opens, closes = max(row.shift_start, depot.opens), min(row.shift_end, depot.closes)
    place = ground.depots[depot.id]
    return Vehicle(
        id=row.id,
        profile=row.profile,
        start=place,
        end=place,
        shift=Window(
            seconds_at(opens, at, depot.zone, start), seconds_at(closes, at, depot.zone, start)
        ),
        capacity=_capacity(day, row),
        skills=row.skills | {_skill_of_depot(depot.id)},
        cost_fixed=row.cost_fixed,
        cost_per_km=row.cost_per_km,
        cost_per_h=row.cost_per_h,
        max_distance_m=row.max_distance_m,
        max_stops=row.max_stops,
        breaks=_breaks(row, depot, at, start),
        reloads=_reloads(day, row, ground),
        max_trips=row.max_trips,
        co2_g_per_km=row.co2_g_per_km,
    )


def _breaks(row: VehicleRow, depot: Depot, at: date, start: datetime) -> tuple[Break, ...]:
    if not row.break_s:
        return ()
    first, last = (
        seconds_at(clock, at, depot.zone, start) for clock in (row.break_from, row.break_to)
    )
    return (Break("break", Window(first, last), row.break_s),)


def reload_id(depot: str) -> str:
    """Return by which name a route says that its vehicle loads again at a depot."""
    return f"load at {depot}"


def _reloads(day: Day, row: VehicleRow, ground: Ground) -> tuple[Reload, ...]:
    if row.max_trips < 2:
        return ()
    return tuple(
        Reload(reload_id(depot.id), ground.depots[depot.id], depot.load_s) for depot in day.depots
    )


def _capacity(day: Day, row: VehicleRow) -> tuple[int, int]:
    """Return the capacity; without a limit it is what the whole day weighs."""
    weight = sum(order.weight_g + order.picked_g for order in day.orders)
    volume = sum(order.volume_ml + order.picked_ml for order in day.orders)
    return (
        weight if row.capacity_g is None else row.capacity_g,
        volume if row.capacity_ml is None else row.capacity_ml,
    )


def _visit(day: Day, order: Order, ground: Ground, at: date, start: datetime, price: int) -> Visit:
    skills = order.skills | ({_skill_of_depot(order.depot)} if order.depot else frozenset())
    return Visit(
        id=order.id,
        place=ground.orders[order.id],
        windows=_windows(day, order, at, start),
        service_s=order.service_s,
        delivered=(order.weight_g, order.volume_ml),
        picked_up=(order.picked_g, order.picked_ml),
        together=order.together,
        vehicles=order.vehicles or None,
        skills=skills,
        priority=order.priority,
        price_unplanned=price * (1 + order.priority),
        description=order.name,
        ready=_ready(day, order, at, start),
        sources=frozenset({ground.depots[order.source]}) if order.source else None,
        due=_first_moment(day, at, start) if order.cost_per_late_h else None,
        cost_per_late_h=order.cost_per_late_h,
    )


def _ready(day: Day, order: Order, at: date, start: datetime) -> int | None:
    if order.ready is None:
        return None
    return max(0, seconds_at(order.ready, at, day.depot_of(order).zone, start))


def _skill_of_depot(name: str) -> str:
    """Return the skill by which an order that names a depot is kept to its vehicles."""
    return f"depot {name}"


def _windows(day: Day, order: Order, at: date, start: datetime) -> tuple[Window, ...]:
    if order.windows:
        return _several(day, order, at, start)
    if order.earliest is None and order.latest is None:
        return ()
    zone = day.depot_of(order).zone
    latest = _last_moment(day, at, start)
    if order.latest is not None:
        latest = seconds_at(order.latest, at, zone, start)
    earliest = min(0, latest)
    if order.earliest is not None:
        earliest = seconds_at(order.earliest, at, zone, start)
    return (Window(earliest, max(earliest, latest)),)


def _several(day: Day, order: Order, at: date, start: datetime) -> tuple[Window, ...]:
    """Return several windows; of those that were over before the plan began one moment is left."""
    zone = day.depot_of(order).zone
    spans = [[seconds_at(clock, at, zone, start) for clock in span] for span in order.windows]
    found = [Window(max(0, first), last) for first, last in spans if last >= 0]
    return tuple(found) or (Window(0, 0),)


def _first_moment(day: Day, at: date, start: datetime) -> int:
    return min(
        seconds_at(vehicle.shift_start, at, day.depot_by_id[vehicle.depot].zone, start)
        for vehicle in day.vehicles
    )


def _last_moment(day: Day, at: date, start: datetime) -> int:
    return max(
        seconds_at(vehicle.shift_end, at, day.depot_by_id[vehicle.depot].zone, start)
        for vehicle in day.vehicles
    )


def _price_left_out(day: Day, matrices: Mapping[str, Matrix]) -> int:
    """
    Return the price of leaving out an order of priority 0, in fen.

    It is above what a vehicle sent for that order alone can cost: its fixed cost, its whole shift,
    and twice the longest way there is. An order of priority p counts as 1 + p of priority 0.
    """
    dearest = 0
    for vehicle in day.vehicles:
        hours = (vehicle.shift_end - vehicle.shift_start) / 3600
        way_km = 2 * _longest(matrices[vehicle.profile]) / 1000
        whole = vehicle.cost_fixed + hours * vehicle.cost_per_h + way_km * vehicle.cost_per_km
        dearest = max(dearest, round(whole))
    return LEFT_OUT_ROUTES * (dearest + 1)


def _longest(matrix: Matrix) -> int:
    known = matrix.distances[matrix.distances != NO_WAY]
    return int(np.max(known, initial=0))
