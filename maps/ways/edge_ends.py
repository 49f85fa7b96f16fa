"""How journeys begin and end in the middle of edges: the doors between points and the graph."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from maps.roads.network import CLOSED, RoadNetwork
from maps.ways import hierarchy
from maps.ways.hierarchy_kernels import I32, I64, INF, Choices
from maps.ways.snap import Snapped

_Number = TypeVar("_Number", np.int64, np.float64)

FORWARD, BACKWARD = 0, 1

AT_JUNCTION_CM = 10.0
"""A point this near to an edge's end is at the junction, and may leave it by any road."""


class EdgeEnds:
    """Where the arcs of each edge are, in each direction."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        num_edges, num_junctions = network.edge_way.size, len(network.junction_lonlat)
        # An edge and a direction make one row: 2 * edge + (0 forward, 1 backward).
        row = 2 * network.arc_edge.astype(np.int64) + ~network.arc_forward
        plain = network.arc_tail < num_junctions
        self._base = np.full(2 * num_edges, -1, np.int64)
        self._base[row[plain]] = np.flatnonzero(plain)
        self._copies = _Groups(row, 2 * num_edges)
        self._nodes = _Groups(network.node_junction, num_junctions)

    def departures(self, at: Snapped, times: I32) -> Choices:
        """
        Return where each point's journeys enter the graph, and the price of getting there.

        ``times`` is ``(a,)`` milliseconds as `RoadNetwork.arc_times` gives them.
        """
        arcs = self._base[_rows(at)]
        shares = _interleaved(1 - at.fraction, at.fraction)
        found = np.flatnonzero((arcs >= 0) & (times[arcs] != CLOSED))
        weights = self._weights(arcs[found], shares[found], times)
        points, junctions = self._at_junctions(at)
        return _by_point(
            np.concatenate((found // 2, points)),
            np.concatenate((self._network.arc_head[arcs[found]], junctions)),
            np.concatenate((weights, np.zeros(points.size, np.int64))),
            at.edge.size,
        )

    def arrivals(self, at: Snapped, times: I32) -> Choices:
        """Return where journeys to each point leave the graph, and the price from there."""
        row, arcs = self._copies.of(_rows(at))
        usable = times[arcs] != CLOSED
        row, arcs = row[usable], arcs[usable]
        shares = _interleaved(at.fraction, 1 - at.fraction)
        weights = self._weights(arcs, shares[row], times)
        points, junctions = self._at_junctions(at)
        which, nodes = self._nodes.of(junctions)
        return _by_point(
            np.concatenate((row // 2, points[which])),
            np.concatenate((self._network.arc_tail[arcs], nodes)),
            np.concatenate((weights, np.zeros(nodes.size, np.int64))),
            at.edge.size,
        )

    def along(self, at: Snapped, to: Snapped, times: I32) -> I64:
        """
        Return the price of staying on the edge for each pair of points; INF: not possible.

        Who is there already need not move, whatever is closed.
        """
        share = to.fraction - at.fraction
        best = np.full(share.size, INF, np.int64)
        for direction, ahead in ((FORWARD, share >= 0), (BACKWARD, share <= 0)):
            arcs = self._base[2 * at.edge.astype(np.int64) + direction]
            fit = ahead & (at.edge == to.edge) & (arcs >= 0) & (times[arcs] != CLOSED)
            weights = self._weights(arcs[fit], np.abs(share[fit]), times)
            best[fit] = np.minimum(best[fit], weights)
        best[(share == 0) & (at.edge == to.edge)] = 0
        return best

    def _at_junctions(self, at: Snapped) -> tuple[I64, I32]:
        """Return the points that are at a junction, and their junctions."""
        network = self._network
        length = network.edge_length_cm[at.edge]
        begin = np.flatnonzero(at.fraction * length <= AT_JUNCTION_CM)
        end = np.flatnonzero((1 - at.fraction) * length <= AT_JUNCTION_CM)
        junctions = (network.edge_from[at.edge[begin]], network.edge_to[at.edge[end]])
        return np.concatenate((begin, end)), np.concatenate(junctions)

    def _weights(self, arcs: I64, shares: NDArray[np.float64], times: I32) -> I64:
        lengths = self._network.edge_length_cm[self._network.arc_edge[arcs]]
        milliseconds = np.rint(times[arcs] * shares).astype(np.int64)
        return hierarchy.pack(milliseconds, np.rint(lengths * shares).astype(np.int64))


class _Groups:
    """Positions by the small integer that they hold."""

    def __init__(self, group: NDArray[np.integer], num_groups: int) -> None:
        self._order = np.argsort(group, kind="stable")
        self._first = np.searchsorted(group[self._order], np.arange(num_groups + 1))

    def of(self, groups: NDArray[np.integer]) -> tuple[I64, I64]:
        """Return the positions of each group, end to end, and which of ``groups`` each is of."""
        counts = self._first[groups + 1] - self._first[groups]
        which = np.repeat(np.arange(groups.size), counts)
        before = np.repeat(self._first[groups] - np.cumsum(counts) + counts, counts)
        return which, self._order[np.arange(counts.sum()) + before]


def _rows(at: Snapped) -> I64:
    return _interleaved(2 * at.edge.astype(np.int64), 2 * at.edge.astype(np.int64) + 1)


def _interleaved(forward: NDArray[_Number], backward: NDArray[_Number]) -> NDArray[_Number]:
    return np.stack((forward, backward), axis=1).ravel()


def _by_point(point: I64, node: NDArray[np.integer], weight: I64, num_points: int) -> Choices:
    order = np.argsort(point, kind="stable")
    counts = np.bincount(point, minlength=num_points)
    return hierarchy.choices(counts, node[order].astype(np.int64), weight[order])
