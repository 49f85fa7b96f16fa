"""
A point put on the nearest road that a vehicle may use and can get away from.

Usable: open to the profile in at least one hour of the week, by the map alone. So a point keeps
its place on the road whatever the hour, the zones and the closures: a street that is banned or
closed then leads nowhere, instead of being served from the next street without a word.
Well-connected: in the largest strongly connected part of what is usable.

Nearness is judged in the Mercator projection, which is conformal: near a point, what is nearest
on the map is nearest on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from maps.roads import conditions
from maps.roads.classes import FERRY
from maps.roads.hours import HOURS_OF_WEEK
from maps.roads.network import CLOSED, RoadNetwork
from maps.roads.profiles import Profile
from maps.roads.zones import FREE
from maps.travel import Points
from maps.ways.lines import mercator

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """
    Points on edges.

    Attributes
    ----------
    edge
        ``(n,)`` int32, -1 where there is no usable road at all.
    fraction
        ``(n,)`` 0 … 1, how far along the edge's line, from ``edge_from`` to ``edge_to``.
    metres
        ``(n,)`` float32, from each point to its place on the road; infinite where there is none.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    metres: NDArray[np.float32]

    def some(self, which: NDArray[np.int64]) -> Snapped:
        """Return some of the points, in that order."""
        return Snapped(self.edge[which], self.fraction[which], self.metres[which])

    def place(self, index: int) -> tuple[int, float]:
        """Return edge and fraction of one point."""
        return int(self.edge[index]), float(self.fraction[index])


class Snapper:
    """
    Finds the nearest of some edges.

    Parameters
    ----------
    network
        Holds the edges' lines.
    edges
        ``(e,)``, which of them may be snapped to. Ferries and edges without length are left out.
    """

    def __init__(self, network: RoadNetwork, edges: Bools) -> None:
        firm = (network.edge_length_cm > 0) & (network.edge_class != FERRY)
        self._edges = np.flatnonzero(edges & firm).astype(np.int32)
        counts = np.diff(network.line_start)
        chosen = np.zeros(counts.size, np.bool_)
        chosen[self._edges] = True
        flat = mercator(network.line_lonlat[np.repeat(chosen, counts)])
        owner = np.repeat(np.arange(self._edges.size), counts[self._edges])
        self._lines = cast(NDArray[np.object_], shapely.linestrings(flat, indices=owner))
        self._tree = shapely.STRtree(self._lines)

    def snap(self, points: Points) -> Snapped:
        """Return the place of each point on the nearest edge; of equally near ones the first."""
        edge = np.full(len(points), -1, np.int32)
        fraction = np.zeros(len(points))
        metres = np.full(len(points), np.inf, np.float32)
        real = np.flatnonzero(np.isfinite(points).all(axis=1))
        if not self._edges.size or not real.size:
            return Snapped(edge, fraction, metres)
        spots = shapely.points(mercator(points[real]))
        which, line = self._tree.query_nearest(spots)
        first = np.lexsort((line, which))
        which, unique = np.unique(which[first], return_index=True)
        line = line[first][unique]
        edge[real] = self._edges[line]
        fraction[real] = shapely.line_locate_point(self._lines[line], spots, normalized=True)
        scale = np.cos(np.radians(points[real, 1]))
        metres[real] = shapely.distance(self._lines[line], spots) * scale
        return Snapped(edge, fraction, metres)


def ever_open(network: RoadNetwork, profile: Profile) -> Bools:
    """Return ``(a,)``, which arcs the profile may drive in at least one hour of the week."""
    found = np.zeros(network.arc_tail.size, np.bool_)
    for hour in _telling_hours(network):
        found |= network.arc_times(profile, hour, FREE) != CLOSED
    return found


def _telling_hours(network: RoadNetwork) -> list[int]:
    """Return one hour for each different set of rules that hold."""
    rules = {ban.condition.hours for bans in network.bans for ban in bans}
    for kind in network.kinds:
        for key, value in kind:
            if key.endswith(":conditional"):
                rules |= {condition.hours for _, condition in conditions.parse(value)}
    hour_by_rules = {
        tuple((rule.touches(hour), rule.fills(hour)) for rule in rules): hour
        for hour in range(HOURS_OF_WEEK)
    }
    return list(hour_by_rules.values())


def well_connected(network: RoadNetwork, is_open: Bools) -> Bools:
    """
    Return ``(e,)``, which edges can be left for, and reached from, most of the map.

    Parameters
    ----------
    is_open
        ``(a,)``, which arcs count.

    Notes
    -----
    A journey that begins on an edge has no turn behind it, so it begins with the arc out of the
    plain junction; it may end with any of the arcs that drive the edge.
    """
    num_nodes = network.node_junction.size
    tail, head = network.arc_tail[is_open], network.arc_head[is_open]
    if not tail.size:
        return np.zeros(network.edge_way.size, np.bool_)
    graph = coo_array((np.ones(tail.size, np.int8), (tail, head)), (num_nodes, num_nodes))
    _, part = connected_components(graph, directed=True, connection="strong")
    inside = part == np.bincount(part).argmax()
    edge = network.arc_edge[is_open]
    begins, ends = (np.zeros(network.edge_way.size, np.bool_) for _ in range(2))
    begins[edge[inside[head] & (tail < len(network.junction_lonlat))]] = True
    ends[edge[inside[tail]]] = True
    both: Bools = begins & ends
    return both
