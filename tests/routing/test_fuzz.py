"""Problems out of all proportion: a plan or a list of faults, in time, never a traceback."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_type_hints

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from routing.check import check
from routing.faults import Fault, InvalidProblem
from routing.problem import Matrix, Problem, Vehicle, Visit, Window
from routing.solution import Solution
from routing.solve import Budget, solve
from tests.routing.random_problems import problems

BUDGET_S, GRACE_S = 0.05, 2.0

WILD = st.sampled_from([-1, 0, 1, 10**6, 2**30, 2**31 - 2, 2**31 - 1, 2**31, 2**40, 2**63 - 1])
"""Where numbers turn: below nothing, and the last that arrays of each width hold."""

HUGE = st.sampled_from([0, 1, 10**6, 2**30, 2**31 - 2, 2**31 - 1])


@st.composite
def wild(draw: st.DrawFn, thing: Any) -> Any:
    """Return a vehicle or visit with one of its numbers, or its hours, out of all proportion."""
    hints = get_type_hints(type(thing))
    ways: dict[type | object, Callable[[], Any]] = {
        int: lambda: draw(WILD),
        int | None: lambda: draw(WILD),
        Window: lambda: Window(draw(WILD), draw(WILD)),
        tuple[Window, ...]: lambda: (Window(draw(WILD), draw(WILD)),),
        tuple[int, ...]: lambda: (draw(WILD), draw(WILD)),
    }
    names = [field.name for field in fields(thing) if hints[field.name] in ways]
    name = draw(st.sampled_from(names))
    return replace(thing, **{name: ways[hints[name]]()})


@st.composite
def wild_problems(draw: st.DrawFn) -> dict[str, Any]:
    """Return what `Problem` is to be made of."""
    asked = draw(problems())
    vehicles: list[Vehicle] = list(asked.vehicles)
    visits: list[Visit] = list(asked.visits)
    for _ in range(draw(st.integers(1, 4))):
        things: list[Any] = draw(st.sampled_from([vehicles, visits]))
        if things:
            k = draw(st.integers(0, len(things) - 1))
            things[k] = draw(wild(things[k]))
    matrices = dict(asked.matrices)
    if draw(st.integers(0, 3)) == 0:
        size = len(matrices["car"].durations)
        cells = draw(st.lists(HUGE, min_size=size * size, max_size=size * size))
        array = np.array(cells, np.int64).astype(np.int32).reshape(size, size)
        matrices["car"] = Matrix(array, matrices["car"].distances)
    parts = {field.name: getattr(asked, field.name) for field in fields(asked)}
    return {**parts, "vehicles": tuple(vehicles), "visits": tuple(visits), "matrices": matrices}


def outcome(parts: dict[str, Any], seed: int) -> Solution | tuple[Fault, ...]:
    """Return a plan, or the faults of a problem that is none."""
    try:
        return solve(Problem(**parts), Budget(seconds=BUDGET_S), seed=seed)
    except InvalidProblem as error:
        return error.faults


@settings(deadline=None, max_examples=200)
@given(wild_problems(), st.integers(0, 3))
def test_a_wild_problem_is_planned_or_refused_in_time(parts: dict[str, Any], seed: int) -> None:
    began = time.monotonic()
    found = outcome(parts, seed)
    assert time.monotonic() - began <= BUDGET_S + GRACE_S
    if not isinstance(found, Solution):
        event("refused")
        assert found
        assert all(fault.cause and fault.action for fault in found)
        return
    event("planned")
    broken = [v for v in check(Problem(**parts), found) if v.code != "must_be_planned"]
    assert broken == []
    assert all(one.reasons for one in found.unplanned)
