"""
Child processes that search for one parent, which holds the best plan so far.

A child that crashes, is killed or hangs loses at most what it had not told yet. Children ignore
Ctrl-C: the parent tells them to stop.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, NamedTuple, Protocol

from routing import parcels
from routing.engine import instance as instance_
from routing.engine.instance import Instance
from routing.engine.kernel import Kept
from routing.engine.ready import make_ready
from routing.parcels import Post
from routing.stop import POLL_S, Stop
from routing.tables import Tables

GRACE_S = 0.5
"""A child that is not done so long after the end is killed."""

STOP = "stop"
"""What a child is told to end its task; it still answers."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a child tells before it is done."""

    what: Any


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to a task."""

    what: Any


class Given(NamedTuple):
    """
    What a child has for each of its tasks.

    ``asked`` says whether it is to stop, ``tell`` sends something before the answer.
    """

    tables: Tables
    instance: Instance
    asked: Callable[[], bool]
    tell: Callable[[Any], None]


class Task(Protocol):
    """What a child is asked to do; sent to it, so its arrays had better be small."""

    def run(self, given: Given) -> Any:
        """Do it, look every now and then whether to stop, and return the answer."""


@dataclass(slots=True)
class _Child:
    process: SpawnProcess
    pipe: Connection


@dataclass(slots=True)
class _Waiting:
    """Children that were started ahead."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    children: list[_Child] = field(default_factory=list)


_WAITING = _Waiting()


def prepare(cores: int) -> None:
    """
    Start child processes that the next `Crew` in this process finds ready.

    The call loads the compiled code here, and does not wait for theirs, about a second. They end
    with this process if nobody needs them.
    """
    # Else each of them would compile for itself.
    make_ready()
    if not can_have(cores):
        return
    with _WAITING.lock:
        while len(_WAITING.children) < cores:
            _WAITING.children.append(_start())


def can_have(cores: int) -> bool:
    """
    Return whether children are of use.

    A daemon may have none, and without code on disk they would spend the time compiling.
    """
    return cores > 1 and not multiprocessing.current_process().daemon and not Kept.lost


class Crew:
    """Child processes that wait for tasks; to be used in a ``with``, which ends them all."""

    def __init__(self, cores: int) -> None:
        ready: list[_Child] = []
        with _WAITING.lock:
            while len(ready) < cores and _WAITING.children:
                child = _WAITING.children.pop()
                # One that was killed while it waited would be missing from now on.
                if child.process.is_alive():
                    ready.append(child)
                else:
                    _end(child)
        self._children = [*ready, *(_start() for _ in range(cores - len(ready)))]

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.process.terminate()
        for child in self._children:
            _end(child)

    @property
    def pids(self) -> tuple[int, ...]:
        """Return the process ids of the children that are left."""
        return tuple(child.process.pid or 0 for child in self._children)

    def __len__(self) -> int:
        return len(self._children)

    def brief(self, tables: Tables, stop: Stop) -> None:
        """
        Give all children the problem, and wait until they have loaded what they need.

        Its large arrays lie in memory once for all of us.
        """
        with contextlib.closing(Post()) as post:
            parcel = post.pack((tables, instance_.of(tables)))
            for child in self._children:
                # One that is dead is found out when it is listened to.
                with contextlib.suppress(OSError):
                    post.send(parcel, child.pipe, child.process.pid or 0)
            own = post.pack(instance_.of(tables))
            if own.spans:
                instance_.remember(tables, post.open(own))
        self._listen(range(len(self)), stop, stop.deadline, lambda _, __: None)

    def ask(
        self,
        tasks: Mapping[int, Task],
        stop: Stop,
        *,
        until: float | None,
        meanwhile: Callable[[], None] = lambda: None,
        on_found: Callable[[int, Any], None] = lambda _, __: None,
    ) -> dict[int, Any]:
        """
        Let children work, and return their answers, without those of children that died of it.

        Parameters
        ----------
        tasks
            By number of the child, ``0 … len - 1``; the numbers of those that died move up.
        until
            In seconds of `time.monotonic`: when all should be done; None: whenever they are.
        meanwhile
            What this process does first while they work.
        on_found
            Called with number and word when a child tells something.
        """
        for k, task in tasks.items():
            _send(self._children[k], task)
        meanwhile()
        return self._listen(tasks, stop, until, on_found)

    def _listen(
        self,
        numbers: Iterable[int],
        stop: Stop,
        until: float | None,
        on_found: Callable[[int, Any], None],
    ) -> dict[int, Any]:
        """Return the answers of children; go on without those that died or hang."""
        answers: dict[int, Any] = {}
        talking = {self._children[k].pipe: k for k in numbers}
        lost: set[int] = set()
        kill_at = None if until is None else until + GRACE_S
        told = False
        while talking and (kill_at is None or time.monotonic() < kill_at):
            for pipe in wait(list(talking), timeout=POLL_S):
                assert isinstance(pipe, Connection)
                message = _receive(pipe)
                if isinstance(message, Found):
                    on_found(talking[pipe], message.what)
                    continue
                k = talking.pop(pipe)
                if isinstance(message, Done):
                    answers[k] = message.what
                else:
                    lost.add(k)
            if not told and stop.now():
                told, kill_at = True, time.monotonic() + GRACE_S
                for k in talking.values():
                    _send(self._children[k], STOP)
        self._leave(lost | set(talking.values()))
        return answers

    def _leave(self, lost: set[int]) -> None:
        """Go on without children that are dead or hang."""
        for k in lost:
            self._children[k].process.kill()
            _end(self._children[k])
        self._children = [child for k, child in enumerate(self._children) if k not in lost]


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


def _start() -> _Child:
    context = multiprocessing.get_context("spawn")
    with _without_ctrl_c():
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs,), daemon=True)
        process.start()
    # Else the pipe stays open here when the child dies, and its end is never seen.
    theirs.close()
    return _Child(process, ours)


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
    """Wait for a problem and then for tasks, and do them: what a child process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Load all of it while the parent makes its first plan.
    make_ready()
    importlib.import_module("routing.pyvrp_engine")

    # The parent's death closes the pipe.
    with contextlib.suppress(EOFError, OSError):
        tables, instance = parcels.receive(pipe)
        instance_.remember(tables, instance)
        # While a task runs, whatever comes next is a word to stop, or the parent's death.
        given = Given(tables, instance, pipe.poll, lambda what: pipe.send(Found(what)))
        pipe.send(Done(None))
        while True:
            task = pipe.recv()
            # One that came after the last task was done.
            if task != STOP:
                pipe.send(Done(task.run(given)))
