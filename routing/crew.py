"""
Several searches at once, each in a child process with its own seed; the best of all is kept.

A child tells of each better plan as it finds it, so that one which crashes, is killed or hangs
loses at most what it had not told yet. Children ignore Ctrl-C: the parent tells them to stop.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess

from routing import parcels
from routing.engine import instance as instance_
from routing.engine.instance import Instance
from routing.engine.ready import make_ready
from routing.parcels import Post
from routing.search import Orders, Search, Worth
from routing.stop import POLL_S, Stop
from routing.tables import Tables

GRACE_S = 0.5
"""A child that is not done so long after the end is killed."""

SEED_STEP = 1_000_003
"""Child k searches with the seed plus k times this."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a child is to do; ``deadline`` is of `time.monotonic`, which all processes share."""

    tables: Tables
    instance: Instance
    orders: Orders
    seed: int
    iterations: int | None
    deadline: float | None
    warm: bool


@dataclass(slots=True)
class _Child:
    process: SpawnProcess
    pipe: Connection
    done: bool = False


class Crew:
    """Child processes that wait for a job; to be used in a ``with``, which ends them all."""

    def __init__(self, cores: int) -> None:
        context = multiprocessing.get_context("spawn")
        with _without_ctrl_c():
            self._children = [_start(context) for _ in range(cores)]

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.process.terminate()
        for child in self._children:
            _end(child)

    @property
    def pids(self) -> tuple[int, ...]:
        """Return the process ids of the children."""
        return tuple(child.process.pid or 0 for child in self._children)

    def run(self, search: Search, stop: Stop, *, seed: int, warm: bool) -> bool:
        """
        Let the children search, and offer all that they find to one search.

        Returns
        -------
        done
            False: every child died before it was done; the caller had better search itself.
            Without vehicles or visits there is nothing to do.
        """
        if not (search.tables.vehicles and search.tables.visits):
            return True
        with contextlib.closing(Post()) as post:
            for k, child in enumerate(self._children):
                _give(child, post, _job(search, stop, seed + k * SEED_STEP, warm=warm))
            _share(search.tables, post)
        found = self._listen(search, stop)
        if found:
            # Which child was faster must not decide between plans that are equally good.
            number = min(found, key=lambda k: (found[k][0], k))
            worth, orders = found[number]
            if worth == search.worth:
                search.orders = orders
        return any(child.done for child in self._children)

    def _listen(self, search: Search, stop: Stop) -> dict[int, tuple[Worth, Orders]]:
        """Take in plans until every child is done, or dead, or late; return the last of each."""
        found: dict[int, tuple[Worth, Orders]] = {}
        talking = {child.pipe: k for k, child in enumerate(self._children)}
        kill_at: float | None = None
        while talking and (kill_at is None or time.monotonic() < kill_at):
            for pipe in wait(list(talking), timeout=POLL_S):
                assert isinstance(pipe, Connection)
                message = _receive(pipe)
                if isinstance(message, tuple):
                    found[talking[pipe]] = message
                    search.offer(message[1])
                else:
                    self._children[talking.pop(pipe)].done = message == "done"
            if kill_at is None and stop.now():
                kill_at = time.monotonic() + GRACE_S
                for child in self._children:
                    _send(child, "stop")
        return found


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """
    Block Ctrl-C, and let the processes that start meanwhile inherit that.

    Else it would hit them before `work` ignores it, and they would die with a traceback.
    """
    # When it starts later it unblocks the signal again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(context: SpawnContext) -> _Child:
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,), daemon=True)
    process.start()
    # Else the pipe stays open here when the child dies, and its end is never seen.
    theirs.close()
    return _Child(process, ours)


def _job(search: Search, stop: Stop, seed: int, *, warm: bool) -> Job:
    instance = instance_.of(search.tables)
    return Job(search.tables, instance, search.orders, seed, stop.iterations, stop.deadline, warm)


def _give(child: _Child, post: Post, job: Job) -> None:
    """Give a child its job; one that is dead is found out when it is listened to."""
    parcel = post.pack(job)
    with contextlib.suppress(OSError):
        post.send(parcel, child.pipe, child.process.pid or 0)


def _share(tables: Tables, post: Post) -> None:
    """Let this process look at the arrays that the children have, instead of its own."""
    parcel = post.pack(instance_.of(tables))
    if parcel.spans:
        instance_.remember(tables, post.open(parcel))


def _receive(pipe: Connection) -> object:
    """Return a child's message, None when it is dead."""
    try:
        return pipe.recv()
    except (EOFError, OSError):
        return None


def _send(child: _Child, message: object) -> None:
    """Tell a child something; one that is dead is found out when it is listened to."""
    with contextlib.suppress(OSError):
        child.pipe.send(message)


def _end(child: _Child) -> None:
    child.process.join(GRACE_S)
    if child.process.is_alive():
        child.process.kill()
        child.process.join()
    child.process.close()
    child.pipe.close()


def work(pipe: Connection) -> None:
    """Wait for a job and do it: what a child process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Load all of it while the parent makes its first plan.
    make_ready()
    importlib.import_module("routing.pyvrp_engine")

    with contextlib.suppress(EOFError, OSError):
        job = parcels.receive(pipe)
        # The parent's death closes the pipe, which counts as a message here.
        stop = Stop(iterations=job.iterations, deadline=job.deadline, asked=pipe.poll)

        def tell(orders: Orders, worth: Worth) -> None:
            pipe.send((worth, {vehicle: list(order) for vehicle, order in orders.items()}))

        instance_.remember(job.tables, job.instance)
        search = Search(job.tables, job.orders, on_best=tell)
        search.run(stop, seed=job.seed, warm=job.warm)
        pipe.send("done")
