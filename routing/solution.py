"""A plan in numbers: which vehicle serves which visits, in which order, when, at what cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """
    One halt of a route, with its times in seconds since the problem's start.

    ``arrival`` at the place, then ``pause_before_s`` for breaks (waiting for them included), then
    ``wait_s`` until service may begin, then ``setup_s`` and ``service_s``, then
    ``pause_after_s`` until the vehicle leaves: for breaks, or for goods that are not ready.
    ``drive_s`` and ``distance_m`` are of the leg that leads here. ``load`` is what is on board, per
    dimension, when leaving. ``visit`` is the visit's id; of a halt to load again, the reload's.
    """

    visit: str
    place: int
    arrival: int
    wait_s: int
    setup_s: int
    service_s: int
    drive_s: int
    distance_m: int
    load: tuple[int, ...]
    pause_before_s: int = 0
    pause_after_s: int = 0
    is_reload: bool = False

    @property
    def service_start(self) -> int:
        """When setup and service begin: what a window bounds."""
        return self.arrival + self.pause_before_s + self.wait_s

    @property
    def service_end(self) -> int:
        """When service is done."""
        return self.service_start + self.setup_s + self.service_s

    @property
    def departure(self) -> int:
        """When the vehicle leaves."""
        return self.service_end + self.pause_after_s


@dataclass(frozen=True, slots=True)
class Pause:
    """
    A break that a vehicle takes at its ``step``-th halt, from 0: ``after`` its service, or before.

    ``id`` is the break's; "" for the rest that driving asks for.
    """

    id: str
    step: int
    after: bool
    start: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """
    One vehicle's day: departure from its start, steps, arrival at its end.

    ``end_drive_s`` and ``end_distance_m`` are of the last leg (0 for an open end);
    ``start_load`` is what is on board when leaving the start. ``cost`` is in minor units.
    """

    vehicle: str
    departure: int
    arrival: int
    steps: tuple[Step, ...]
    end_drive_s: int
    end_distance_m: int
    start_load: tuple[int, ...]
    cost: int
    pauses: tuple[Pause, ...] = ()

    @property
    def sequence(self) -> tuple[str, ...]:
        """The ids of its halts in order: what `routing.schedule` takes for its vehicle."""
        return tuple(step.visit for step in self.steps)

    @property
    def visits(self) -> tuple[Step, ...]:
        """The halts that serve a visit."""
        return tuple(step for step in self.steps if not step.is_reload)

    @property
    def duration_s(self) -> int:
        """From leaving the start to reaching the end."""
        return self.arrival - self.departure

    @property
    def distance_m(self) -> int:
        """All legs."""
        return sum(step.distance_m for step in self.steps) + self.end_distance_m

    @property
    def drive_s(self) -> int:
        """All legs."""
        return sum(step.drive_s for step in self.steps) + self.end_drive_s


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a visit is not planned: a code of docs/errors.md, with numbers, and what would help."""

    code: str
    cause: str
    action: str


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A visit on no route, with at least one reason."""

    visit: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a solution breaks: ``code``, who (vehicle, visit or both), and by how much."""

    code: str
    vehicle: str | None
    visit: str | None
    cause: str
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Solution:
    """
    Routes of the vehicles that are used, and what is left out.

    ``cost`` is the routes' cost; ``price_unplanned`` the price of what is left out, and
    ``price_options`` that of the options that are planned. The engines minimise their sum, with
    visits that must be planned before everything else. Visits whose goods come by another option
    of their choice are not left out, and named nowhere.
    ``violations`` is empty for what `routing.solve` returns; `routing.schedule` may fill it.
    """

    routes: tuple[Route, ...]
    unplanned: tuple[Unplanned, ...]
    cost: int
    price_unplanned: int
    violations: tuple[Violation, ...] = ()
    price_options: int = 0

    @property
    def sequences(self) -> dict[str, tuple[str, ...]]:
        """The ids of halts in order, by vehicle: what `routing.schedule` takes."""
        return {route.vehicle: route.sequence for route in self.routes}

    @property
    def objective(self) -> int:
        """What the engines minimise."""
        return self.cost + self.price_unplanned + self.price_options
