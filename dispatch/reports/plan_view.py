"""What `plan.html` shows, as plain data: its names are the contract with the page's scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LinearRing

from dispatch.planning.day import Depot, Order, VehicleRow, seconds_at
from dispatch.planning.planned import LeftOut, PlannedDay, PlannedRoute, Stop
from dispatch.reports import chinese
from dispatch.reports.packing import packed, packed_steps
from maps.drawing.basemap import Basemap
from maps.drawing.basemap_drawing import Drawing
from maps.roads.zones import Zone
from routing.problem import Window
from routing.solution import Step

Json = dict[str, Any]

_AROUND = 2.6
"""The map's side, in the plan's larger extent: a tall plan on a wide screen needs that much."""

_MARGIN_DEGREES = 0.006
"""About 600 m: a plan of a single street still gets a map around it."""


def view(planned: PlannedDay, basemap: Basemap) -> Json:
    """Return everything that the page needs."""
    drawing = basemap.clip(_box(planned))
    return {
        "title": planned.map_info.name,
        "date": planned.at.isoformat(),
        "start": planned.start.timestamp(),
        "zone": planned.day.depots[0].timezone,
        "attribution": basemap.attribution,
        "map": _map(drawing, basemap),
        "depots": [_depot(planned, depot, drawing) for depot in planned.day.depots],
        "routes": [_route(planned, route, drawing) for route in planned.routes],
        "paths": _paths(planned.routes, drawing),
        "unused": _unused(planned),
        "unplanned": [_left_out(planned, left, drawing) for left in planned.left_out],
        "faults": [asdict(fault) for fault in planned.day.faults],
        "zones": _zones(planned, drawing),
        "totals": _totals(planned),
    }


def _box(planned: PlannedDay) -> tuple[float, float, float, float]:
    """Return the square around everything of the plan, with room at its sides."""
    points = [np.array([[place.lon, place.lat] for place in _places(planned)])]
    points += [leg.line for route in planned.routes for leg in route.legs]
    everything = np.concatenate(points)
    low, high = everything.min(axis=0), everything.max(axis=0)
    middle = (low + high) / 2
    narrowing = float(np.cos(np.radians(middle[1])))
    half = max((high[0] - low[0]) * narrowing, high[1] - low[1]) / 2 * _AROUND + _MARGIN_DEGREES
    west, east = middle[0] - half / narrowing, middle[0] + half / narrowing
    return (float(west), float(middle[1] - half), float(east), float(middle[1] + half))


def _places(planned: PlannedDay) -> Iterable[Depot | Order]:
    yield from planned.day.depots
    yield from planned.day.orders


def _map(drawing: Drawing, basemap: Basemap) -> Json:
    west, south, east, north = basemap.bounds
    corners = drawing.project(np.array([[west, north], [east, south]]))
    return {
        "edge": corners.ravel().tolist(),
        "unit": drawing.unit_m,
        "west": drawing.west_m,
        "north": drawing.north_m,
        "width": drawing.width,
        "height": drawing.height,
        "names": drawing.names,
        "layer": packed(drawing.layer),
        "flags": packed(drawing.flags),
        "name": packed(drawing.name),
        "size": packed(np.rint(drawing.size_m).astype(np.int64)),
        "parts": packed(np.diff(drawing.part_start)),
        "points": packed(np.diff(drawing.point_start)),
        "xy": packed_steps(drawing.xy),
    }


def _depot(planned: PlannedDay, depot: Depot, drawing: Drawing) -> Json:
    return {"id": depot.id, "xy": _xy(drawing, depot.lon, depot.lat), "zone": depot.timezone}


def _route(planned: PlannedDay, route: PlannedRoute, drawing: Drawing) -> Json:
    plan, vehicle = route.route, route.vehicle
    windows = {visit.id: visit.windows for visit in planned.problem.visits}
    return {
        "id": route.id,
        "vehicle": vehicle.id,
        "profile": vehicle.profile,
        "depot": route.depot.id,
        "zone": route.depot.timezone,
        "skills": sorted(vehicle.skills),
        "capacity": [vehicle.capacity_g, vehicle.capacity_ml],
        "shift": _shift(planned, vehicle, route.depot),
        "departure": plan.departure,
        "arrival": plan.arrival,
        "distance": plan.distance_m,
        "drive": plan.drive_s,
        "wait": route.wait_s,
        "service": route.service_s,
        "cost": plan.cost,
        "load": list(plan.start_load),
        "back": {"drive": plan.end_drive_s, "distance": plan.end_distance_m},
        "stops": [_stop(stop, windows, drawing) for stop in route.stops],
    }


def _shift(planned: PlannedDay, vehicle: VehicleRow, depot: Depot) -> list[int]:
    clocks = (max(vehicle.shift_start, depot.opens), min(vehicle.shift_end, depot.closes))
    return [seconds_at(clock, planned.at, depot.zone, planned.start) for clock in clocks]


def _stop(stop: Stop, windows: Mapping[str, Sequence[Window]], drawing: Drawing) -> Json:
    return {
        "number": stop.number,
        "xy": _xy(drawing, stop.lon, stop.lat),
        "name": stop.name,
        "address": stop.address,
        "arrival": stop.arrival,
        "departure": stop.departure,
        "drive": stop.drive_s,
        "distance": stop.distance_m,
        "load": list(stop.load),
        "visits": [
            _visit(order, step, windows.get(step.visit, ()))
            for order, step in zip(stop.orders, stop.steps, strict=True)
        ],
    }


def _visit(order: Order, step: Step, windows: Sequence[Window]) -> Json:
    return {
        "order": order.id,
        "windows": _windows(order, windows),
        "arrival": step.arrival,
        "wait": step.wait_s,
        "pause": [step.pause_before_s, step.pause_after_s],
        "setup": step.setup_s,
        "service": step.service_s,
        "weight": order.weight_g,
        "volume": order.volume_ml,
        "onTime": _on_time(step, windows),
    }


def _windows(order: Order, windows: Sequence[Window]) -> list[list[int | None]]:
    """Return each window's first and last second; None where the order names no such end."""
    if order.windows:
        return [[window.earliest, window.latest] for window in windows]
    return [
        [
            None if order.earliest is None else window.earliest,
            None if order.latest is None else window.latest,
        ]
        for window in windows
    ]


