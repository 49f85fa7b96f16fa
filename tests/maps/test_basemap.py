from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from maps.drawing import basemap
from maps.drawing.basemap import Basemap
from maps.drawing.basemap_classes import Flag, Layer
from maps.drawing.basemap_drawing import Drawing
from maps.drawing.basemap_features import Box
from maps.errors import BadMap
from tests.maps.osm_text import LAT, LON, OsmText, at
from tests.shared_data import SHARED, needs_shared

SQUARE = [(0, 0), (400, 0), (400, 400), (0, 400)]
INNER = [(100, 100), (200, 100), (200, 200), (100, 200)]
STREET = {"highway": "residential", "name": "中山路", "name:en": "Zhongshan Road"}


def built(text: OsmText, folder: Path) -> Basemap:
    basemap.build(text.write(folder / "map.osm"), folder / "map.npz")
    return Basemap.load(folder / "map.npz")


def layers(found: Basemap) -> list[Layer]:
    return [Layer(layer) for layer in found.features.layer]


def only(found: Basemap, layer: Layer) -> BaseGeometry:
    (index,) = np.flatnonzero(found.features.layer == layer)
    shape = found.features.geometries[index]
    assert isinstance(shape, BaseGeometry)
    return shape


def spot(east_m: float, north_m: float) -> shapely.Point:
    return shapely.Point(at(east_m, north_m))


def box_around(radius_m: float) -> Box:
    (west, south), (east, north) = at(-radius_m, -radius_m), at(radius_m, radius_m)
    return west, south, east, north


def town() -> OsmText:
    text = OsmText()
    for north in range(0, 1000, 100):
        text.way([(0, north), (300, north + 20), (900, north)], STREET)
        text.way([(0, north), (900, north + 90)], {"highway": "footway"})
        corners = [(10, north), (30, north), (30, north + 20), (10, north + 20)]
        text.way(corners, {"building": "yes"}, closed=True)
    text.way([(0, 0), (900, 900)], {"highway": "motorway", "bridge": "yes"})
    return text


def test_each_kind_of_thing_gets_its_layer(tmp_path: Path) -> None:
    text = OsmText()
    text.way([(0, 0), (100, 0)], {"highway": "primary_link", "tunnel": "yes"})
    text.way([(0, 10), (100, 10)], {"waterway": "river"})
    text.way([(0, 20), (100, 20)], {"railway": "rail"})
    text.way(SQUARE, {"leisure": "park"}, closed=True)
    text.node(0, 0, {"place": "town", "name": "Somewhere"})
    text.way([(0, 30), (100, 30)], {"power": "line"})

    found = built(text, tmp_path)

    drawn = [Layer.PARK, Layer.RIVER, Layer.RAIL, Layer.PRIMARY, Layer.TOWN]
    assert layers(found) == drawn
    assert found.features.flags[3] == Flag.TUNNEL | Flag.LESSER


def test_roundabout_is_a_road_and_no_area(tmp_path: Path) -> None:
    text = OsmText()
    text.way(SQUARE, {"highway": "primary", "junction": "roundabout"}, closed=True)
    assert layers(built(text, tmp_path)) == [Layer.PRIMARY]


def test_hole_of_a_multipolygon_stays_empty(tmp_path: Path) -> None:
    text = OsmText()
    outer, inner = text.way(SQUARE, {}, closed=True), text.way(INNER, {}, closed=True)
    members = [("way", outer, "outer"), ("way", inner, "inner")]
    text.relation(members, {"type": "multipolygon", "natural": "water"})

    lake = only(built(text, tmp_path), Layer.WATER)

    assert lake.contains(spot(50, 50))
    assert not lake.contains(spot(150, 150))


def test_pieces_of_a_street_become_one_line_with_all_its_names(tmp_path: Path) -> None:
    text = OsmText()
    west, middle, east = text.node(0, 0), text.node(100, 0), text.node(200, 0)
    text.way_of([west, middle], {"highway": "residential", "name": "中山路"})
    text.way_of([middle, east], STREET)

    found = built(text, tmp_path)

    assert layers(found) == [Layer.MINOR]
    assert found.features.size_m[0] == pytest.approx(200, rel=0.01)
    assert found.features.names[found.features.name[0]] == ("中山路", "", "Zhongshan Road")


