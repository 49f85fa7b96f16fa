"""Rows and solvers of benches, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from routing.bench import instances
from routing.bench.instances import Instance
from routing.bench.rows import Key, Row
from routing.bench.solvers import Solver
from tests.routing.test_formats_files import TINY_SOLOMON

BAD = "tests.routing.bad_engines"


def solver(name: str = "fake", *settings: str, seeded: bool = True) -> Solver:
    """A bad engine under any name; its package is one that is always there."""
    return Solver(name, "numpy", BAD, "for tests", settings=settings or ("",), seeded=seeded)


def tiny(folder: Path, name: str = "tiny.txt") -> Instance:
    """The smallest of Solomon's kind: the shortest plan costs 417."""
    path = folder / name
    path.write_text(TINY_SOLOMON)
    (found,) = instances.find([path]).instances
    return found


def row(cost: int | None = None, status: Any = "feasible", **changes: Any) -> Row:
    """A row of a bench: by default of instance ``a``, solver ``fake``, 5 s, seed 0."""
    usual: dict[str, Any] = {
        "instance": "a",
        "digest": "0",
        "vehicles": "file",
        "cores": 2,
        "budget_s": 5.0,
        "seed": 0,
        "solver": "fake",
        "setting": "",
    }
    named = {name: changes.pop(name) for name in usual.copy() if name in changes}
    rest: dict[str, Any] = {"version": "1.0", "at": "2026-03-02T08:00:00+00:00"}
    if cost is not None:
        rest |= {"cost": cost, "wall_s": 5.1, "num_vehicles": 3, "peak_mb": 100.0}
    return Row(key=Key(**{**usual, **named}), status=status, **{**rest, **changes})
