from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.api.command import faults, milkrun
from tests.shared_data import SHARED, needs_shared

pytestmark = pytest.mark.xdist_group("imported-map")

HARBOUR, CASINO, MUSEUM = (7.4226, 43.7354), (7.4281, 43.7392), (7.4255, 43.7310)


def points(path: Path, *rows: Sequence[object], header: str = "lon,lat") -> Path:
    lines = [header, *(",".join(str(value) for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return points(tmp_path / "points.csv", HARBOUR, CASINO, MUSEUM)


@needs_shared
def test_an_imported_map_is_listed_and_told_about(monaco: str) -> None:
    assert monaco in milkrun("map", "list").stdout
    listed = json.loads(milkrun("map", "list", "--json").stdout)
    (known,) = [info for info in listed if info["name"] == monaco]
    told = json.loads(milkrun("map", "info", monaco, "--json").stdout)
    assert told == known
    assert told["source"] == "monaco-tilemaker.osm.pbf"
    assert "OpenStreetMap" in milkrun("map", "info", monaco).stdout


@needs_shared
def test_an_inspection_writes_a_picture_and_words(monaco: str, tmp_path: Path) -> None:
    result = milkrun("map", "info", monaco, "--inspect", tmp_path / "look")
    assert "dead ends" in result.stdout
    assert (tmp_path / "look" / "network.png").read_bytes().startswith(b"\x89PNG")
    assert "dead ends" in (tmp_path / "look" / "findings.txt").read_text()


@needs_shared
def test_a_matrix_holds_times_ways_and_snapping(monaco: str, three: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "m.npz"
    words = ("--map", monaco, "--profile", "van", "--at", "2026-03-02T08:30", "--out", out)
    assert milkrun("map", "matrix", three, *words).exit_code == 0
    with np.load(out) as found:
        assert sorted(found) == ["distances", "durations", "snapped_m"]
        durations, distances = found["durations"], found["distances"]
        assert (durations.shape, durations.dtype, distances.dtype) == ((3, 3), np.int32, np.int32)
        assert found["snapped_m"].shape == (3,)
    assert (np.diagonal(durations) == 0).all()
    # Straight from the harbour to the casino it is 610 m.
    assert 610 < distances[0, 1] < 4_000
    assert (durations[~np.eye(3, dtype=bool)] > 30).all()


@needs_shared
def test_rush_hour_is_slower_than_the_night(monaco: str, three: Path, tmp_path: Path) -> None:
    totals = []
    for at in ("2026-03-02T08:30", "2026-03-03T03:00"):
        out = tmp_path / "m.npz"
        milkrun("map", "matrix", three, "--map", monaco, "--at", at, "--out", out)
        with np.load(out) as found:
            totals.append(int(found["durations"].sum()))
    assert totals[0] > totals[1]


@needs_shared
def test_all_bad_points_are_named_by_row(monaco: str, tmp_path: Path) -> None:
    table = points(tmp_path / "p.csv", HARBOUR, ("x", 43.7), (7.42, 99), ("", 43.7))
    out = tmp_path / "m.npz"
    found = faults(milkrun("map", "matrix", table, "--map", monaco, "--out", out))
    assert [where for where, _ in found] == [
        "p.csv, row 3, lon",
        "p.csv, row 4, lat",
        "p.csv, row 5, lon",
    ]
    assert not out.exists()


@needs_shared
def test_all_points_off_the_roads_are_named_by_row(monaco: str, tmp_path: Path) -> None:
    table = points(tmp_path / "p.csv", (7.6, 43.7), HARBOUR, (43.73, 7.42))
    out = tmp_path / "m.npz"
    found = faults(milkrun("map", "matrix", table, "--map", monaco, "--out", out))
    assert found == [["p.csv, row 2, lon", "off_road"], ["p.csv, row 4, lon", "off_road"]]
    assert not out.exists()


@pytest.mark.parametrize(
    ("header", "code"), [("lon,breadth", "missing_column"), ("lon,lat,colour", "unknown_column")]
)
@needs_shared
def test_a_wrong_column_is_named(monaco: str, tmp_path: Path, header: str, code: str) -> None:
    table = points(tmp_path / "p.csv", (7.42, 43.73, 1), header=header)
    result = milkrun("map", "matrix", table, "--map", monaco, "--out", tmp_path / "m.npz")
    assert code in [found for _, found in faults(result)]


@needs_shared
def test_points_may_be_given_in_chinas_coordinates(maps_home: Path, tmp_path: Path) -> None:
    from maps import coords

    shanghai = SHARED / "osm" / "shanghai-center.osm.pbf"
    bund = np.array([[121.4873, 31.2397], [121.4737, 31.2304]])
    shifted = coords.from_wgs84(bund, datum="gcj02")
    matrices = []
    for datum, rows in (("wgs84", bund), ("gcj02", shifted)):
        table = points(tmp_path / f"{datum}.csv", *(tuple(row) for row in rows.round(7).tolist()))
        out = tmp_path / f"{datum}.npz"
        words = ("--map", shanghai, "--datum", datum, "--out", out)
        assert milkrun("map", "matrix", table, *words).exit_code == 0
        with np.load(out) as found:
            matrices.append(found["distances"])
    assert np.abs(matrices[0] - matrices[1]).max() <= 2


@needs_shared
def test_a_way_has_length_time_and_a_line(monaco: str, tmp_path: Path) -> None:
    out = tmp_path / "way.geojson"
    ends = [f"{lon},{lat}" for lon, lat in (HARBOUR, CASINO)]
    result = milkrun("map", "route", *ends, "--map", monaco, "--out", out)
    assert " km, " in result.stdout
    feature = json.loads(out.read_text())
    line = feature["geometry"]["coordinates"]
    assert feature["geometry"]["type"] == "LineString"
    assert np.abs(np.array([line[0], line[-1]]) - (HARBOUR, CASINO)).max() < 0.002
    assert feature["properties"]["duration_s"] > 30
    assert json.loads(milkrun("map", "route", *ends, "--map", monaco, "--json").stdout) == feature


@needs_shared
def test_a_way_may_start_at_an_address(monaco: str) -> None:
    result = milkrun("map", "route", "Rue Grimaldi 12", "7.4281,43.7392", "--map", monaco)
    assert "Rue Grimaldi" in result.stdout


@needs_shared
def test_both_ends_that_are_none_are_told_at_once(monaco: str) -> None:
    result = milkrun("map", "route", "nowhere at all", "200,3", "--map", monaco)
    assert faults(result) == [["FROM", "address_not_found"], ["TO", "bad_place"]]


@needs_shared
def test_a_place_west_of_greenwich_is_no_option(monaco: str) -> None:
    result = milkrun("map", "route", "-8.61,41.15", "7.4281,43.7392", "--map", monaco)
    assert faults(result) == [["FROM", "off_road"]]


@needs_shared
def test_addresses_are_found_and_places_named(monaco: str) -> None:
    best = json.loads(
        milkrun("map", "geocode", "Boulevard de Suisse 19", "--map", monaco, "--json").stdout
    )[0]
    assert best["quality"] >= 0.7
    place = f"{best['lon']},{best['lat']}"
    back = milkrun("map", "geocode", "--reverse", place, "--map", monaco, "--limit", 1)
    assert "Boulevard de Suisse" in back.stdout


@needs_shared
def test_nothing_found_ends_with_status_1(monaco: str) -> None:
    assert milkrun("map", "geocode", "qqqzzz", "--map", monaco).exit_code == 1


@pytest.mark.parametrize("words", [(), ("somewhere", "--reverse", "7.4,43.7")])
def test_geocoding_needs_a_text_or_a_place(words: tuple[str, ...]) -> None:
    result = milkrun("map", "geocode", *words, "--map", "any")
    assert faults(result) == [["TEXT", "bad_arguments"]]


@pytest.mark.parametrize("words", [(), ("a.osm", "--place", "Monaco")])
def test_importing_needs_a_file_or_a_place(words: tuple[str, ...]) -> None:
    assert faults(milkrun("map", "import", *words)) == [["FILE", "bad_arguments"]]


def test_a_map_that_is_not_there_is_refused(maps_home: Path, three: Path, tmp_path: Path) -> None:
    words = ("--map", "atlantis", "--out", tmp_path / "m.npz")
    assert faults(milkrun("map", "matrix", three, *words)) == [["map", "map_not_found"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.osm.pbf", b""), ("a.osm.pbf", b"\x00\x00\x00\x0dnonsense"), ("a.txt", b"<osm/>")],
)
def test_a_damaged_map_is_refused(
    maps_home: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert faults(milkrun("map", "import", path)) == [["map", "bad_map"]]


@needs_shared
def test_a_cut_map_is_refused_and_leaves_nothing(maps_home: Path, tmp_path: Path) -> None:
    whole = (SHARED / "osm" / "monaco-osrm.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) // 2])
    assert faults(milkrun("map", "import", path)) == [["map", "bad_map"]]
    assert "cut" not in milkrun("map", "list").stdout


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T08:00"])
def test_a_time_that_is_none_is_refused(three: Path, tmp_path: Path, at: str) -> None:
    words = ("--map", "any", "--at", at, "--out", tmp_path / "m.npz")
    assert faults(milkrun("map", "matrix", three, *words)) == [["--at", "bad_time"]]
