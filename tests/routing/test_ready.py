from __future__ import annotations

import subprocess
import sys
from typing import Any, cast

import numba
import pytest
from numba.core import event

from routing.engine.ready import Herald

SOLVE_AND_TELL = """
import importlib, pkgutil
from dataclasses import replace
from numba.core.dispatcher import Dispatcher
import routing.engine
from routing.engine.ready import make_ready
from routing.problem import Choice, Option, Window
from routing.solve import Budget, solve
from tests.routing.build import town

def made():
    modules = [m.name for m in pkgutil.iter_modules(routing.engine.__path__, "routing.engine.")]
    found = [f for name in modules for f in vars(importlib.import_module(name)).values()]
    return {(f.__name__, s) for f in found if isinstance(f, Dispatcher) for s in f.signatures}

make_ready()
ready = made()
asked = town(12)
few = [replace(visit, price_unplanned=500 * k) for k, visit in enumerate(asked.visits)]
busy = replace(few[0], windows=(Window(0, 10), Window(900, 3000)), setup_s=5)
choices = (Choice("either", (Option(("v1",)), Option(("v2", "v3")))),)
for visits, ways in ((asked.visits, choices), ((busy, *few[1:]), ())):
    day = replace(asked, vehicles=asked.vehicles[:2], visits=visits, choices=ways)
    solve(day, Budget(iterations=200))
print(sorted(name for name, _ in made() - ready))
"""


def twice(number: float) -> float:
    return 2 * number


def test_compiling_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    compiled = numba.njit(cast(Any, twice))
    with event.install_listener("numba:compile", Herald()):
        for number in (1, 2.0):
            compiled(number)
    assert capsys.readouterr().out == "milkrun: compiling the search ...\n"


def test_nothing_is_said_of_code_that_is_there() -> None:
    command = [sys.executable, "-m", "routing.engine.ready"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert subprocess.run(command, check=True, capture_output=True).stdout == b""


def test_no_problem_needs_code_that_is_not_ready() -> None:
    command = [sys.executable, "-c", SOLVE_AND_TELL]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "[]\n"
