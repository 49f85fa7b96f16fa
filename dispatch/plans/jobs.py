"""
Solver work as a plain function, and where it runs: a child process of this machine for each job.

A job touches no database: it gets a problem and tells of better plans; whoever started it writes
them down. A solver that hangs or dies takes its child with it and nothing else.
"""

from __future__ import annotations

import multiprocessing
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

from dispatch.plans import edits
from dispatch.plans.plans import Sequences
from dispatch.plans.runs import Best
from routing.faults import InvalidProblem
from routing.problem import Problem
from routing.schedule import schedule
from routing.solution import Solution
from routing.solve import Budget, Progress, solve

KILL_AFTER_S = 10.0
"""So long after it was told to stop a job may still be at it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A problem to search for so many seconds on so many cores, from routes that are known."""

    problem: Problem
    seconds: float
    seed: int = 0
    cores: int = 1
    start: Sequences | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a job ended with: the best plan that it found."""

    solution: Solution


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no result; ``again``: its process was killed, and another try may do better."""

    words: str
    again: bool


class Context(Protocol):
    """What a job says while it works, and is told."""

    def progress(self, best: Best) -> None:
        """Tell of a better plan."""

    def should_stop(self) -> bool:
        """Return whether to end now with the best so far."""


class Running(Protocol):
    """A job under way."""

    def poll(self) -> Best | Found | Failure | None:
        """Return what is new: a better plan, the result, or why there is none."""

    def stop(self) -> None:
        """Have it end soon with the best so far."""

    def kill(self) -> None:
        """End it now; what it found after the last `poll` is lost."""


class Pool(Protocol):
    """Where jobs run: children of this machine, or a cluster."""

    def start(self, job: Job) -> Running:
        """Begin a job and return at once."""


def run_job(job: Job, context: Context) -> Found:
    """Search for a better plan; any process of any machine can do it."""
    start = None
    if job.start is not None:
        start = schedule(job.problem, edits.still_there(job.problem, job.start))

    def tell(progress: Progress) -> None:
        solution = progress.solution()
        context.progress(Best(solution.sequences, solution.objective))

    found = solve(
        job.problem,
        Budget(seconds=job.seconds),
        seed=job.seed,
        start=start,
        on_best=tell,
        stop=context.should_stop,
        cores=job.cores,
    )
    return Found(found)


class LocalPool:
    """Runs each job in a child process of its own."""

    def start(self, job: Job) -> Running:
        """Begin a job: see `Pool`."""
        return _Child(job)


class _Child:
    def __init__(self, job: Job) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._wire, theirs = spawn.Pipe()
        # No daemon: a job has children of its own. It ends when the wire breaks.
        self._process: BaseProcess = spawn.Process(target=_child, args=(theirs, job))
        self._process.start()
        theirs.close()
        self._ended = False

    def poll(self) -> Best | Found | Failure | None:
        newest: Best | None = None
        try:
            while self._wire.poll():
                said = self._wire.recv()
                if isinstance(said, Best):
                    newest = said
                    continue
                self._end()
                return said  # type: ignore[no-any-return]  # Found or Failure
        except (EOFError, OSError):
            self._end()
            code = self._process.exitcode
            words = f"the solver's process ended by itself (status {code})"
            return newest or Failure(words, again=True)
        return newest

    def stop(self) -> None:
        try:
            self._wire.send("stop")
        except OSError:
            return  # it has ended; the next poll says how

    def kill(self) -> None:
        if self._process.is_alive():
            self._process.kill()
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._process.join(KILL_AFTER_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


class _Wire:
    """The child's end: a broken wire means that nobody waits for the result."""

    def __init__(self, wire: Connection) -> None:
        self._wire, self._stopped = wire, False

    def progress(self, best: Best) -> None:
        self.say(best)

    def should_stop(self) -> bool:
        try:
            self._stopped = self._stopped or self._wire.poll()
        except OSError:
            self._stopped = True
        return self._stopped

    def say(self, word: Best | Found | Failure) -> None:
        try:
            self._wire.send(word)
        except OSError:
            self._stopped = True


def _child(connection: Connection, job: Job) -> None:
    wire = _Wire(connection)
    try:
        wire.say(run_job(job, wire))
    except InvalidProblem as error:
        wire.say(Failure(str(error), again=False))
    except BaseException:
        # The outermost line of a job: its error goes into the row, then up.
        wire.say(Failure(traceback.format_exc(limit=5), again=False))
        raise
