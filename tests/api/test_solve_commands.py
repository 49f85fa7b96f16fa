from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.api.command import ctrl_c, faults, milkrun, started, wait_until
from tests.routing.test_formats_files import TINY_SOLOMON
from tests.routing.test_formats_vroom_plans import INPUT
from tests.routing.test_formats_vroom_shipments import document
from tests.shared_data import SHARED, needs_shared

SOLOMON = SHARED / "vrp" / "solomon"
QUICK = ("--iterations", 50, "--cores", 1)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.txt"
    path.write_text(TINY_SOLOMON)
    return path


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.json"
    path.write_text(json.dumps(INPUT))
    return path


def solved(*words: object) -> dict[str, Any]:
    result = milkrun("solve", *words, *QUICK)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_a_plan_is_printed_as_json_and_nothing_else(tiny: Path) -> None:
    result = milkrun("solve", tiny, *QUICK)
    assert result.stderr == ""
    plan = json.loads(result.stdout)
    # 0-2-1-0: floor(10 × √425) + floor(10 × √260) + 50.
    assert (plan["summary"]["cost"], plan["summary"]["routes"]) == (206 + 161 + 50, 1)
    assert set(plan["summary"]["computing_times"]) == {"loading", "solving"}


def test_a_gzipped_file_is_solved_alike(tiny: Path, tmp_path: Path) -> None:
    packed = tmp_path / "tiny.txt.gz"
    packed.write_bytes(gzip.compress(TINY_SOLOMON.encode()))
    assert solved(packed)["routes"] == solved(tiny)["routes"]


def test_the_same_seed_and_iterations_give_the_same_plan(jobs: Path) -> None:
    first, second = solved(jobs, "--seed", 3), solved(jobs, "--seed", 3)
    assert first["routes"] == second["routes"]


def test_ids_come_back_as_they_were_given(jobs: Path) -> None:
    plan = solved(jobs)
    ids = {step.get("id") for route in plan["routes"] for step in route["steps"]}
    assert ids == {None, 1, "b", 3}


