"""One route of a plan beside what its vehicle and visits ask for: a part of `routing.check`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import floor

from routing.problem import NO_WAY, IntMatrix, Problem, Reload, Vehicle, Visit
from routing.solution import Route, Step, Violation

Halt = tuple[Step, Visit | Reload]
"""What a plan says of a halt, and what is served there."""


def violations(
    problem: Problem, vehicle: Vehicle, route: Route, halts: list[Halt]
) -> Iterator[Violation]:
    """Yield every rule that a route breaks by itself, and every number in it that is not true."""
    yield from _Judge(problem, vehicle, route, halts).violations()


class _Judge:
    """One route beside what its vehicle and its visits ask for."""

    def __init__(
        self,
        problem: Problem,
        vehicle: Vehicle,
        route: Route,
        halts: list[Halt],
    ) -> None:
        self.problem = problem
        self.vehicle = vehicle
        self.route = route
        self.halts = halts
        self.stops = [(step, stop) for step, stop in halts if isinstance(stop, Visit)]

    def violations(self) -> Iterator[Violation]:
        yield from self._drives()
        yield from self._clock()
        yield from self._windows()
        yield from self._pauses()
        yield from self._rest()
        yield from self._trips()
        yield from self._loads()
        yield from self._limits()
        yield from self._skills()
        yield from self._company()
        yield from self._locks()
        yield from self._shipments()
        yield from self._cost()

    def _drives(self) -> Iterator[Violation]:
        """Every leg is the matrix's, of the hour of leaving."""
        here, leave = self.vehicle.start, self.route.departure
        for step, stop in self.halts:
            yield from self._equal("wrong_place", step.place, stop.place, step.visit)
            claimed = step.drive_s, step.distance_m
            yield from self._leg(here, stop.place, leave, claimed, step.visit)
            here, leave = stop.place, step.departure
        claimed = self.route.end_drive_s, self.route.end_distance_m
        if self.halts:
            yield from self._leg(here, self.vehicle.end, leave, claimed, None)

    def _leg(
        self,
        here: int | None,
        there: int | None,
        leave: int,
        claimed: tuple[int, int],
        visit: str | None,
    ) -> Iterator[Violation]:
        if here is None or there is None:
            seconds, metres = 0, 0
        elif self._barred(here, there, leave):
            cause = f"no way from place {here} to place {there}"
            yield Violation("unreachable", self.vehicle.id, visit, cause, 1)
            return
        else:
            matrix = self.problem.matrices[self.vehicle.profile]
            factor = Fraction(round(self.vehicle.speed_factor * 1000), 1000)
            durations = self._durations(leave)
            seconds = _half_up(Fraction(int(durations[here, there])) / factor)
            metres = int(matrix.distances[here, there])
        yield from self._equal("wrong_drive", claimed[0], seconds, visit)
        yield from self._equal("wrong_distance", claimed[1], metres, visit)

    def _durations(self, leave: int) -> IntMatrix:
        matrix = self.problem.matrices[self.vehicle.profile]
        return [matrix.durations, *(d for begin, d in matrix.hours if begin <= leave)][-1]

    def _barred(self, here: int, there: int, leave: int) -> bool:
        distances = self.problem.matrices[self.vehicle.profile].distances
        return NO_WAY in (self._durations(leave)[here, there], distances[here, there])

    def _clock(self) -> Iterator[Violation]:
        """Each arrival follows from the departure before it."""
        now = self.route.departure
        here = self.vehicle.start
        for step, stop in self.halts:
            setup, service = 0, 0
            if isinstance(stop, Visit):
                setup = 0 if here == stop.place else stop.setup_s
                service = stop.service_s_by_type.get(self.vehicle.type, stop.service_s)
            else:
                service = stop.duration_s
            yield from self._equal("wrong_setup", step.setup_s, setup, step.visit)
            yield from self._equal("wrong_service", step.service_s, service, step.visit)
            yield from self._equal("wrong_arrival", step.arrival, now + step.drive_s, step.visit)
            for seconds in (step.wait_s, step.pause_before_s, step.pause_after_s):
                if seconds < 0:
                    cause = f"waits {seconds} s"
                    yield Violation("wrong_wait", self.vehicle.id, step.visit, cause, -seconds)
            now = step.arrival + step.pause_before_s + step.wait_s
            now += step.setup_s + step.service_s + step.pause_after_s
            here = stop.place
        yield from self._equal(
            "wrong_arrival", self.route.arrival, now + self.route.end_drive_s, None
        )

    def _windows(self) -> Iterator[Violation]:
        for step, stop in self.halts:
            start = step.arrival + step.pause_before_s + step.wait_s
            if not stop.windows or any(e <= start <= last for e, last in stop.windows):
                continue
            before = [start - window.latest for window in stop.windows if window.latest < start]
            if before:
                cause = f"served {min(before)} s late"
                yield Violation("late", self.vehicle.id, step.visit, cause, min(before))
            else:
                early = min(window.earliest for window in stop.windows) - start
                cause = f"served {early} s early"
                yield Violation("early", self.vehicle.id, step.visit, cause, early)

    def _pauses(self) -> Iterator[Violation]:
        """Every break that is needed is taken once, in its window, within the time it has."""
        breaks = {pause.id: pause for pause in self.vehicle.breaks}
        taken = Counter(pause.id for pause in self.route.pauses)
        for name, number in taken.items():
            if (name and (name not in breaks or number > 1)) or not (name or self.vehicle.rest):
                cause = f"break {name!r} is taken {number} times"
                yield Violation("break", self.vehicle.id, None, cause, number)
        for pause in self.route.pauses:
            asked = breaks.get(pause.id)
            if asked is not None:
                early, late = asked.window.earliest - pause.start, pause.start - asked.window.latest
                if max(early, late) > 0:
                    cause = f"break {pause.id} begins {max(early, late)} s outside its window"
                    yield Violation("break", self.vehicle.id, None, cause, max(early, late))
                yield from self._equal("wrong_pause", pause.duration_s, asked.duration_s, None)
        for name, asked in breaks.items():
            if not taken[name] and self.route.departure <= asked.window.latest < self.route.arrival:
                yield Violation("break", self.vehicle.id, None, f"break {name} is not taken", 1)
        for number, (step, _) in enumerate(self.halts):
            yield from self._fits(step, number)

    def _fits(self, step: Step, number: int) -> Iterator[Violation]:
        """Pauses at a halt follow each other within the time that the step says."""
        for after, begin, lasts in (
            (False, step.arrival, step.pause_before_s),
            (True, step.service_end, step.pause_after_s),
        ):
            now = begin
            for pause in self.route.pauses:
                if (pause.step, pause.after) == (number, after):
                    if pause.start < now:
                        cause = f"pause {pause.id!r} begins before {now}"
                        yield Violation("wrong_pause", self.vehicle.id, step.visit, cause, 1)
                    now = pause.start + pause.duration_s
            if now > begin + lasts:
                cause = f"pauses take {now - begin} s, the step has {lasts}"
                yield Violation("wrong_pause", self.vehicle.id, step.visit, cause, 1)

    def _rest(self) -> Iterator[Violation]:
        rest = self.vehicle.rest
        if rest is None:
            return
        driven = 0
        legs = [*(step.drive_s for step, _ in self.halts), self.route.end_drive_s]
        for number, seconds in enumerate(legs):
            driven += seconds
            if driven > rest.drive_s:
                cause = f"drives {driven} s without a rest, the limit is {rest.drive_s}"
                yield Violation("rest", self.vehicle.id, None, cause, driven - rest.drive_s)
            pauses = [pause.duration_s for pause in self.route.pauses if pause.step == number]
            if max(pauses, default=0) >= rest.duration_s and pauses:
                driven = 0

    def _trips(self) -> Iterator[Violation]:
        """Goods are ready when the vehicle leaves with them, and there is where they are."""
        depot, leave, number = self.vehicle.start, self.route.departure, 1
        for step, stop in self.halts:
            if isinstance(stop, Reload):
                depot, leave, number = stop.place, step.departure, number + 1
                continue
            if stop.ready is not None and leave < stop.ready:
                cause = f"the vehicle leaves {stop.ready - leave} s before its goods are ready"
                yield Violation("not_ready", self.vehicle.id, step.visit, cause, stop.ready - leave)
            if stop.sources is not None and depot not in stop.sources:
                cause = f"place {depot} does not have its goods"
                yield Violation("source", self.vehicle.id, step.visit, cause, 1)
        if number > max(1, self.vehicle.max_trips):
            cause = f"{number} trips, the limit is {self.vehicle.max_trips}"
            over = number - self.vehicle.max_trips
            yield Violation("max_trips", self.vehicle.id, None, cause, over)

    def _loads(self) -> Iterator[Violation]:
        lengths = {len(self.route.start_load), *(len(step.load) for step, _ in self.halts)}
        if lengths != {len(self.problem.dimensions)}:
            cause = "not one number for each load dimension"
            yield Violation("wrong_load", self.vehicle.id, None, cause)
            return
        for k, name in enumerate(self.problem.dimensions):
            shipped = {s.pickup: _amount(s.load, k) for s in self.problem.shipments}
            shipped |= {s.delivery: -_amount(s.load, k) for s in self.problem.shipments}
            load = _amount(self.vehicle.load, k) + self._to_deliver(0, k)
            yield from self._equal("wrong_load", self.route.start_load[k], load, None)
            most, where = load, None
            for number, (step, stop) in enumerate(self.halts):
                if isinstance(stop, Reload):
                    load = self._to_deliver(number + 1, k)
                else:
                    load += _amount(stop.picked_up, k) - _amount(stop.delivered, k)
                    load += shipped.get(stop.id, 0)
                yield from self._equal("wrong_load", step.load[k], load, step.visit)
                if load > most:
                    most, where = load, step.visit
            over = most - self.vehicle.capacity[k]
            if over > 0:
                cause = f"{name} +{over} over the capacity of {self.vehicle.capacity[k]}"
                yield Violation("overload", self.vehicle.id, where, cause, over)

    def _to_deliver(self, begin: int, dimension: int) -> int:
        """Return what is delivered from a halt on, up to the next reload."""
        total = 0
        for _, stop in self.halts[begin:]:
            if isinstance(stop, Reload):
                break
            total += _amount(stop.delivered, dimension)
        return total

    def _limits(self) -> Iterator[Violation]:
        vehicle, route = self.vehicle, self.route
        early = vehicle.shift.earliest - route.departure
        late = route.arrival - vehicle.shift.latest
        if early > 0:
            yield Violation("shift", vehicle.id, None, f"leaves {early} s before it", early)
        if late > 0:
            yield Violation("shift", vehicle.id, None, f"ends {late} s after it", late)
        distance = sum(step.distance_m for step, _ in self.halts) + route.end_distance_m
        drive = sum(step.drive_s for step, _ in self.halts) + route.end_drive_s
        yield from self._limit("max_distance", distance, vehicle.max_distance_m)
        duration = route.arrival - route.departure
        yield from self._limit("max_duration", duration, vehicle.max_duration_s)
        yield from self._limit("max_drive", drive, vehicle.max_drive_s)
        yield from self._limit("max_stops", len(self.stops), vehicle.max_stops)

    def _limit(self, code: str, used: int, limit: int | None) -> Iterator[Violation]:
        if limit is not None and used > limit:
            cause = f"{used}, the limit is {limit}"
            yield Violation(code, self.vehicle.id, None, cause, used - limit)

    def _skills(self) -> Iterator[Violation]:
        for step, visit in self.stops:
            missing = sorted(visit.skills - self.vehicle.skills)
            if missing:
                cause = f"the vehicle lacks {', '.join(missing)}"
                yield Violation("skills", self.vehicle.id, step.visit, cause, len(missing))

    def _company(self) -> Iterator[Violation]:
        """Who may serve whom, and who may share a vehicle."""
        name = self.vehicle.id
        for number, (step, visit) in enumerate(self.stops):
            if name in visit.not_vehicles or name not in (visit.vehicles or {name}):
                yield Violation("pinned", name, step.visit, "it is not for this vehicle", 1)
            elif visit.vehicles is not None and not visit.vehicles:
                yield Violation("pinned", name, step.visit, "it is for no vehicle", 1)
            for _, other in self.stops[:number]:
                if visit.apart & other.apart:
                    cause = f"may not share a vehicle with {other.id}"
                    yield Violation("apart", name, step.visit, cause, 1)

    def _locks(self) -> Iterator[Violation]:
        ids = [step.visit for step, _ in self.halts]
        prefix, suffix = list(self.vehicle.prefix), list(self.vehicle.suffix)
        if ids[: len(prefix)] != prefix:
            yield Violation("locked", self.vehicle.id, None, "does not begin as it must", 1)
        if suffix and ids[-len(suffix) :] != suffix:
            yield Violation("locked", self.vehicle.id, None, "does not end as it must", 1)
        for other in self.problem.vehicles:
            for name in sorted({*other.prefix, *other.suffix} & set(ids)):
                if other.id != self.vehicle.id:
                    cause = f"belongs to {other.id}"
                    yield Violation("locked", self.vehicle.id, name, cause, 1)
        if self.vehicle.locked and len(ids) > len(prefix):
            over = len(ids) - len(prefix)
            yield Violation("locked", self.vehicle.id, None, "has more halts than it may", over)

    def _shipments(self) -> Iterator[Violation]:
        place = {step.visit: number for number, (step, _) in enumerate(self.halts)}
        for shipment in self.problem.shipments:
            pickup, delivery = place.get(shipment.pickup), place.get(shipment.delivery)
            if pickup is None and delivery is None:
                continue
            if pickup is None or delivery is None or pickup > delivery:
                cause = f"{shipment.pickup} and {shipment.delivery} are not in order on one route"
                yield Violation("shipment", self.vehicle.id, shipment.delivery, cause, 1)
            elif any(isinstance(stop, Reload) for _, stop in self.halts[pickup:delivery]):
                cause = "the vehicle unloads on the way"
                yield Violation("shipment", self.vehicle.id, shipment.delivery, cause, 1)

    def _cost(self) -> Iterator[Violation]:
        vehicle, problem = self.vehicle, self.problem
        seconds = self.route.arrival - self.route.departure
        cost = vehicle.cost_fixed + Fraction(seconds, 3600) * vehicle.cost_per_h
        cost += Fraction(seconds // 60, 60) ** 2 * problem.balance.cost_per_h2
        cost += len(self.stops) ** 2 * problem.balance.cost_per_stop2
        if problem.matrices[vehicle.profile].costs is None:
            metres = sum(step.distance_m for step, _ in self.halts) + self.route.end_distance_m
            drive = sum(step.drive_s for step, _ in self.halts) + self.route.end_drive_s
            cost += Fraction(metres, 1000) * vehicle.cost_per_km
            cost += Fraction(drive, 3600) * vehicle.cost_per_drive_h
        else:
            cost += self._leg_costs()
        if vehicle.overtime_from is not None:
            over = max(0, self.route.arrival - vehicle.overtime_from)
            cost += Fraction(over, 3600) * vehicle.cost_per_overtime_h
        for step, visit in self.stops:
            start = step.arrival + step.pause_before_s + step.wait_s
            if visit.due is not None:
                cost += Fraction(max(0, start - visit.due), 3600) * visit.cost_per_late_h
            if visit.promised is not None:
                moved = abs(start - visit.promised)
                cost += Fraction(moved, 3600) * problem.stability.cost_per_moved_h
            if visit.was is not None and visit.was != vehicle.id:
                cost += problem.stability.cost_per_change
        yield from self._equal("wrong_cost", self.route.cost, _half_up(cost), None)

    def _leg_costs(self) -> int:
        costs = self.problem.matrices[self.vehicle.profile].costs
        places = [self.vehicle.start, *(stop.place for _, stop in self.halts), self.vehicle.end]
        total = 0
        for here, there in pairwise(places):
            if here is None or there is None or costs is None or self._never(here, there):
                continue
            total += int(costs[here, there])
        return total

    def _never(self, here: int, there: int) -> bool:
        """Return whether no way leads from a place to another at any hour."""
        matrix = self.problem.matrices[self.vehicle.profile]
        hours = [matrix.durations, *(durations for _, durations in matrix.hours)]
        barred = all(durations[here, there] == NO_WAY for durations in hours)
        return barred or matrix.distances[here, there] == NO_WAY

    def _equal(self, code: str, claimed: int, true: int, visit: str | None) -> Iterator[Violation]:
        if claimed != true:
            cause = f"claims {claimed}, is {true}"
            yield Violation(code, self.vehicle.id, visit, cause, abs(claimed - true))


def _amount(load: tuple[int, ...], dimension: int) -> int:
    return load[dimension] if load else 0


def _half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))