def test_named_park_carries_a_label_inside(tmp_path: Path) -> None:
    text = OsmText()
    text.way(SQUARE, {"leisure": "park", "name": "人民公园"}, closed=True)

    found = built(text, tmp_path)

    assert only(found, Layer.PARK).contains(only(found, Layer.GREEN_NAME))


def test_sea_lies_on_the_right_of_the_coast_and_around_islands(tmp_path: Path) -> None:
    text = OsmText()
    text.way([(-1000, 0), (0, 50), (1000, 0)], {"natural": "coastline"})  # eastwards: sea south
    island = [(-100, -300), (100, -300), (100, -200), (-100, -200)]
    text.way(island, {"natural": "coastline"}, closed=True)  # anticlockwise: land inside
    text.way([(-1000, 500), (1000, 500), (1000, -500)], {"highway": "primary"})

    found = built(text, tmp_path)

    sea = only(found, Layer.SEA)
    assert sea.contains(spot(0, -100))
    assert not sea.contains(spot(0, 200))
    assert not sea.contains(spot(0, -250))


def test_coast_that_ends_inside_the_map_still_makes_a_sea(tmp_path: Path) -> None:
    text = OsmText()
    text.way([(-400, 0), (400, 0)], {"natural": "coastline"})
    text.way([(-500, 500), (500, 500), (500, -500), (-500, -500)], {"highway": "primary"})

    sea = only(built(text, tmp_path), Layer.SEA)

    assert sea.contains(spot(0, -300))
    assert not sea.contains(spot(0, 300))


def test_coast_runs_on_beyond_its_loose_ends_as_it_ran(tmp_path: Path) -> None:
    text = OsmText()
    text.way(
        [(-300, -300), (300, 300)], {"natural": "coastline"}
    )  # north-eastwards: sea south-east
    text.way([(-500, 500), (500, 500), (500, -500), (-500, -500)], {"highway": "primary"})

    sea = only(built(text, tmp_path), Layer.SEA)

    for east, north in ((400, 350), (900, 850), (-350, -400), (-850, -900), (900, -900)):
        assert sea.contains(spot(east, north))
        assert not sea.contains(spot(north, east))


def test_coast_that_would_meet_itself_is_led_out_of_the_nearest_side(tmp_path: Path) -> None:
    text = OsmText()
    hook = [(-400, 0), (400, 0), (400, 300), (-300, 300), (-300, 200)]  # its end turns to its start
    text.way(hook, {"natural": "coastline"})
    text.way([(-500, 500), (500, 500), (500, -500), (-500, -500)], {"highway": "primary"})

    sea = only(built(text, tmp_path), Layer.SEA)

    assert sea.contains(spot(0, -300))
    assert sea.contains(spot(0, 400))
    assert not sea.contains(spot(0, 100))


def test_map_without_a_coast_has_no_sea(tmp_path: Path) -> None:
    assert Layer.SEA not in layers(built(town(), tmp_path))


def test_way_is_cut_where_nodes_are_missing(tmp_path: Path) -> None:
    text = OsmText()
    known = [text.node(east, 0) for east in (0, 100, 200, 300)]
    text.way_of([*known[:2], 999, *known[2:]], {"highway": "primary"})

    found = built(text, tmp_path)

    assert layers(found) == [Layer.PRIMARY, Layer.PRIMARY]
    assert found.features.size_m == pytest.approx([100, 100], rel=0.01)


@pytest.mark.parametrize("step", [1, -1])
def test_unsorted_file_and_negative_ids_are_drawn_alike(tmp_path: Path, step: int) -> None:
    text = OsmText(step=step)
    text.way(SQUARE, {"building": "yes"}, closed=True)
    text.way([(0, 0), (500, 0)], STREET)
    lines = text.write(tmp_path / "sorted.osm").read_text(encoding="utf-8").splitlines()
    ways_first = sorted(lines[2:-1], key=lambda line: line.startswith("<node"))
    odd = tmp_path / "odd.osm"
    odd.write_text("\n".join([*lines[:2], *ways_first, lines[-1]]), encoding="utf-8")

    basemap.build(odd, tmp_path / "odd.npz")

    found = Basemap.load(tmp_path / "odd.npz")
    assert layers(found) == [Layer.BUILDING, Layer.MINOR]
    assert only(found, Layer.BUILDING).contains(spot(200, 200))


