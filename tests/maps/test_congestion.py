"""Congestion profiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maps.faults import BadConditions
from maps.roads import congestion
from maps.roads.classes import ROAD_CLASSES

PRIMARY = ROAD_CLASSES.index("primary")


def written(folder: Path, text: str) -> Path:
    path = folder / "congestion.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_default_slows_main_roads_most_in_the_rush_and_nobody_at_night() -> None:
    factors = congestion.DEFAULT.factors
    side = ROAD_CLASSES.index("residential")
    assert factors.shape == (len(ROAD_CLASSES), 168)
    assert (factors[:, 3] == 1).all()
    assert factors[PRIMARY, 8] < factors[side, 8] < 1
    assert factors[PRIMARY, 5 * 24 + 8] == 1
    assert (factors[ROAD_CLASSES.index("ferry")] == 1).all()
    assert (factors > 0).all()
    assert (factors <= 1).all()


def test_rows_set_factors_and_later_ones_override(tmp_path: Path) -> None:
    text = "class,hours,factor\n*,Mo-Fr 07:00-09:00,0.8\nprimary,Mo 08:00-09:00,0.5\n"
    factors = congestion.read_csv(written(tmp_path, text)).factors
    assert factors[PRIMARY, [7, 8, 9]].tolist() == [0.8, 0.5, 1]
    assert factors[0, 8] == 0.8


def test_all_faults_are_named_with_their_lines(tmp_path: Path) -> None:
    text = "class,hours,factor\nroad to nowhere,winter,0\nprimary,Mo,fast\n"
    with pytest.raises(BadConditions) as refused:
        congestion.read_csv(written(tmp_path, text))
    found = [(fault.where.rpartition(":")[2], fault.code) for fault in refused.value.faults]
    assert found == [
        ("2", "unknown_class"),
        ("2", "bad_hours"),
        ("2", "bad_factor"),
        ("3", "bad_factor"),
    ]


@pytest.mark.parametrize("text", ["", "class,hour,factor\n", "hours;class\n"])
def test_wrong_columns_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConditions, match="bad_columns"):
        congestion.read_csv(written(tmp_path, text))


def test_a_short_row_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(BadConditions, match="bad_hours"):
        congestion.read_csv(written(tmp_path, "class,hours,factor\nprimary\n"))


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadConditions, match="unreadable"):
        congestion.read_csv(tmp_path / "none.csv")


def test_digest_changes_with_a_factor() -> None:
    factors = congestion.free_flow().factors.copy()
    factors[3, 5] = 0.9
    changed = congestion.Congestion(factors)
    assert changed.digest() != congestion.free_flow().digest()
    assert congestion.Congestion(np.array(factors)).digest() == changed.digest()
