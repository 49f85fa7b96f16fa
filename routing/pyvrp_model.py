"""
A problem in PyVRP's model, and PyVRP's routes back in the problem's.

What PyVRP has no word for is said by other means: a visit of several windows is a group of
clients of which one is served; the number of stops is a load dimension; a vehicle has no way to a
visit whose skills it lacks (plans were 1 % cheaper than with a load dimension for each skill, and
no slower: a day of 200 visits, 1,500 iterations, three seeds); a setup is part of the leg from
another place, and the windows move by it; a vehicle without a start or an end has a depot from
which every place is 0 seconds away. One thing is said a little too mildly,
the window of a visit with setup that is reached from its own place: whoever takes a route back
must look at it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp import ProblemData, VehicleType

from routing import itinerary, pyvrp_prices, timing
from routing.problem import NO_WAY, Vehicle, Visit, Window
from routing.pyvrp_prices import Money
from routing.tables import Legs, Tables

Site = tuple[int, int, frozenset[str]]
"""A place, the setup spent on arriving, the skills needed: what decides the legs to a visit."""

NOWHERE = -1
"""The place of a start or end that a vehicle does not have."""

LONGEST = 10**9
"""Seconds that a leg without a way takes at most; sums of a route's penalties stay in 64 bits."""

_NO_LIMIT = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Model:
    """
    PyVRP's data for some of a problem's visits.

    Attributes
    ----------
    visits
        The visit that each client stands for, and its window.
    vehicles
        The vehicles of each vehicle type.
    money
        How prices were scaled.
    largest_prize
        The most that planning one visit is worth, in PyVRP's money.
    longest_leg
        In seconds, those that have no way included.
    """

    data: ProblemData
    visits: Sequence[tuple[int, Window | None]]
    vehicles: Sequence[Sequence[int]]
    money: Money
    largest_prize: int
    longest_leg: int

    def orders(self, solution: pyvrp.Solution) -> dict[int, list[int]]:
        """Return visits in order, by vehicle."""
        free = [iter(vehicles) for vehicles in self.vehicles]
        return {
            next(free[route.vehicle_type()]): [
                self.visits[activity.idx][0] for activity in route if activity.is_client()
            ]
            for route in solution.routes()
        }

    def solution(self, tables: Tables, orders: Mapping[int, Sequence[int]]) -> pyvrp.Solution:
        """Return a feasible plan as PyVRP's; visits that the model does not have are left out."""
        clients: dict[int, list[int]] = {}
        for client, (visit, _) in enumerate(self.visits):
            clients.setdefault(visit, []).append(client)
        kind_of = {vehicle: k for k, group in enumerate(self.vehicles) for vehicle in group}
        routes = []
        for vehicle, order in sorted(orders.items()):
            kept = [index for index in order if index in clients]
            if not kept:
                continue
            asked = itinerary.asked(tables, vehicle, kept)
            times = timing.best(asked, *itinerary.halts(tables, vehicle, kept))
            starts = times.starts if times else [0] * len(kept)
            served = [
                self._client(clients[index], start)
                for index, start in zip(kept, starts, strict=True)
            ]
            routes.append(pyvrp.Route(self.data, served, kind_of[vehicle]))
        return pyvrp.Solution(self.data, routes)

    def _client(self, clients: Sequence[int], start: int) -> int:
        """Return the client whose window holds a start of service."""
        for client in clients:
            window = self.visits[client][1]
            if window is None or window.earliest <= start <= window.latest:
                return client
        return clients[0]


def build(
    tables: Tables,
    visits: Sequence[int],
    *,
    reward: Callable[[Visit], int] | None = None,
) -> Model:
    """
    Return PyVRP's model of some visits, which must be possible one by one.

    Parameters
    ----------
    reward
        What planning a visit that must be planned is worth, in minor units; then PyVRP may
        leave it out. None: PyVRP must plan it.
    """
    return _Builder(tables, visits, reward).model()


