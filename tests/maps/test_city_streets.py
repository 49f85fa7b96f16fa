"""How lines become streets: where they meet, what carries them over, what they are called."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Polygon, box

from maps.city import streets
from maps.city.names import Name, StreetNames
from maps.city.roads import Road
from maps.city.streets import StreetMap

BORDER = box(-1000, -1000, 1000, 1000).exterior


def connect(*roads: Road, water: Polygon | None = None) -> StreetMap:
    namer = StreetNames(np.random.default_rng(1))
    return streets.connect(roads, water=water or Polygon(), border=BORDER, namer=namer)


def road(*points: tuple[float, float], kind: str = "residential", **more: object) -> Road:
    return Road(LineString(points), kind, **more)  # type: ignore[arg-type]


def test_roads_that_cross_share_a_node() -> None:
    network = connect(road((-200, 3), (200, 3)), road((1, -200), (1, 200)))

    assert len(network.edges) == 4
    assert sorted(len(arms) for arms in network.arms().values()) == [1, 1, 1, 1, 4]


def test_a_road_ends_on_another_even_beside_the_grid() -> None:
    network = connect(road((-200, 0.26), (200, 1.31)), road((0.123, 0.785525), (0, 200)))

    assert sorted(len(arms) for arms in network.arms().values()) == [1, 1, 1, 3]


def test_streets_that_go_straight_on_have_one_name() -> None:
    network = connect(
        road((-200, 0), (0, 0)), road((0, 0), (200, 8)), road((0, -200), (0, 200), kind="tertiary")
    )

    small = [street for street in network.streets if street.kind == "residential"]
    assert [len(street.edges) for street in small] == [2]
    first, second = (network.edges[number] for number in small[0].edges)
    assert first.head == second.tail


def test_water_is_crossed_by_a_bridge() -> None:
    network = connect(road((-200, 0), (200, 0)), water=box(-50, -300, 50, 300))

    bridges = [edge for edge in network.edges if edge.tags.get("bridge") == "yes"]
    assert len(network.edges) == 3
    assert [round(edge.length_m) for edge in bridges] == [126]


def test_a_motorway_passes_over_and_meets_nothing() -> None:
    motorway = road((0, -500), (0, 500), kind="motorway", oneway=True, level=1)
    network = connect(road((-200, 0), (200, 0)), motorway)

    assert max(len(arms) for arms in network.arms().values()) == 2
    over = [edge for edge in network.edges if "bridge" in edge.tags]
    assert [network.street_of()[network.edges.index(edge)].kind for edge in over] == ["motorway"]


def test_a_one_way_street_runs_as_it_was_drawn() -> None:
    network = connect(
        road((200, 0), (-200, 0), kind="secondary", name=Name("东路", "East"), oneway=True),
        road((0, -200), (0, 200)),
    )

    (street,) = (street for street in network.streets if street.oneway)
    points = np.vstack([network.edges[number].line for number in street.edges])
    assert (np.diff(points[:, 0]) <= 0).all()


def test_nodes_behind_a_one_way_street_are_not_in_the_strong_part() -> None:
    network = connect(
        road((-200, 0), (0, 0)),
        road((0, 0), (0, 200), kind="tertiary", oneway=True, name=Name("一路", "One")),
    )

    inside = {tuple(network.nodes[node]) for node in streets.strong_part(network)}
    assert inside == {(-200.0, 0.0), (0.0, 0.0)}


def test_a_node_on_an_edge_keeps_length_and_order() -> None:
    network = connect(road((-200, 0), (200, 0)))

    node = streets.split(network, 0, share=0.25)

    lengths = [network.edges[number].length_m for number in network.streets[0].edges]
    assert lengths == [100, 300]
    assert shapely.Point(network.nodes[node]).distance(shapely.Point(-100, 0)) < 1e-9


def test_crossings_that_nearly_coincide_are_drawn_together() -> None:
    network = connect(
        road((-200, 0), (200, 0), kind="secondary"), road((0, -200), (0, 0)), road((9, 0), (9, 200))
    )

    assert sorted(len(arms) for arms in network.arms().values()) == [1, 1, 1, 1, 4]
