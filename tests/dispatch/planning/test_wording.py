from __future__ import annotations

from dataclasses import replace

from dispatch.planning import ground, problems, wording
from maps.ways.great_circle import GreatCircle
from routing.solve import Budget, solve
from tests.dispatch import sample
from tests.dispatch.sample import AT, VAN


def test_loads_in_reasons_have_the_units_of_the_tables() -> None:
    """The sentences come from the solver itself: should it word them anew, this test says so."""
    small = replace(VAN, capacity_g=20_000, capacity_ml=None)
    heavy = sample.order(1, weight_g=1_486_000)
    asked = sample.day(heavy, sample.order(2), sample.order(3), vehicles=(small,))
    problem = problems.build(asked, ground.measure(asked, GreatCircle(), AT), AT)
    solution = wording.in_users_units(solve(problem, Budget(iterations=20)))
    causes = " | ".join(why.cause for one in solution.unplanned for why in one.reasons)
    assert "weight 1,486 kg needed, 20 kg is the capacity" in causes
    assert "weight 5 kg over the capacity of 20 kg" in causes
    assert "000" not in causes


def test_money_in_reasons_is_in_yuan() -> None:
    asked = sample.day(sample.order(1), vehicles=(VAN,))
    problem = problems.build(asked, ground.measure(asked, GreatCircle(), AT), AT)
    visits = tuple(replace(visit, price_unplanned=150) for visit in problem.visits)
    solution = solve(replace(problem, visits=visits), Budget(iterations=20))
    [reason] = wording.in_users_units(solution).unplanned[0].reasons
    assert reason.code == "not_worth_it"
    assert reason.cause.startswith("the cheapest way costs ¥")
    assert reason.cause.endswith(" more, leaving it out ¥1.50")
