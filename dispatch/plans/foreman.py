"""
Takes solver work from the queue, has it done, and writes down what comes of it.

Nothing of it is remembered here alone: kill it at any moment, and another one claims its runs when
their leases are over, from the best plan so far.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.plans import runs
from dispatch.plans.jobs import Failure, Found, Job, Pool, Running
from dispatch.plans.plans import Made
from dispatch.plans.runs import Best, Claim
from dispatch.store import database
from dispatch.store.database import Database
from dispatch.store.errors import Conflict, Refused, Unusable
from maps.errors import MapError
from routing.faults import InvalidProblem
from routing.problem import Problem
from routing.solution import Solution

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

LEASE_S = 15.0
"""A run whose worker said nothing for so long is anyone's."""

BEAT_S = 1.0
"""So often a worker says that it is alive, and what it has found."""

POLL_S = 0.05

AWAY_S = 5.0
"""So long after a pool was not there it is asked again."""

IDLE_S = 0.3
"""So often an idle worker looks whether there is something to do."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is searched for a plan, and what makes a version of it out of what is found."""

    problem: Problem
    made: Callable[[Solution], Made]


Gather = Callable[[Database, UUID], Work]
"""Reads, in a transaction of its own, what the plan of a key is made from."""


@dataclass(slots=True)
class _Task:
    claim: Claim
    work: Work
    job: Running
    best: Best | None = None
    told_at: float = 0.0
    stopping: bool = False


class Foreman:
    """
    One worker: up to ``places`` runs at a time.

    Parameters
    ----------
    cores
        For each run.
    """

    def __init__(
        self,
        base: Database,
        pool: Pool,
        gather: Gather,
        *,
        places: int = 1,
        cores: int = 1,
        lease_s: float = LEASE_S,
        beat_s: float = BEAT_S,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._base, self._pool, self._gather = base, pool, gather
        self._places, self._cores = places, cores
        self._lease_s, self._beat_s = lease_s, beat_s
        self._tasks: list[_Task] = []
        self._look_at = 0.0

    def work(self, *, until: Callable[[], bool]) -> None:
        """Work until told to end; what is under way then is left to others."""
        try:
            while not until():
                self.step()
                time.sleep(POLL_S)
        finally:
            for task in self._tasks:
                task.job.kill()
            self._tasks.clear()

    def step(self) -> None:
        """Take what there is to take, and look after what is under way."""
        while len(self._tasks) < self._places and self._take():
            pass
        for task in list(self._tasks):
            if not self._look_after(task):
                self._tasks.remove(task)

    def _take(self) -> bool:
        if time.monotonic() < self._look_at:
            return False
        # Who only looks hinders nobody.
        with database.reading(self._base) as session:
            waiting = runs.waiting(session)
        if not waiting:
            self._look_at = time.monotonic() + IDLE_S
            return False
        claim = self._in_turn(lambda session: runs.claim(session, self.name, lease_s=self._lease_s))
        if claim is None:
            return False
        try:
            work = self._gather(self._base, claim.plan_id)
        except (Refused, InvalidProblem, MapError) as error:
            self._fail(claim, str(error))
            return True
        except Exception as error:
            # Nobody foresaw it; the others' plans are searched for all the same.
            _LOG.exception("what run %s is made from cannot be read", claim.run_id)
            self._fail(claim, f"what the plan is made from cannot be read: {error!r}")
            return True
        job = Job(work.problem, claim.seconds, claim.seed, self._cores, claim.best)
        try:
            running = self._pool.start(job)
        except Unusable:
            # Nobody tried it: it goes back, and is no attempt.
            self._in_turn(lambda session: runs.put_back(session, claim))
            self._look_at = time.monotonic() + AWAY_S
            return False
        self._tasks.append(_Task(claim, work, running))
        return True

    def _look_after(self, task: _Task) -> bool:
        """Return whether a run goes on."""
        said = task.job.poll()
        if isinstance(said, Found):
            return self._finish(task, said)
        if isinstance(said, Failure):
            self._failed(task, said)
            return False
        task.best = said or task.best
        now = time.monotonic()
        if now - task.told_at < self._beat_s:
            return True
        task.told_at = now
        return self._report(task)

    def _report(self, task: _Task) -> bool:
        best, task.best = task.best, None
        try:
            stop = self._in_turn(
                lambda session: runs.report(session, task.claim, best, lease_s=self._lease_s)
            )
        except Conflict as error:
            return self._lost(task, error)
        if stop and not task.stopping:
            task.stopping = True
            task.job.stop()
        return True

    def _finish(self, task: _Task, found: Found) -> bool:
        made = task.work.made(found.solution)
        try:
            self._in_turn(lambda session: runs.finish(session, task.claim, made))
        except Conflict as error:
            return self._lost(task, error)
        return False

    def _failed(self, task: _Task, failure: Failure) -> None:
        if not failure.again:
            self._fail(task.claim, failure.words)
            return
        try:
            self._in_turn(lambda session: runs.release(session, task.claim, failure.words))
        except Conflict as error:
            self._lost(task, error)

    def _fail(self, claim: Claim, why: str) -> None:
        try:
            self._in_turn(lambda session: runs.fail(session, claim, why))
        except Conflict as error:
            if error.code != "run_lost":
                raise

    def _lost(self, task: _Task, error: Conflict) -> bool:
        """Drop a run that somebody else has; anything else is told again at the next beat."""
        if error.code == "run_lost":
            task.job.kill()
            return False
        return True

    def _in_turn(self, act: Callable[[Session], T]) -> T:
        return database.retried(self._base, act, actor=f"worker:{self.name}")
