"""
A problem as most engines know it: one depot, one load, one window, like vehicles, total distance.

Whatever a problem has beyond that is refused, never dropped: an engine that solves another
problem than we do is no yardstick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.peers.ask import NoPlan, Sequences, choosy_visits, refuse, several_windows
from routing.problem import NO_WAY, IntMatrix, Problem, Vehicle, Window


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """
    A problem by number: node 0 is the depot, node k is visit k - 1.

    Attributes
    ----------
    legs
        ``(n, n)`` int32, ``[from, to]``: seconds, metres and price alike.
    windows
        Per node, seconds, both ends included; that of the depot is the shift.
    services, demands
        Per node; 0 at the depot.
    max_duration_s
        Of a route, or None.
    coordinates
        ``(n, 2)`` float64, or None: for engines that look for near visits by their own measure.
    """

    vehicle_ids: Sequence[str]
    visit_ids: Sequence[str]
    legs: IntMatrix
    windows: Sequence[Window]
    services: Sequence[int]
    demands: Sequence[int]
    capacity: int
    max_duration_s: int | None
    coordinates: NDArray[np.float64] | None

    def sequences(self, routes: Sequence[Sequence[int]]) -> Sequences:
        """Return routes of node numbers, without the depot, as those of vehicles."""
        used = [route for route in routes if len(route)]
        if len(used) > len(self.vehicle_ids):
            raise NoPlan(f"{len(used)} routes, but {len(self.vehicle_ids)} vehicles")
        names = ([self.visit_ids[node - 1] for node in route] for route in used)
        return dict(zip(self.vehicle_ids, names, strict=False))


def plain(problem: Problem) -> Plain:
    """
    Return a problem in its plain form.

    Raises
    ------
    CannotSay
        With all that it has beyond that form.
    """
    refuse(problem, [*_beyond_vehicles(problem), *_beyond_visits(problem)])
    vehicle = problem.vehicles[0]
    assert vehicle.start is not None
    places = [vehicle.start, *(visit.place for visit in problem.visits)]
    windows = [visit.windows[0] if visit.windows else vehicle.shift for visit in problem.visits]
    return Plain(
        vehicle_ids=[each.id for each in problem.vehicles],
        visit_ids=[visit.id for visit in problem.visits],
        legs=problem.matrices[vehicle.profile].durations[np.ix_(places, places)],
        windows=[vehicle.shift, *windows],
        services=[0, *(visit.service_s for visit in problem.visits)],
        demands=[0, *(sum(visit.delivered) + sum(visit.picked_up) for visit in problem.visits)],
        capacity=vehicle.capacity[0] if vehicle.capacity else 0,
        max_duration_s=vehicle.max_duration_s,
        coordinates=None if problem.coordinates is None else problem.coordinates[places],
    )


def _beyond_vehicles(problem: Problem) -> Iterator[str]:
    if not problem.vehicles:
        yield "no vehicles"
        return
    model = problem.vehicles[0]
    usual = Vehicle(
        id="",
        profile=model.profile,
        start=model.start,
        end=model.start,
        shift=model.shift,
        capacity=model.capacity,
        cost_per_km=1000,
        max_duration_s=model.max_duration_s,
    )
    matrix = problem.matrices[model.profile]
    if model.start is None or model.end != model.start:
        yield "routes that do not begin and end at one depot"
    elif any(replace(vehicle, id="", description="") != usual for vehicle in problem.vehicles):
        yield "vehicles of several kinds, or with prices, limits or skills of their own"
    if len(problem.dimensions) > 1:
        yield "several loads"
    if matrix.costs is not None or not np.array_equal(matrix.durations, matrix.distances):
        yield "distances other than times"
    if (matrix.durations == NO_WAY).any():
        yield "places without a way"


def _beyond_visits(problem: Problem) -> Iterator[str]:
    yield from several_windows(problem)
    yield from choosy_visits(problem)
    delivers = any(any(visit.delivered) for visit in problem.visits)
    if delivers and any(any(visit.picked_up) for visit in problem.visits):
        yield "goods in both directions"
