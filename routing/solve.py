"""Solve a problem: budget, seeds, cores, progress and stop, and a gate that no bad plan passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from routing import beginning, itinerary, reasons, reassign, schedule, together
from routing import draft as draft_
from routing.check import check
from routing.crew import Crew, can_have
from routing.engine import instance as instance_
from routing.engine.ready import make_ready
from routing.problem import Fault, InvalidProblem, Problem
from routing.search import Orders, Search, Worth
from routing.solution import Solution, Violation
from routing.stop import Stop
from routing.tables import Tables

FIRST_PLAN_S, FIRST_PLAN_VISIT_S = 0.7, 0.0003
"""
The first plan may take so much longer than the time, and so much for each visit: better a little
late than no route. Before that the arrays of the problem are made, however long that takes.
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: seconds of wall-clock, iterations of each core's engine, or both."""

    seconds: float | None = None
    iterations: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """
    A plan that is better than all before it.

    ``objective`` is cost plus the price of what is left out, in minor units; visits that must be
    planned and are not come before all money. ``elapsed_s`` is since `solve` was called.
    """

    elapsed_s: float
    objective: int
    num_routes: int
    num_unplanned: int
    orders: Orders
    tables: Tables

    def solution(self) -> Solution:
        """Return the plan itself, without reasons for what it leaves out."""
        return schedule.solution(self.tables, self.orders)


class BrokenPlan(Exception):
    """A plan did not pass `check`: an error in this package, not in the input."""

    def __init__(self, violations: list[Violation]) -> None:
        words = "; ".join(f"{v.code} {v.vehicle} {v.visit}: {v.cause}" for v in violations[:5])
        super().__init__(f"{len(violations)} violations in a finished plan: {words}")
        self.violations = tuple(violations)


def solve(
    problem: Problem,
    budget: Budget,
    *,
    seed: int = 0,
    start: Solution | None = None,
    on_best: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    cores: int = 1,
) -> Solution:
    """
    Return the best plan found within a budget.

    Parameters
    ----------
    budget
        Seconds, iterations, or both. The call ends within about a second after the time; with
        thousands of visits a first plan may take longer than that.
    seed
        The same seed and number of iterations give the same plan, without a limit of time.
    start
        A plan to begin with, of this problem's vehicles and visits; what it breaks is mended
        first. The answer is never worse than the mended start.
    on_best
        Called with each plan that is better than all before; the first one is always told.
    stop
        Asked some fifty times a second; once it says True, the best plan so far is returned.
    cores
        1: the search runs in this process. More: that many child processes, each with its own
        seed; one that dies loses only its own part. A process that is a daemon of
        `multiprocessing` has but one core, and so has one that could not keep its compiled code
        on disk.

    Returns
    -------
    solution
        Passes `check`, but for visits that must be planned and cannot: they are unplanned, and
        as few as the search could manage. Each unplanned visit has a reason.

    Raises
    ------
    InvalidProblem
        The budget, the number of cores or the start is none.
    BrokenPlan
        What was found is no plan; never to be expected.
    """
    _check_call(budget, cores)
    tables = Tables(problem)
    make_ready()
    began = time.monotonic()
    deadline = None if budget.seconds is None else began + budget.seconds
    limit = Stop(iterations=budget.iterations, deadline=deadline, asked=stop or _never)

    def tell(orders: Orders, worth: Worth) -> None:
        if on_best is not None:
            on_best(_progress(tables, orders, worth, time.monotonic() - began))

    given = _given(tables, start)
    alone = not can_have(cores)
    with Crew(0 if alone else cores) as crew:
        # With iterations to use up, the first plan does not depend on the clock.
        first = _never
        if deadline is not None:
            first = _late(tables, deadline, limit.asked).now
        orders = draft_.first_plan(tables, given, stop=first).orders
        search = Search(tables, orders, on_best=tell)
        tell(search.orders, search.worth)
        warm = start is not None
        if alone or not together.run(crew, search, limit, seed=seed, warm=warm):
            search.run(limit, seed=seed, warm=warm)
        search.offer(reassign.reassigned(tables, search.orders))
    return _finished(tables, search.orders)


def _late(tables: Tables, deadline: float, asked: Callable[[], bool]) -> Stop:
    """Return the limit of the first plan."""
    if tables.vehicles and tables.visits:
        instance_.of(tables)
    longer = FIRST_PLAN_S + FIRST_PLAN_VISIT_S * len(tables.visits)
    return Stop(iterations=None, deadline=max(deadline, time.monotonic()) + longer, asked=asked)


def _finished(tables: Tables, orders: Orders) -> Solution:
    solution = schedule.solution(tables, orders, reasons=reasons.of_orders(tables, orders))
    violations = [v for v in check(tables.problem, solution) if v.code != "must_be_planned"]
    if violations:
        raise BrokenPlan(violations)
    return solution


def _given(tables: Tables, start: Solution | None) -> Orders:
    """Return what is locked and what a start plan has, without what breaks a rule."""
    if start is None:
        return beginning.begun(tables, {})
    faults = list(schedule.sequence_faults(tables, start.sequences))
    if faults:
        raise InvalidProblem(faults)
    return beginning.begun(tables, itinerary.orders(tables, start.sequences))


def _progress(tables: Tables, orders: Orders, worth: Worth, elapsed_s: float) -> Progress:
    used = [order for order in orders.values() if order]
    unplanned = len(tables.visits) - sum(len(itinerary.visits(order)) for order in used)
    return Progress(elapsed_s, worth[1], len(used), unplanned, orders, tables)


def _check_call(budget: Budget, cores: int) -> None:
    faults = []
    if budget.seconds is None and budget.iterations is None:
        cause = "neither seconds nor iterations are limited"
        faults.append(Fault("budget", "no_budget", cause, "give one of them"))
    for name, amount in (("seconds", budget.seconds), ("iterations", budget.iterations)):
        if amount is not None and not amount >= 0:
            cause = f"{amount} is no number from 0"
            faults.append(Fault(f"budget.{name}", "bad_budget", cause, "give 0 or more"))
    if cores < 1:
        faults.append(Fault("cores", "bad_cores", f"{cores} is less than 1", "give 1 or more"))
    if faults:
        raise InvalidProblem(faults)


def _never() -> bool:
    return False
