from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from routing.bench import child
from routing.bench.child import Limits
from routing.bench.worker import Job
from tests.routing.bench_rows import BAD, tiny

ROOMY = Limits(seconds=120.0, megabytes=100_000.0)


def ran(folder: Path, setting: str, limits: Limits = ROOMY) -> dict[str, Any]:
    file = str(tiny(folder).file)
    return child.run(Job(BAD, file, None, 0.1, seed=0, cores=1, setting=setting), limits)


def test_a_plan_comes_back_with_its_cost_as_it_was_judged(tmp_path: Path) -> None:
    found = ran(tmp_path, "")
    assert (found["status"], found["num_vehicles"], found["violations"]) == ("feasible", 1, {})
    assert found["cost"] == 417
    assert 0 <= found["wall_s"] < 60


@pytest.mark.parametrize(
    ("setting", "status", "cause"),
    [
        ("dies", "crashed", "signal 11"),
        ("raises", "crashed", "exit status 1: RuntimeError: out of ideas"),
        ("gives up", "no plan", "no tours"),
        ("cannot", "refused", "several loads"),
    ],
)
def test_an_engine_without_a_plan_loses_only_its_row(
    tmp_path: Path, setting: str, status: str, cause: str
) -> None:
    found = ran(tmp_path, setting)
    assert (found["status"], found["cause"]) == (status, cause)


@pytest.mark.parametrize(
    ("setting", "violations"),
    [("lies", {"unknown_visit": 1}), ("forgets", {"must_be_planned": 1})],
)
def test_what_is_no_plan_is_infeasible(
    tmp_path: Path, setting: str, violations: dict[str, int]
) -> None:
    found = ran(tmp_path, setting)
    assert (found["status"], found["violations"]) == ("infeasible", violations)


def test_an_engine_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    found = ran(tmp_path, "hangs", Limits(seconds=3.0, megabytes=100_000.0))
    assert (found["status"], found["cause"]) == ("late", "ended after 3 s")
    assert not hanging()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="memory is only seen on Linux")
def test_an_engine_that_eats_memory_is_ended(tmp_path: Path) -> None:
    found = ran(tmp_path, "hoards", Limits(seconds=120.0, megabytes=300.0))
    assert (found["status"], found["cause"]) == ("too large", "ended at more than 300 MB")
    assert found["peak_mb"] > 300


def hanging() -> list[str]:
    """Return the processes that `bad_engines` left behind."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc") if Path("/proc").exists() else []):
        try:
            words = Path("/proc", pid, "cmdline").read_text()
            state = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if "time.sleep(600)" in words and state != "Z":
            found.append(pid)
    return found
