"""A road network as OSMnx and networkx have it, for a user's notebook and for pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import shapely

from maps.roads.classes import ROAD_CLASSES
from maps.roads.profiles import Profile
from maps.roads.weights import CLOSED
from maps.roads.zones import Conditions

if TYPE_CHECKING:
    from maps.roads.network import RoadNetwork


def graph(
    network: RoadNetwork, profile: Profile, hour: int, conditions: Conditions
) -> nx.MultiDiGraph[int]:
    """
    Return a directed graph with OSMnx's attributes, of what is open to a profile at an hour.

    Nodes have ``x, y, street_count``, and are named by OSM id; the sides of a barrier, which
    share one, by the negative of their index - 1. Edges have ``osmid, highway, name, length``
    (m), ``speed_kph, travel_time`` (s), ``oneway, reversed, geometry``, and ``edge``, the index
    in the network. Turn restrictions cannot be said in such a graph: a path in it may break one.
    """
    times = network.arc_times(profile, hour, conditions)
    names = _node_names(network)
    found: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    streets = np.bincount(np.concatenate([network.edge_from, network.edge_to]))
    places = zip(names, network.junction_lonlat.tolist(), streets.tolist(), strict=True)
    for name, (lon, lat), street_count in places:
        found.add_node(name, x=lon, y=lat, street_count=street_count)
    base = network.arc_tail < network.junction_lonlat.shape[0]
    arcs = np.flatnonzero(base & (times != CLOSED))
    num_directions = np.bincount(network.arc_edge[arcs], minlength=network.edge_way.size)
    for arc in arcs:
        edge = int(network.arc_edge[arc])
        forward = bool(network.arc_forward[arc])
        line = network.line_lonlat[network.line_start[edge] : network.line_start[edge + 1]]
        ends = network.edge_from[edge], network.edge_to[edge]
        tail, head = ends if forward else ends[::-1]
        metres, seconds = network.edge_length_cm[edge] / 100, times[arc] / 1000
        found.add_edge(
            names[tail],
            names[head],
            edge=edge,
            osmid=int(network.edge_way[edge]),
            highway=ROAD_CLASSES[network.edge_class[edge]],
            name=network.names[network.edge_name[edge]],
            length=float(metres),
            travel_time=float(seconds),
            speed_kph=float(metres / seconds * 3.6) if seconds else 0.0,
            oneway=bool(num_directions[edge] == 1),
            reversed=not forward,
            geometry=shapely.LineString(line if forward else line[::-1]),
        )
    return found


def _node_names(network: RoadNetwork) -> list[int]:
    _, first = np.unique(network.junction_osm, return_index=True)
    names = -1 - np.arange(network.junction_osm.size)
    names[first] = network.junction_osm[first]
    return [int(name) for name in names]
