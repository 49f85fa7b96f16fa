from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.plans import edits
from dispatch.plans.plans import Sequences
from dispatch.store.errors import Invalid
from routing.problem import Problem
from tests.routing.build import line, problem, van, visit

ROUTES: Sequences = {"x": ["a", "b", "c"], "y": ["d"]}


def day(capacity: int = 9) -> Problem:
    visits = [visit(name, k, delivered=(1,)) for k, name in enumerate("abcd", start=1)]
    vans = [van("x", capacity=(capacity,)), van("y", capacity=(capacity,))]
    return problem(line(0, 10, 20, 30, -10), vans, visits, "boxes")


def test_a_gearbox_on_a_full_van_is_told_before_the_drop() -> None:
    asked = day(capacity=3)
    after = edits.move(ROUTES, ["d"], to="x", position=1)
    told = edits.preview(asked, ROUTES, after)
    assert [v.code for v in told.violations] == ["overload"]
    assert "boxes +1 over the capacity of 3 when leaving stops 0" in told.violations[0].cause
    # Van y stays at home, van x drives from 10 to -10 and on to 20: 20 there, 30 back.
    assert told.price == 40 - 20


def test_only_what_an_edit_adds_or_mends_is_told() -> None:
    asked = day(capacity=2)
    told = edits.preview(asked, ROUTES, edits.move(ROUTES, ["c"], to="y", position=1))
    assert (told.violations, [v.code for v in told.solved]) == ((), ["overload"])
    worse = edits.preview(asked, ROUTES, edits.move(ROUTES, ["d"], to="x", position=3))
    assert [(v.code, v.amount) for v in worse.violations] == [("overload", 2)]


def test_who_is_moved_is_told() -> None:
    told = edits.preview(day(), ROUTES, edits.move(ROUTES, ["b"], to="y", position=0))
    assert {(c.visit, c.before, c.after, c.why) for c in told.changes} == {
        ("b", "x", "y", "vehicle"),
        ("c", "x", "x", "order"),
        ("d", "y", "y", "order"),
    }


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (edits.move(ROUTES, ["c", "d"], to="x", position=0), {"x": ["c", "d", "a", "b"]}),
        (edits.move(ROUTES, ["new"], to="z", position=0), {**ROUTES, "z": ["new"]}),
        (edits.move(ROUTES, ["a"], to="x", position=2), {"x": ["b", "c", "a"], "y": ["d"]}),
        (edits.remove(ROUTES, ["d", "b"]), {"x": ["a", "c"]}),
        (edits.swap(ROUTES, "x", "y"), {"x": ["d"], "y": ["a", "b", "c"]}),
        (edits.swap(ROUTES, "y", "z"), {"x": ["a", "b", "c"], "z": ["d"]}),
        (edits.reverse(ROUTES, "x"), {"x": ["c", "b", "a"], "y": ["d"]}),
    ],
)
def test_edits(after: Sequences, expected: Sequences) -> None:
    assert after == expected


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(Invalid, match="bad_position"):
        edits.move(ROUTES, ["d"], to="x", position=4)
    with pytest.raises(Invalid, match="not_on_a_route"):
        edits.remove(ROUTES, ["ghost"])
    with pytest.raises(Invalid, match="stop_twice"):
        edits.move(ROUTES, ["a", "a"], to="y", position=0)


@given(st.permutations("abcd"), st.sampled_from("abcd"), st.sampled_from("xyz"), st.data())
def test_a_move_and_the_move_back_change_nothing(
    order: list[str], stop: str, to: str, data: st.DataObject
) -> None:
    routes: Sequences = {"x": order[:3], "y": order[3:]}
    home = next(vehicle for vehicle, stops in routes.items() if stop in stops)
    place = list(routes[home]).index(stop)
    most = len([other for other in routes.get(to, ()) if other != stop])
    moved = edits.move(routes, [stop], to=to, position=data.draw(st.integers(0, most)))
    assert sorted(other for stops in moved.values() for other in stops) == sorted("abcd")
    assert edits.move(moved, [stop], to=home, position=place) == routes


def test_an_edit_of_a_day_that_became_smaller_is_still_priced() -> None:
    asked = replace(day(), vehicles=day().vehicles[:1])
    told = edits.preview(asked, {"x": ["a"]}, {"x": ["a", "b"]})
    assert told.price == 40 - 20
