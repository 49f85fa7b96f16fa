"""
`PlannedDay`: what every report is made from, with the user's own names beside the solver's numbers.

Seconds count from ``PlannedDay.start``; `PlannedDay.clock` turns them into a time on the wall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dispatch.planning.day import Day, Depot, Order, VehicleRow
from maps.travel import Leg
from routing.problem import Problem, Window
from routing.solution import Reason, Route, Solution, Step

if TYPE_CHECKING:
    from maps.store import MapInfo


@dataclass(frozen=True, slots=True)
class Stop:
    """
    One halt of a vehicle; it serves the orders of one or more visits at the same place.

    ``leg`` is the way that leads here. ``load`` is what is on board when leaving, in the order of
    ``Problem.dimensions`` (grams, millilitres). ``window`` is that in which the service of the
    first visit may begin; None: any time.
    """

    number: int
    lon: float
    lat: float
    name: str
    address: str
    orders: tuple[Order, ...]
    steps: tuple[Step, ...]
    window: tuple[int, int] | None
    leg: Leg

    @property
    def arrival(self) -> int:
        return self.steps[0].arrival

    @property
    def departure(self) -> int:
        return self.steps[-1].departure

    @property
    def wait_s(self) -> int:
        return sum(step.wait_s for step in self.steps)

    @property
    def service_s(self) -> int:
        """Setup included."""
        return sum(step.setup_s + step.service_s for step in self.steps)

    @property
    def drive_s(self) -> int:
        return sum(step.drive_s for step in self.steps)

    @property
    def distance_m(self) -> int:
        return sum(step.distance_m for step in self.steps)

    @property
    def load(self) -> tuple[int, ...]:
        return self.steps[-1].load

    @property
    def weight_g(self) -> int:
        return sum(order.weight_g for order in self.orders)

    @property
    def volume_ml(self) -> int:
        return sum(order.volume_ml for order in self.orders)


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One vehicle's day; ``way_back`` leads from the last stop to the depot."""

    id: str
    vehicle: VehicleRow
    depot: Depot
    route: Route
    stops: tuple[Stop, ...]
    way_back: Leg

    @property
    def legs(self) -> tuple[Leg, ...]:
        """One for each stop, and the way back."""
        return (*(stop.leg for stop in self.stops), self.way_back)

    @property
    def orders(self) -> tuple[Order, ...]:
        return tuple(
            order
            for stop in self.stops
            for order, step in zip(stop.orders, stop.steps, strict=True)
            if not step.is_reload
        )

    @property
    def wait_s(self) -> int:
        return sum(stop.wait_s for stop in self.stops)

    @property
    def service_s(self) -> int:
        return sum(stop.service_s for stop in self.stops)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An order on no route, with at least one reason in words that name the user's own things."""

    order: Order
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class PlannedDay:
    """
    A day, its plan, and what it was planned with.

    ``hours`` is the hour of the week (0 is Monday 00:00) whose travel times were used, by profile.
    ``faults`` of rows that were left aside are in ``day.faults``.
    """

    day: Day
    at: date
    start: datetime
    problem: Problem
    solution: Solution
    routes: tuple[PlannedRoute, ...]
    left_out: tuple[LeftOut, ...]
    map_info: MapInfo
    hours: Mapping[str, int]
    elapsed_s: float
    seed: int

    def window_of(self, order: Order) -> tuple[int | None, int | None]:
        """Return the first and the last second at which service may begin; None: no limit."""
        # A halt to load again is no visit, and has none.
        windows = self._windows.get(order.id, ())
        if not windows:
            return None, None
        if order.windows:
            return windows[0].earliest, windows[-1].latest
        window = windows[0]
        return (
            None if order.earliest is None else window.earliest,
            None if order.latest is None else window.latest,
        )

    @cached_property
    def _windows(self) -> dict[str, tuple[Window, ...]]:
        return {visit.id: visit.windows for visit in self.problem.visits}

    @property
    def cost(self) -> int:
        """Of all routes, in fen."""
        return self.solution.cost

    def clock(self, second: int, depot: Depot | None = None) -> datetime:
        """Return the aware local time of a second of the plan, at a depot (default: the first)."""
        zone = depot.zone if depot else ZoneInfo(self.day.depots[0].timezone)
        return (self.start.astimezone(UTC) + timedelta(seconds=second)).astimezone(zone)
