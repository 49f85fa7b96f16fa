"""The routes of a solution with real ways and the user's own names: visits become stops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from dispatch.planning.day import Day
from dispatch.planning.ground import Ground
from dispatch.planning.planned import PlannedRoute, Stop
from maps.travel import Leg, Travel
from routing.problem import Problem, Window
from routing.solution import Route, Step

if TYPE_CHECKING:
    from maps.addresses.geocode import Geocoder

_AT_THE_DOOR_M = 60.0
"""A known address this near is taken for the place's own, when the order names none."""


@dataclass(frozen=True, slots=True)
class Namer:
    """Turns routes of numbers into `PlannedRoute`."""

    day: Day
    at: date
    ground: Ground
    travel: Travel
    windows: Mapping[str, tuple[Window, ...]]
    geocoder: Geocoder | None

    def route(self, route: Route) -> PlannedRoute:
        """Return the route; consecutive visits at one place are one stop."""
        vehicle = self.day.vehicle_by_id[route.vehicle]
        depot = self.day.depot_by_id[vehicle.depot]
        halts = [tuple(steps) for _, steps in groupby(route.steps, key=lambda step: step.place)]
        home = self.ground.depots[depot.id]
        places = [home, *(steps[0].place for steps in halts), home]
        *legs, way_back = self._legs(vehicle.profile, places)
        stops = tuple(
            self._stop(number, steps, leg)
            for number, (steps, leg) in enumerate(zip(halts, legs, strict=True), start=1)
        )
        name = f"{self.at:%Y%m%d}-{vehicle.id}"
        return PlannedRoute(name, vehicle, depot, route, stops, way_back)

    def _legs(self, profile: str, places: Sequence[int]) -> list[Leg]:
        points = self.ground.points[np.array(places)]
        hour = self.ground.hours[profile]
        legs = self.travel.legs(points[:-1], points[1:], profile=profile, hour=hour)
        # A solution that was checked uses no pair without a way.
        assert all(leg is not None for leg in legs)
        return [leg for leg in legs if leg is not None]

    def _stop(self, number: int, steps: tuple[Step, ...], leg: Leg) -> Stop:
        orders = tuple(self.day.order_by_id[step.visit] for step in steps)
        window = next(iter(self.windows.get(steps[0].visit, ())), None)
        address = _first(order.address or order.found for order in orders)
        return Stop(
            number=number,
            lon=orders[0].lon,
            lat=orders[0].lat,
            name=_first(order.name for order in orders),
            address=address or self._address_near(orders[0].lon, orders[0].lat),
            orders=orders,
            steps=steps,
            window=None if window is None else (window.earliest, window.latest),
            leg=leg,
        )

    def _address_near(self, lon: float, lat: float) -> str:
        if self.geocoder is None:
            return ""
        for found in self.geocoder.reverse(lon, lat, limit=1):
            if found.distance_m is not None and found.distance_m <= _AT_THE_DOOR_M:
                return f"≈ {found.label}"
        return ""


def namer(
    day: Day,
    at: date,
    ground: Ground,
    travel: Travel,
    problem: Problem,
    geocoder: Geocoder | None = None,
) -> Namer:
    """Return what names the routes of a problem's solutions."""
    windows = {visit.id: visit.windows for visit in problem.visits}
    return Namer(day, at, ground, travel, windows, geocoder)


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
