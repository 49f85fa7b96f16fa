"""The best times for a given order of visits; what it breaks is reported, not forbidden."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from routing import timing
from routing.faults import Fault, InvalidProblem
from routing.problem import NO_WAY, Problem
from routing.solution import Reason, Route, Solution, Step, Unplanned, Violation
from routing.tables import Load, Tables, route_cost

Reasons = Mapping[str, tuple[Reason, ...]]


def schedule(problem: Problem, sequences: Mapping[str, Sequence[str]]) -> Solution:
    """
    Return the best times for given sequences of visits.

    Parameters
    ----------
    sequences
        Visit ids in order, by vehicle id. A vehicle with no visits is not used.

    Returns
    -------
    solution
        Each route has its shortest duration, and among these the earliest; a visit that cannot
        be served in time is served as early as can be. ``violations`` holds all that the given
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
    orders = {
        tables.vehicle_index[vehicle]: [tables.visit_index[visit] for visit in visits]
        for vehicle, visits in sequences.items()
    }
    return solution(tables, orders)


def solution(
    tables: Tables, orders: Mapping[int, Sequence[int]], *, reasons: Reasons | None = None
) -> Solution:
    """Return `schedule`'s answer for indices of vehicles and visits that are known to be good."""
    routes, violations = [], []
    for vehicle in sorted(vehicle for vehicle, order in orders.items() if order):
        route, broken = _route(tables, vehicle, orders[vehicle])
        routes.append(route)
        violations += broken
    planned = {step.visit for route in routes for step in route.steps}
    left_out = [visit for visit in tables.visits if visit.id not in planned]
    known = reasons or {}
    return Solution(
        routes=tuple(routes),
        unplanned=tuple(
            Unplanned(visit.id, known.get(visit.id, (_LEFT_OUT,))) for visit in left_out
        ),
        cost=sum(route.cost for route in routes),
        price_unplanned=sum(visit.price_unplanned or 0 for visit in left_out),
        violations=tuple(violations),
    )


_LEFT_OUT = Reason(
    "left_out", cause="it is in none of the given sequences", action="put it in a sequence"
)


def _route(tables: Tables, vehicle: int, order: Sequence[int]) -> tuple[Route, list[Violation]]:
    asked = tables.vehicles[vehicle]
    stops, last_drive = timing.halts(tables, vehicle, order)
    times = timing.shortest(asked.shift, stops, last_drive)
    if times is None:
        times = timing.least_late(asked.shift, stops, last_drive)
    legs, end_leg = _legs(tables, vehicle, order)
    loads = _loads(tables, order)
    steps = [
        Step(
            visit=tables.visits[index].id,
            place=tables.visits[index].place,
            arrival=times.arrivals[k],
            wait_s=times.starts[k] - times.arrivals[k],
            setup_s=stop.setup_s,
            service_s=stop.service_s,
            drive_s=stop.drive_s,
            distance_m=legs[k][0],
            load=loads[k + 1],
        )
        for k, (index, stop) in enumerate(zip(order, stops, strict=True))
    ]
    cost = route_cost(
        asked,
        distance_m=sum(leg[0] for leg in (*legs, end_leg)),
        duration_s=times.end - times.departure,
        drive_s=last_drive + sum(stop.drive_s for stop in stops),
        leg_costs=None if end_leg[1] is None else sum(leg[1] or 0 for leg in (*legs, end_leg)),
    )
    route = Route(
        vehicle=asked.id,
        departure=times.departure,
        arrival=times.end,
        steps=tuple(steps),
        end_drive_s=last_drive,
        end_distance_m=end_leg[0],
        start_load=loads[0],
        cost=cost,
    )
    return route, list(_violations(tables, vehicle, order, route))


def _legs(
    tables: Tables, vehicle: int, order: Sequence[int]
) -> tuple[list[tuple[int, int | None]], tuple[int, int | None]]:
    """Return metres and price of the leg to each visit, and of the leg to the end."""
    places = [tables.visits[index].place for index in order]
    asked = tables.vehicles[vehicle]
    pairs = list(zip([asked.start, *places], [*places, asked.end], strict=True))
    found = [_leg(tables, vehicle, origin, place) for origin, place in pairs]
    return found[:-1], found[-1]


