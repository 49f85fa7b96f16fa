from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

from routing import schedule
from routing.bench.solvers import SOLVERS
from routing.check import check
from routing.formats import solomon
from routing.peers import side_by_side
from routing.peers.ask import Ask, CannotSay
from routing.peers.enough import enough
from routing.peers.plain import plain
from routing.problem import Break, Matrix, Problem, Shipment, Window
from routing.solution import Solution
from tests.routing.build import line, problem, table, town, van, visit
from tests.routing.test_formats_files import TINY_SOLOMON

PEERS = [
    pytest.param(
        solver.module,
        setting,
        marks=pytest.mark.skipif(
            solver.version is None, reason=f"the package {solver.package} is not installed"
        ),
        id=f"{solver.name}{setting}",
    )
    for solver in SOLVERS
    for setting in solver.settings
]


def planned(module: str, setting: str, asked: Problem, *, cores: int = 1) -> Solution:
    adapter = importlib.import_module(module)
    return schedule.schedule(asked, adapter.solve(Ask(asked, 1.0, 0, cores, setting)))


@pytest.mark.parametrize(("module", "setting"), PEERS)
def test_a_peer_finds_the_best_plan_of_a_tiny_problem(module: str, setting: str) -> None:
    asked = solomon.read(TINY_SOLOMON)
    plan = planned(module, setting, asked)
    assert check(asked, plan) == []
    assert plan.cost == 417


@pytest.mark.parametrize(("module", "setting"), PEERS)
def test_a_peer_keeps_windows_loads_and_one_way_streets(module: str, setting: str) -> None:
    asked = one_way(town(20))
    plan = planned(module, setting, asked, cores=2)
    assert check(asked, plan) == []
    assert plan.cost <= 1.3 * planned("routing.peers.milkrun", "", asked).cost


def one_way(asked: Problem) -> Problem:
    """Make every way back longer than the way there."""
    legs = asked.matrices["car"].durations
    skewed = (legs + np.triu(legs) // 4).astype(np.int32)
    return replace(asked, matrices={"car": Matrix(skewed, skewed)})


def test_what_a_plain_problem_has_no_words_for_is_refused_not_dropped() -> None:
    rich = problem(
        table([[0, 5], [5, 0]]),
        [van("a", capacity=(9, 9), cost_fixed=5), van("b", capacity=(9, 9))],
        [visit("x", 1, (0, 10), (20, 30), skills=frozenset({"cold"}), price_unplanned=7)],
        "kg",
        "boxes",
    )
    with pytest.raises(CannotSay) as refused:
        plain(rich)
    told = str(refused.value)
    for part in ("several kinds", "several loads", "windows", "skills", "left out"):
        assert part in told


def test_distances_other_than_times_are_refused() -> None:
    apart = line(0, 10)
    asked = problem(Matrix(apart.durations, apart.distances * 2), [van()], [visit("x", 1)])
    with pytest.raises(CannotSay, match="distances other than times"):
        plain(asked)


def test_routes_become_sequences_of_ids_by_vehicle() -> None:
    asked = problem(line(0, 10, 20), [van("a"), van("b")], [visit("x", 1), visit("y", 2)])
    assert plain(asked).sequences([[2, 1], []]) == {"a": ["y", "x"]}


def test_a_fleet_without_end_is_cut_to_what_can_be_of_use() -> None:
    asked = town(30, 30)
    vans = tuple(replace(vehicle, capacity=(8,)) for vehicle in asked.vehicles)
    cut = enough(replace(asked, vehicles=vans))
    assert 4 <= len(cut.vehicles) < 30
    assert enough(cut) == cut or len(enough(cut).vehicles) == len(cut.vehicles)


def test_a_fleet_of_several_kinds_stays_whole() -> None:
    asked = town(30, 30)
    vans = tuple(replace(van, cost_fixed=k % 2) for k, van in enumerate(asked.vehicles))
    mixed = replace(asked, vehicles=vans)
    assert enough(mixed) is mixed


def test_plans_are_ranked_by_what_must_be_planned_then_by_money() -> None:
    optional = problem(line(0, 10), [van()], [visit("x", 1, price_unplanned=15)])
    required = problem(line(0, 10), [van()], [visit("x", 1)])
    served, left_out = {"van": ["x"]}, {"van": list[str]()}
    assert side_by_side.rank(optional, left_out) < side_by_side.rank(optional, served)
    assert side_by_side.rank(required, served) < side_by_side.rank(required, left_out)


def test_a_fleet_too_small_for_a_first_plan_stays_whole() -> None:
    asked = problem(line(0, 10), [van(capacity=(1,))], [visit("x", 1, delivered=(2,))], "kg")
    assert enough(asked) is asked


@pytest.mark.parametrize(
    "asked",
    [
        problem(line(0, 10), [van(breaks=(Break("lunch", Window(0, 9), 5),))], [visit("x", 1)]),
        problem(line(0, 10), [van()], [visit("x", 1, due=0, cost_per_late_h=60)]),
        replace(
            problem(line(0, 10), [van()], [visit("x", 1), visit("y", 1)]),
            shipments=(Shipment("x", "y"),),
        ),
    ],
    ids=["breaks", "due", "shipments"],
)
def test_rules_that_a_plain_problem_lacks_are_refused_not_dropped(asked: Problem) -> None:
    with pytest.raises(CannotSay):
        plain(asked)