def test_same_map_gives_the_same_bytes(tmp_path: Path) -> None:
    path = town().write(tmp_path / "map.osm")
    basemap.build(path, tmp_path / "a.npz")
    basemap.build(path, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_progress_never_falls_and_ends_at_one(tmp_path: Path) -> None:
    told: list[float] = []
    path = town().write(tmp_path / "map.osm")
    basemap.build(path, tmp_path / "map.npz", on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("name", "content"),
    [("cut.osm", b"<osm version='0.6'><node id='1'"), ("noise.osm.pbf", b"\x00\x01noise")],
)
def test_damaged_file_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadMap, match=name):
        basemap.build(tmp_path / name, tmp_path / "out.npz")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_file_without_anything_to_draw_is_refused(tmp_path: Path) -> None:
    text = OsmText()
    text.node(0, 0, {"amenity": "bench"})
    with pytest.raises(BadMap, match="holds no road"):
        built(text, tmp_path)


def test_damaged_basemap_is_refused(tmp_path: Path) -> None:
    built(town(), tmp_path)
    path = tmp_path / "map.npz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BadMap, match="import the map again"):
        Basemap.load(path)


@pytest.fixture(scope="module")
def town_map(tmp_path_factory: pytest.TempPathFactory) -> Basemap:
    return built(town(), tmp_path_factory.mktemp("town"))


@given(radius_m=st.floats(20, 3000), budget=st.integers(0, 400))
def test_drawing_stays_in_its_box_and_its_budget(
    town_map: Basemap, radius_m: float, budget: int
) -> None:
    drawing = town_map.clip(box_around(radius_m), budget_points=budget)

    assert len(drawing.xy) <= budget
    assert (drawing.xy >= 0).all()
    assert (drawing.xy <= (drawing.width, drawing.height)).all()
    assert drawing.point_start[-1] == len(drawing.xy)
    assert drawing.part_start[-1] == len(drawing.point_start) - 1


def test_big_roads_outlive_footpaths_and_buildings(town_map: Basemap) -> None:
    drawing = town_map.clip(box_around(1500), budget_points=20)
    kept = set(drawing.layer.tolist())
    assert {Layer.MOTORWAY, Layer.MINOR} <= kept
    assert not {Layer.PATH, Layer.BUILDING} & kept


def test_middle_of_the_box_is_drawn_in_the_middle(town_map: Basemap) -> None:
    drawing = town_map.clip(box_around(1000))
    x, y = drawing.project(np.array([[LON, LAT]]))[0]
    assert x == pytest.approx(drawing.width / 2, abs=2)
    assert y == pytest.approx(drawing.height / 2, abs=2)


def test_north_is_up(town_map: Basemap) -> None:
    drawing = town_map.clip(box_around(1000))
    (_, low), (_, high) = drawing.project(np.array([at(0, -100), at(0, 100)]))
    assert high < low


def area_of(drawing: Drawing, layer: Layer) -> float:
    """Return the area of all shells of a layer in square metres of Web Mercator."""
    shells = [
        drawing.xy[drawing.point_start[part] : drawing.point_start[part + 1]]
        for part in drawing.part_start[np.flatnonzero(drawing.layer == layer)]
    ]
    return float(sum(shapely.Polygon(shell).area for shell in shells) * drawing.unit_m**2)


@needs_shared
def test_monaco_has_its_sea_and_its_names(tmp_path: Path) -> None:
    path = SHARED / "osm" / "monaco-tilemaker.osm.pbf"
    basemap.build(path, tmp_path / "monaco.npz")
    found = Basemap.load(tmp_path / "monaco.npz")
    sea = shapely.union_all(found.features.geometries[found.features.layer == Layer.SEA])
    harbour, casino, offshore = (7.4245, 43.7350), (7.4283, 43.7393), (7.4450, 43.7300)

    assert sea.contains(shapely.Point(harbour))
    assert sea.contains(shapely.Point(offshore))
    assert not sea.contains(shapely.Point(casino))
    assert "Monte-Carlo" in {local for local, _, _ in found.features.names}
    drawing = found.clip((7.41, 43.725, 7.44, 43.75))
    assert area_of(drawing, Layer.BUILDING) > 300_000


@needs_shared
def test_names_of_shanghai_come_in_both_scripts(tmp_path: Path) -> None:
    path = SHARED / "osm" / "shanghai-center.osm.pbf"
    basemap.build(path, tmp_path / "shanghai.npz")
    names = Basemap.load(tmp_path / "shanghai.npz").features.names
    assert ("江苏路", "", "Jiangsu Road") in names
