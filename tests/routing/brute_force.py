"""The best plan by trying them all: assignments of visits to vehicles, then all orders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

from routing.check import check
from routing.problem import Problem
from routing.schedule import schedule

Worth = tuple[int, int]


def best(problem: Problem) -> Worth:
    """
    What must be planned and is not (1 + priority each), then money; `check` is the judge.

    No vehicle loads again.
    """
    return min(
        worth for sequences in _plans(problem) if (worth := _worth(problem, sequences)) is not None
    )


def _plans(problem: Problem) -> Iterator[dict[str, list[str]]]:
    names = [visit.id for visit in problem.visits]
    vehicles = [None, *(vehicle.id for vehicle in problem.vehicles)]
    for chosen in product(vehicles, repeat=len(names)):
        groups: dict[str, list[str]] = {vehicle: [] for vehicle in vehicles if vehicle is not None}
        for name, vehicle in zip(names, chosen, strict=True):
            if vehicle is not None:
                groups[vehicle].append(name)
        for orders in product(*(permutations(group) for group in groups.values())):
            yield dict(zip(groups, map(list, orders), strict=True))


def _worth(problem: Problem, sequences: dict[str, list[str]]) -> Worth | None:
    solution = schedule(problem, sequences)
    if any(v.code != "must_be_planned" for v in check(problem, solution)):
        return None
    return worth(problem, {unplanned.visit for unplanned in solution.unplanned}, solution.cost)


def worth(problem: Problem, unplanned: set[str], cost: int) -> Worth:
    missing = 0
    for visit in problem.visits:
        if visit.id in unplanned and visit.price_unplanned is None:
            missing += 1 + visit.priority
        elif visit.id in unplanned:
            cost += visit.price_unplanned or 0
    return missing, cost
