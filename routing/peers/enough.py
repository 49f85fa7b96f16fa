"""As many vehicles as can be of use, for engines that get slow with a fleet without end."""

from __future__ import annotations

from dataclasses import replace

from routing import itinerary
from routing.draft import first_plan
from routing.problem import Problem
from routing.tables import Tables

MORE = 1.5
"""Times the vehicles of a first plan; the best known plans of our instances need fewer than 1.1."""

SPARE = 2


def enough(problem: Problem) -> Problem:
    """
    Return a problem without the vehicles that no good plan would use.

    There stay half as many again as a first plan by insertion uses, and two more; all, if it
    leaves a visit out. A fleet of several kinds stays whole too: a first plan says little of
    which kinds a good one uses.
    """
    tables = Tables(problem)
    if len(set(tables.vehicle_kinds)) > 1:
        return problem
    orders = first_plan(tables, {}, stop=lambda: False).orders
    if sum(len(itinerary.visits(order)) for order in orders.values()) < len(problem.visits):
        return problem
    used = sum(1 for order in orders.values() if order)
    return replace(problem, vehicles=problem.vehicles[: int(MORE * used) + SPARE])
