from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.api.command import milkrun


def test_the_demo_plans_a_day_from_nothing(maps_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    result = milkrun("demo", "--no-serve", "--out", out, "--budget", 2, "--cores", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    assert str(out / "plan.html") in result.stdout
    page = (out / "plan.html").read_text()
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    plan = json.loads((out / "plan.json").read_text())
    with (out / "day" / "orders.csv").open(encoding="utf-8-sig") as file:
        orders = {row["order"] for row in csv.DictReader(file)}
    steps = [step for route in plan["routes"] for step in route["steps"]]
    planned = {step["id"] for step in steps if step["type"] == "job"}
    left_out = {item["id"] for item in plan["unassigned"]}
    assert planned | left_out == orders
    assert not planned & left_out
    assert all(item["reason"] for item in plan["unassigned"])
    # The tables that it wrote are a day that can be planned again.
    again = milkrun(
        *("plan", out / "day", "--map", "lanchuan", "--out", tmp_path / "again"),
        *("--at", "2026-03-02", "--budget", 1, "--cores", 1),
    )
    assert again.exit_code == 0
