from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import replace

import pytest

from routing import crew
from routing.engine.kernel import Kept
from routing.solve import Budget, Progress, solve
from tests.routing.build import town


def test_two_children_give_the_same_plan_twice() -> None:
    budget = Budget(iterations=100)
    assert solve(town(30), budget, cores=2) == solve(town(30), budget, cores=2)


def test_children_that_were_killed_while_they_waited_are_replaced() -> None:
    crew.prepare(2)
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
    asked, budget = town(30), Budget(iterations=100)
    found = solve(asked, budget, cores=2)
    assert found == solve(asked, budget, cores=2)
    # Alone, the parent finds another plan with so few iterations.
    assert found != solve(asked, budget, cores=1)


def test_a_killed_child_loses_only_its_own_part() -> None:
    killed: list[int] = []

    def kill_one(_: Progress) -> None:
        children = multiprocessing.active_children()
        if children and not killed:
            killed.append(children[0].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    found = solve(town(30), Budget(iterations=100), cores=2, on_best=kill_one)
    assert killed
    assert not found.unplanned


def test_when_all_children_die_the_parent_searches_itself() -> None:
    def kill_all(_: Progress) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    asked, budget = town(30), Budget(iterations=100)
    found = solve(asked, budget, cores=2, on_best=kill_all)
    assert found == solve(asked, budget, cores=1)


def test_children_end_with_the_call() -> None:
    began = time.monotonic()
    solve(town(40), Budget(seconds=120), cores=2, stop=lambda: time.monotonic() - began > 2)
    assert time.monotonic() - began < 60
    assert multiprocessing.active_children() == []


def test_children_outlive_ctrl_c_until_they_are_told_to_stop() -> None:
    interrupted: list[int] = []

    def interrupt_all(_: Progress) -> None:
        for child in multiprocessing.active_children():
            interrupted.append(child.pid or 0)
            os.kill(child.pid or 0, signal.SIGINT)

    told = solve(town(30), Budget(iterations=100), cores=2, on_best=interrupt_all)
    assert interrupted
    assert told == solve(town(30), Budget(iterations=100), cores=2)


def test_no_child_has_to_compile_what_could_not_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kept, "lost", True)
    children: list[int] = []

    def count(_: Progress) -> None:
        children.append(len(multiprocessing.active_children()))

    solve(town(10), Budget(iterations=100), cores=2, on_best=count)
    assert set(children) == {0}


@pytest.mark.parametrize(("visits", "vans"), [(0, 1), (3, 0), (0, 0)])
def test_a_day_without_visits_or_vans_needs_no_search(visits: int, vans: int) -> None:
    asked = town(3)
    asked = replace(asked, visits=asked.visits[:visits], vehicles=asked.vehicles[:vans])
    assert len(solve(asked, Budget(iterations=10), cores=2).unplanned) == visits
