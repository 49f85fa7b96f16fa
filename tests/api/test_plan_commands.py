from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from dispatch.planning import planning
from dispatch.reports import write
from routing.problem import Problem
from routing.solution import Reason, Solution, Unplanned
from tests.api.command import ctrl_c, faults, milkrun, started, wait_until
from tests.api.test_solve_commands import is_searching
from tests.shared_data import needs_shared

pytestmark = [pytest.mark.xdist_group("imported-map"), needs_shared]

DEPOTS = "depot,lon,lat,opens,closes,timezone\nquay,7.4226,43.7354,07:00,19:00,Europe/Monaco\n"
VEHICLES = (
    "vehicle,depot,profile,capacity_kg,capacity_l,shift_start,shift_end\n"
    "van 1,quay,van,400,2000,08:00,17:00\n"
    "van 2,quay,van,400,2000,08:00,17:00\n"
)
ORDERS = (
    "order,lon,lat,name,earliest,latest,weight_kg\n"
    "A-1,7.4281,43.7392,赌场,09:00,12:00,20\n"
    "A-2,7.4255,43.7310,Musée,09:00,12:00,30\n"
    "A-3,7.4203,43.7370,Gare,09:00,12:00,900\n"
)
REPORTS = {"plan.html", "plan.json", "plan.xlsx", "routes.geojson"}


@pytest.fixture
def day(tmp_path: Path) -> Path:
    folder = tmp_path / "day"
    folder.mkdir()
    for name, text in (("depots", DEPOTS), ("vehicles", VEHICLES), ("orders", ORDERS)):
        (folder / f"{name}.csv").write_text(text)
    return folder


def plan(day: Path, monaco: str, out: Path, *words: object) -> tuple[object, ...]:
    return ("plan", day, "--map", monaco, "--out", out, "--at", "2026-03-02", *words)


