from __future__ import annotations

from pathlib import Path

from routing.bench import runs
from routing.bench.child import Limits
from routing.bench.rows import FILE, Log
from routing.bench.runs import Plan
from tests.routing.bench_rows import row, solver, tiny

ROOMY = Limits(seconds=120.0, megabytes=100_000.0)


def plan(folder: Path, **changes: int) -> Plan:
    taking_part = [solver("good"), solver("levels", "dies", "", seeded=False)]
    return Plan([tiny(folder)], taking_part, [1.0], changes.get("num_seeds", 2), cores=1)


def test_every_seed_and_setting_is_run_but_seeds_only_where_there_are_any(tmp_path: Path) -> None:
    keys = [run.key for run in runs.all_runs(plan(tmp_path))]
    assert [(key.solver, key.setting, key.seed) for key in keys] == [
        ("good", "", 0),
        ("levels", "dies", 0),
        ("levels", "", 0),
        ("good", "", 1),
    ]


def test_a_bench_goes_on_where_it_was_left(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    doing = runs.do(runs.outstanding(asked, Log(tmp_path)), Log(tmp_path), limits=ROOMY)
    first, second = next(doing), next(doing)
    assert (first.status, second.status) == ("feasible", "crashed")

    left = runs.outstanding(asked, Log(tmp_path))

    assert [(run.key.solver, run.key.seed) for run in left] == [("levels", 0), ("good", 1)]
    list(runs.do(left, Log(tmp_path), limits=ROOMY))
    assert runs.outstanding(asked, Log(tmp_path)) == []
    assert len(Log(tmp_path).rows) == 4


def test_a_solver_can_be_run_again(tmp_path: Path) -> None:
    asked = plan(tmp_path, num_seeds=1)
    log = Log(tmp_path)
    for run in runs.all_runs(asked):
        log.add(row(500, **run.key._asdict()))
    left = runs.outstanding(asked, log, again={"good"})
    assert [run.solver.name for run in left] == ["good"]


def test_another_file_of_the_same_name_is_another_instance(tmp_path: Path) -> None:
    asked = plan(tmp_path, num_seeds=1)
    log = Log(tmp_path)
    for run in runs.all_runs(asked):
        log.add(row(500, **{**run.key._asdict(), "digest": "of another file"}))
    assert len(runs.outstanding(asked, log)) == 3


def test_our_own_version_names_the_commit(tmp_path: Path) -> None:
    asked = Plan([tiny(tmp_path)], [solver("milkrun")], [1.0], 1, cores=1)
    (found,) = runs.do(runs.all_runs(asked), Log(tmp_path), commit="abc", limits=ROOMY)
    assert found.version.endswith("(abc)")


def test_a_row_that_was_cut_off_is_dropped_and_the_others_stay(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.add(row(500))
    log.add(row(None, "crashed", seed=1, violations={}, cause="signal 9"))
    with (tmp_path / FILE).open("a") as stream:
        stream.write('{"instance": "a", "dig')
    again = Log(tmp_path)
    again.add(row(499))
    assert Log(tmp_path).rows == [*log.rows, row(499)]
    assert Log(tmp_path).latest()[row().key].cost == 499
