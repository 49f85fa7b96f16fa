"""
commiv: ruin and recreate with a cooling schedule over a number of iterations.

Its limit of time only cuts the schedule short, so the iterations are measured beforehand: short
runs tell how many fit into the seconds. They are made on top of these, not out of them. Its own
threads are chains with a seed each, of which the best counts; here each is a process, as the
published package runs out of memory with any number of threads but one.
"""

from __future__ import annotations

import time
from typing import Any

import commiv
import numpy as np

from routing.peers import side_by_side
from routing.peers.ask import Ask, NoPlan, Sequences
from routing.peers.plain import Plain, plain

SHARE = 0.1
"""The last measuring run takes about so much of the seconds."""

LATE = 1.1
"""A run that was measured wrongly is cut off after so many times the seconds."""

SEED_STEP = 1000

_FEW = 1_000
_LEAST_S = 0.05

_Job = tuple[Plain, float, int]


def solve(ask: Ask) -> Sequences:
    """Search with one chain on each core, for as many iterations as the seconds allow."""
    asked = plain(ask.problem)
    # 0 would stand for its default.
    seeds = [1 + ask.seed + SEED_STEP * core for core in range(ask.cores)]
    return side_by_side.best(ask, _chain, [(asked, ask.seconds, seed) for seed in seeds])


def _chain(job: _Job) -> Sequences | None:
    asked, seconds, seed = job
    iterations, routes = _measured(asked, seconds, seed=seed)
    # A cap on the vehicles makes plans dearer even where it does not bind.
    cap = len(asked.vehicle_ids) if len(routes) > len(asked.vehicle_ids) else 0
    try:
        routes = _timed(asked, iterations, seed=seed, cap=cap, wall_ms=int(1000 * LATE * seconds))[
            1
        ]
        return asked.sequences(routes)
    except (commiv.InfeasibleError, NoPlan):
        return None


def _measured(asked: Plain, seconds: float, *, seed: int) -> tuple[int, list[list[int]]]:
    """Return the iterations that fit into the seconds, and the routes of the last short run."""
    goal = max(_LEAST_S, SHARE * seconds)
    few, many = _FEW, 2 * _FEW
    first = _timed(asked, few, seed=seed)[0]
    while True:
        took, routes = _timed(asked, many, seed=seed)
        # Each run also holds the start, however few its iterations are.
        each = max(took - first, took / 10) / (many - few)
        if took >= goal / 2:
            return max(1, int((seconds - took) / each) + many), routes
        few, first = many, took
        many = int(many * max(2.0, min(20.0, goal / took)))


def _timed(
    asked: Plain, iterations: int, *, seed: int, cap: int = 0, wall_ms: int = 0
) -> tuple[float, list[list[int]]]:
    """Return seconds and routes of a run."""
    began = time.monotonic()
    found: Any = commiv.solve_vrptw(
        np.asarray(asked.legs),
        asked.demands,
        asked.capacity,
        [window.earliest for window in asked.windows],
        [window.latest for window in asked.windows],
        asked.services,
        seed=seed,
        iters=iterations,
        max_vehicles=cap,
        max_route_duration=asked.max_duration_s or 0,
        wall_ms=wall_ms,
    )
    return time.monotonic() - began, found.routes
