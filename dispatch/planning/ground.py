"""The places of a day on a map: one matrix for each profile, and what lies off the roads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.day import Day, VehicleRow
from dispatch.sheets.faults import RowFault
from maps.errors import OffRoad
from maps.roads import congestion
from maps.roads.hours import ALWAYS
from maps.roads.zones import Closure, Conditions, Zone
from maps.travel import MAX_SNAP_M, NO_WAY, Points, Travel
from routing.problem import Matrix

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


@dataclass(frozen=True, slots=True)
class Ground:
    """
    Every place of a day once, and the way between all of them.

    ``points`` is ``(n, 2)`` lon, lat; ``depots`` and ``orders`` say by id which of them it is;
    ``off_road`` has, by profile, the places from which no road of that profile is near.
    """

    points: Points
    depots: Mapping[str, int]
    orders: Mapping[str, int]
    matrices: Mapping[str, Matrix]
    hours: Mapping[str, int]
    off_road: Mapping[str, frozenset[int]]


def measure(day: Day, travel: Travel, at: date) -> Ground:
    """Return the places of a day, with a matrix for each profile that a vehicle has."""
    points, index = _places(day)
    hours = typical_hours(day.vehicles, at)
    matrices: dict[str, Matrix] = {}
    off_road: dict[str, frozenset[int]] = {}
    for profile, hour in hours.items():
        matrices[profile], off_road[profile] = _matrix(travel, points, profile, hour)
    return Ground(
        points=points,
        depots=dict(zip(day.depot_by_id, index[: len(day.depots)], strict=True)),
        orders=dict(zip(day.order_by_id, index[len(day.depots) :], strict=True)),
        matrices=matrices,
        hours=hours,
        off_road=off_road,
    )


def typical_hours(vehicles: Sequence[VehicleRow], at: date) -> dict[str, int]:
    """
    Return, by profile, the hour of the week whose travel times stand for the whole day.

    It is the middle of the shifts: as many of them have more of their time before it as after.
    A rush hour at the rim of a shift is therefore under-estimated, and a quiet one over-estimated.
    """
    middles: dict[str, list[float]] = {}
    for vehicle in vehicles:
        middle = (vehicle.shift_start + vehicle.shift_end) / 2
        middles.setdefault(vehicle.profile, []).append(middle)
    return {
        profile: (at.weekday() * 24 + int(median(clocks) // 3600)) % 168
        for profile, clocks in middles.items()
    }


def conditions(day: Day, at: date) -> Conditions:
    """
    Return what bears on the roads of a day.

    A ban of the map or of the user that holds in any hour of a profile's shifts holds for it all
    through, since one hour's travel times stand for the day: a plan may drive around it
    needlessly, but never against it.
    """
    hours = {
        profile: _hours_on_the_road([row for row in day.vehicles if row.profile == profile], at)
        for profile in {row.profile for row in day.vehicles}
    }
    return Conditions(
        zones=tuple(rule for zone in day.zones for rule in _all_through(zone, hours)),
        closures=tuple(rule for closure in day.closures for rule in _all_through(closure, hours)),
        congestion=day.congestion or congestion.DEFAULT,
        ban_hours=tuple(sorted(hours.items())),
    )


_Rule = TypeVar("_Rule", Zone, Closure)


def _all_through(rule: _Rule, hours: Mapping[str, frozenset[int]]) -> Iterator[_Rule]:
    if isinstance(rule, Zone) and rule.action != "forbid":
        yield rule
        return
    concerned = frozenset(
        profile
        for profile, shift in hours.items()
        if (not rule.profiles or profile in rule.profiles) and any(map(rule.hours.touches, shift))
    )
    if concerned:
        yield replace(rule, profiles=concerned, hours=ALWAYS)


def _hours_on_the_road(vehicles: Sequence[VehicleRow], at: date) -> frozenset[int]:
    """Return the hours of the week that any of the shifts meets."""
    first = at.weekday() * 24
    return frozenset(
        (first + hour) % 168
        for vehicle in vehicles
        for hour in range(vehicle.shift_start // 3600, -(-vehicle.shift_end // 3600))
    )


def _places(day: Day) -> tuple[Points, list[int]]:
    """Return each place once, and which one every depot and then every order has."""
    index: dict[tuple[float, float], int] = {}
    where = [
        index.setdefault((thing.lon, thing.lat), len(index))
        for things in (day.depots, day.orders)
        for thing in things
    ]
    return np.array(list(index), dtype=np.float64).reshape(-1, 2), where


def _matrix(
    travel: Travel, points: Points, profile: str, hour: int
) -> tuple[Matrix, frozenset[int]]:
    """Return the matrix of a profile; places off its roads have no way, instead of a refusal."""
    try:
        found = travel.matrix(points, profile=profile, hour=hour)
    except OffRoad as error:
        off = frozenset(error.indices)
    else:
        return Matrix(found.durations, found.distances), frozenset()
    near = np.array([place for place in range(len(points)) if place not in off], dtype=np.intp)
    durations, distances = _no_ways(len(points)), _no_ways(len(points))
    if len(near):
        found = travel.matrix(points[near], profile=profile, hour=hour)
        durations[np.ix_(near, near)] = found.durations
        distances[np.ix_(near, near)] = found.distances
    return Matrix(durations, distances), off


def _no_ways(size: int) -> NDArray[np.int32]:
    matrix = np.full((size, size), NO_WAY, dtype=np.int32)
    np.fill_diagonal(matrix, 0)
    return matrix


def off_road_faults(day: Day, ground: Ground, box: Box | None) -> Iterator[RowFault]:
    """Name each depot off the roads of one of its vehicles, and each order off those of all."""
    for home, profile in dict.fromkeys((row.depot, row.profile) for row in day.vehicles):
        if ground.depots[home] in ground.off_road[profile]:
            depot = day.depot_by_id[home]
            yield _fault("depots", depot.row, (depot.lon, depot.lat), box, profile)
    everywhere = frozenset.intersection(*ground.off_road.values())
    profiles = " or ".join(ground.matrices)
    for order in day.orders:
        if ground.orders[order.id] in everywhere:
            yield _fault("orders", order.row, (order.lon, order.lat), box, profiles)


def _fault(
    table: str, row: int, point: tuple[float, float], box: Box | None, profiles: str
) -> RowFault:
    lon, lat = point
    cause = f"no road for {profiles} within {MAX_SNAP_M:.0f} m of {lon:.6f}, {lat:.6f}"
    if box is None or _inside(lon, lat, box):
        action = "move the place to where a vehicle can halt"
        return RowFault(table, row, "lon", "off_road", cause, action)
    if _inside(lat, lon, box):
        cause = f"{cause}: longitude and latitude seem to be swapped"
        action = "write the longitude under lon"
        return RowFault(table, row, "lon", "swapped_coordinates", cause, action)
    covered = f"the map covers {box[0]:.3f}, {box[1]:.3f} to {box[2]:.3f}, {box[3]:.3f}"
    action = "correct the coordinates, or plan on a map that covers them"
    return RowFault(table, row, "lon", "off_map", f"{cause}; {covered}", action)


def _inside(lon: float, lat: float, box: Box) -> bool:
    west, south, east, north = box
    return west <= lon <= east and south <= lat <= north
