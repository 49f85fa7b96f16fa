"""A plan that is searched for, by whatever pool: what all such tests ask, and wait for."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from dispatch.plans import plans, runs
from dispatch.plans.foreman import Foreman, Work
from dispatch.plans.plans import Made
from dispatch.plans.runs import SolveRun
from dispatch.store.database import Database, reading, transaction
from routing.check import check
from routing.schedule import schedule
from routing.solution import Solution
from tests.routing.build import town

ACTOR = "user:li"
TOWN = town(40)


def gather(_: Database, __: UUID) -> Work:
    return Work(TOWN, made)


def made(solution: Solution) -> Made:
    digests = {"town": "1"}
    return Made(solution.sequences, digests, solution.objective, len(solution.unplanned))


def ask(db: Database, plan: UUID, seconds: float = 60) -> UUID:
    with transaction(db, actor=ACTOR) as session:
        return runs.ask(session, plans.get(session, plan), seconds=seconds).id


def look(db: Database, run: UUID) -> SolveRun:
    with reading(db) as session:
        found = session.get(SolveRun, run)
        assert found is not None
        return found


def until(true: Callable[[], bool], *, most_s: float = 90) -> Callable[[], bool]:
    """Return what ends the work: something has come about, or it never will."""
    deadline = time.monotonic() + most_s
    return lambda: true() or time.monotonic() > deadline


def assert_stops(db: Database, plan: UUID, foreman: Foreman) -> None:
    """Stop a long search once it has a plan, and see that the best so far is kept."""
    run = ask(db, plan, 600)
    stopped: list[float] = []

    def enough() -> bool:
        seen = look(db, run)
        if seen.objective is not None and not stopped:
            stopped.append(time.monotonic())
            with transaction(db, actor=ACTOR) as session:
                runs.stop(session, run)
        return seen.state == "done"

    foreman.work(until=until(enough))
    assert stopped
    assert time.monotonic() - stopped[0] < 30
    assert_planned(db, plan)


def assert_planned(db: Database, plan: UUID) -> None:
    with reading(db) as session:
        found = plans.get(session, plan)
        version = plans.version(session, found)
        assert version is not None
        assert (found.status, version.number, version.num_unplanned) == ("ready", 1, 0)
        solution = schedule(TOWN, version.sequences)
    assert check(TOWN, solution) == []
    assert solution.objective == version.objective
