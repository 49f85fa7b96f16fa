from __future__ import annotations

import pytest

from routing.bench import gaps
from routing.bench.gaps import Gaps, Reference
from routing.bench.rows import Row
from tests.routing.bench_rows import row


def of(*rows: Row, known: dict[str, int] | None = None) -> Gaps:
    return Gaps(rows, gaps.seen(rows), known or {})


def test_a_gap_is_what_a_cost_is_above_the_reference() -> None:
    assert gaps.gap(103, 100) == pytest.approx(3.0)
    assert gaps.gap(99, 100) == pytest.approx(-1.0)


def test_gaps_are_to_the_best_known_and_else_to_the_best_seen() -> None:
    found = of(row(110), row(120, instance="b"), row(126, instance="b", seed=1), known={"a": 100})
    assert found.references == {
        "a": Reference(100, "best known"),
        "b": Reference(120, "best seen"),
    }
    assert found.cells[5.0, "fake", "b"].gaps == pytest.approx((0.0, 5.0))


def test_a_plan_that_is_none_is_never_the_best_seen() -> None:
    assert gaps.seen([row(90, "infeasible"), row(100), row(None, "late")]) == {"a": 100}


def test_the_best_of_several_settings_counts() -> None:
    found = of(row(110, setting="0"), row(105, setting="1"), row(None, "late", setting="5"))
    cell = found.cells[5.0, "fake", "a"]
    assert (len(cell.gaps), cell.failed) == (1, {})
    assert of(row(None, "late", setting="0")).cells[5.0, "fake", "a"].failed == {"late": 1}


def test_means_compare_only_where_all_have_a_plan_for_every_seed() -> None:
    found = of(
        row(110),
        row(104, seed=1),
        row(130, instance="b"),
        row(101, solver="other"),
        row(None, "crashed", solver="other", seed=1),
        row(100, solver="other", instance="b"),
        known={"a": 100, "b": 100},
    )
    line = found.line(5.0, "fake")
    assert found.common(5.0) == ["b"]
    assert [line.common, line.own] == pytest.approx([30.0, 18.5])
    assert (line.num_common, line.num_own) == (1, 2)
    other = found.line(5.0, "other")
    assert [other.common, other.own] == pytest.approx([0.0, 0.0])
    assert (other.num_runs, other.failed) == (3, {"crashed": 1})


def test_a_solver_that_never_has_a_plan_does_not_void_the_others() -> None:
    found = of(row(110), row(None, "refused", solver="poor"), known={"a": 100})
    assert found.common(5.0) == ["a"]
    poor = found.line(5.0, "poor")
    assert (poor.common, poor.own, poor.failed) == (None, None, {"refused": 1})


def test_budgets_are_compared_each_for_itself() -> None:
    found = of(row(110), row(102, budget_s=30.0), known={"a": 100})
    assert [found.line(budget, "fake").common for budget in found.budgets] == pytest.approx(
        [10.0, 2.0]
    )
