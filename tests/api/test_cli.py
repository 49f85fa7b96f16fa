from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.api.command import PROGRAM, ROOT, milkrun
from tests.routing.test_formats_files import TINY_SOLOMON

COMMANDS = ("plan", "solve", "check", "demo", "map")
HEAVY = {"numpy", "scipy", "numba", "pandas", "osmnx", "shapely", "pyvrp", "pydantic", "networkx"}


def test_every_command_is_listed_and_explains_itself() -> None:
    listed = milkrun("--help").stdout
    for command in COMMANDS:
        assert command in listed
        assert milkrun(command, "--help").exit_code == 0


def test_the_version_is_that_of_the_package() -> None:
    assert milkrun("--version").stdout == f"milkrun {version('milkrun')}\n"


def test_help_needs_none_of_the_heavy_packages() -> None:
    script = (
        "import sys\n"
        "from api.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        "print('loaded', *sorted(name.partition('.')[0] for name in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "typer" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("words", [("fly",), ("solve",), ("solve", "x", "--budget", "-1")])
def test_a_wrong_command_line_ends_with_status_2(words: tuple[str, ...]) -> None:
    result = milkrun(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage" in result.stderr


def test_a_terminal_sees_the_best_plan_so_far(tmp_path: Path) -> None:
    problem, plan = tmp_path / "tiny.txt", tmp_path / "plan.json"
    problem.write_text(TINY_SOLOMON)
    screen, terminal = pty.openpty()
    words = ["solve", str(problem), "--budget", "1", "--cores", "1", "--out", str(plan)]
    with subprocess.Popen([*PROGRAM, *words], cwd=ROOT, stderr=terminal) as process:
        os.close(terminal)
        shown = _read_all(screen)
    assert process.returncode == 0
    assert "best 417, 1 routes" in shown
    assert "1 routes, 0 left out, cost 417" in shown


def test_a_terminal_sees_faults_in_a_table(tmp_path: Path) -> None:
    screen, terminal = pty.openpty()
    words = ["solve", str(tmp_path / "[b]none[/b]")]
    with subprocess.Popen([*PROGRAM, *words], cwd=ROOT, stderr=terminal) as process:
        os.close(terminal)
        shown = _read_all(screen)
    assert process.returncode == 2
    assert "where" in shown
    assert "file_not_found" in shown
    # What looks like Rich's markup in a name is a name.
    assert "[b]none[/b]" in shown.replace("\r\n", "").replace(" ", "")


def test_a_terminal_is_not_flooded_with_faults_and_a_pipe_gets_them_all(tmp_path: Path) -> None:
    problem = tmp_path / "bad.json"
    jobs = [{"id": number, "colour": 1} for number in range(1, 301)]
    problem.write_text(json.dumps({"jobs": jobs, "vehicles": [{"id": 1, "start": [7, 43]}]}))
    screen, terminal = pty.openpty()
    words = ["solve", str(problem)]
    with subprocess.Popen([*PROGRAM, *words], cwd=ROOT, stderr=terminal) as process:
        os.close(terminal)
        shown = _read_all(screen)
    assert process.returncode == 2
    # A table draws a fault on one line or several.
    assert shown.count("unknown_key") == 100
    # One more: there are no matrices.
    assert "and 201 more" in shown
    assert "301 faults" in shown
    assert milkrun(*words).stderr.count("unknown_key") == 300


def _read_all(screen: int) -> str:
    """Return what was written to a terminal until the last writer closed it."""
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(screen, 4096)
        except OSError:  # Linux says so when the other side is closed
            part = b""
        if not part:
            os.close(screen)
            return b"".join(parts).decode()
        parts.append(part)
