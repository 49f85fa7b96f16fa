"""As many vehicles as can be of use, for engines that get slow with a fleet without end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from routing.draft import first_plan
from routing.problem import Problem
from routing.tables import Tables

MORE = 1.5
"""Times the vehicles of a first plan; the best known plans of our instances need fewer than 1.1."""

SPARE = 2


def enough(problem: Problem) -> Problem:
    """
    Return a problem without the vehicles that no good plan would use.

    Of each kind stay half as many again as a first plan by insertion uses, and two more; all, if
    it leaves a visit out.
    """
    tables = Tables(problem)
    orders = first_plan(tables, {}, stop=lambda: False).orders
    if sum(map(len, orders.values())) < len(problem.visits):
        return problem
    used = Counter(tables.vehicle_kinds[vehicle] for vehicle, order in orders.items() if order)
    left = {kind: int(MORE * used[kind]) + SPARE for kind in set(tables.vehicle_kinds)}
    kept = []
    for vehicle, kind in zip(problem.vehicles, tables.vehicle_kinds, strict=True):
        if left[kind] > 0:
            kept.append(vehicle)
            left[kind] -= 1
    return replace(problem, vehicles=tuple(kept))
