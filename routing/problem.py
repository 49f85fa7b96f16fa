"""
The problem that the engines solve: vehicles, visits, and times and distances between places.

Integers throughout: seconds since `Problem.start`, metres, minor units of money; loads in the
unit of each dimension (grams, millilitres, pieces). Windows include both ends and bound the
*start of service*. A `Problem` that exists is valid: all faults are collected, then raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.faults import Fault as Fault
from routing.faults import InvalidProblem as InvalidProblem

IntMatrix = NDArray[np.int32]
"""``(n, n)`` int32, ``[from, to]``."""

NO_WAY = 2**31 - 1
"""Marks, in durations and distances, a pair between which no way leads."""


class Window(NamedTuple):
    """Seconds since the problem's start; both ends included."""

    earliest: int
    latest: int


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """
    Travel between places for one profile.

    Attributes
    ----------
    durations, distances
        ``(n, n)`` int32, seconds and metres.
    costs
        ``(n, n)`` int32 or None. When given, the price of travelling a pair, in minor units of
        money, *instead of* the vehicle's prices per km and per hour of driving.
    hours
        Durations of other hours: from which second on each holds, ascending; ``durations`` holds
        before the first. A leg takes what the second of leaving says, all the way.
    """

    durations: IntMatrix
    distances: IntMatrix
    costs: IntMatrix | None = None
    hours: tuple[tuple[int, IntMatrix], ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """
    A pause of ``duration_s`` that begins within ``window``, at a stop: before or after its service.

    A vehicle that leaves after the window, or is back when it ends, does not take it.
    """

    id: str
    window: Window
    duration_s: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """After at most ``drive_s`` of driving, ``duration_s`` of rest at a stop; a break may be it."""

    drive_s: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Reload:
    """
    Where and when a vehicle may load again on its way, and how long that takes.

    All that is on board is unloaded there. ``window`` bounds the start of loading.
    """

    id: str
    place: int
    duration_s: int = 0
    window: Window | None = None

    @property
    def windows(self) -> tuple[Window, ...]:
        """When loading may begin, as a visit says it; empty: any time."""
        return () if self.window is None else (self.window,)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """
    One vehicle with its driver and shift.

    ``start`` and ``end`` are places (indices into the matrices); None: begins at its first
    visit, or ends at its last. ``shift`` bounds departure from the start and return to the end.
    Money: ``cost_fixed`` when used, ``cost_per_km``, ``cost_per_h`` of route duration (driving,
    waiting, pauses and service), ``cost_per_drive_h`` of driving alone, ``cost_per_overtime_h``
    after ``overtime_from``; the sum is rounded once per route, half up. ``max_stops`` counts
    visits. ``speed_factor`` divides each leg's duration: it is read to the thousandth, and the
    quotient is rounded half up to whole seconds. ``type`` decides `Visit.service_s_by_type`.
    ``reloads`` are where it may load again, ``max_trips`` how often it loads, the start included.
    ``co2_g_per_km`` is for figures alone, nothing is decided by it.
    ``load`` is on board at the start beside what visits get, until the end or the next reload.
    ``prefix`` are the visits that its route begins with, ``suffix`` those that it ends with, in
    this order; when ``locked`` its route is the prefix and nothing else.
    """

    id: str
    profile: str
    start: int | None
    end: int | None
    shift: Window
    capacity: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    cost_fixed: int = 0
    cost_per_km: int = 0
    cost_per_h: int = 0
    cost_per_drive_h: int = 0
    max_distance_m: int | None = None
    max_duration_s: int | None = None
    max_drive_s: int | None = None
    max_stops: int | None = None
    speed_factor: float = 1.0
    description: str = ""
    type: str = ""
    breaks: tuple[Break, ...] = ()
    rest: Rest | None = None
    overtime_from: int | None = None
    cost_per_overtime_h: int = 0
    reloads: tuple[Reload, ...] = ()
    max_trips: int = 4
    load: tuple[int, ...] = ()
    prefix: tuple[str, ...] = ()
    suffix: tuple[str, ...] = ()
    locked: bool = False
    co2_g_per_km: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One service at one place.

    ``setup_s`` is spent once when the vehicle comes from another place, ``service_s`` always, or
    what ``service_s_by_type`` says for the vehicle's type. ``delivered`` is on board from the
    start depot or the last reload, ``picked_up`` from this visit to the end depot or the next
    reload. ``price_unplanned`` is what leaving it out costs, in minor units; None: it must be
    planned, and a plan without it is a violation. When not all that must be planned fits, the
    engines leave out the least sum of ``1 + priority``. ``windows`` empty: any time; they may
    overlap and come in any order. Service that starts after ``due`` costs ``cost_per_late_h``.

    ``ready`` is when its goods can be loaded: the vehicle leaves its start, or the reload, no
    earlier. ``sources`` are the places that have its goods; None: all. Only ``vehicles`` may serve
    it (None: all), and none of ``not_vehicles``. Visits with the same ``together`` share a
    vehicle, those that have a word of ``apart`` in common do not. ``was`` is the vehicle and
    ``promised`` the start of service that someone was told: see `Stability`.
    """

    id: str
    place: int
    windows: tuple[Window, ...] = ()
    service_s: int = 0
    setup_s: int = 0
    delivered: tuple[int, ...] = ()
    picked_up: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    priority: int = 0
    price_unplanned: int | None = None
    description: str = ""
    service_s_by_type: Mapping[str, int] = field(default_factory=dict)
    due: int | None = None
    cost_per_late_h: int = 0
    ready: int | None = None
    sources: frozenset[int] | None = None
    vehicles: frozenset[str] | None = None
    not_vehicles: frozenset[str] = frozenset()
    together: str = ""
    apart: frozenset[str] = frozenset()
    was: str | None = None
    promised: int | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods that are picked up at one visit and delivered at another, later on the same route."""

    pickup: str
    delivery: str
    load: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to bring what a `Choice` asks for: all of these visits, ``price`` beside routes."""

    visits: tuple[str, ...]
    price: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """
    Goods that can come in several ways: from one depot or another, or split over two.

    One of the options is planned, all its visits, or none is. ``price_unplanned`` and ``priority``
    are what `Visit` calls so, for all visits of the choice, which have none of their own.
    """

    id: str
    options: tuple[Option, ...]
    price_unplanned: int | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Stability:
    """
    What it costs to depart from what was told: ``Visit.was`` and ``Visit.promised``.

    Minor units for each visit that another vehicle than before serves, at most ``max_changes`` of
    these, and for each hour that a start of service moves from the promise, either way.
    """

    cost_per_change: int = 0
    max_changes: int | None = None
    cost_per_moved_h: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """
    A price for uneven days, in minor units: of the square of each route's stops, or of its hours.

    The sum of squares is least when all do the same: to move a stop from a route of ``a`` to one of
    ``b`` saves ``2 (a - b - 1)`` times ``cost_per_stop2``. Hours are counted in whole minutes.
    """

    cost_per_stop2: int = 0
    cost_per_h2: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """
    Vehicles, visits and matrices, checked as one.

    Attributes
    ----------
    matrices
        By profile name; all of the same ``n``.
    dimensions
        Names of the load dimensions, in the order of every load tuple.
    start
        What second 0 is, for people; None where a file has only numbers.
    coordinates
        ``(n, 2)`` float64 of the places, for pictures and output only; None where unknown.
    shipments, choices
        Each visit is in one shipment at most, and in one option at most.

    Raises
    ------
    InvalidProblem
        With all faults.
    """

    vehicles: tuple[Vehicle, ...]
    visits: tuple[Visit, ...]
    matrices: Mapping[str, Matrix]
    dimensions: tuple[str, ...] = ()
    start: datetime | None = None
    coordinates: NDArray[np.float64] | None = None
    shipments: tuple[Shipment, ...] = ()
    stability: Stability = Stability()
    balance: Balance = Balance()
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        # Not at the top: the rules name the types of this module.
        from routing import validity

        faults = validity.faults(self)
        if faults:
            raise InvalidProblem(faults)
        matrices = {name: _read_only(matrix) for name, matrix in self.matrices.items()}
        object.__setattr__(self, "matrices", MappingProxyType(matrices))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and child processes need the problem.
        matrices = dict(self.matrices)
        rest = (
            self.dimensions,
            self.start,
            self.coordinates,
            self.shipments,
            self.stability,
            self.balance,
            self.choices,
        )
        return (Problem, (self.vehicles, self.visits, matrices, *rest))


def _read_only(matrix: Matrix) -> Matrix:
    """Return views that nobody writes through; the data is not copied."""
    costs = None if matrix.costs is None else _frozen(matrix.costs)
    hours = tuple((begin, _frozen(durations)) for begin, durations in matrix.hours)
    return Matrix(_frozen(matrix.durations), _frozen(matrix.distances), costs, hours)


def _frozen(array: IntMatrix) -> IntMatrix:
    view = array.view()
    view.flags.writeable = False
    return view
