"""Map files, good, odd and damaged."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import numpy as np
import pytest

from maps.errors import BadMap
from maps.roads import osmfile
from tests.maps.osm_text import OsmText
from tests.shared_data import SHARED, needs_shared

ROAD = {"highway": "residential", "name": "长安街", "source": "survey", "maxspeed": "50"}


def village(*, step: int = 1) -> OsmText:
    """Return a road of three nodes, a footway, a stop sign, and a restriction."""
    text = OsmText(step=step)
    stop = text.node(100, 0, {"highway": "stop", "direction": "forward"})
    road = text.way_of([text.node(0, 0), stop, text.node(200, 0)], ROAD)
    text.way([(0, 0), (0, 50)], {"highway": "footway"})
    members = [("way", road, "from"), ("node", stop, "via"), ("way", road, "to")]
    text.relation(members, {"type": "restriction", "restriction": "no_u_turn"})
    text.relation([("way", road, "")], {"type": "route"})
    return text


@pytest.mark.parametrize("step", [1, -1])
def test_roads_nodes_and_restrictions_are_read(tmp_path: Path, step: int) -> None:
    raw = osmfile.read(village(step=step).write(tmp_path / "village.osm"))
    assert raw.way_id.tolist() == [4 * step]
    assert raw.way_node.tolist() == [2 * step, 1 * step, 3 * step]
    assert raw.node_id.tolist() == sorted([step, 2 * step, 3 * step])
    assert raw.way_tags == ({key: ROAD[key] for key in ("highway", "name", "maxspeed")},)
    assert raw.node_tags == {step: {"highway": "stop", "direction": "forward"}}
    (restriction,) = raw.restrictions
    assert restriction.members == (
        ("w", 4 * step, "from"),
        ("n", step, "via"),
        ("w", 4 * step, "to"),
    )
    lon, lat = raw.node_lonlat[np.flatnonzero(raw.node_id == 2 * step)[0]]
    assert (round(lon, 7), round(lat, 7)) == (2.0, 48.0)


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".OSM"])
def test_kinds_of_files_say_the_same(tmp_path: Path, suffix: str) -> None:
    plain = village().write(tmp_path / "plain.osm").read_bytes()
    packed = {".osm.gz": gzip.compress(plain), ".osm.bz2": bz2.compress(plain)}
    path = tmp_path / f"village{suffix}"
    path.write_bytes(packed.get(suffix, plain))
    assert osmfile.read(path).way_node.tolist() == [2, 1, 3]


def test_the_first_of_ways_with_one_id_counts(tmp_path: Path) -> None:
    text = village().write(tmp_path / "a.osm").read_text()
    way = text[text.index('<way id="4"') : text.index("</way>") + len("</way>")]
    other = way.replace('v="50"', 'v="30"')
    (tmp_path / "b.osm").write_text(text.replace(way, way + other))
    raw = osmfile.read(tmp_path / "b.osm")
    assert raw.way_id.tolist() == [4]
    assert raw.way_tags[0]["maxspeed"] == "50"
    assert raw.oddities == {"duplicate_way": 1}


def test_unsorted_files_with_missing_nodes_are_read(tmp_path: Path) -> None:
    lines = village().write(tmp_path / "a.osm").read_text().splitlines()
    body = [line for line in lines[2:-1] if '<node id="3"' not in line]
    (tmp_path / "b.osm").write_text("\n".join([*lines[:2], *body[::-1], lines[-1]]))
    raw = osmfile.read(tmp_path / "b.osm")
    assert raw.way_node.tolist() == [2, 1, 3]
    assert raw.node_id.tolist() == [1, 2]


def test_progress_grows_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    osmfile.read(village().write(tmp_path / "a.osm"), on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("a.osm", b"", "empty"),
        ("a.osm", b"hello", "damaged"),
        ("a.osm", b"<html><body>404</body></html>", "damaged"),
        ("a.osm", b'<osm version="0.6"><node id="1" lat="1"', "damaged"),
        ("a.osm", b'<osm version="0.6"><node id="1" lat="999" lon="0"/></osm>', "no road"),
        ("a.osm", b'<osm version="0.6"></osm>', "no road"),
        ("a.osm.gz", gzip.compress(b"<osm>" * 99, mtime=0)[:30], "damaged"),
        ("a.osm.bz2", b"hello", "damaged"),
        ("a.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader", "damaged"),
        ("a.shp", b"hello", ".osm.pbf, .pbf, .osm, .osm.gz, .osm.bz2"),
    ],
)
def test_what_is_no_map_is_refused_with_its_cause(
    tmp_path: Path, name: str, content: bytes, cause: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadMap, match="bad_map") as refused:
        osmfile.read(tmp_path / name)
    assert cause in str(refused.value)
    assert name in refused.value.cause


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadMap, match="no such file"):
        osmfile.read(tmp_path / "nowhere.osm.pbf")


@needs_shared
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    whole = (SHARED / "osm" / "monaco-tilemaker.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadMap, match="damaged"):
        osmfile.read(path)
