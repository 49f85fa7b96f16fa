from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import Result

from dispatch.demo_firm import PASSWORD
from tests.api import served
from tests.api.command import faults, milkrun, started

# One worker draws the city, and all of these look at it.
pytestmark = pytest.mark.xdist_group("demo command")


@dataclass(frozen=True)
class Shown:
    """A demo that ran to its end without serving."""

    out: Path
    result: Result


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have maps in one home, and a database of the user's own that the demo is to leave alone."""
    monkeypatch.setenv("MILKRUN_HOME", str(home))
    monkeypatch.setenv("MILKRUN_DATABASE_URL", f"sqlite:///{home / 'own.db'}")


@pytest.fixture(scope="module")
def shown(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    out = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_HOME", str(home))
        result = milkrun("demo", "--no-serve", "--out", out, "--budget", 2, "--cores", 1)
    return Shown(out, result)


def test_the_demo_plans_a_day_from_nothing(shown: Shown, tmp_path: Path) -> None:
    out, result = shown.out, shown.result
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


def test_the_demo_says_what_was_planned_and_who_signs_in(shown: Shown, home: Path) -> None:
    text = shown.result.stdout
    assert re.search(r"wave 1 of \d{4}-\d\d-\d\d in the database: 119 of 120 orders on \d", text)
    assert f'"{PASSWORD}"' in text
    assert "admin, dispatcher, warehouse, counter, driver, customer" in text
    assert f"milkrun demo --keep --out {shown.out}" in text
    assert not (home / "own.db").exists()


def test_the_firm_of_the_last_time_is_served_with_its_plan(shown: Shown) -> None:
    with started("demo", "--keep", "--port", 0, "--out", shown.out) as process:
        with httpx.Client(base_url=served.address(process), timeout=60) as client:
            body = {"name": "dispatcher", "password": PASSWORD}
            token = client.post("/api/v1/session", json=body).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            (plan,) = client.get("/api/v1/plans").json()["rows"]
            accepted = client.get("/api/v1/orders", params={"limit": 200}).json()["rows"]
        assert (plan["wave"], plan["status"]) == ("wave 1", "ready")
        assert len(accepted) == 120

        begun = milkrun("demo", "--no-serve", "--out", shown.out, "--budget", 1)
        assert [code for _, code in faults(begun)] == ["already_served"]


def test_a_new_demo_begins_with_a_new_firm(shown: Shown) -> None:
    before = (shown.out / "demo.db").stat().st_ino
    words = ("--no-serve", "--out", shown.out, "--budget", 1, "--cores", 1)
    assert milkrun("demo", "--keep", *words).exit_code == 0
    assert (shown.out / "demo.db").stat().st_ino == before
    assert milkrun("demo", *words).exit_code == 0
    assert (shown.out / "demo.db").stat().st_ino != before
    assert not list(shown.out.glob("demo-new*"))
