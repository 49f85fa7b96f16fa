"""The best times for a given order of visits; what it breaks is reported, not forbidden."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from routing import itinerary, rules, timing
from routing.faults import Fault, InvalidProblem
from routing.problem import NO_WAY, Problem
from routing.solution import Pause, Reason, Route, Solution, Step, Unplanned, Violation
from routing.tables import Legs, Tables, route_cost
from routing.timing import Halt, Times

Reasons = Mapping[str, tuple[Reason, ...]]


def schedule(problem: Problem, sequences: Mapping[str, Sequence[str]]) -> Solution:
    """
    Return the best times for given sequences of visits.

    Parameters
    ----------
    sequences
        Ids of visits, and of the vehicle's reloads, in order, by vehicle id. A vehicle with none is
        not used.

    Returns
    -------
    solution
        Each route has its cheapest times, of these the shortest, of these the earliest; an order
        that cannot be in time is as little late as can be. ``violations`` holds all that the given
        sequences break; amounts are in seconds, metres, units of load, or visits. A leg without
        a way counts 0 seconds and 0 metres, and is a violation. Visits in no sequence are
        ``unplanned``; `routing.reasons` knows why they do not fit, here they are just left out.

    Raises
    ------
    InvalidProblem
        A vehicle or visit is unknown, or a visit is named twice; all such faults.
    """
    tables = Tables(problem)
    faults = list(sequence_faults(tables, sequences))
    if faults:
        raise InvalidProblem(faults)
    return solution(tables, itinerary.orders(tables, sequences))


def solution(
    tables: Tables, orders: Mapping[int, Sequence[int]], *, reasons: Reasons | None = None
) -> Solution:
    """Return `schedule`'s answer for indices of vehicles and visits that are known to be good."""
    found = part(tables, orders)
    planned = {index for order in orders.values() for index in itinerary.visits(order)}
    left_out = [tables.visits[index].id for index in tables.left_out(planned)]
    known = reasons or {}
    return replace(
        found,
        unplanned=tuple(Unplanned(visit, known.get(visit, (_LEFT_OUT,))) for visit in left_out),
        price_unplanned=tables.price_of_left_out(planned)[1],
        price_options=tables.price_of_options(planned),
        violations=(*found.violations, *rules.of_choices(tables, planned)),
    )


_LEFT_OUT = Reason(
    "left_out", cause="it is in none of the given sequences", action="put it in a sequence"
)


def part(tables: Tables, orders: Mapping[int, Sequence[int]]) -> Solution:
    """Return some routes of a plan as `solution` does; visits on none of them are not looked at."""
    routes, violations = [], []
    for vehicle in sorted(vehicle for vehicle, order in orders.items() if order):
        route, broken = _route(tables, vehicle, orders[vehicle])
        routes.append(route)
        violations += broken
    violations += rules.of_plan(tables, orders)
    return Solution(
        routes=tuple(routes),
        unplanned=(),
        cost=sum(route.cost for route in routes),
        price_unplanned=0,
        violations=tuple(violations),
    )


def _route(tables: Tables, vehicle: int, order: Sequence[int]) -> tuple[Route, list[Violation]]:
    asked = itinerary.asked(tables, vehicle, order)
    halts, last_drive = itinerary.halts(tables, vehicle, order)
    times = timing.best(asked, halts, last_drive)
    if times is None:
        times = timing.at_any_price(asked, halts, last_drive)
    legs, end_leg = _legs(tables, vehicle, order)
    loads = itinerary.loads(tables, vehicle, order)
    steps = [
        replace(
            _step(tables, vehicle, item, halts[k], times, k),
            distance_m=legs[k][0],
            load=loads[k + 1],
        )
        for k, item in enumerate(order)
    ]
    stops = itinerary.visits(order)
    cost = route_cost(
        tables,
        vehicle,
        distance_m=sum(leg[0] for leg in (*legs, end_leg)),
        duration_s=times.end - times.departure,
        drive_s=times.drive_s,
        leg_costs=None if end_leg[1] is None else sum(leg[1] or 0 for leg in (*legs, end_leg)),
        clock_price=times.price,
        num_stops=len(stops),
        num_changes=sum(tables.changes_vehicle(vehicle, index) for index in stops),
    )
    route = Route(
        vehicle=tables.vehicles[vehicle].id,
        departure=times.departure,
        arrival=times.end,
        steps=tuple(steps),
        end_drive_s=times.last_drive_s,
        end_distance_m=end_leg[0],
        start_load=loads[0],
        cost=cost,
        pauses=tuple(_pauses(tables, vehicle, times)),
    )
    return route, list(_violations(tables, vehicle, order, route))


