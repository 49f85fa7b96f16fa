"""Solve a tiny problem, and look at the plan as a person would: who serves whom, when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from routing.check import check
from routing.problem import Matrix, Problem, Vehicle, Visit
from routing.solution import Route, Solution
from routing.solve import Budget, solve


def solved(
    places: Matrix,
    vehicles: Sequence[Vehicle],
    visits: Sequence[Visit],
    *,
    start: Solution | None = None,
    **more: Any,
) -> Solution:
    """Return a plan that passes `check`, but for visits that must be planned and cannot."""
    usual: dict[str, Any] = {"matrices": {"car": places}}
    asked = Problem(tuple(vehicles), tuple(visits), **{**usual, **more})
    found = solve(asked, Budget(iterations=300), seed=1, start=start)
    assert [v for v in check(asked, found) if v.code != "must_be_planned"] == []
    return found


def routes(plan: Solution) -> dict[str, str]:
    """Return the visits of each route in one word: ids are letters."""
    return {route.vehicle: "".join(step.visit for step in route.steps) for route in plan.routes}


def left_out(plan: Solution) -> str:
    return "".join(unplanned.visit for unplanned in plan.unplanned)


def only(plan: Solution) -> Route:
    (route,) = plan.routes
    return route


def starts(route: Route) -> list[int]:
    return [step.service_start for step in route.steps]
