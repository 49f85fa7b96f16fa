from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from routing.bench import best_known, instances
from routing.faults import InvalidProblem
from tests.routing.bench_rows import tiny
from tests.routing.test_formats_files import TINY_SOLOMON
from tests.routing.test_formats_vrplib import EXPLICIT as TINY_VRPLIB
from tests.shared_data import SHARED, needs_shared


def test_a_folder_gives_all_its_problems_and_names_the_rest(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.txt.gz").write_bytes(gzip.compress(TINY_SOLOMON.encode()))
    (tmp_path / "a.vrp").write_text(TINY_VRPLIB)
    (tmp_path / "best_known.json").write_text("{}")
    (tmp_path / "LICENSE").write_text("free")
    found = instances.find([tmp_path])
    assert [each.name for each in found.instances] == ["a", "b"]
    assert [path.name for path in found.skipped] == ["LICENSE", "best_known.json"]


def test_vrplib_usually_has_no_limit_of_vehicles_and_solomon_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.vrp").write_text(TINY_VRPLIB)
    (tmp_path / "b.txt").write_text(TINY_SOLOMON)
    fleets = [each.vehicles for each in instances.find([tmp_path]).instances]
    assert fleets == ["unlimited", None]
    fleets = [each.vehicles for each in instances.find([tmp_path], vehicles=7).instances]
    assert fleets == [7, 7]


def test_all_that_is_no_problem_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.json").write_text("{}")
    one = tiny(tmp_path).file
    paths = [tmp_path / "empty", tmp_path / "x.json", tmp_path / "none", one, one]
    with pytest.raises(InvalidProblem) as refused:
        instances.find(paths)
    codes = [fault.code for fault in refused.value.faults]
    assert sorted(codes) == ["duplicate_id", "file_not_found", "no_instances", "not_supported"]


def test_best_known_costs_are_found_above_in_the_unit_of_our_plans(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.vrp").write_text(TINY_VRPLIB)
    first, second = tiny(tmp_path, "A101.txt"), tiny(tmp_path, "a102.txt")
    (vrplib,) = instances.find([tmp_path / "deep"]).instances
    known = {
        "a101": {"cost_dimacs_1dec": 41.7, "hierarchical_double": {"cost": 39.0}},
        "a102": {"hierarchical_double": {"cost": 39.0}, "cost": 39.0},
        "c": {"cost": 123.0},
    }
    (tmp_path / "best_known.json").write_text(json.dumps(known))
    assert best_known.costs([first, second, vrplib]) == {"A101": 417, "c": 123}


def test_a_file_of_best_known_costs_can_be_named(tmp_path: Path) -> None:
    instance, file = tiny(tmp_path), tmp_path / "other.json"
    file.write_text('{"TINY": {"cost_dimacs_1dec": 40}}')
    assert best_known.costs([instance], file) == {"tiny": 400}
    assert best_known.costs([instance]) == {}


@pytest.mark.parametrize(("text", "code"), [("[1]", "wrong_type"), ("{", "bad_json")])
def test_a_bad_file_of_best_known_costs_is_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(InvalidProblem) as refused:
        best_known.costs([tiny(tmp_path)], tmp_path / "bad.json")
    assert [fault.code for fault in refused.value.faults] == [code]


@needs_shared
def test_the_shared_instances_have_their_best_known_total_distances() -> None:
    found = instances.find([SHARED / "vrp"])
    known = best_known.costs(found.instances)
    assert (len(found.instances), len(found.skipped)) == (75, 7)
    assert known["R101"] == 16_377
    assert known["ORTEC-VRPTW-ASYM-ef7dad5e-d1-n200-k12"] == 123_845
    assert "r1_2_4" not in known
