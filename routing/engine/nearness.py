"""Which visits are near which: where a search looks first."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.problem import NO_WAY
from routing.tables import Legs, Tables

MOST = 40
"""So many visits before and after a visit are looked at when it is put into a plan."""

MOST_AROUND = 200
"""So many visits around a visit may be taken out of a plan with it."""

WAIT, LATE = 0.2, 1.0
"""What a second of waiting or of being late counts against one of driving: as in PyVRP 0.14."""

_FAR = np.float32(1e30)


class Nearness(NamedTuple):
    """``before``, ``after``, ``around``: ``(n, k)`` uint32, best first; around: itself first."""

    before: NDArray[np.uint32]
    after: NDArray[np.uint32]
    around: NDArray[np.uint32]


def of(tables: Tables, legs: Legs, vehicle: Any) -> Nearness:
    """
    Return for each visit those that are good neighbours on a route.

    How good is measured as Vidal et al. 2013 do ("A hybrid genetic algorithm with adaptive
    diversity management for a large class of vehicle routing problems with time windows"): what
    the way costs, and the waiting and lateness that cannot be avoided between the two windows.
    """
    count = len(tables.visits)
    most, most_around = min(MOST, count), min(MOST_AROUND, count)
    found = Nearness(
        before=np.empty((count, most), np.uint32),
        after=np.empty((count, most), np.uint32),
        around=np.empty((count, most_around), np.uint32),
    )
    place = np.array([visit.place for visit in tables.visits], np.intp)
    far = _Measure(tables, legs, vehicle, place)
    for k in range(count):
        found.before[k] = _smallest(far.to(k), most)
        found.after[k] = _smallest(far.onward(k), most)
        apart = np.minimum(far.way(place[k], place), far.way(place, place[k]))
        apart[k] = -1
        found.around[k] = _smallest(apart, most_around)
    return found


class _Measure:
    """How far visits are from each other, in the money of the way between them."""

    def __init__(self, tables: Tables, legs: Legs, vehicle: Any, place: NDArray[np.intp]) -> None:
        self.legs = legs
        self.costs = legs.distances if legs.costs is None else legs.costs
        self.per_arc, self.per_s = float(vehicle.per_arc), float(vehicle.per_drive_s)
        self.per_s += float(vehicle.per_s)
        self.place = place
        never = np.iinfo(np.int32).max
        windows = tables.windows
        self.earliest = np.array([w[0].earliest if w else 0 for w in windows], np.float32)
        self.latest = np.array([w[-1].latest if w else never for w in windows], np.float32)
        busy = [visit.service_s + visit.setup_s for visit in tables.visits]
        self.busy = np.array(busy, np.float32)
        seconds = float(legs.durations[place[:50]][:, place].mean()) or 1.0
        way = float(self.way(place[:50, None], place[None, :]).mean())
        self.second = way / seconds if way else 1.0

    def way(self, origin: Any, there: Any) -> NDArray[np.float32]:
        """Return what ways cost."""
        seconds = self.legs.durations[origin, there]
        cost = self.per_arc * self.costs[origin, there].astype(np.float32)
        if self.per_s:
            cost = cost + self.per_s * seconds.astype(np.float32)
        return np.where(seconds == NO_WAY, _FAR, cost).astype(np.float32)

    def to(self, k: int) -> NDArray[np.float32]:
        """Return how far each visit is from being just before visit ``k``."""
        leave = self.latest + self.busy + self.legs.durations[self.place, self.place[k]]
        soonest = self.earliest + self.busy + self.legs.durations[self.place, self.place[k]]
        wait, late = self.earliest[k] - leave, soonest - self.latest[k]
        return self._with_clock(self.way(self.place, self.place[k]), wait, late, k)

    def onward(self, k: int) -> NDArray[np.float32]:
        """Return how far each visit is from being just after visit ``k``."""
        way = self.legs.durations[self.place[k], self.place]
        wait = self.earliest - (self.latest[k] + self.busy[k] + way)
        late = (self.earliest[k] + self.busy[k] + way) - self.latest
        return self._with_clock(self.way(self.place[k], self.place), wait, late, k)

    def _with_clock(
        self, far: NDArray[np.float32], wait: Any, late: Any, k: int
    ) -> NDArray[np.float32]:
        clock = WAIT * np.maximum(wait, 0) + LATE * np.maximum(late, 0)
        found: NDArray[np.float32] = (far + self.second * clock).astype(np.float32)
        found[k] = np.inf
        return found


def _smallest(numbers: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the indices of the smallest numbers, smallest first, of equal ones the first."""
    if count < len(numbers):
        chosen = np.sort(np.argpartition(numbers, count - 1)[:count])
    else:
        chosen = np.arange(len(numbers))
    return np.asarray(chosen[np.argsort(numbers[chosen], kind="stable")])