def _leg(
    tables: Tables, vehicle: int, origin: int | None, place: int | None
) -> tuple[int, int | None]:
    legs = tables.legs(vehicle)
    nothing = (0, None if legs.costs is None else 0)
    if origin is None or place is None or legs.durations.item(origin, place) == NO_WAY:
        return nothing
    price = None if legs.costs is None else legs.costs.item(origin, place)
    return legs.distances.item(origin, place), price


def _loads(tables: Tables, order: Sequence[int]) -> list[Load]:
    """Return what is on board when leaving the start, and when leaving each visit."""
    on_board = tuple(
        sum(amounts)
        for amounts in zip(
            *(tables.delivered[index] for index in order),
            (0,) * len(tables.problem.dimensions),
            strict=True,
        )
    )
    loads = [on_board]
    for index in order:
        changes = zip(on_board, tables.delivered[index], tables.picked_up[index], strict=True)
        on_board = tuple(load - out + in_ for load, out, in_ in changes)
        loads.append(on_board)
    return loads


def _violations(
    tables: Tables, vehicle: int, order: Sequence[int], route: Route
) -> Iterator[Violation]:
    yield from _unreachable(tables, vehicle, order)
    yield from _late(tables, order, route)
    yield from _overload(tables, vehicle, route)
    yield from _skills(tables, vehicle, order)
    asked = tables.vehicles[vehicle]
    if route.arrival > asked.shift.latest:
        late = route.arrival - asked.shift.latest
        yield Violation("shift", asked.id, None, f"ends {late} s after the shift", late)
    for code, used, limit, unit in (
        ("max_distance", route.distance_m, asked.max_distance_m, "m"),
        ("max_duration", route.duration_s, asked.max_duration_s, "s"),
        ("max_drive", route.drive_s, asked.max_drive_s, "s of driving"),
        ("max_stops", len(route.steps), asked.max_stops, "visits"),
    ):
        if limit is not None and used > limit:
            cause = f"{used} {unit}, {used - limit} over the limit of {limit}"
            yield Violation(code, asked.id, None, cause, used - limit)


def _unreachable(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    asked = tables.vehicles[vehicle]
    durations = tables.legs(vehicle).durations
    place, name = asked.start, "the start"
    for index in order:
        visit = tables.visits[index]
        if place is not None and durations.item(place, visit.place) == NO_WAY:
            cause = f"no way from {name} to {visit.id}"
            yield Violation("unreachable", asked.id, visit.id, cause, 1)
        place, name = visit.place, visit.id
    if asked.end is not None and place is not None and durations.item(place, asked.end) == NO_WAY:
        cause = f"no way from {name} to the end"
        yield Violation("unreachable", asked.id, None, cause, 1)


def _late(tables: Tables, order: Sequence[int], route: Route) -> Iterator[Violation]:
    for index, step in zip(order, route.steps, strict=True):
        windows = tables.windows[index]
        if windows and step.service_start > windows[-1].latest:
            late = step.service_start - windows[-1].latest
            yield Violation("late", route.vehicle, step.visit, f"served {late} s late", late)


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


def _skills(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    asked = tables.vehicles[vehicle]
    for index in order:
        missing = tables.visits[index].skills - asked.skills
        if missing:
            cause = f"the vehicle lacks {', '.join(sorted(missing))}"
            yield Violation("skills", asked.id, tables.visits[index].id, cause, len(missing))


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
        for visit in visits:
            if visit not in tables.visit_index:
                cause = f"no visit {visit!r}"
                yield Fault(where, "unknown_visit", cause, "use the problem's ids")
            elif visit in seen:
                cause = f"visit {visit!r} is in {seen[visit]} already"
                yield Fault(where, "visit_twice", cause, "name each visit once")
            seen[visit] = where
