"""
Jobs on a Dask cluster: the same plain function, on another machine.

The cluster owns nothing: when its scheduler or a worker dies, the row of the run is still there,
and is claimed again. Workers run a job in a child process, so that a solver never keeps one from
saying that it is alive; they must be started so that they may have children
(``DASK_DISTRIBUTED__WORKER__DAEMON=False``).
"""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from contextlib import suppress
from typing import Any
from uuid import uuid4

from distributed import Client, Event, Future, get_worker

from dispatch.plans import plans
from dispatch.plans.jobs import Failure, Found, Job, LocalPool, Running
from dispatch.plans.runs import Best
from dispatch.store.errors import Unusable

_RESULT_S = 10.0
_LOOK_S = 0.2


class DaskPool:
    """
    Runs each job on some worker of a cluster.

    Parameters
    ----------
    address
        Of the scheduler: ``tcp://host:8786``.
    wait_s
        How long it may take to answer.
    """

    def __init__(self, address: str, *, wait_s: float = 10.0) -> None:
        self._address, self._wait_s = address, wait_s
        self._client: Client | None = None

    def start(self, job: Job) -> Running:
        """Begin a job: see `jobs.Pool`; refused (``cluster_unreachable``) without a scheduler."""
        try:
            return _Remote(self._connected(), job)
        except (OSError, TimeoutError) as error:
            self.close()
            raise Unusable(
                "cluster_unreachable",
                cause=f"the scheduler at {self._address} does not answer: {error}",
                action="start it, or set MILKRUN_DASK to one that runs",
            ) from error

    def close(self) -> None:
        """Leave the cluster; jobs that nobody waits for are given up there."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # it is to go, whatever is wrong with it
                client.close(timeout=2)

    def _connected(self) -> Client:
        if self._client is not None and self._client.status != "running":
            self.close()
        if self._client is None:
            self._client = Client(self._address, timeout=self._wait_s, set_as_default=False)
        return self._client


class _Remote:
    def __init__(self, client: Client, job: Job) -> None:
        self._client = client
        self._topic = f"milkrun-{uuid4().hex}"
        self._told: deque[Best] = deque(maxlen=1)
        client.subscribe_topic(self._topic, self._hear)
        # Pure: the same problem twice is two jobs. No retries: the queue of rows decides that.
        self._future: Future = client.submit(
            _on_worker, job, self._topic, key=self._topic, pure=False, retries=0
        )

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        self._told.append(Best(event[1]["sequences"], event[1]["objective"]))

    def poll(self) -> Best | Found | Failure | None:
        if self._future.done():
            return self._result()
        if self._client.status != "running":
            return Failure("the cluster's scheduler is gone", again=True)
        return self._told.popleft() if self._told else None

    def stop(self) -> None:
        with suppress(OSError, TimeoutError):  # gone: the next poll says so
            Event(self._topic, client=self._client).set()

    def kill(self) -> None:
        with suppress(Exception):  # it is to end, whatever is wrong with it
            self.stop()
            self._future.cancel()

    def _result(self) -> Found | Failure:
        if self._future.status == "finished":
            found: Found | Failure = self._future.result(timeout=_RESULT_S)
            return found
        return Failure(f"the job was lost on the cluster ({self._future.status})", again=True)


def _on_worker(job: Job, topic: str) -> Found | Failure:
    """Run a job in a child of a worker, and pass on what it says."""
    if multiprocessing.current_process().daemon:
        cause = "workers may not have children: set DASK_DISTRIBUTED__WORKER__DAEMON=False for them"
        return Failure(cause, again=False)
    worker: Any = get_worker()
    stop = Event(topic)
    running = LocalPool().start(job)
    told = False
    try:
        while True:
            said = running.poll()
            if isinstance(said, Found | Failure):
                return said
            if said is not None:
                plain = plans.plain(said.sequences)
                worker.log_event(topic, {"sequences": plain, "objective": said.objective})
            if not told and stop.is_set():
                told = True
                running.stop()
            time.sleep(_LOOK_S)
    finally:
        running.kill()
