"""Why a visit is not planned, and the cheapest ways to plan it after all, each tried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from routing import reasons, schedule
from routing.check import check
from routing.faults import Fault, InvalidProblem
from routing.problem import Problem, Vehicle, Visit, Window
from routing.quote import Desk, Insertion
from routing.solution import Reason, Route, Solution
from routing.tables import Tables

LONGER_S = 4 * 3600
"""Windows and shifts are tried so much longer; what is needed of it is told."""

_SHARES = (16, 8, 4, 2, 1)
"""A window is tried in these shares of it, so that what is near is found before what is cheap."""

DROPPED = 12
"""So many visits of the plan are tried to be left out instead."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """
    What would have to give so that a visit is planned.

    ``kind``: ``window``, ``overtime``, ``skill``, ``pin``, ``depot``, ``vehicle``, ``trip``,
    ``capacity``, ``drop`` or ``window_and_overtime``. ``who`` is the visit or vehicle that gives,
    ``amount`` how much: seconds (of window and overtime together, where it takes both), or units
    of the first load dimension that is short. ``price`` is by how much the
    objective of the plan changes, in minor units; where the visit must be planned, leaving it out
    counts nothing. ``problem`` is what was asked with the relaxation, ``solution`` its plan, which
    passes `check` but for other visits that must be planned.
    """

    kind: str
    who: str
    amount: int
    price: int
    words: str
    problem: Problem
    solution: Solution


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a visit is not planned, and what would help, the cheapest first."""

    visit: str
    reasons: tuple[Reason, ...]
    relaxations: tuple[Relaxation, ...]


def explain(problem: Problem, solution: Solution, visit: str) -> Explanation:
    """
    Return what keeps a visit out of a plan, and the relaxations that let it in.

    For a visit that is planned only with others of its option there are reasons alone.

    Raises
    ------
    InvalidProblem
        The plan does not leave out such a visit.
    """
    left_out = {unplanned.visit for unplanned in solution.unplanned}
    if visit not in left_out:
        cause = f"visit {visit!r} is not left out of the plan"
        action = "ask about one that is"
        raise InvalidProblem([Fault("visit", "not_left_out", cause, action)])
    desk = Desk(problem, solution)
    index = desk.tables.visit_index[visit]
    told = tuple(reasons.of_visit(desk.draft, index))
    if desk.tables.companions(index):
        return Explanation(visit, told, ())
    found = [
        *_by_window(problem, solution, visit),
        *_by_overtime(problem, solution, visit),
        *_by_skill(problem, solution, visit),
        *_by_depot(problem, solution, visit),
        *_by_vehicle(problem, solution, visit),
        *_by_trip(problem, solution, visit),
        *_by_drop(problem, solution, visit),
    ]
    if not found:
        found += _by_window_and_overtime(problem, solution, visit)
    found.sort(key=lambda one: (one.price, one.kind, one.who))
    return Explanation(visit, told, tuple(found))


