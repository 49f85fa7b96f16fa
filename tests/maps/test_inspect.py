"""What the inspection of a network finds, and what the repair leaves."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from matplotlib.image import imread

from maps import inspect
from maps.roads import osmfile
from maps.roads.network import build
from tests.maps.draw import PLAIN_CAR, draw
from tests.shared_data import SHARED, needs_shared

SQUARE = """
    a-b-c
    | | |
    d-e-f
"""


def graph_of(text: str, **options: object) -> nx.MultiDiGraph[int]:
    return draw(text, **options).to_networkx(PLAIN_CAR)  # type: ignore[arg-type]


def letters(nodes: frozenset[int] | tuple[int, ...]) -> str:
    return "".join(sorted(chr(node) for node in nodes))


def test_a_sound_network_has_no_findings() -> None:
    findings = inspect.inspect(graph_of(SQUARE))

    wrong = (findings.islands, findings.dead_ends, findings.odd_speeds, findings.empty_edges)
    assert wrong == ((), (), (), ())
    assert findings.num_nodes == 6
    assert findings.num_edges == 14


def test_roads_that_nothing_joins_are_cut_off() -> None:
    findings = inspect.inspect(graph_of(SQUARE + "\n\n    x-y"))

    (island,) = findings.islands
    assert (island.kind, letters(island.nodes)) == ("cut_off", "xy")
    assert island.length_m == pytest.approx(100, abs=0.1)


def test_a_one_way_street_out_of_the_network_leads_to_no_way_out() -> None:
    findings = inspect.inspect(graph_of("a-b\n| |\nc-d-x-y", one_way=["dx"]))

    (island,) = findings.islands
    assert (island.kind, letters(island.nodes)) == ("no_way_out", "xy")
    assert island.length_m == pytest.approx(200, abs=0.1)


def test_a_one_way_street_into_the_network_leaves_no_way_in() -> None:
    findings = inspect.inspect(graph_of("a-b\n| |\nc-d-x-y", one_way=["xd"]))

    (island,) = findings.islands
    assert (island.kind, letters(island.nodes)) == ("no_way_in", "xy")


def test_the_longest_island_comes_first() -> None:
    findings = inspect.inspect(graph_of(SQUARE + "\n\n    v-w\n\n    x-y-z"))

    assert [letters(island.nodes) for island in findings.islands] == ["xyz", "vw"]


def test_dead_ends_are_the_nodes_with_one_neighbour() -> None:
    findings = inspect.inspect(graph_of("p-a-b-q\n  | |\n  c-d"))

    assert letters(findings.dead_ends) == "pq"


def test_one_street_with_three_times_the_limit_of_its_neighbours_is_odd() -> None:
    graph = graph_of(SQUARE, metres_per_step=300, tags={"be": {"maxspeed": "150"}})

    findings = inspect.inspect(graph)

    (there, back) = findings.odd_speeds
    assert {letters(there.edge[:2]), letters(back.edge[:2])} == {"be"}
    assert there.kmh == pytest.approx(120, rel=0.01)
    assert there.highway == "residential"


def test_a_quarter_that_is_slow_throughout_is_not_odd() -> None:
    fast = {name: {"maxspeed": "100"} for name in ("mn", "no", "op", "pq", "qr", "rs", "st", "tu")}
    graph = graph_of("a-b-c-m-n-o-p-q-r-s-t-u", metres_per_step=300, speed_kmh=30, tags=fast)

    findings = inspect.inspect(graph)

    assert {letters(odd.edge[:2]) for odd in findings.odd_speeds} <= {"cm"}


def test_a_tagged_limit_counts_before_the_speed() -> None:
    graph = graph_of(SQUARE)
    for *_, data in graph.edges(data=True):
        data["maxspeed"] = "30"
    graph.edges[ord("b"), ord("e"), 0]["maxspeed"] = ["110", "30"]

    (odd,) = inspect.inspect(graph).odd_speeds

    assert (letters(odd.edge[:2]), odd.kmh) == ("be", 110.0)


def test_an_edge_without_length_is_named_unless_it_is_a_barrier() -> None:
    graph = graph_of("a-b-c\n| | |\nd-e-f", node_tags={"b": {"barrier": "gate"}})
    before = inspect.inspect(graph).empty_edges
    graph.add_edge(ord("a"), ord("d"), highway="residential", length=0.0, osmid=99)

    assert before == ()
    assert inspect.inspect(graph).empty_edges == ((ord("a"), ord("d"), 1),)


def test_repair_leaves_what_reaches_everything() -> None:
    graph = graph_of("a-b\n| |\nc-d-x-y\n\nv-w", one_way=["dx"])

    mended = inspect.repair(graph)

    assert letters(tuple(mended)) == "abcd"
    assert inspect.inspect(mended).islands == ()
    assert len(graph) == 8


def test_an_empty_graph_has_no_findings() -> None:
    findings = inspect.inspect(nx.MultiDiGraph(crs="epsg:4326"))

    assert findings.num_nodes == 0
    assert "0 islands" in findings.summary()


def test_the_summary_says_how_many_and_where() -> None:
    findings = inspect.inspect(graph_of(SQUARE + "\n\n    x-y"))

    text = findings.summary()

    assert "1 island with 2 junctions" in text
    assert "cut off: 2 junctions, 100 m, near 0.00000, -0.00" in text


def test_the_picture_shows_islands_in_red(tmp_path: Path) -> None:
    sound, broken = graph_of(SQUARE), graph_of(SQUARE + "\n\n    x-y-z")
    for name, graph in (("sound", sound), ("broken", broken)):
        inspect.draw(graph, inspect.inspect(graph), tmp_path / f"{name}.png")

    assert _num_red(tmp_path / "broken.png") > 2 * _num_red(tmp_path / "sound.png") > 0


def _num_red(path: Path) -> int:
    red, green, blue = np.moveaxis(imread(path)[..., :3], -1, 0)
    return int(((red > 0.8) & (green < 0.3) & (blue < 0.3)).sum())


@needs_shared
def test_a_real_map_is_inspected_drawn_and_repaired(tmp_path: Path) -> None:
    network = build(osmfile.read(SHARED / "osm" / "monaco-tilemaker.osm.pbf"))
    graph = network.to_networkx()

    findings = inspect.inspect(graph)
    inspect.draw(graph, findings, tmp_path / "network.png")
    mended = inspect.repair(graph)

    assert len(findings.dead_ends) > 10
    assert 0.8 * findings.num_nodes < len(mended) <= findings.num_nodes
    assert nx.is_strongly_connected(mended)
    assert (tmp_path / "network.png").stat().st_size > 20_000
