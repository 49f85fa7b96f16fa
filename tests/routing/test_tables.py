from __future__ import annotations

from routing.problem import Break, Window
from routing.tables import Tables
from tests.routing.build import line, problem, van


def test_what_breaks_are_called_makes_no_other_kind_of_vehicle() -> None:
    vans = [
        van("one", breaks=(Break("1", Window(0, 9), 3, "lunch"),)),
        van("two", breaks=(Break("2", Window(0, 9), 3),), description="blue"),
        van("three", breaks=(Break("2", Window(0, 9), 4),)),
    ]
    assert Tables(problem(line(0), vans, [])).vehicle_kinds == [0, 0, 1]
