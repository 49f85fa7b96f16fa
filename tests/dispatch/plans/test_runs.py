from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from dispatch.plans import plans, runs
from dispatch.plans.plans import Made
from dispatch.plans.runs import Best, Claim
from dispatch.store import clock
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict
from tests.dispatch.plans.searches import ask, look

ACTOR = "worker:test"
LEASE_S = 15.0


def claim(db: Database, worker: str = "w") -> Claim | None:
    with transaction(db, actor=ACTOR) as session:
        return runs.claim(session, worker, lease_s=LEASE_S)


def claimed(db: Database, worker: str = "w") -> Claim:
    found = claim(db, worker)
    assert found is not None
    return found


def report(db: Database, mine: Claim, best: Best | None = None) -> bool:
    with transaction(db, actor=ACTOR) as session:
        return runs.report(session, mine, best, lease_s=LEASE_S)


def finish(db: Database, mine: Claim, *stops: str) -> None:
    with transaction(db, actor=ACTOR) as session:
        runs.finish(session, mine, Made({"v": stops}, {}, 5, 0))


def later(seconds: float) -> AbstractContextManager[None]:
    then = clock.now() + timedelta(seconds=seconds)
    return clock.replaced(lambda: then)


def test_a_result_becomes_the_current_version_of_the_plan(db: Database, plan: UUID) -> None:
    run = ask(db, plan)
    finish(db, claimed(db), "a", "b")
    with reading(db) as session:
        found = plans.get(session, plan)
        version = plans.version(session, found)
        assert version is not None
        assert (found.status, version.sequences) == ("ready", {"v": ["a", "b"]})
    assert (look(db, run).state, look(db, run).objective) == ("done", 5)


def test_of_many_workers_at_once_one_gets_the_run(db: Database, plan: UUID) -> None:
    ask(db, plan)
    start = Barrier(12)

    def take(number: int) -> Claim | None:
        start.wait()
        return claim(db, f"w{number}")

    with ThreadPoolExecutor(12) as pool:
        claims = list(pool.map(take, range(12)))
    assert sum(one is not None for one in claims) == 1


def test_a_run_is_taken_up_again_when_its_lease_is_over_from_the_best_so_far(
    db: Database, plan: UUID
) -> None:
    run = ask(db, plan)
    report(db, claimed(db, "killed"), Best({"v": ["b", "a"]}, 90))
    assert claim(db) is None
    with later(LEASE_S + 1):
        again = claimed(db, "other")
    assert (again.run_id, again.token, again.best) == (run, 2, {"v": ["b", "a"]})


def test_what_a_worker_that_was_taken_for_dead_writes_is_refused(db: Database, plan: UUID) -> None:
    run = ask(db, plan)
    slow = claimed(db, "slow")
    with later(LEASE_S + 1):
        fast = claimed(db, "fast")
        for write in (lambda: report(db, slow), lambda: finish(db, slow, "z")):
            with pytest.raises(Conflict, match="run_lost"):
                write()
        finish(db, fast, "a")
        with pytest.raises(Conflict, match="run_lost"):
            finish(db, slow, "z")
    assert look(db, run).best == {"v": ["a"]}
    with reading(db) as session:
        assert session.query(plans.PlanVersion).count() == 1


def test_two_results_at_once_leave_one_version(db: Database, plan: UUID) -> None:
    ask(db, plan)
    mine = claimed(db)
    start = Barrier(6)

    def end(number: int) -> str:
        start.wait()
        try:
            finish(db, mine, f"s{number}")
        except Conflict as error:
            return error.code
        return "stored"

    with ThreadPoolExecutor(6) as pool:
        became = sorted(pool.map(end, range(6)))
    assert became == ["run_lost"] * 5 + ["stored"]


def test_who_works_is_told_to_stop(db: Database, plan: UUID) -> None:
    run = ask(db, plan)
    mine = claimed(db)
    assert not report(db, mine)
    with transaction(db, actor=ACTOR) as session:
        runs.stop(session, run)
    assert report(db, mine)


def test_a_run_that_was_stopped_before_anyone_took_it_still_ends(db: Database, plan: UUID) -> None:
    run = ask(db, plan)
    with transaction(db, actor=ACTOR) as session:
        runs.stop(session, run)
    mine = claimed(db)
    assert report(db, mine)
    finish(db, mine, "a")
    with pytest.raises(Conflict, match="run_over"), transaction(db, actor=ACTOR) as session:
        runs.stop(session, run)


def test_a_run_that_kills_its_workers_is_given_up(db: Database, plan: UUID) -> None:
    run = ask(db, plan)
    for attempt in range(runs.MOST_ATTEMPTS):
        with later((LEASE_S + 1) * attempt):
            claimed(db)
    with later((LEASE_S + 1) * runs.MOST_ATTEMPTS):
        assert claim(db) is None
    assert look(db, run).state == "failed"
    assert "5 workers ended without a result" in (look(db, run).error or "")
    with reading(db) as session:
        assert plans.get(session, plan).status == "draft"


def test_a_plan_with_routes_keeps_them_when_a_later_run_fails(db: Database, plan: UUID) -> None:
    ask(db, plan)
    finish(db, claimed(db), "a")
    ask(db, plan)
    mine = claimed(db)
    assert mine.best == {"v": ["a"]}
    with transaction(db, actor=ACTOR) as session:
        runs.fail(session, mine, "no way leads there")
    with reading(db) as session:
        found = plans.get(session, plan)
        assert (found.status, found.current) == ("ready", 1)
