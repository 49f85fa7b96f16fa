from __future__ import annotations

import json
from dataclasses import replace

import pytest

from routing.bench import gaps, plot, report
from routing.bench.gaps import Gaps
from routing.bench.machine import Machine
from routing.bench.report import Bench
from routing.bench.rows import Row, from_document
from tests.routing.bench_rows import row

ROWS = [
    row(110),
    row(106, seed=1),
    row(111, instance="b"),
    row(120, solver="vroom"),
    row(None, "late", solver="vroom", seed=1),
    row(None, "crashed", solver="vroom", instance="b"),
]


def bench(*rows: Row) -> Bench:
    machine = Machine("Linux x86_64", "a processor", 2, 24.0, "3.11.7", "abc")
    found = Gaps(rows, gaps.seen(rows), {"a": 100})
    return Bench(found, rows, machine, 2, 2, "2026-03-02", ["nextroute"])


def test_the_table_tells_means_failures_and_where_gaps_are_measured_to() -> None:
    lines = report.markdown(bench(*ROWS), picture="bench.png").splitlines()
    assert "commit abc, 2026-03-02. 2 cores for each run, 2 seeds." in lines[2]
    assert "best known total distance (1 instances), else to the best plan seen here" in lines[4]
    assert "Not installed: nextroute." in lines
    assert "| fake | 1.0 | – | 4.00 (2) | 0 | – | 5.1 / 5.1 | 100 |" in lines
    assert "| vroom | 1.0 | – | – | 2 of 3: 1 crashed, 1 late | – | 5.1 / 5.1 | 100 |" in lines
    assert "| a | 100 | 8.00 | 20.00; 1 late |" in lines
    assert "| b | 111* | 0.00 | 1 crashed |" in lines
    assert "![Mean gap by budget and solver](bench.png)" in lines
    assert any(line.startswith("- vroom: x = 0, 1 and 5") for line in lines)


def test_json_holds_every_row_and_who_ran_where() -> None:
    document = json.loads(json.dumps(report.document(bench(*ROWS))))
    assert [from_document(each) for each in document["rows"]] == ROWS
    assert document["machine"]["commit"] == "abc"
    assert document["versions"] == {"fake": ["1.0"], "vroom": ["1.0"]}
    assert document["references"]["b"] == {"cost": 111, "source": "best seen"}
    assert document["summary"][0]["own"] == pytest.approx(4.0)


def test_a_plot_is_drawn_where_there_is_something_to_compare() -> None:
    rows = [row(110), row(105, budget_s=30.0), row(120, solver="vroom")]
    picture = plot.png(bench(*rows).gaps)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    assert plot.png(bench(row(None, "late")).gaps) is None


def test_a_plot_of_instances_shows_those_with_a_plan_for_every_seed() -> None:
    picture = plot.png_of_instances(bench(*ROWS).gaps, 5.0)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    late = bench(row(110), row(None, "late", seed=1)).gaps
    assert plot.png_of_instances(late, 5.0) is None


def test_what_a_solver_cannot_say_is_told_by_name() -> None:
    cannot = {"solver": "vroom", "cause": "breaks, reloads"}
    rows = [row(110), row(None, "refused", **cannot), row(None, "refused", instance="b", **cannot)]
    lines = report.markdown(bench(*rows)).splitlines()
    assert "vroom cannot say: breaks, reloads (a, b)." in lines


def test_without_best_known_costs_gaps_are_to_the_best_seen() -> None:
    found = Gaps([row(110)], {"a": 110}, {})
    made = replace(bench(row(110)), gaps=found)
    assert "Gaps in % to the best plan seen here, marked * (1 instances)." in report.markdown(made)


def test_a_bench_without_rows_still_has_a_report() -> None:
    assert report.markdown(bench()).startswith("# Bench")
