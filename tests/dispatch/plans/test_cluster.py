"""Searches on a real Dask cluster of two workers, parts of which are killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import dask
import pytest
from distributed import LocalCluster

from dispatch.plans import runs
from dispatch.plans.cluster import DaskPool
from dispatch.plans.foreman import Foreman
from dispatch.store.database import Database, reading
from tests.dispatch.plans.searches import (
    ask,
    assert_planned,
    assert_stops,
    gather,
    look,
    until,
)


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    settings = {"distributed.worker.daemon": False}
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
        ) as found,
    ):
        yield found


def foreman(db: Database, address: str) -> Foreman:
    return Foreman(db, DaskPool(address, wait_s=2), gather, lease_s=5.0, beat_s=0.1)


def test_a_search_on_a_cluster_reports_stops_and_has_a_result(
    db: Database, plan: UUID, cluster: LocalCluster
) -> None:
    assert_stops(db, plan, foreman(db, cluster.scheduler_address))


def test_a_worker_of_the_cluster_that_is_killed_loses_no_run(
    db: Database, plan: UUID, cluster: LocalCluster
) -> None:
    run = ask(db, plan, 3)
    killed: list[int] = []

    def kill() -> bool:
        seen = look(db, run)
        if seen.objective is not None and not killed:
            for worker in cluster.workers.values():
                killed.append(worker.process.pid)
                os.kill(killed[-1], signal.SIGKILL)
        return seen.state == "done"

    foreman(db, cluster.scheduler_address).work(until=until(kill))
    assert killed
    assert_planned(db, plan)


@contextmanager
def processes(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler with one worker, each a process of its own; yields the scheduler."""
    address = f"tcp://127.0.0.1:{port}"
    python = (sys.executable, "-m")
    scheduler = subprocess.Popen(
        [*python, "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"],
        stderr=subprocess.DEVNULL,
    )
    worker = subprocess.Popen(
        [
            *(*python, "distributed.cli.dask_worker", address, "--no-dashboard"),
            *("--nthreads", "1", "--death-timeout", "5"),
        ],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"},
    )
    try:
        yield scheduler
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()


def test_a_scheduler_that_is_killed_and_started_again_loses_no_run(
    db: Database, plan: UUID
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = ask(db, plan, 4)
    worker = foreman(db, f"tcp://127.0.0.1:{port}")
    with processes(port) as scheduler:
        begun = until(lambda: look(db, run).objective is not None)
        while not begun():
            worker.step()
            time.sleep(0.05)
        assert look(db, run).objective is not None
        scheduler.kill()
        scheduler.wait()
    with processes(port):
        ended = until(lambda: look(db, run).state == "done")
        while not ended():
            worker.step()
            time.sleep(0.05)
    assert_planned(db, plan)


def test_without_its_scheduler_a_run_waits_and_is_no_attempt(
    db: Database, plan: UUID, cluster: LocalCluster
) -> None:
    run = ask(db, plan, 1)
    nobody = "tcp://127.0.0.1:9"
    worker = foreman(db, nobody)
    worker.step()
    assert look(db, run).attempt == 0
    with reading(db) as session:
        assert runs.waiting(session)
    foreman(db, cluster.scheduler_address).work(until=until(lambda: look(db, run).state == "done"))
    assert_planned(db, plan)