def test_a_written_plan_passes_check(jobs: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "plan.json"
    assert milkrun("solve", jobs, "--out", out, *QUICK).stdout == ""
    result = milkrun("check", jobs, out)
    assert (result.exit_code, result.stdout.split(":")[0]) == (0, "0 violations")
    assert [path.name for path in out.parent.iterdir()] == ["plan.json"]


@pytest.fixture
def shipments(tmp_path: Path) -> Path:
    """A shipment, a break and steps in a file of VROOM's."""
    data = document()
    lunch = {"id": 1, "time_windows": [[40, 50]], "service": 30}
    steps = [{"type": "pickup", "id": 4}, {"type": "delivery", "id": 4}, {"type": "job", "id": 4}]
    data["vehicles"][0].update(skills=[9], breaks=[lunch], steps=steps)
    data["vehicles"][0]["time_window"] = [0, 105]
    path = tmp_path / "shipments.json"
    path.write_text(json.dumps(data))
    return path


def kinds(plan: dict[str, Any]) -> list[str]:
    return [step["type"] for route in plan["routes"] for step in route["steps"]]


def test_shipments_and_breaks_are_planned_and_pass_check(shipments: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert milkrun("solve", shipments, "--out", out, *QUICK).exit_code == 0
    found = kinds(json.loads(out.read_text()))
    assert sorted(found) == ["break", "delivery", "end", "job", "pickup", "start"]
    assert milkrun("check", shipments, out).exit_code == 0


def test_steps_of_a_file_are_where_the_search_begins(shipments: Path) -> None:
    result = milkrun("solve", shipments, "--iterations", 0, "--cores", 1)
    found = [kind for kind in kinds(json.loads(result.stdout)) if kind != "break"]
    assert found == ["start", "pickup", "delivery", "job", "end"]


def test_a_plan_of_ones_own_is_where_the_search_begins(shipments: Path, tmp_path: Path) -> None:
    data = json.loads(shipments.read_text())
    data["vehicles"][0]["steps"].insert(0, data["vehicles"][0]["steps"].pop())
    other, out = tmp_path / "other.json", tmp_path / "plan.json"
    other.write_text(json.dumps(data))
    assert milkrun("solve", other, "--iterations", 0, "--cores", 1, "--out", out).exit_code == 0
    result = milkrun("solve", shipments, "--start", out, "--iterations", 0, "--cores", 1)
    found = [kind for kind in kinds(json.loads(result.stdout)) if kind != "break"]
    assert found == ["start", "job", "pickup", "delivery", "end"]


def test_a_start_of_another_problem_is_refused(shipments: Path, jobs: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert milkrun("solve", jobs, "--out", out, *QUICK).exit_code == 0
    found = {code for _, code in faults(milkrun("solve", shipments, "--start", out))}
    assert found == {"unknown_vehicle", "unknown_visit"}


def test_a_problem_of_any_format_becomes_one_of_vroom(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "problem.json"
    assert milkrun("convert", tiny, "--out", out).exit_code == 0
    assert solved(out)["summary"]["cost"] == solved(tiny)["summary"]["cost"]


def test_converting_numbers_what_has_a_name(jobs: Path) -> None:
    found = json.loads(milkrun("convert", jobs, "--numbers").stdout)
    assert [job["id"] for job in found["jobs"]] == [1, 2, 3]


def test_a_tampered_plan_fails_check(jobs: Path, tmp_path: Path) -> None:
    plan = solved(jobs)
    plan["routes"][0]["steps"][1]["arrival"] += 60
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    result = milkrun("check", jobs, path)
    assert result.exit_code == 1
    assert "wrong_arrival" in result.stdout
    told = json.loads(milkrun("check", jobs, path, "--json").stdout)
    assert {violation["code"] for violation in told["violations"]} >= {"wrong_arrival"}


def test_visits_that_must_be_planned_and_do_not_fit_end_with_status_1(tmp_path: Path) -> None:
    path = tmp_path / "heavy.txt"
    path.write_text(TINY_SOLOMON.replace("3         200", "1         15"))
    out = tmp_path / "plan.json"
    result = milkrun("solve", path, "--out", out, *QUICK)
    assert result.exit_code == 1
    assert "1 visits must be planned and are not: 2" in result.stderr
    (left_out,) = json.loads(out.read_text())["unassigned"]
    assert (left_out["id"], bool(left_out["reason"])) == (2, True)


def test_more_vehicles_than_the_file_has_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "heavy.txt"
    path.write_text(TINY_SOLOMON.replace("3         200", "1         30"))
    assert milkrun("solve", path, *QUICK).exit_code == 1
    plan = tmp_path / "plan.json"
    assert milkrun("solve", path, "--vehicles", "unlimited", "--out", plan, *QUICK).exit_code == 0
    assert milkrun("check", path, plan).exit_code == 1
    assert milkrun("check", path, plan, "--vehicles", "unlimited").exit_code == 0


@pytest.mark.parametrize("words", [("--vehicles", "0"), ("--vehicles", "many")])
def test_a_number_of_vehicles_that_is_none_is_refused(tiny: Path, words: tuple[str, str]) -> None:
    assert faults(milkrun("solve", tiny, *words)) == [["--vehicles", "bad_number"]]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", ["{path}", "file_empty"]),
        ("a,b\n1,2\n", ["{path}", "file_unknown_format"]),
        (TINY_SOLOMON.replace("  3         200", ""), ["bad.txt, line 7", "bad_vehicle_line"]),
        ('{"jobs": [], "vehicels": []}', ["bad.txt, vehicels", "unknown_key"]),
        ('{"jobs": [}', ["bad.txt, line 1, column 11", "bad_json"]),
        ("25 200 1\n1 1 2 0 0 9 0 0 0\n", ["{path}", "missing_depot"]),
        ("25 200 1\n0 1 2 0 0 9 0 0 0\n1 1 1 5 0 9 0 0 3\n", ["bad.txt, line 3", "bad_pair"]),
    ],
)
def test_a_bad_file_is_refused_with_its_place(
    tmp_path: Path, content: str, fault: list[str]
) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(content)
    where, code = fault
    found = faults(milkrun("solve", path, "--out", tmp_path / "plan.json"))
    assert [where.format(path=path), code] in found
    assert [item.name for item in tmp_path.iterdir()] == ["bad.txt"]


def test_all_faults_are_shown_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"jobs": [{"id": 1, "color": 3}, {"service": -4}], "vehicles": [{"id": 1}]}')
    result = milkrun("solve", path)
    assert {(where, code) for where, code in faults(result)} >= {
        ("bad.json, jobs[0].color", "unknown_key"),
        ("bad.json, jobs[1].id", "missing_key"),
        ("bad.json, jobs[1].service", "out_of_range"),
        ("bad.json, vehicles[0]", "missing_key"),
    }
    assert result.stdout == ""


def test_faults_can_be_had_as_json(tmp_path: Path) -> None:
    result = milkrun("solve", tmp_path / "none.txt", "--json")
    (fault,) = json.loads(result.stdout)["faults"]
    assert (result.exit_code, result.stderr) == (2, "")
    assert set(fault) == {"where", "code", "cause", "action"}
    assert fault["code"] == "file_not_found"


def test_a_bad_problem_does_not_hide_a_bad_plan(tmp_path: Path) -> None:
    found = faults(milkrun("check", tmp_path / "a", tmp_path / "b"))
    assert found == [
        [str(tmp_path / "a"), "file_not_found"],
        [str(tmp_path / "b"), "file_not_found"],
    ]


def test_a_folder_is_no_output_file(tiny: Path, tmp_path: Path) -> None:
    assert faults(milkrun("solve", tiny, "--out", tmp_path)) == [[str(tmp_path), "cannot_write"]]


def test_a_file_is_no_output_folder(tiny: Path) -> None:
    found = faults(milkrun("solve", tiny, "--out", tiny / "plan.json"))
    assert found == [[str(tiny), "cannot_write"]]


@needs_shared
def test_c101_is_solved_to_its_best_known_cost_in_three_seconds(tmp_path: Path) -> None:
    best = json.loads((SHARED / "vrp" / "best_known.json").read_text())["C101"]
    plan = tmp_path / "plan.json"
    result = milkrun("solve", SOLOMON / "C101.txt", "--budget", 3, "--cores", 1, "--out", plan)
    assert result.exit_code == 0
    summary = json.loads(plan.read_text())["summary"]
    assert (summary["routes"], summary["cost"]) == (
        best["vehicles"],
        round(10 * best["cost_dimacs_1dec"]),
    )
    assert milkrun("check", SOLOMON / "C101.txt", plan).exit_code == 0


@needs_shared
@pytest.mark.parametrize("cores", [1, 2])
def test_ctrl_c_keeps_and_writes_the_best_plan(tmp_path: Path, cores: int) -> None:
    problem, plan = SOLOMON / "R101.txt", tmp_path / "plan.json"
    with started("solve", problem, "--budget", 300, "--cores", cores, "--out", plan) as process:
        wait_until(lambda: is_searching(process.pid))
        ctrl_c(process)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in stderr) == (0, False)
    assert "best plan found so far" in stderr
    assert milkrun("check", problem, plan).exit_code == 0


