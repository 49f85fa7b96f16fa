from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from routing.draft import first_plan
from routing.problem import Problem
from routing.tables import Tables
from tests.bench import kept, rich_days
from tests.routing.build import town

HERE = Path(__file__).parents[2]
DIGEST = """
from tests.bench import kept, rich_days
from tests.routing.test_rich_days import base
print(kept.digest(rich_days.day(base(), "all", seed=1)))
"""


def base() -> Problem:
    """Return 60 visits with two loads and 12 vans with room for them."""
    asked = town(60, 12)
    visits = [replace(visit, delivered=(1, 2)) for visit in asked.visits]
    vans = [replace(vehicle, capacity=(40, 80)) for vehicle in asked.vehicles]
    return replace(
        asked, vehicles=tuple(vans), visits=tuple(visits), dimensions=("boxes", "litres")
    )


def has(day: Problem, family: str) -> bool:
    return {
        "breaks": all(vehicle.breaks for vehicle in day.vehicles),
        "skills": any(visit.skills for visit in day.visits),
        "reloads": all(vehicle.reloads for vehicle in day.vehicles),
        "returns": any(visit.picked_up for visit in day.visits),
        "pins": any(visit.vehicles or visit.not_vehicles for visit in day.visits),
        "optional": any(visit.price_unplanned is not None for visit in day.visits),
    }[family]


@pytest.mark.parametrize("family", rich_days.FAMILIES)
def test_a_family_has_its_own_constraints_and_no_others(family: str) -> None:
    day = rich_days.day(base(), family, seed=1)
    alone = [name for name in rich_days.FAMILIES if name != "all"]
    assert [name for name in alone if has(day, name)] == (alone if family == "all" else [family])
    tables = Tables(day)
    for index in range(len(day.visits)):
        assert any(tables.may_serve(k, index) for k in range(len(day.vehicles)))


def test_a_day_with_everything_can_be_planned() -> None:
    day = rich_days.day(base(), "all", seed=1)
    orders = first_plan(Tables(day), {}, stop=lambda: False).orders
    planned = {index for order in orders.values() for index in order}
    required = {k for k, visit in enumerate(day.visits) if visit.price_unplanned is None}
    assert required <= planned


def test_a_kept_problem_comes_back_and_another_has_another_digest(tmp_path: Path) -> None:
    day = rich_days.day(base(), "all", seed=1)
    instance = kept.keep(day, tmp_path / "days" / "all-60.problem")
    again = kept.read(str(instance.file))
    assert (instance.name, instance.num_visits) == ("all-60", 60)
    assert (again.vehicles, again.visits) == (day.vehicles, day.visits)
    assert kept.digest(again) == instance.digest
    assert kept.digest(rich_days.day(base(), "all", seed=2)) != instance.digest


def test_the_digest_does_not_depend_on_the_order_of_sets() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=HERE,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
