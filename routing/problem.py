"""
The problem that the engines solve: vehicles, visits, and times and distances between places.

Integers throughout: seconds since `Problem.start`, metres, minor units of money; loads in the
unit of each dimension (grams, millilitres, pieces). Windows include both ends and bound the
*start of service*. A `Problem` that exists is valid: all faults are collected, then raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    XX
        ``(n, n)`` int32 or None. When given, the price of travelling a pair, in minor units of
        money, *instead of* the vehicle's prices per km and per hour of driving.
    """

    durations: IntMatrix
    distances: IntMatrix
    costs: IntMatrix | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """
    One vehicle with its driver and shift.

    ``start`` and ``end`` are places (indices into the matrices); None: begins at its first
    visit, or ends at its last. ``shift`` bounds departure from the start and return to the end.
    Money: ``cost_fixed`` when used, ``cost_per_km``, ``cost_per_h`` of route duration (driving,
    waiting and service), ``cost_per_drive_h`` of driving alone; the sum is rounded once per
    route, half up. ``max_stops`` counts visits. ``speed_factor`` divides each leg's duration:
    it is read to the thousandth, and the quotient is rounded half up to whole seconds.
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


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One service at one place.

    ``setup_s`` is spent once when the vehicle comes from another place, ``service_s`` always;
    ``delivered`` is on board from the start depot, ``picked_up`` from this visit to the end
    depot. ``price_unplanned`` is what leaving it out costs, in minor units; None: it must be
    planned, and a plan without it is a violation. When not all that must be planned fits, the
    engines leave out the least sum of ``1 + priority``. ``windows`` empty: any time; they may
    overlap and come in any order.
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
        rest = (self.dimensions, self.start, self.coordinates)
        return (Problem, (self.vehicles, self.visits, matrices, *rest))


def _read_only(matrix: Matrix) -> Matrix:
    """Return views that nobody writes through; the data is not copied."""
    costs = None if matrix.costs is None else _frozen(matrix.costs)
    return Matrix(_frozen(matrix.durations), _frozen(matrix.distances), costs)


def _frozen(array: IntMatrix) -> IntMatrix:
    view = array.view()
    view.flags.writeable = False
    return view
