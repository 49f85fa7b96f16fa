"""`routes.geojson`: the routes on their real roads, their stops, the depots, what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dispatch.planning.planned import LeftOut, PlannedDay, PlannedRoute, Stop
from maps.travel import Points

Json = dict[str, Any]

_DECIMALS = 6
"""A tenth of a metre."""


def document(planned: PlannedDay) -> Json:
    """Return a FeatureCollection (RFC 7946); ``kind`` is route, stop, depot or unplanned."""
    features = [
        *(_route(planned, route) for route in planned.routes),
        *(_stop(planned, route, stop) for route in planned.routes for stop in route.stops),
        *_depots(planned),
        *(_left_out(left_out) for left_out in planned.left_out),
    ]
    return {
        "type": "FeatureCollection",
        "attribution": planned.map_info.attribution,
        "features": features,
    }


def _route(planned: PlannedDay, route: PlannedRoute) -> Json:
    line = route_line(route)
    geometry = {"type": "LineString", "coordinates": _rounded(line)}
    return _feature(
        geometry,
        kind="route",
        route=route.id,
        vehicle=route.vehicle.id,
        depot=route.depot.id,
        profile=route.vehicle.profile,
        num_stops=len(route.stops),
        num_orders=len(route.orders),
        distance_m=route.route.distance_m,
        drive_s=route.route.drive_s,
        departure_at=planned.clock(route.route.departure, route.depot).isoformat(),
        arrival_at=planned.clock(route.route.arrival, route.depot).isoformat(),
    )


def route_line(route: PlannedRoute) -> Points:
    """Return the whole way of a route as one line, ``(k, 2)`` lon, lat, without repetitions."""
    line = np.concatenate([leg.line for leg in route.legs])
    moved = np.any(np.diff(line, axis=0) != 0, axis=1)
    kept: Points = line[np.concatenate([[True], moved])]
    # A line of one point is none; a vehicle that never leaves its yard has a short one.
    return kept if len(kept) > 1 else np.repeat(kept, 2, axis=0)


def _stop(planned: PlannedDay, route: PlannedRoute, stop: Stop) -> Json:
    return _feature(
        _point(stop.lon, stop.lat),
        kind="stop",
        route=route.id,
        vehicle=route.vehicle.id,
        stop=stop.number,
        name=stop.name,
        address=stop.address,
        orders=[order.id for order in stop.orders],
        arrival_at=planned.clock(stop.arrival, route.depot).isoformat(),
        departure_at=planned.clock(stop.departure, route.depot).isoformat(),
        wait_s=stop.wait_s,
        service_s=stop.service_s,
        weight_g=stop.weight_g,
        volume_ml=stop.volume_ml,
    )


def _depots(planned: PlannedDay) -> Iterator[Json]:
    for depot in planned.day.depots:
        yield _feature(_point(depot.lon, depot.lat), kind="depot", depot=depot.id)


def _left_out(left_out: LeftOut) -> Json:
    order = left_out.order
    return _feature(
        _point(order.lon, order.lat),
        kind="unplanned",
        orders=[order.id],
        name=order.name,
        address=order.address,
        reason="; ".join(reason.cause for reason in left_out.reasons),
    )


def _point(lon: float, lat: float) -> Json:
    return {"type": "Point", "coordinates": [round(lon, _DECIMALS), round(lat, _DECIMALS)]}


def _rounded(line: Points) -> list[list[float]]:
    pairs: list[list[float]] = np.round(line, _DECIMALS).tolist()
    return pairs


def _feature(geometry: Json, **properties: object) -> Json:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
