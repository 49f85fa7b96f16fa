"""
A problem as OR-Tools' routing model: what its dimensions, intervals and disjunctions can say.

Money is exact: whole multiples of 1/18000 of a minor unit, the common denominator of prices per km
and per hour, as far as they have no common divisor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.peers.ortools_nodes import IntArray, Nodes
from routing.problem import NO_WAY, Problem, Vehicle
from routing.tables import thousandths

_WHOLE = 18_000
"""Of its units of money in a minor unit of ours."""


class Model(Nodes):
    """
    A problem in its words.

    Parameters
    ----------
    eager
        Loading again is as urgent as a visit: for a first plan, which otherwise never does.
    """

    def __init__(self, problem: Problem, *, eager: bool = False) -> None:
        super().__init__(problem)
        self._eager = eager
        self._unit = self._common_divisor()
        self._add_costs()
        self._add_limits()
        self._add_time()
        self._add_breaks()
        self._add_loads()
        self._add_pins()
        self._add_choices()

    def _common_divisor(self) -> int:
        parts = [18 * vehicle.cost_per_km for vehicle in self.problem.vehicles]
        for vehicle in self.problem.vehicles:
            prices = (vehicle.cost_per_h, vehicle.cost_per_drive_h)
            parts += [5 * price for price in prices] + [_WHOLE * vehicle.cost_fixed]
        parts += [_WHOLE * (visit.price_unplanned or 0) for visit in self.problem.visits]
        return gcd(*parts) or 1

    def _add_costs(self) -> None:
        """
        Price the arcs with all that does not depend on waiting, which its slack then adds.

        So guided local search, which penalises arcs, sees what an arc costs. With the price of
        duration on the span instead, plans of a day with breaks were a tenth dearer.
        """
        known: dict[object, int] = {}
        for number, vehicle in enumerate(self.problem.vehicles):
            prices = vehicle.cost_per_km, vehicle.cost_per_h, vehicle.cost_per_drive_h
            key = (*prices, *_speed(vehicle))
            if key not in known:
                known[key] = self.routing.RegisterTransitMatrix(self._priced(number).tolist())
            self.routing.SetArcCostEvaluatorOfVehicle(known[key], number)
            self.routing.SetFixedCostOfVehicle(_WHOLE * vehicle.cost_fixed // self._unit, number)

    def _priced(self, number: int) -> IntArray:
        vehicle, legs = self.problem.vehicles[number], self.tables.legs(number)
        drive = self._rows(legs.durations)
        spent = drive + self._services(number)[:, None]
        money = 18 * vehicle.cost_per_km * self._rows(legs.distances)
        money += 5 * (vehicle.cost_per_h * spent + vehicle.cost_per_drive_h * drive)
        priced: IntArray = money // self._unit
        return priced

    def _services(self, number: int) -> IntArray:
        services = [
            self.tables.service_s(number, visit) for visit in range(len(self.problem.visits))
        ]
        services += [each.reload.duration_s for each in self.again]
        services += [0] * (len(self.places) - len(services))
        return np.array(services, dtype=np.int64)

    def _add_limits(self) -> None:
        vehicles = self.problem.vehicles
        metres = [vehicle.max_distance_m for vehicle in vehicles]
        self._at_most("metres", metres, lambda number: self.tables.legs(number).distances)
        driven = [vehicle.max_drive_s for vehicle in vehicles]
        self._at_most("driving", driven, lambda number: self.tables.legs(number).durations)
        stops = [vehicle.max_stops for vehicle in vehicles]
        if any(most is not None for most in stops):
            visits = len(self.problem.visits)
            counted = [int(node < visits) for node in range(len(self.places))]
            one = self.routing.RegisterUnaryTransitVector(counted)
            most = [len(self.places) if limit is None else limit for limit in stops]
            self.routing.AddDimensionWithVehicleCapacity(one, 0, most, True, "stops")

    def _at_most(
        self, name: str, limits: Sequence[int | None], legs: Callable[[int], NDArray[np.int32]]
    ) -> None:
        """Limit the sum over a route; without a limit on any vehicle, add nothing."""
        if all(limit is None for limit in limits):
            return
        known: dict[object, int] = {}
        own = []
        for number, vehicle in enumerate(self.problem.vehicles):
            key = _speed(vehicle)
            if key not in known:
                rows = self._rows(legs(number)).tolist()
                known[key] = self.routing.RegisterTransitMatrix(rows)
            own.append(known[key])
        most = [NO_WAY if limit is None else limit for limit in limits]
        self.routing.AddDimensionWithVehicleTransitAndCapacity(own, 0, most, True, name)

    def _add_time(self) -> None:
        problem = self.problem
        known: dict[object, int] = {}
        own = []
        for number, vehicle in enumerate(problem.vehicles):
            key = _speed(vehicle)
            if key not in known:
                drive = self._rows(self.tables.legs(number).durations)
                spent = drive + self._services(number)[:, None]
                known[key] = self.routing.RegisterTransitMatrix(spent.tolist())
            own.append(known[key])
        horizon = max(vehicle.shift.latest for vehicle in problem.vehicles)
        # Waiting is as long as it takes; routes may begin at any time.
        self.routing.AddDimensionWithVehicleTransits(own, horizon, horizon, False, "seconds")
        self.seconds = self.routing.GetDimensionOrDie("seconds")
        windows = [visit.windows for visit in problem.visits]
        windows += [each.reload.windows for each in self.again]
        for node, asked in enumerate(windows):
            if asked:
                earliest, latest = asked[0].earliest, min(asked[0].latest, horizon)
                self.seconds.CumulVar(self._index(node)).SetRange(earliest, latest)
        for number, vehicle in enumerate(problem.vehicles):
            for index in (self.routing.Start(number), self.routing.End(number)):
                self.seconds.CumulVar(index).SetRange(*vehicle.shift)
            if vehicle.max_duration_s is not None:
                self.seconds.SetSpanUpperBoundForVehicle(vehicle.max_duration_s, number)
            if vehicle.cost_per_h:
                price = 5 * vehicle.cost_per_h // self._unit
                self.seconds.SetSlackCostCoefficientForVehicle(price, number)

    def _add_breaks(self) -> None:
        """
        Add breaks, which may interrupt a leg but no service, or lie outside the route.

        A break on a leg can be taken at one end of it in the same time, as ours must be. One that
        ends before the vehicle leaves is none to us, unless it leaves after the whole window.
        """
        solver = self.routing.solver()
        for number, vehicle in enumerate(self.problem.vehicles):
            breaks = [
                solver.FixedDurationIntervalVar(
                    *pause.window, pause.duration_s, False, f"{vehicle.id} {pause.id}"
                )
                for pause in vehicle.breaks
            ]
            if not breaks:
                continue
            visited = [0] * self.routing.Size()
            for node, service in enumerate(self._services(number).tolist()[: -self._depots()]):
                visited[self._index(node)] = service
            self.seconds.SetBreakIntervalsOfVehicle(breaks, number, visited)
            leaves = self.seconds.CumulVar(self.routing.Start(number))
            for pause, interval in zip(vehicle.breaks, breaks, strict=True):
                later = solver.IsGreaterOrEqualCstVar(leaves, pause.window.latest + 1)
                on_route = solver.IsLessOrEqualVar(leaves, interval.StartExpr())
                solver.Add(solver.Sum([later, on_route]) >= 1)

    def _add_loads(self) -> None:
        for k, name in enumerate(self.problem.dimensions):
            out = [load[k] for load in self.tables.delivered]
            back = [load[k] for load in self.tables.picked_up]
            if any(out) and any(back):
                self._add_both_ways(name, k, out, back)
            else:
                self._add_one_way(f"load {name}", k, out if any(out) else back)

    def _add_one_way(self, name: str, k: int, amounts: Sequence[int]) -> None:
        """Add up what is handed over on a trip, which is at most what the vehicle carries."""
        load = self._load_dimension(name, k, amounts, emptied=True)
        for number in range(len(self.problem.vehicles)):
            load.CumulVar(self.routing.Start(number)).SetValue(0)

    def _add_both_ways(self, name: str, k: int, out: Sequence[int], back: Sequence[int]) -> None:
        """
        Follow what is still to be delivered, which ends at 0, and all that is on board.

        Both are the same when a trip begins: nothing is taken along for nobody.
        """
        left = self._load_dimension(f"left {name}", k, [-a for a in out], emptied=False)
        change = [b - a for a, b in zip(out, back, strict=True)]
        load = self._load_dimension(f"load {name}", k, change, emptied=True)
        # Follows from the others, but the filters of its moves look at one dimension at a time.
        self._add_one_way(f"back {name}", k, back)
        solver = self.routing.solver()
        for number in range(len(self.problem.vehicles)):
            start, end = self.routing.Start(number), self.routing.End(number)
            left.CumulVar(end).SetValue(0)
            solver.Add(load.CumulVar(start) == left.CumulVar(start))
        most = self._most(k)
        for node in self._again_nodes():
            index = self._index(node)
            left.CumulVar(index).SetValue(0)
            now = load.CumulVar(index) + load.SlackVar(index)
            solver.Add(now == left.SlackVar(index) + most)

    def _load_dimension(self, name: str, k: int, amounts: Sequence[int], *, emptied: bool) -> Any:
        """Add a load that a visit changes; loading again takes off up to all, and adds slack."""
        most = self._most(k)
        transits = [*amounts, *[-most if emptied else 0] * len(self.again), *[0] * self._depots()]
        transit = self.routing.RegisterUnaryTransitVector(transits)
        capacities = [vehicle.capacity[k] for vehicle in self.problem.vehicles]
        slack = 2 * most if self.again else 0
        self.routing.AddDimensionWithVehicleCapacity(transit, slack, capacities, False, name)
        load = self.routing.GetDimensionOrDie(name)
        if self.again:
            starts = [self.routing.Start(number) for number in range(len(capacities))]
            for index in [*map(self._index, range(len(self.problem.visits))), *starts]:
                load.SlackVar(index).SetValue(0)
        return load

    def _most(self, k: int) -> int:
        return max(vehicle.capacity[k] for vehicle in self.problem.vehicles)

    def _add_pins(self) -> None:
        """Say which vehicles may serve a visit, by skills and by name; reloads are of one."""
        every = range(len(self.problem.vehicles))
        for node in range(len(self.problem.visits)):
            able = [number for number in every if self.tables.may_serve(number, node)]
            if not able:
                self.routing.ActiveVar(self._index(node)).SetValue(0)
            elif len(able) < len(every):
                self._allow(able, node)
        for node in self._again_nodes():
            self._allow([self._again_at(node).vehicle], node)

    def _allow(self, vehicles: Sequence[int], node: int) -> None:
        # -1: on no route. Its own function for this takes no list from Python.
        self.routing.VehicleVar(self._index(node)).SetValues([-1, *vehicles])

    def _add_choices(self) -> None:
        """
        Say what may be left out: reloads, visits with a price, and at worst any visit.

        Its first plans do not load again, so they may have to leave visits out.
        """
        dear = self._dearest()
        for node, visit in enumerate(self.problem.visits):
            if visit.price_unplanned is not None:
                price = _WHOLE * visit.price_unplanned // self._unit
            else:
                price = dear * (1 + visit.priority)
            self.routing.AddDisjunction([self._index(node)], price)
        solver = self.routing.solver()
        chances: dict[int, list[Any]] = {}
        for node in self._again_nodes():
            index = self._index(node)
            self.routing.AddDisjunction([index], dear if self._eager else 0)
            number = self._again_at(node).vehicle
            chances.setdefault(number, []).append(self.routing.ActiveVar(index))
        for number, active in chances.items():
            if len(self.problem.vehicles[number].reloads) > 1:
                most = self.problem.vehicles[number].max_trips - 1
                solver.Add(solver.Sum(active) <= most)

    def _dearest(self) -> int:
        """Return more than any visit adds to a plan: ten dear legs, and the dearest vehicle."""
        dearest = 0
        for number, vehicle in enumerate(self.problem.vehicles):
            legs = int(self._priced(number).max(initial=0))
            hours = 5 * vehicle.cost_per_h * (vehicle.shift.latest - vehicle.shift.earliest)
            fixed = _WHOLE * vehicle.cost_fixed
            dearest = max(dearest, 10 * legs + (hours + fixed) // self._unit)
        return dearest + 1


def _speed(vehicle: Vehicle) -> tuple[str, int, str]:
    """Return what decides how long a vehicle drives and serves."""
    return vehicle.profile, thousandths(vehicle.speed_factor), vehicle.type
