"""Real searches in real children, some of which are killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path
from uuid import UUID

import pytest

from dispatch.plans import plans
from dispatch.plans.foreman import Foreman, Work
from dispatch.plans.jobs import LocalPool
from dispatch.store import database
from dispatch.store.database import Database, reading
from dispatch.store.errors import Invalid
from tests.dispatch.plans.searches import (
    ask,
    assert_planned,
    assert_stops,
    gather,
    look,
    until,
)


def foreman(db: Database, **more: float) -> Foreman:
    usual = {"lease_s": 2.0, "beat_s": 0.1}
    return Foreman(db, LocalPool(), gather, **{**usual, **more})  # type: ignore[arg-type]


def test_a_plan_that_is_sent_to_the_solver_comes_back_with_routes(db: Database, plan: UUID) -> None:
    run = ask(db, plan, 1)
    foreman(db).work(until=until(lambda: look(db, run).state == "done"))
    assert_planned(db, plan)


def test_stop_keeps_the_best_so_far(db: Database, plan: UUID) -> None:
    assert_stops(db, plan, foreman(db))


def test_a_solver_that_is_killed_is_begun_again_from_its_best(db: Database, plan: UUID) -> None:
    run = ask(db, plan, 3)
    killed: list[int] = []

    def kill() -> bool:
        seen = look(db, run)
        if seen.objective is not None and not killed:
            killed.append(seen.objective)
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)
        return seen.state == "done"

    foreman(db).work(until=until(kill))
    seen = look(db, run)
    assert (seen.state, seen.attempt, seen.error) == ("done", 2, None)
    assert killed[0] >= (seen.objective or 0)
    assert_planned(db, plan)


def test_a_solver_that_is_killed_every_time_is_given_up_and_says_so(
    db: Database, plan: UUID
) -> None:
    run = ask(db, plan, 600)

    def kill() -> bool:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
        return look(db, run).state == "failed"

    foreman(db).work(until=until(kill))
    assert "ended by itself (status -9)" in (look(db, run).error or "")
    with reading(db) as session:
        assert plans.get(session, plan).status == "draft"


def test_what_a_worker_left_is_taken_up_by_another(db: Database, plan: UUID) -> None:
    run = ask(db, plan, 3)
    # It ends as one that is killed does: its job is gone, its lease stands.
    foreman(db).work(until=until(lambda: look(db, run).objective is not None))
    assert look(db, run).state == "running"
    assert multiprocessing.active_children() == []
    before = look(db, run).objective
    foreman(db).work(until=until(lambda: look(db, run).state == "done"))
    assert (look(db, run).attempt, look(db, run).token) == (2, 2)
    after = look(db, run).objective
    assert before is not None
    assert after is not None
    assert after <= before
    assert_planned(db, plan)


def _work(url: str) -> None:
    foreman(database.open_database(url)).work(until=lambda: False)


def children_of(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
def test_a_worker_that_is_killed_leaves_no_solver_and_loses_no_run(
    db: Database, database_url: str, plan: UUID
) -> None:
    run = ask(db, plan, 3)
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(database_url,))
    worker.start()
    known = until(lambda: look(db, run).objective is not None)
    while not known():
        time.sleep(0.05)
    solvers = children_of(worker.pid or 0)
    worker.kill()
    worker.join()
    gone = until(lambda: not any(map(is_running, solvers)), most_s=20)
    while not gone():
        time.sleep(0.05)
    assert solvers
    assert not any(map(is_running, solvers))

    foreman(db).work(until=until(lambda: look(db, run).state == "done"))
    assert look(db, run).token == 2
    assert_planned(db, plan)


def test_what_cannot_be_gathered_fails_the_run_with_its_reason(db: Database, plan: UUID) -> None:
    def refuse(_: Database, __: UUID) -> Work:
        raise Invalid("no_vehicles", cause="no vehicle is on duty", action="add a shift")

    run = ask(db, plan, 1)
    Foreman(db, LocalPool(), refuse, beat_s=0.1).work(
        until=until(lambda: look(db, run).state == "failed")
    )
    assert "no vehicle is on duty" in (look(db, run).error or "")
