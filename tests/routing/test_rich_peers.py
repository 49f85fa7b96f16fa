"""Each rich constraint through the peers that have words for it: tiny problems, known answers."""

from __future__ import annotations

import importlib

import pytest

from routing import schedule
from routing.bench.solvers import SOLVERS
from routing.check import check
from routing.peers.ask import Ask, CannotSay
from routing.problem import Break, Problem, Reload, Vehicle, Window
from routing.solution import Solution
from tests.routing.build import line, problem, van, visit

PEERS = [
    pytest.param(
        solver.module,
        marks=pytest.mark.skipif(
            solver.version is None, reason=f"the package {solver.package} is not installed"
        ),
        id=solver.name,
    )
    for solver in SOLVERS
    if solver.name in {"milkrun", "ortools", "vrp-cli"}
]

LUNCH = Break("lunch", Window(90, 160), 50)
AGAIN = Reload("again", 0, 10)
DG = frozenset({"dg"})


def timed(id_: str = "van", **changes: object) -> Vehicle:
    """A van that costs 1 a metre and 1 a second."""
    return van(id_, **{"cost_per_h": 3600, **changes})


def cheap_and_dear(**changes: object) -> list[Vehicle]:
    return [van("cheap"), van("dear", cost_per_km=2000, **changes)]


ASKED = {
    # A second costs too, so the van leaves 400 s later.
    "duration": (problem(line(0, 100), [timed()], [visit("x", 1, (500, 600))]), 400),
    "break": (
        problem(
            line(0, 100, 200),
            [timed(breaks=(LUNCH,))],
            [visit("x", 1, (100, 100)), visit("y", 2, (200, 400))],
        ),
        850,
    ),
    "break that is not needed": (
        problem(line(0, 40), [timed(breaks=(LUNCH,))], [visit("x", 1, (40, 80))]),
        160,
    ),
    "break on the way, not before leaving": (
        problem(
            line(0, 100),
            [timed(breaks=(Break("lunch", Window(90, 250), 50),))],
            [visit("x", 1, (300, 320))],
        ),
        450,
    ),
    "skills": (
        problem(
            line(0, 100, -100),
            cheap_and_dear(skills=DG),
            [visit("x", 1, skills=DG), visit("y", 2)],
        ),
        600,
    ),
    "reload": (
        problem(
            line(0, 100, -100),
            [timed(capacity=(1,), reloads=(AGAIN,), max_trips=2)],
            [visit("x", 1, delivered=(1,)), visit("y", 2, delivered=(1,))],
            "boxes",
        ),
        810,
    ),
    "return": (
        problem(
            line(0, 100, 200),
            [van(capacity=(1,))],
            [visit("back", 1, picked_up=(1,)), visit("out", 2, delivered=(1,))],
            "boxes",
        ),
        400,
    ),
    "exchange and reload": (
        problem(
            line(0, 100, -100),
            [timed(capacity=(1,), reloads=(AGAIN,), max_trips=2)],
            [
                visit("x", 1, delivered=(1,), picked_up=(1,)),
                visit("y", 2, delivered=(1,), picked_up=(1,)),
            ],
            "boxes",
        ),
        810,
    ),
    "break and reload": (
        problem(
            line(0, 100, -100),
            [timed(capacity=(1,), reloads=(AGAIN,), max_trips=2, breaks=(LUNCH,))],
            [visit("x", 1, (100, 100), delivered=(1,)), visit("y", 2, delivered=(1,))],
            "boxes",
        ),
        860,
    ),
    "pins": (
        problem(
            line(0, 100, 110),
            cheap_and_dear(),
            [
                visit("x", 1, vehicles=frozenset({"dear"})),
                visit("y", 2, not_vehicles=frozenset({"dear"})),
            ],
        ),
        620,
    ),
    "two loads": (
        problem(
            line(0, 100, 100, 100),
            [van(name, capacity=(1, 1), cost_fixed=50) for name in ("a", "b", "c")],
            [
                visit("x", 1, delivered=(1, 0)),
                visit("y", 2, delivered=(0, 1)),
                visit("z", 3, delivered=(1, 0)),
            ],
            "kg",
            "boxes",
        ),
        500,
    ),
    "may be left out": (
        problem(
            line(0, 100, 1000),
            [van()],
            [visit("x", 1, price_unplanned=500), visit("y", 2, price_unplanned=700)],
        ),
        900,
    ),
}


def planned(module: str, asked: Problem) -> Solution:
    adapter = importlib.import_module(module)
    return schedule.schedule(asked, adapter.solve(Ask(asked, 1.0)))


@pytest.mark.parametrize(("asked", "cost"), ASKED.values(), ids=ASKED.keys())
@pytest.mark.parametrize("module", PEERS)
def test_a_peer_keeps_a_rule_and_finds_the_best_plan(
    module: str, asked: Problem, cost: int
) -> None:
    plan = planned(module, asked)
    assert check(asked, plan) == []
    assert plan.objective == cost


@pytest.mark.parametrize("module", PEERS[1:])
def test_what_a_peer_has_no_words_for_is_refused_by_name(module: str) -> None:
    asked = problem(line(0, 10), [van()], [visit("x", 1, setup_s=5, due=0, cost_per_late_h=60)])
    with pytest.raises(CannotSay, match="setup, due"):
        planned(module, asked)


@pytest.mark.skipif("vrp-cli" not in {s.name for s in SOLVERS if s.version}, reason="no vrp-cli")
def test_more_goods_in_one_direction_than_in_the_other_are_refused() -> None:
    asked = problem(
        line(0, 10),
        [van(capacity=(3,))],
        [visit("x", 1, delivered=(2,), picked_up=(1,))],
        "boxes",
    )
    with pytest.raises(CannotSay, match="both directions"):
        planned("routing.peers.vrp_cli", asked)