def _step(
    tables: Tables,
    vehicle: int,
    item: int,
    halt: Halt,
    times: Times,
    k: int,
) -> Step:
    arrival, start = times.arrivals[k], times.starts[k]
    paused = max(
        (pause.start + pause.duration_s for pause in times.pauses_before[k]), default=arrival
    )
    done = start + halt.setup_s + halt.service_s
    stop = tables.visits[item] if item >= 0 else itinerary.reload(tables, vehicle, item)
    return Step(
        visit=stop.id,
        place=stop.place,
        arrival=arrival,
        pause_before_s=paused - arrival,
        wait_s=start - paused,
        setup_s=halt.setup_s,
        service_s=halt.service_s,
        pause_after_s=times.leaves[k] - done,
        drive_s=times.drives[k],
        distance_m=0,
        load=(),
        is_reload=item < 0,
    )


def _pauses(tables: Tables, vehicle: int, times: Times) -> Iterator[Pause]:
    breaks = tables.vehicles[vehicle].breaks
    for k in range(len(times.arrivals)):
        for after, taken in ((False, times.pauses_before[k]), (True, times.pauses_after[k])):
            for number, start, lasts in taken:
                name = "" if number == timing.REST else breaks[number].id
                yield Pause(name, k, after, start, lasts)


def _legs(
    tables: Tables, vehicle: int, order: Sequence[int]
) -> tuple[list[tuple[int, int | None]], tuple[int, int | None]]:
    """Return metres and price of the leg to each halt, and of the leg to the end."""
    places = [itinerary.place(tables, vehicle, item) for item in order]
    asked = tables.vehicles[vehicle]
    pairs = list(zip([asked.start, *places], [*places, asked.end], strict=True))
    found = [_leg(tables, vehicle, origin, place) for origin, place in pairs]
    return found[:-1], found[-1]


def _leg(
    tables: Tables, vehicle: int, origin: int | None, place: int | None
) -> tuple[int, int | None]:
    legs = tables.legs(vehicle)
    nothing = (0, None if legs.costs is None else 0)
    if origin is None or place is None:
        return nothing
    hours = (legs.durations, *(durations for _, durations in legs.hours))
    if all(durations.item(origin, place) == NO_WAY for durations in hours):
        return nothing
    price = None if legs.costs is None else legs.costs.item(origin, place)
    return legs.distances.item(origin, place), price


def _violations(
    tables: Tables, vehicle: int, order: Sequence[int], route: Route
) -> Iterator[Violation]:
    yield from _unreachable(tables, vehicle, route)
    yield from _late(tables, vehicle, order, route)
    yield from _breaks(tables, vehicle, route)
    yield from _overload(tables, vehicle, route)
    yield from rules.of_route(tables, vehicle, order)
    asked = tables.vehicles[vehicle]
    early = max([asked.shift.earliest, itinerary.asked(tables, vehicle, order).ready or 0])
    if route.departure < early:
        seconds = early - route.departure
        yield Violation("shift", asked.id, None, f"leaves {seconds} s too early", seconds)
    if route.arrival > asked.shift.latest:
        late = route.arrival - asked.shift.latest
        yield Violation("shift", asked.id, None, f"ends {late} s after the shift", late)
    for code, used, limit, unit in (
        ("max_distance", route.distance_m, asked.max_distance_m, "m"),
        ("max_duration", route.duration_s, asked.max_duration_s, "s"),
        ("max_drive", route.drive_s, asked.max_drive_s, "s of driving"),
        ("max_stops", len(route.visits), asked.max_stops, "visits"),
    ):
        if limit is not None and used > limit:
            cause = f"{used} {unit}, {used - limit} over the limit of {limit}"
            yield Violation(code, asked.id, None, cause, used - limit)


def _unreachable(tables: Tables, vehicle: int, route: Route) -> Iterator[Violation]:
    asked, legs = tables.vehicles[vehicle], tables.legs(vehicle)
    here, name, leave = asked.start, "the start", route.departure
    for step in route.steps:
        if here is not None and _barred(legs, here, step.place, leave):
            cause = f"no way from {name} to {step.visit}"
            yield Violation("unreachable", asked.id, step.visit, cause, 1)
        here, name, leave = step.place, step.visit, step.departure
    if asked.end is not None and here is not None and _barred(legs, here, asked.end, leave):
        cause = f"no way from {name} to the end"
        yield Violation("unreachable", asked.id, None, cause, 1)


