"""The graph that goes to a user's notebook."""

from __future__ import annotations

import networkx as nx
import osmnx
import pytest

from maps.roads.profiles import PROFILES
from tests.maps.draw import PLAIN_CAR, draw

A, B, C = (ord(letter) for letter in "abc")


def test_edges_have_what_osmnx_expects() -> None:
    network = draw("a-b-c", one_way=["ab"], tags={"ab": {"name": "长安街"}})
    graph = network.to_networkx(PLAIN_CAR)
    assert set(graph.nodes) == {A, B, C}
    assert set(graph.edges(keys=False)) == {(A, B), (B, C), (C, B)}
    edge = graph.edges[A, B, 0]
    assert edge["name"] == "长安街"
    assert (edge["osmid"], edge["highway"], edge["oneway"]) == (1, "residential", True)
    assert edge["length"] == pytest.approx(100)
    assert edge["travel_time"] == pytest.approx(10)
    assert edge["speed_kph"] == pytest.approx(36)
    assert nx.shortest_path_length(graph, A, C, weight="travel_time") == pytest.approx(20)


def test_osmnx_takes_the_graph() -> None:
    graph = draw("a-b\n| |\nc-d").to_networkx()
    nodes, edges = osmnx.graph_to_gdfs(graph)
    assert len(nodes) == 4
    assert len(edges) == 8
    back = osmnx.graph_from_gdfs(nodes, edges)
    assert back.number_of_edges() == 8
    assert osmnx.basic_stats(graph)["n"] == 4


def test_what_is_closed_then_is_no_edge() -> None:
    network = draw("a-b", tags={"ab": {"hgv": "no"}})
    assert network.to_networkx(PROFILES["truck"]).number_of_edges() == 0
    assert network.to_networkx(PROFILES["car"]).number_of_edges() == 2


def test_the_sides_of_a_barrier_have_names_of_their_own() -> None:
    graph = draw("a-b-c", node_tags={"b": {"barrier": "gate"}}).to_networkx(PLAIN_CAR)
    assert graph.number_of_nodes() == 5
    assert nx.shortest_path_length(graph, A, C, weight="travel_time") == pytest.approx(80)
