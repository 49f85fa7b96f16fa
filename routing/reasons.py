"""
Why a visit is not planned: what no vehicle can do for it, or what the plan has no room for.

First each vehicle is asked whether it could serve the visit alone; if none could, that is why.
Else every gap of every route is looked at, and the nearest misses are timed as whole routes: what
these would break, and by how much, are the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from routing import beginning, itinerary, schedule
from routing.draft import Draft
from routing.problem import NO_WAY, Problem, Vehicle, Visit
from routing.solution import Reason, Solution, Violation
from routing.tables import Tables

_MOST = 3  # near misses of different kinds that are told


def reasons(problem: Problem, solution: Solution) -> dict[str, tuple[Reason, ...]]:
    """
    Return at least one reason, with numbers, for each visit that a feasible plan leaves out.

    Codes: ``no_vehicle``, ``no_vehicle_skill``, ``over_capacity``, ``no_way``,
    ``window_unreachable``, ``shift_too_short``, ``max_distance``, ``max_drive``,
    ``max_duration``, ``max_stops`` when no vehicle could serve it even alone; ``window_conflict``,
    ``shift_full``, ``vehicles_full`` and the four limits when the plan has no room for it;
    ``not_worth_it`` when leaving it out is cheaper; ``option_incomplete`` when it fits, but not
    with the others of its option; ``not_tried`` when the search ended before.
    """
    tables = Tables(problem)
    return of_orders(tables, itinerary.orders(tables, solution.sequences))


def of_orders(tables: Tables, orders: Mapping[int, Sequence[int]]) -> dict[str, tuple[Reason, ...]]:
    """Return `reasons` for visits by index of vehicle."""
    draft = Draft(tables, orders, near=False)
    planned = {index for order in orders.values() for index in order}
    return {
        tables.visits[index].id: tuple(of_visit(draft, index)) for index in tables.left_out(planned)
    }


def clock(problem: Problem, second: int) -> str:
    """Return a second of the problem as people read it: a clock where there is a start."""
    if problem.start is None:
        return f"second {second}"
    try:
        at = problem.start + timedelta(seconds=second)
    except OverflowError:
        return f"second {second}"
    days = (at.date() - problem.start.date()).days
    return f"{at:%H:%M}" + (f" (day +{days})" if days else "")


def of_visit(draft: Draft, index: int) -> Iterator[Reason]:
    """Yield `reasons` for one visit that a plan leaves out."""
    tables = draft.tables
    if not tables.vehicles:
        yield Reason("no_vehicle", "there are no vehicles", "add a vehicle")
        return
    kinds: dict[int, list[int]] = {}
    for vehicle, kind in enumerate(tables.vehicle_kinds):
        kinds.setdefault(kind, []).append(vehicle)
    alone = {group[0]: _alone(tables, group[0], index) for group in kinds.values()}
    if all(alone.values()):
        count = {group[0]: len(group) for group in kinds.values()}
        yield from _nobody_can(tables, {k: why for k, why in alone.items() if why}, count)
        return
    able = {vehicle for group in kinds.values() if not alone[group[0]] for vehicle in group}
    spot = draft.best(index)
    if spot is None:
        yield from _no_room(draft, index, able)
        return
    company, price = _option(tables, index)
    if price is not None and spot.cost > price:
        cause = f"the cheapest way costs {spot.cost} more, leaving it out {price}"
        yield Reason("not_worth_it", cause, "raise its price, or accept that it waits")
        return
    if company:
        cause = f"it would fit, but not together with {', '.join(company)} of the same option"
        yield Reason("option_incomplete", cause, "see why these are not planned")
        return
    cause = f"it would fit on {tables.vehicles[spot.vehicle].id}, but the search had ended"
    yield Reason("not_tried", cause, "plan again with more time")


def _option(tables: Tables, index: int) -> tuple[list[str], int | None]:
    """Return who must be planned with a visit, and what that may cost for it to be worth it."""
    number = tables.option_of.get(index)
    if number is None:
        return [], tables.visits[index].price_unplanned
    company = [tables.visits[other].id for other in tables.companions(index)]
    choice, options = next(
        (choice, options)
        for choice, options in zip(tables.problem.choices, tables.choices, strict=True)
        if number in options
    )
    price = choice.price_unplanned
    return company, None if price is None else price - choice.options[number - options.start].price


class _Why(NamedTuple):
    """Why one vehicle cannot serve a visit alone, and how far it is from it."""

    code: str
    miss: int
    cause: str
    action: str


def _nobody_can(
    tables: Tables, alone: Mapping[int, _Why], count: Mapping[int, int]
) -> Iterator[Reason]:
    """Yield one reason for each code, told by the vehicle that misses least."""
    total = len(tables.vehicles)
    for code in dict.fromkeys(why.code for why in alone.values()):
        same = {vehicle: why for vehicle, why in alone.items() if why.code == code}
        vehicle = min(same, key=lambda vehicle: same[vehicle].miss)
        number = sum(count[vehicle] for vehicle in same)
        who = "every vehicle" if number == total else f"{number} of {total} vehicles"
        near = (
            f"; {tables.vehicles[vehicle].id}: "
            if number > 1
            else f" ({tables.vehicles[vehicle].id}): "
        )
        yield Reason(code, f"{who}{near}{same[vehicle].cause}", same[vehicle].action)


def _alone(tables: Tables, vehicle: int, index: int) -> _Why | None:
    """Return why a vehicle cannot serve a visit even with nothing else to do, or None."""
    asked, visit = tables.vehicles[vehicle], tables.visits[index]
    for test in (_skills, _capacity, _way):
        why = test(tables, vehicle, index)
        if why:
            return why
    first, last = beginning.locks(tables, vehicle)
    order = [*first, *last]
    if index not in order:
        order = itinerary.with_visit(tables, order, len(first), index)
    found = schedule.part(tables, {vehicle: order})
    if not found.violations:
        return None
    return _from_violation(tables.problem, asked, visit, found, found.violations[0])


def _skills(tables: Tables, vehicle: int, index: int) -> _Why | None:
    missing = sorted(tables.visits[index].skills - tables.vehicles[vehicle].skills)
    if not missing:
        return None
    words = ", ".join(missing)
    action = f"add a vehicle with {words}, or drop the skill"
    return _Why("no_vehicle_skill", len(missing), f"lacks {words}", action)


def _capacity(tables: Tables, vehicle: int, index: int) -> _Why | None:
    for k, name in enumerate(tables.problem.dimensions):
        needed = max(tables.delivered[index][k], tables.picked_up[index][k])
        capacity = tables.vehicles[vehicle].capacity[k]
        if needed > capacity:
            cause = f"{name} {needed} needed, {capacity} is the capacity"
            return _Why(
                "over_capacity", needed - capacity, cause, "split it, or add a larger vehicle"
            )
    return None


def _way(tables: Tables, vehicle: int, index: int) -> _Why | None:
    durations = tables.legs(vehicle).durations
    asked, place = tables.vehicles[vehicle], tables.visits[index].place
    action = "check the position, the zones and the closures"
    if asked.start is not None and durations.item(asked.start, place) == NO_WAY:
        return _Why("no_way", 1, "no way leads there from its start", action)
    if asked.end is not None and durations.item(place, asked.end) == NO_WAY:
        return _Why("no_way", 1, "no way leads from there to its end", action)
    return None


def _from_violation(
    problem: Problem, vehicle: Vehicle, visit: Visit, found: Solution, broken: Violation
) -> _Why:
    route = found.routes[0]
    late = {step.visit: step for step in route.steps}.get(broken.visit or "")
    if broken.code == "late" and late is not None and late.visit == visit.id:
        arrival = clock(problem, late.arrival)
        last = clock(problem, max(window.latest for window in visit.windows))
        cause = f"arrives at {arrival} at the earliest, the window ends at {last}"
        action = f"a window {_minutes(broken.amount)} longer, or an earlier shift"
        return _Why("window_unreachable", broken.amount, cause, action)
    if broken.code == "shift":
        back, over = clock(problem, route.arrival), clock(problem, vehicle.shift.latest)
        cause = f"is back at {back} at the earliest, the shift ends at {over}"
        action = f"a shift {_minutes(broken.amount)} longer"
        return _Why("shift_too_short", broken.amount, cause, action)
    cause = broken.cause
    if broken.visit not in (None, visit.id):
        cause = f"{broken.visit}: {cause}"
    return _Why(broken.code, broken.amount, cause, "raise the limit, or add a vehicle")


def _no_room(draft: Draft, index: int, able: set[int]) -> Iterator[Reason]:
    """Yield what the nearest misses would break, one for each kind of miss."""
    told: set[str] = set()
    for vehicle, position in draft.misses(index, able):
        order = draft.orders.get(vehicle, [])
        longer = itinerary.with_visit(draft.tables, order, position, index)
        found = schedule.part(draft.tables, {vehicle: longer})
        for reason in _told(draft.tables, index, vehicle, found):
            if reason.code not in told:
                told.add(reason.code)
                yield reason
        if len(told) >= _MOST:
            return
    if not told:
        cause = "no way leads between it and the stops of the vehicles that could serve it"
        yield Reason("no_way", cause, "check the position, the zones and the closures")


_ACTIONS = {
    "late": ("window_conflict", "widen a window, or add a vehicle"),
    "shift": ("shift_full", "lengthen the shift, or add a vehicle"),
    "overload": ("vehicles_full", "add a vehicle, or a larger one"),
}


def _told(tables: Tables, index: int, vehicle: int, found: Solution) -> Iterator[Reason]:
    name, own = tables.vehicles[vehicle].id, tables.visits[index].id
    for broken in found.violations:
        code, action = _ACTIONS.get(broken.code, (broken.code, "raise the limit, or add a vehicle"))
        if broken.code == "late":
            who = "it" if broken.visit == own else f"visit {broken.visit}"
            cause = f"on {name}, the nearest to fit, {who} would be {_minutes(broken.amount)} late"
        elif broken.code == "shift":
            cause = f"{name} would end {_minutes(broken.amount)} after its shift"
        else:
            cause = f"on {name}: {broken.cause}"
        yield Reason(code, cause, action)


def _minutes(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{-(-seconds // 60)} min"
