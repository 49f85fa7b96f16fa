"""One worker, put together: what it gathers plans from, and where its searches run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from uuid import UUID

from dispatch.plans import outline
from dispatch.plans.foreman import Foreman, Work
from dispatch.plans.gathering import Gatherer
from dispatch.plans.jobs import LocalPool, Pool
from dispatch.store.database import Database
from dispatch.store.errors import Refused

AGAIN_S = 1.0
"""So long after the database was not there it is asked again."""


def made(
    base: Database, gatherer: Gatherer, *, places: int = 1, cores: int = 1, cluster: str = ""
) -> Foreman:
    """
    Return a worker for plans on a map.

    Parameters
    ----------
    places, cores
        How many searches at a time, and with how many cores each.
    cluster
        The address of a Dask scheduler; "": child processes of this machine.
    """
    return Foreman(base, _pool(cluster), _gather(gatherer), places=places, cores=cores)


def cores_for(places: int) -> int:
    """Return how many cores each of so many searches has on this machine."""
    return max(1, len(os.sched_getaffinity(0)) // places)


def work(
    foreman: Foreman, *, until: Callable[[], bool], on_trouble: Callable[[Refused], None]
) -> None:
    """Work until told to end, whatever happens to the database meanwhile."""
    while not until():
        try:
            foreman.work(until=until)
        except Refused as error:
            on_trouble(error)
            time.sleep(AGAIN_S)


def _gather(gatherer: Gatherer) -> Callable[[Database, UUID], Work]:
    def gather(base: Database, plan_id: UUID) -> Work:
        inputs = gatherer(base, plan_id)
        return Work(inputs.problem, lambda solution: outline.made(inputs, solution))

    return gather


def _pool(cluster: str) -> Pool:
    if not cluster:
        return LocalPool()
    # An extra of the package: only who has a cluster needs it.
    from dispatch.plans.cluster import DaskPool

    return DaskPool(cluster)