def test_a_day_is_planned_into_its_reports(day: Path, monaco: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = milkrun(*plan(day, monaco, out, "--budget", 1, "--cores", 1))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2 of 3 orders" in result.stdout
    assert {path.name for path in out.iterdir()} >= REPORTS
    written = json.loads((out / "plan.json").read_text())
    steps = [step for route in written["routes"] for step in route["steps"]]
    assert {step["id"] for step in steps if step["type"] == "job"} == {"A-1", "A-2"}
    (left_out,) = written["unassigned"]
    assert (left_out["id"], bool(left_out["reason"])) == ("A-3", True)


def test_figures_can_be_had_as_json(day: Path, monaco: str, tmp_path: Path) -> None:
    words = plan(day, monaco, tmp_path / "out", "--budget", 1, "--cores", 1, "--json")
    found = json.loads(milkrun(*words).stdout)
    assert (found["orders"], found["left_out"], found["skipped_rows"]) == (3, 1, 0)


def test_all_bad_rows_are_told_and_nothing_is_written(
    day: Path, monaco: str, tmp_path: Path
) -> None:
    with (day / "orders.csv").open("a") as file:
        file.write("A-1,7.42,43.73,twice,09:00,12:00,1\n")
        file.write("A-5,x,43.73,no number,09:00,12:00,1\n")
        file.write("A-6,7.42,43.73,backwards,12:00,09:00,1\n")
        file.write("A-7,9.42,43.73,far off,09:00,12:00,1\n")
    out = tmp_path / "out"
    assert faults(milkrun(*plan(day, monaco, out))) == [
        ["orders, row 5, order", "duplicate_order"],
        ["orders, row 6, lon", "bad_number"],
        ["orders, row 7, latest", "window_reversed"],
        ["orders, row 8, lon", "off_map"],
    ]
    assert not out.exists()


def test_good_rows_are_planned_when_the_bad_are_to_be_skipped(
    day: Path, monaco: str, tmp_path: Path
) -> None:
    with (day / "orders.csv").open("a") as file:
        file.write("A-5,x,43.73,no number,09:00,12:00,1\n")
    out = tmp_path / "out"
    result = milkrun(*plan(day, monaco, out, "--skip-bad", "--budget", 1, "--cores", 1))
    assert result.exit_code == 0
    assert "orders, row 5, lon" in result.stderr
    assert (out / "plan.json").exists()


def test_a_bad_map_does_not_hide_bad_rows(day: Path, maps_home: Path, tmp_path: Path) -> None:
    (day / "orders.csv").write_text(ORDERS.replace("09:00,12:00,20", "09:00,08:00,20"))
    assert faults(milkrun(*plan(day, "atlantis", tmp_path / "out"))) == [
        ["map", "map_not_found"],
        ["orders, row 2, latest", "window_reversed"],
    ]


def test_a_folder_that_is_none_is_refused(monaco: str, tmp_path: Path) -> None:
    result = milkrun(*plan(tmp_path / "none", monaco, tmp_path / "out"))
    assert faults(result) == [["day", "missing_file"]]


def test_a_file_is_no_folder_for_reports(day: Path, monaco: str) -> None:
    out = day / "orders.csv"
    assert faults(milkrun(*plan(day, monaco, out))) == [[str(out), "cannot_write"]]


@pytest.mark.parametrize("at", ["2026-02-30", "0001-01-01", "9999-12-31", "today"])
def test_a_date_that_is_none_is_refused(day: Path, tmp_path: Path, at: str) -> None:
    words = ("plan", day, "--map", "any", "--out", tmp_path / "out", "--at", at)
    assert faults(milkrun(*words)) == [["--at", "bad_date"]]


def test_ctrl_c_keeps_and_writes_the_best_plan(day: Path, monaco: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    # With fewer orders the search ends by itself.
    with (day / "orders.csv").open("a") as file:
        file.writelines(f"B-{k},7.4{200 + 3 * k},43.7370,,,,1\n" for k in range(25))
    words = plan(day, monaco, out, "--budget", 300, "--cores", 1)
    with started(*words) as process:
        wait_until(lambda: is_searching(process.pid))
        ctrl_c(process)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in stderr) == (0, False)
    assert "best plan found so far" in stderr
    assert "27 of 28 orders" in stdout
    assert {path.name for path in out.iterdir()} >= REPORTS


def test_ctrl_c_while_the_reports_are_written_loses_nothing(
    day: Path, monaco: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write.write

    def interrupted(*words: Any, **more: Any) -> tuple[Path, ...]:
        signal.raise_signal(signal.SIGINT)
        return whole(*words, **more)

    monkeypatch.setattr(write, "write", interrupted)
    out = tmp_path / "out"
    result = milkrun(*plan(day, monaco, out, "--budget", 0.2, "--cores", 1))
    assert result.exit_code == 0
    assert {path.name for path in out.iterdir()} >= REPORTS


def test_ctrl_c_before_a_first_plan_leaves_yesterdays(
    day: Path, monaco: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_yet(problem: Problem, *_: Any, **__: Any) -> Solution:
        signal.raise_signal(signal.SIGINT)
        why = (Reason("not_tried", "the search had ended", "plan again"),)
        left = tuple(Unplanned(visit.id, why) for visit in problem.visits)
        return Solution(routes=(), unplanned=left, cost=0, price_unplanned=0)

    monkeypatch.setattr(planning, "solve", nothing_yet)
    out = tmp_path / "out"
    out.mkdir()
    (out / "plan.json").write_text("yesterday's")
    result = milkrun(*plan(day, monaco, out))
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert [path.name for path in out.iterdir()] == ["plan.json"]
    assert (out / "plan.json").read_text() == "yesterday's"


def test_a_damaged_basemap_is_told_before_the_search(
    day: Path, monaco: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(os.environ["MILKRUN_HOME"], home)
    monkeypatch.setenv("MILKRUN_HOME", str(home))
    for basemap in home.glob("maps/*/basemap.npz"):
        basemap.write_bytes(basemap.read_bytes()[:100])
    (day / "orders.csv").write_text(ORDERS.replace("09:00,12:00,20", "09:00,08:00,20"))
    assert faults(milkrun(*plan(day, monaco, tmp_path / "out"))) == [
        ["map", "bad_map"],
        ["orders, row 2, latest", "window_reversed"],
    ]
