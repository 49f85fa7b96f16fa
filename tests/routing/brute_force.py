"""The best plan by trying them all: assignments of visits to vehicles, then all orders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

from routing.check import check
from routing.problem import Choice, Problem, Visit
from routing.schedule import schedule
from routing.solution import Solution

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
    return worth(problem, solution)


def worth(problem: Problem, solution: Solution) -> Worth:
    missing, cost = 0, solution.cost
    served = {step.visit for route in solution.routes for step in route.visits}
    chosen = {visit for choice in problem.choices for o in choice.options for visit in o.visits}
    left_out: list[Visit | Choice] = [v for v in problem.visits if v.id not in served | chosen]
    for choice in problem.choices:
        taken = [option for option in choice.options if served & {*option.visits}]
        cost += sum(option.price for option in taken)
        left_out += [] if taken else [choice]
    for one in left_out:
        if one.price_unplanned is None:
            missing += 1 + one.priority
        else:
            cost += one.price_unplanned
    return missing, cost