def _by_window(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    own = _visit(problem, visit)
    if not own.windows:
        return
    first = min(window.earliest for window in own.windows)
    last = max(window.latest for window in own.windows)
    for words, earlier, later in (("later", 0, LONGER_S), ("earlier", LONGER_S, 0)):
        for start in _starts(problem, solution, own, earlier, later):
            seconds = start - last if later else first - start
            window = Window(first, start) if later else Window(start, last)
            tight = _with_visit(problem, replace(own, windows=(*own.windows, window)))
            text = f"a window {_minutes(seconds)} {words}"
            yield from _tried("window", visit, seconds, text, tight, solution, visit)


def _starts(
    problem: Problem, solution: Solution, own: Visit, earlier: int, later: int
) -> list[int]:
    """Return when service would start in a wider window: as near to its own as may be, cheapest."""
    first = min(window.earliest for window in own.windows)
    last = max(window.latest for window in own.windows)
    found: list[int] = []
    for share in _SHARES:
        if found and share > 1:
            continue
        wide = Window(max(0, first - earlier // share), last + later // share)
        loose = _with_visit(problem, replace(own, windows=(*own.windows, wide)))
        start = _start(loose, solution, own.id)
        if start is not None and (start > last if later else start < first):
            found.append(start)
    return list(dict.fromkeys(found))


def _by_overtime(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    longer = _with_vehicles(problem, [_longer(v, LONGER_S) for v in problem.vehicles])
    for way in _ways(longer, solution, visit):
        own = _vehicle(problem, way.vehicle)
        seconds = _over(own, way.route)
        if seconds > 0:
            only = [_longer(v, seconds) if v.id == own.id else v for v in problem.vehicles]
            text = f"{own.id} {_minutes(seconds)} longer"
            asked = _with_vehicles(problem, only)
            yield from _tried("overtime", own.id, seconds, text, asked, solution, visit)
            return


def _by_window_and_overtime(
    problem: Problem, solution: Solution, visit: str
) -> Iterator[Relaxation]:
    """Try both at once: the cheapest way that needs a wider window and a longer day."""
    own = _visit(problem, visit)
    if not own.windows:
        return
    first = min(window.earliest for window in own.windows)
    last = max(window.latest for window in own.windows)
    wide = Window(max(0, first - LONGER_S), last + LONGER_S)
    loose = _with_visit(problem, replace(own, windows=(*own.windows, wide)))
    loose = _with_vehicles(loose, [_longer(v, LONGER_S) for v in problem.vehicles])
    for way in _ways(loose, solution, visit):
        start = way.step(visit).service_start
        moved = max(start - last, first - start)
        over = _over(_vehicle(problem, way.vehicle), way.route)
        if moved <= 0 or over <= 0:
            continue
        window = Window(min(first, start), max(last, start))
        asked = _with_visit(problem, replace(own, windows=(*own.windows, window)))
        longer = [_longer(v, over) if v.id == way.vehicle else v for v in problem.vehicles]
        words = f"a window {_minutes(moved)} {'later' if start > last else 'earlier'}"
        text = f"{words} and {way.vehicle} {_minutes(over)} longer"
        asked = _with_vehicles(asked, longer)
        kind = "window_and_overtime"
        yield from _tried(kind, way.vehicle, moved + over, text, asked, solution, visit)
        return


def _over(vehicle: Vehicle, route: Route) -> int:
    """Return how much longer a vehicle must work for a route; 0 or less: no longer."""
    long = route.duration_s - (vehicle.max_duration_s or route.duration_s)
    return max(route.arrival - vehicle.shift.latest, long)


def _by_skill(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    own = _visit(problem, visit)
    if own.skills:
        able = replace(own, skills=frozenset[str]())
        for way in _ways(_with_visit(problem, able), solution, visit)[:1]:
            missing = sorted(own.skills - _vehicle(problem, way.vehicle).skills)
            if missing:
                more = _vehicle(problem, way.vehicle)
                skilled = replace(more, skills=more.skills | own.skills)
                only = [skilled if v.id == more.id else v for v in problem.vehicles]
                text = f"{more.id} with {', '.join(missing)}"
                asked = _with_vehicles(problem, only)
                yield from _tried("skill", more.id, len(missing), text, asked, solution, visit)
    if own.vehicles is not None or own.not_vehicles:
        free = replace(own, vehicles=None, not_vehicles=frozenset[str]())
        asked = _with_visit(problem, free)
        yield from _tried("pin", visit, 1, "any vehicle", asked, solution, visit)


def _by_depot(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    own = _visit(problem, visit)
    if own.sources is not None:
        asked = _with_visit(problem, replace(own, sources=None))
        yield from _tried("depot", visit, 1, "goods at another depot", asked, solution, visit)


def _by_vehicle(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    kinds: dict[int, Vehicle] = {}
    for kind, vehicle in zip(Tables(problem).vehicle_kinds, problem.vehicles, strict=True):
        kinds.setdefault(kind, vehicle)
    best: list[Relaxation] = []
    for vehicle in kinds.values():
        name = f"{vehicle.id} (another)"
        more = replace(vehicle, id=name, prefix=(), suffix=(), locked=False, load=())
        asked = _with_vehicles(problem, [*problem.vehicles, more])
        text = f"another vehicle like {vehicle.id}"
        best += _tried("vehicle", vehicle.id, 1, text, asked, solution, visit, on=name)
    yield from sorted(best, key=lambda one: one.price)[:1]


def _by_trip(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    more = [replace(v, max_trips=v.max_trips + 1) if v.reloads else v for v in problem.vehicles]
    if more != list(problem.vehicles):
        asked = _with_vehicles(problem, more)
        yield from _tried("trip", visit, 1, "one more trip", asked, solution, visit)


def _by_drop(problem: Problem, solution: Solution, visit: str) -> Iterator[Relaxation]:
    """Try to leave out visits that stand in the way, the cheapest to leave out first."""
    found: list[Relaxation] = []
    for other in _in_the_way(problem, solution, visit):
        optional = other if other.price_unplanned is not None else replace(other, price_unplanned=0)
        asked = _with_visit(problem, optional)
        ids = {
            vehicle: [name for name in sequence if name != other.id]
            for vehicle, sequence in solution.sequences.items()
        }
        fewer = schedule.schedule(asked, ids)
        if fewer.violations or other.id in {step.visit for r in fewer.routes for step in r.steps}:
            continue
        text = f"{other.id} left out instead"
        found += _tried("drop", other.id, 1, text, asked, fewer, visit, before=solution)
    yield from sorted(found, key=lambda one: one.price)[:3]


def _in_the_way(problem: Problem, solution: Solution, visit: str) -> list[Visit]:
    """Return planned visits near one that is not, those of less priority first."""
    own = _visit(problem, visit)
    planned = {step.visit for route in solution.routes for step in route.visits}
    locked = {n for v in problem.vehicles for n in (*v.prefix, *v.suffix)}
    paired = {n for s in problem.shipments for n in (s.pickup, s.delivery)}
    paired |= {n for c in problem.choices for option in c.options for n in option.visits}
    durations = next(iter(problem.matrices.values())).durations
    near = [v for v in problem.visits if v.id in planned - locked - paired]
    near.sort(key=lambda v: (v.priority > own.priority, int(durations[own.place, v.place]), v.id))
    return near[:DROPPED]


def _tried(
    kind: str,
    who: str,
    amount: int,
    words: str,
    asked: Problem,
    solution: Solution,
    visit: str,
    *,
    on: str | None = None,
    before: Solution | None = None,
) -> Iterator[Relaxation]:
    """Yield a relaxation if the visit is then planned, and the plan is one."""
    ways = [way for way in _ways(asked, solution, visit) if on in (None, way.vehicle)]
    if not ways:
        return
    route = ways[0].route
    found = schedule.schedule(asked, {**solution.sequences, route.vehicle: route.sequence})
    if found.violations or [v for v in check(asked, found) if v.code != "must_be_planned"]:
        return
    price = found.objective - (before or solution).objective
    yield Relaxation(kind, who, amount, price, words, asked, found)


def _ways(asked: Problem, solution: Solution, visit: str) -> list[Insertion]:
    desk = Desk(asked, solution)
    ways = desk.fits(desk.tables.visit_index[visit])
    return [way for way in ways if not way.violations]


def _start(asked: Problem, solution: Solution, visit: str) -> int | None:
    """Return when a visit is served by the cheapest way to plan it."""
    ways = _ways(asked, solution, visit)
    return ways[0].step(visit).service_start if ways else None


def _visit(problem: Problem, visit: str) -> Visit:
    return next(one for one in problem.visits if one.id == visit)


def _vehicle(problem: Problem, vehicle: str) -> Vehicle:
    return next(one for one in problem.vehicles if one.id == vehicle)


def _with_visit(problem: Problem, visit: Visit) -> Problem:
    visits = tuple(visit if one.id == visit.id else one for one in problem.visits)
    return replace(problem, visits=visits)


def _with_vehicles(problem: Problem, vehicles: list[Vehicle]) -> Problem:
    return replace(problem, vehicles=tuple(vehicles))


def _longer(vehicle: Vehicle, seconds: int) -> Vehicle:
    """Return a vehicle that may work longer; the hours after its shift are overtime."""
    shift = Window(vehicle.shift.earliest, vehicle.shift.latest + seconds)
    over = vehicle.overtime_from if vehicle.overtime_from is not None else vehicle.shift.latest
    most = vehicle.max_duration_s
    return replace(
        vehicle,
        shift=shift,
        overtime_from=over,
        max_duration_s=None if most is None else most + seconds,
    )


def _minutes(seconds: int) -> str:
    return f"{-(-seconds // 60)} min"