def _barred(legs: Legs, here: int, there: int, leave: int) -> bool:
    durations = legs.durations
    for begin, later in legs.hours:
        if leave >= begin:
            durations = later
    return bool(durations.item(here, there) == NO_WAY)


def _late(tables: Tables, vehicle: int, order: Sequence[int], route: Route) -> Iterator[Violation]:
    for item, step in zip(order, route.steps, strict=True):
        windows = itinerary.windows(tables, vehicle, item)
        if windows and step.service_start > windows[-1].latest:
            late = step.service_start - windows[-1].latest
            yield Violation("late", route.vehicle, step.visit, f"served {late} s late", late)


def _breaks(tables: Tables, vehicle: int, route: Route) -> Iterator[Violation]:
    asked = tables.vehicles[vehicle]
    taken = {pause.id: pause for pause in route.pauses}
    for pause in asked.breaks:
        latest, own = pause.window.latest, taken.get(pause.id)
        if own is not None and own.start > latest:
            late = own.start - latest
            cause = f"break {pause.id} begins {late} s late"
            yield Violation("break", asked.id, None, cause, late)
        elif own is None and route.departure <= latest < route.arrival:
            late = route.arrival - latest
            yield Violation("break", asked.id, None, f"break {pause.id} is not taken", late)
    if asked.rest is not None:
        over = longest_drive(route, asked.rest.duration_s) - asked.rest.drive_s
        if over > 0:
            cause = f"drives {over} s longer without a rest than {asked.rest.drive_s} s"
            yield Violation("rest", asked.id, None, cause, over)


def longest_drive(route: Route, rest_s: int) -> int:
    """Return the most seconds of driving between pauses of at least so many seconds."""
    rests = {(pause.step, pause.after) for pause in route.pauses if pause.duration_s >= rest_s}
    longest = driven = 0
    for k, step in enumerate(route.steps):
        driven += step.drive_s
        longest = max(longest, driven)
        if {(k, False), (k, True)} & rests:
            driven = 0
    return max(longest, driven + route.end_drive_s)


def _overload(tables: Tables, vehicle: int, route: Route) -> Iterator[Violation]:
    loads = [route.start_load, *(step.load for step in route.steps)]
    for k, name in enumerate(tables.problem.dimensions):
        capacity = tables.vehicles[vehicle].capacity[k]
        over = [number for number, load in enumerate(loads) if load[k] > capacity]
        if not over:
            continue
        most = max(load[k] for load in loads) - capacity
        first = route.steps[max(over[0] - 1, 0)].visit
        where = f"when leaving stops {_numbers(over)} (0 is the start)"
        cause = f"{name} +{most} over the capacity of {capacity} {where}"
        yield Violation("overload", route.vehicle, first, cause, most)


def _numbers(numbers: Collection[int]) -> str:
    """Return ``1-3, 6`` for 1, 2, 3, 6."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]}-{g[-1]}" if len(g) > 1 else str(g[0]) for g in groups)


def sequence_faults(tables: Tables, sequences: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Yield what is wrong with sequences as such: unknown names, and visits named twice."""
    seen: dict[str, str] = {}
    for vehicle, visits in sequences.items():
        where = f"sequences[{vehicle!r}]"
        if vehicle not in tables.vehicle_index:
            yield Fault(where, "unknown_vehicle", "no such vehicle", "use the problem's ids")
        reloads = _reload_ids(tables, vehicle)
        for visit in visits:
            if visit in reloads:
                continue
            if visit not in tables.visit_index:
                cause = f"no visit {visit!r}"
                yield Fault(where, "unknown_visit", cause, "use the problem's ids")
            elif visit in seen:
                cause = f"visit {visit!r} is in {seen[visit]} already"
                yield Fault(where, "visit_twice", cause, "name each visit once")
            seen[visit] = where


def _reload_ids(tables: Tables, vehicle: str) -> set[str]:
    if vehicle not in tables.vehicle_index:
        return set()
    return {reload.id for reload in tables.vehicles[tables.vehicle_index[vehicle]].reloads}
