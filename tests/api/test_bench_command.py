from __future__ import annotations

import json
from pathlib import Path

import pytest

from routing.bench import solvers
from routing.bench.rows import FILE, Log
from routing.bench.solvers import Solver
from tests.api.command import ctrl_c, faults, milkrun, started, wait_until
from tests.routing.test_formats_files import TINY_SOLOMON

QUICK = ("--budget", 0.2, "--seeds", 1, "--cores", 1, "--solver", "milkrun")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "problems"
    path.mkdir()
    (path / "tiny.txt").write_text(TINY_SOLOMON)
    (path / "best_known.json").write_text('{"tiny": {"cost_dimacs_1dec": 41.7}}')
    return path


def test_a_bench_writes_a_table_its_rows_and_a_plot(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = milkrun("bench", folder, *QUICK, "--out", out)
    assert result.exit_code == 0
    assert "skipped: 1 files: best_known.json" in result.stderr
    assert result.stdout == (out / "bench.md").read_text()
    assert "| tiny | 417 | 0.00 |" in result.stdout
    (row,) = json.loads((out / "bench.json").read_text())["rows"]
    assert (row["status"], row["cost"], row["seed"]) == ("feasible", 417, 0)
    assert (out / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_command_runs_nothing_twice(folder: Path, tmp_path: Path) -> None:
    words = ("bench", folder, *QUICK, "--out", tmp_path / "out")
    milkrun(*words)
    first = (tmp_path / "out" / FILE).read_text()
    document = json.loads(milkrun(*words, "--json").stdout)
    assert (tmp_path / "out" / FILE).read_text() == first
    assert len(document["rows"]) == 1
    milkrun(*words, "--again", "milkrun")
    assert len(Log(tmp_path / "out").rows) == 2


def test_a_peer_that_is_not_installed_is_named_and_no_error(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = Solver("absent", "no-such-package", "routing.peers.absent", "")
    monkeypatch.setattr(solvers, "SOLVERS", (solvers.SOLVERS[0], absent))
    result = milkrun("bench", folder, *QUICK, "--solver", "absent", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "not installed: absent" in result.stderr
    assert "Not installed: absent." in result.stdout


def test_help_says_how_the_peers_are_installed() -> None:
    assert "milkrun[bench]" in milkrun("bench", "--help").stdout


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--solver", "gurobi"), ["--solver", "unknown_solver"]),
        (("--again", "gurobi"), ["--again", "unknown_solver"]),
        (("--vehicles", "many"), ["--vehicles", "bad_number"]),
        (("--best-known", "none.json"), ["none.json", "file_not_found"]),
    ],
)
def test_what_cannot_be_asked_is_refused(
    folder: Path, tmp_path: Path, words: tuple[str, str], fault: list[str]
) -> None:
    assert faults(milkrun("bench", folder, *words, "--out", tmp_path / "out")) == [fault]
    assert not (tmp_path / "out").exists()


def test_a_folder_without_problems_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = faults(milkrun("bench", tmp_path / "empty", "--out", tmp_path / "out"))
    assert found == [[str(tmp_path / "empty"), "no_instances"]]


def test_a_file_is_no_output_folder(folder: Path) -> None:
    found = faults(milkrun("bench", folder, "--out", folder / "tiny.txt"))
    assert found == [[str(folder / "tiny.txt"), "cannot_write"]]


def test_ctrl_c_keeps_what_is_done(folder: Path, tmp_path: Path) -> None:
    # So many visits that the search takes all its time.
    rows = "".join(f"{k} {k} {k % 7} 0 0 1000 0\n" for k in range(3, 60))
    (folder / "tiny.txt").write_text(TINY_SOLOMON.rstrip() + "\n" + rows)
    out = tmp_path / "out"
    words = ("bench", folder, "--budget", 0.2, "--budget", 300, *QUICK[2:], "--out", out)
    with started(*words) as process:
        wait_until(lambda: (out / FILE).exists())
        ctrl_c(process)
        stdout, stderr = process.communicate(timeout=180)
    assert (process.returncode, "Traceback" in stderr) == (0, False)
    assert "the same command goes on" in stderr
    assert stdout == (out / "bench.md").read_text()
    assert [row.key.budget_s for row in Log(out).rows] == [0.2]