def is_searching(pid: int) -> bool:
    """Tell whether a process or one of its children has worked longer than a start takes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    stats = (Path(f"/proc/{one}/stat") for one in (pid, *children))
    # After the name in brackets: the 12th field is the time spent in the program, in ticks.
    ticks = (int(path.read_text().rpartition(")")[2].split()[11]) for path in stats)
    return max(ticks) > 5 * os.sysconf("SC_CLK_TCK")


@needs_shared
@pytest.mark.xdist_group("imported-map")
def test_a_map_answers_for_locations_without_matrices(monaco: str, tmp_path: Path) -> None:
    home, harbour, far = [7.4226, 43.7354], [7.4281, 43.7392], [9.0, 43.7]
    problem, plan = tmp_path / "jobs.json", tmp_path / "plan.json"
    document = {
        "jobs": [{"id": 1, "location": harbour}],
        "vehicles": [{"id": 1, "start": home, "costs": {"per_km": 10}}],
    }
    problem.write_text(json.dumps(document))
    asked = ("--map", monaco)
    assert milkrun("solve", problem, "--out", plan, *asked, *QUICK).exit_code == 0
    assert milkrun("check", problem, plan, *asked).exit_code == 0
    _, step, _ = json.loads(plan.read_text())["routes"][0]["steps"]
    assert 600 < step["distance"] < 4_000
    document["jobs"].append({"id": 2, "location": far})
    problem.write_text(json.dumps(document))
    assert faults(milkrun("solve", problem, *asked)) == [["location [9.0, 43.7]", "off_road"]]
