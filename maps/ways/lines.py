"""The lines of edges, parts of edges, and whole journeys."""

from __future__ import annotations

import numpy as np

from maps.roads.network import RoadNetwork
from maps.sphere import EARTH_RADIUS_M
from maps.travel import Points
from maps.ways.hierarchy_kernels import I64

_MAX_LATITUDE = 89.0


def mercator(lonlat: Points) -> Points:
    """Return metres at the equator, ``(n, 2)``; elsewhere they are longer by 1 / cos(latitude)."""
    lon = np.radians(lonlat[:, 0])
    lat = np.radians(np.clip(lonlat[:, 1], -_MAX_LATITUDE, _MAX_LATITUDE))
    return EARTH_RADIUS_M * np.stack((lon, np.arcsinh(np.tan(lat))), axis=1)


def of_edge(network: RoadNetwork, edge: int) -> Points:
    """Return an edge's line, from ``edge_from`` to ``edge_to``."""
    return network.line_lonlat[network.line_start[edge] : network.line_start[edge + 1]]


def of_journey(
    network: RoadNetwork,
    begin: tuple[int, float],
    nodes: tuple[int, int],
    arcs: I64,
    end: tuple[int, float],
) -> Points:
    """
    Return the line from a place on one edge, over nodes and the arcs between, to another place.

    A place is an edge and a fraction of its length; ``nodes`` are the first and the last one.
    """
    first, last = (int(network.node_junction[node]) for node in nodes)
    parts = [piece(of_edge(network, begin[0]), begin[1], _side(network, begin[0], first))]
    for arc in arcs:
        line = of_edge(network, int(network.arc_edge[arc]))
        parts.append(line if network.arc_forward[arc] else line[::-1])
    parts.append(piece(of_edge(network, end[0]), _side(network, end[0], last), end[1]))
    line = np.concatenate(parts)
    moved = np.any(np.diff(line, axis=0) != 0, axis=1)
    return line[np.concatenate(([True], moved))] if moved.any() else line[:2]


def piece(line: Points, begin: float, end: float) -> Points:
    """Return a line's part between two fractions of its length; reversed if ``begin > end``."""
    if begin > end:
        return piece(line, end, begin)[::-1]
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(mercator(line), axis=0).T))))
    if not along[-1]:
        return line[[0, -1]]
    along /= along[-1]
    inner = line[(along > begin) & (along < end)]
    cut = np.stack([np.interp([begin, end], along, line[:, axis]) for axis in (0, 1)], axis=1)
    return np.concatenate((cut[:1], inner, cut[1:]))


def _side(network: RoadNetwork, edge: int, junction: int) -> float:
    return 1.0 if network.edge_to[edge] == junction else 0.0