def _on_time(step: Step, windows: Sequence[Window]) -> bool:
    start = step.service_start
    return not windows or any(w.earliest <= start <= w.latest for w in windows)


def _paths(routes: Sequence[PlannedRoute], drawing: Drawing) -> Json:
    """Return the ways of all routes, leg by leg, in the order of the routes."""
    lines = [drawing.project(leg.line) for route in routes for leg in route.legs]
    counts = np.array([len(line) for line in lines], dtype=np.int64)
    nothing: NDArray[np.int32] = np.empty((0, 2), dtype=np.int32)
    return {"points": packed(counts), "xy": packed_steps(np.concatenate([nothing, *lines]))}


def _unused(planned: PlannedDay) -> list[str]:
    used = {route.vehicle.id for route in planned.routes}
    return [vehicle.id for vehicle in planned.day.vehicles if vehicle.id not in used]


def _left_out(planned: PlannedDay, left: LeftOut, drawing: Drawing) -> Json:
    order = left.order
    visit = next((v for v in planned.problem.visits if v.id == order.id), None)
    return {
        "order": order.id,
        "name": order.name,
        "address": order.address or order.found,
        "xy": _xy(drawing, order.lon, order.lat),
        "windows": _windows(order, visit.windows if visit else ()),
        "weight": order.weight_g,
        "volume": order.volume_ml,
        "skills": sorted(order.skills),
        "reasons": [{**asdict(why), "zh": chinese.reason(why)} for why in left.reasons],
    }


def _zones(planned: PlannedDay, drawing: Drawing) -> list[Json]:
    """Return the outlines of the zones that slow or forbid some vehicles."""
    return [
        {
            "name": zone.name,
            "action": zone.action,
            "profiles": sorted(zone.profiles),
            "rings": [_ring(drawing, ring) for ring in _rings(zone)],
        }
        for zone in planned.day.zones
    ]


def _rings(zone: Zone) -> Iterable[LinearRing]:
    for part in shapely.get_parts(zone.area):
        yield from (part.exterior, *part.interiors)


def _ring(drawing: Drawing, ring: LinearRing) -> list[int]:
    """Return x, y, x, y, ... in the drawing's units."""
    return drawing.project(shapely.get_coordinates(ring)).ravel().tolist()


def _totals(planned: PlannedDay) -> Json:
    routes = planned.routes
    windows = {visit.id: visit.windows for visit in planned.problem.visits}
    steps = [step for route in routes for step in route.route.visits]
    return {
        "orders": len(planned.day.orders),
        "planned": len(steps),
        "onTime": sum(_on_time(step, windows.get(step.visit, ())) for step in steps),
        "vehicles": len(planned.day.vehicles),
        "used": len(routes),
        "stops": sum(len(route.stops) for route in routes),
        "distance": sum(route.route.distance_m for route in routes),
        "duration": sum(route.route.duration_s for route in routes),
        "drive": sum(route.route.drive_s for route in routes),
        "cost": planned.cost,
    }


def _xy(drawing: Drawing, lon: float, lat: float) -> list[int]:
    x, y = drawing.project(np.array([[lon, lat]]))[0].tolist()
    return [x, y]
