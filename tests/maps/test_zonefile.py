"""Zones and closures from GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maps.faults import BadConditions
from maps.roads import zonefile

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
LINE = {"type": "LineString", "coordinates": [[0, 0, 7], [1, 1, 7]]}


def written(folder: Path, *features: tuple[Any, dict[str, Any] | None]) -> Path:
    path = folder / "zones.geojson"
    held = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in features
    ]
    content = {"type": "FeatureCollection", "features": held}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def codes(path: Path) -> list[str]:
    with pytest.raises(BadConditions) as refused:
        zonefile.read_zones(path)
    return [fault.code for fault in refused.value.faults]


def test_zones_and_closures_are_told_apart(tmp_path: Path) -> None:
    truck_ban = {"name": "市区", "profiles": "truck, van", "hours": "Mo-Fr 07:00-20:00"}
    slow = {"action": "slow", "factor": 0.5, "profiles": ["scooter"]}
    path = written(
        tmp_path,
        (SQUARE, truck_ban),
        (SQUARE, slow),
        (LINE, {"name": "works"}),
        (None, {"ways": [7]}),
    )
    ban, slowed = zonefile.read_zones(path)
    assert (ban.name, ban.speed_factor) == ("市区", 0)
    assert ban.profiles == {"truck", "van"}
    assert [ban.hours.touches(hour) for hour in (6, 7, 19, 20, 5 * 24 + 8)] == [0, 1, 1, 0, 0]
    assert slowed.profiles == {"scooter"}
    assert slowed.speed_factor == 0.5
    works, way = zonefile.read_closures(path)
    assert [*works.line] == [(0, 0), (1, 1)]
    assert way.ways == {7}


def test_a_zone_without_properties_is_closed_to_all_at_any_time(tmp_path: Path) -> None:
    (zone,) = zonefile.read_zones(written(tmp_path, (SQUARE, None)))
    assert zone.profiles == frozenset()
    assert zone.speed_factor == 0
    assert all(zone.hours.fills(hour) for hour in range(168))


@pytest.mark.parametrize(
    ("geometry", "properties", "code"),
    [
        (SQUARE, {"profiles": "lorry"}, "unknown_profile"),
        (SQUARE, {"profiles": 7}, "bad_profiles"),
        (SQUARE, {"hours": "in winter"}, "bad_hours"),
        (SQUARE, {"hours": 7}, "bad_hours"),
        (SQUARE, {"action": "avoid"}, "bad_action"),
        (SQUARE, {"action": ["slow"]}, "bad_action"),
        (SQUARE, {"action": "slow"}, "bad_factor"),
        (SQUARE, {"action": "slow", "factor": 0}, "bad_factor"),
        (SQUARE, {"action": "slow", "factor": "half"}, "bad_factor"),
        (SQUARE, {"colour": "red"}, "unknown_property"),
        (SQUARE, {"ways": ["7"]}, "bad_ways"),
        (LINE, {"action": "slow", "factor": 0.5}, "bad_action"),
        (BOW_TIE, {}, "bad_geometry"),
        (None, {}, "bad_geometry"),
        ({"type": "Point", "coordinates": [0, 0]}, {}, "bad_geometry"),
        ({"type": "Polygon", "coordinates": []}, {}, "bad_geometry"),
        ({"type": "Polygon", "coordinates": "x"}, {}, "bad_geometry"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}, {}, "bad_geometry"),
        (
            {"type": "LineString", "coordinates": [[500000, 4000000], [500010, 4000000]]},
            {},
            "bad_geometry",
        ),
        ({"type": "Star"}, {}, "bad_geometry"),
        ([1], {}, "bad_geometry"),
    ],
)
def test_each_fault_is_named(
    tmp_path: Path, geometry: object, properties: dict[str, Any], code: str
) -> None:
    assert codes(written(tmp_path, (geometry, properties))) == [code]


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    first = {"name": "A", "profiles": "lorry,ship", "hours": "x"}
    path = written(tmp_path, (SQUARE, first), (SQUARE, {}), (BOW_TIE, {"action": "slow"}))
    with pytest.raises(BadConditions) as refused:
        zonefile.read_closures(path)
    faults = refused.value.faults
    assert [fault.code for fault in faults] == [
        "unknown_profile",
        "unknown_profile",
        "bad_hours",
        "bad_factor",
        "bad_geometry",
    ]
    assert faults[0].where == "zones.geojson: features[0] (A)"
    assert faults[-1].where == "zones.geojson: features[2]"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable"),
        (b"{", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b"[]", "not_geojson"),
        (b'{"type": "Feature"}', "not_geojson"),
        (b'{"features": [7]}', "bad_geometry"),
    ],
)
def test_what_is_no_geojson_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "zones.geojson").write_bytes(content)
    assert codes(tmp_path / "zones.geojson") == [code]