class _Builder:
    def __init__(
        self,
        tables: Tables,
        visits: Sequence[int],
        reward: Callable[[Visit], int] | None,
    ) -> None:
        self.tables = tables
        self.visits = visits
        self.reward = reward
        self.money = pyvrp_prices.money(tables)
        self.kinds: dict[int, list[int]] = {}
        for vehicle, kind in enumerate(tables.vehicle_kinds):
            self.kinds.setdefault(kind, []).append(vehicle)
        self.leaders = [tables.vehicles[group[0]] for group in self.kinds.values()]
        self.horizon = _horizon(tables, visits)
        self.depots: dict[int, int] = {}
        self.sites: dict[Site, int] = {}
        self.skills = self._skill_sets()

    def model(self) -> Model:
        self._place_depots()
        clients, groups, stands_for = self._clients()
        if not self.depots:
            self._depot(NOWHERE)
        distances, durations, profiles = self._profiles()
        data = ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in self.sites],
            clients=clients,
            depots=[pyvrp.Depot(self.sites[place, 0, frozenset()]) for place in self.depots],
            vehicle_types=list(self._vehicle_types(profiles)),
            distance_matrices=distances,
            duration_matrices=durations,
            groups=groups,
        )
        prize = max((client.prize for client in clients), default=0)
        longest = max((int(array.max(initial=0)) for array in durations), default=0)
        vehicles = list(self.kinds.values())
        return Model(data, stands_for, vehicles, self.money, prize, max(1, longest))

    def _place_depots(self) -> None:
        for vehicle in self.leaders:
            for place in (vehicle.start, vehicle.end):
                self._depot(NOWHERE if place is None else place)

    def _depot(self, place: int) -> None:
        self.depots.setdefault(place, len(self.depots))
        self.sites.setdefault((place, 0, frozenset()), len(self.sites))

    def _skill_sets(self) -> list[frozenset[str]]:
        """Return the sets of skills that some visit needs and some vehicle lacks."""
        needed = {self.tables.visits[index].skills for index in self.visits}
        return [
            skills
            for skills in sorted(needed, key=sorted)
            if any(not skills <= vehicle.skills for vehicle in self.leaders)
        ]

    def _clients(
        self,
    ) -> tuple[list[pyvrp.Client], list[pyvrp.ClientGroup], list[tuple[int, Window | None]]]:
        clients: list[pyvrp.Client] = []
        groups: list[pyvrp.ClientGroup] = []
        stands_for: list[tuple[int, Window | None]] = []
        for index in self.visits:
            visit = self.tables.visits[index]
            windows: Sequence[Window | None] = self._windows(index)
            required, prize = self._prize(visit)
            group = None
            if len(windows) > 1:
                group = len(groups)
                members = list(range(len(clients), len(clients) + len(windows)))
                groups.append(pyvrp.ClientGroup(members, required))
            for window in windows:
                stands_for.append((index, window))
                clients.append(
                    self._client(index, window, required and group is None, prize, group)
                )
        return clients, groups, stands_for

    def _windows(self, index: int) -> Sequence[Window | None]:
        windows = self.tables.windows[index]
        inside = [w for w in windows if w.earliest <= self.horizon.latest]
        return inside or windows[:1] or [None]

    def _prize(self, visit: Visit) -> tuple[bool, int]:
        if visit.price_unplanned is not None:
            return False, self.money.units(visit.price_unplanned)
        if self.reward is None:
            return True, 0
        return False, self.money.units(self.reward(visit))

    def _client(
        self, index: int, window: Window | None, required: bool, prize: int, group: int | None
    ) -> pyvrp.Client:
        visit = self.tables.visits[index]
        earliest, latest = window or (0, self.horizon.latest)
        skills = visit.skills if visit.skills in self.skills else frozenset()
        key = (visit.place, visit.setup_s, skills)
        stop = [1] if self._counts_stops() else []
        return pyvrp.Client(
            location=self.sites.setdefault(key, len(self.sites)),
            delivery=[*self.tables.delivered[index], *stop],
            pickup=[*self.tables.picked_up[index], *(0 for _ in stop)],
            service_duration=visit.service_s,
            # The setup is in the leg that leads here, but the window bounds its start.
            tw_early=earliest + visit.setup_s,
            tw_late=latest + visit.setup_s,
            prize=prize,
            required=required,
            group=group,
        )

    def _counts_stops(self) -> bool:
        return any(vehicle.max_stops is not None for vehicle in self.leaders)

    def _vehicle_types(self, profiles: Sequence[int]) -> Iterator[VehicleType]:
        for vehicle, group, profile in zip(
            self.leaders, self.kinds.values(), profiles, strict=True
        ):
            meaning = pyvrp_prices.meaning_of(vehicle, self.tables.legs(group[0]))
            longest = vehicle.max_drive_s if meaning == "drive" else vehicle.max_distance_m
            yield VehicleType(
                num_available=min(len(group), max(1, len(self.visits))),
                capacity=[*vehicle.capacity, *self._stops(vehicle)],
                start_depot=self.depots[NOWHERE if vehicle.start is None else vehicle.start],
                end_depot=self.depots[NOWHERE if vehicle.end is None else vehicle.end],
                fixed_cost=self.money.units(vehicle.cost_fixed),
                tw_early=vehicle.shift.earliest,
                tw_late=min(vehicle.shift.latest, self.horizon.latest),
                unit_distance_cost=pyvrp_prices.unit_price(
                    vehicle, self.tables.legs(group[0]), self.money
                ),
                unit_duration_cost=self.money.per_s(vehicle.cost_per_h),
                profile=profile,
                max_distance=_NO_LIMIT if longest is None else longest,
                shift_duration=(
                    _NO_LIMIT if vehicle.max_duration_s is None else vehicle.max_duration_s
                ),
            )

    def _stops(self, vehicle: Vehicle) -> list[int]:
        """Return the capacity of the dimension that counts stops, if there is one."""
        if not self._counts_stops():
            return []
        return [len(self.visits) if vehicle.max_stops is None else vehicle.max_stops]

    def _profiles(
        self,
    ) -> tuple[list[Any], list[Any], list[int]]:
        """Return a pair of matrices for each way of driving and paying, and each type's number."""
        distances: list[Any] = []
        durations: list[Any] = []
        numbers: dict[object, int] = {}
        profiles = []
        for vehicle, group in zip(self.leaders, self.kinds.values(), strict=True):
            legs = self.tables.legs(group[0])
            meaning = pyvrp_prices.meaning_of(vehicle, legs)
            rates = (vehicle.cost_per_km, vehicle.cost_per_drive_h) if meaning == "money" else ()
            skills = tuple(needed <= vehicle.skills for needed in self.skills)
            key = (vehicle.profile, id(legs.durations), meaning, rates, skills)
            if key not in numbers:
                numbers[key] = len(distances)
                distance, seconds = self._matrices(vehicle, legs)
                distances.append(distance)
                durations.append(seconds)
            profiles.append(numbers[key])
        return distances, durations, profiles

    def _matrices(
        self, vehicle: Vehicle, legs: Legs
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        places = np.array([place for place, _, _ in self.sites])
        setups = np.array([setup for _, setup, _ in self.sites])
        pairs = np.ix_(np.maximum(places, 0), np.maximum(places, 0))
        seconds = legs.durations[pairs].astype(np.int64)
        distance = pyvrp_prices.distances(vehicle, legs, self.money, pairs)
        barred = seconds == NO_WAY
        nowhere = places == NOWHERE
        for array in (seconds, distance, barred):
            array[nowhere, :] = 0
            array[:, nowhere] = 0
        beyond = np.array([not skills <= vehicle.skills for _, _, skills in self.sites])
        barred |= beyond[:, None] | beyond[None, :]
        seconds += np.where(places[:, None] == places[None, :], 0, setups[None, :])
        late = self.horizon.latest - self.horizon.earliest + 1
        seconds[barred] = min(late, LONGEST)
        # The time forbids these legs; the distance only keeps the search from trying them first.
        distance[barred] = 2 * int(distance[~barred].max(initial=1))
        np.fill_diagonal(seconds, 0)
        np.fill_diagonal(distance, 0)
        return distance, seconds


def _horizon(tables: Tables, visits: Sequence[int]) -> Window:
    """
    Return when anything can happen at all.

    No plan that does not wait for nothing ends after the last window opens, every leg is as
    long as the longest, and every visit is served one after the other.
    """
    shifts = [vehicle.shift for vehicle in tables.vehicles]
    opens = [w.earliest for index in visits for w in tables.windows[index]]
    begin = max([*opens, *(shift.earliest for shift in shifts)])
    longest = max(
        int(d.max(initial=0, where=d != NO_WAY))
        for d in {id(d): d for d in (tables.legs(k).durations for k in range(len(shifts)))}.values()
    )
    busy = sum(tables.visits[index].service_s + tables.visits[index].setup_s for index in visits)
    end = begin + busy + longest * (len(visits) + 1)
    earliest = min(shift.earliest for shift in shifts)
    return Window(earliest, min(end, max(shift.latest for shift in shifts)))
