from __future__ import annotations

import ast
from pathlib import Path

from dispatch.store import events, states

PACKAGE = Path(states.__file__).parents[1]


def test_every_step_has_its_kind_of_event() -> None:
    said = {
        f"{machine.noun}.{step.happened}"
        for machine in states.MACHINES
        for step in machine.steps.values()
    }

    assert said <= events.KINDS


def test_every_state_can_be_reached() -> None:
    for machine in states.MACHINES:
        reached = {states.NEW} | {step.after for step in machine.steps.values()}
        assert all(step.before & reached for step in machine.steps.values()), machine.noun


def test_only_step_writes_a_status() -> None:
    writers = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = {each.attr for each in targets if isinstance(each, ast.Attribute)}
            given = node.keywords if isinstance(node, ast.Call) else []
            if "status" in names | {each.arg for each in given}:
                writers.append(path.name)

    assert writers == ["states.py"]
