"""How journeys begin and end in the middle of edges: the doors between points and the graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maps import hierarchy
from maps.hierarchy_kernels import I32, I64, INF, Choices
from maps.network import CLOSED, RoadNetwork
from maps.snap import Snapped

FORWARD, BACKWARD = 0, 1


class EdgeEnds:
    """Where the arcs of each edge are, in each direction."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        num_edges = network.edge_way.size
        # An edge and a direction make one row: 2 * edge + (0 forward, 1 backward).
        row = 2 * network.arc_edge.astype(np.int64) + ~network.arc_forward
        plain = network.arc_tail < len(network.junction_lonlat)
        self._base = np.full(2 * num_edges, -1, np.int64)
        self._base[row[plain]] = np.flatnonzero(plain)
        self._copies = np.argsort(row, kind="stable")
        self._first = np.searchsorted(row[self._copies], np.arange(2 * num_edges + 1))

    def departures(self, at: Snapped, times: I32) -> Choices:
        """
        Return where each point's journeys enter the graph, and the price of getting there.

        ``times`` is ``(a,)`` milliseconds as `RoadNetwork.arc_times` gives them.
        """
        arcs = self._base[2 * at.edge[:, None] + [FORWARD, BACKWARD]]
        shares = np.stack((1 - at.fraction, at.fraction), axis=1)
        usable = (arcs >= 0) & (times[arcs] != CLOSED)
        weights = self._weights(arcs[usable], shares[usable], times)
        return hierarchy.choices(usable.sum(axis=1), self._network.arc_head[arcs[usable]], weights)

    def arrivals(self, at: Snapped, times: I32) -> Choices:
        """Return where journeys to each point leave the graph, and the price from there."""
        rows = (2 * at.edge[:, None] + [FORWARD, BACKWARD]).ravel()
        shares = np.stack((at.fraction, 1 - at.fraction), axis=1).ravel()
        counts = self._first[rows + 1] - self._first[rows]
        arcs = self._copies[_ranges(self._first[rows], counts)]
        usable = times[arcs] != CLOSED
        weights = self._weights(arcs[usable], np.repeat(shares, counts)[usable], times)
        point = np.repeat(np.arange(rows.size) // 2, counts)[usable]
        num_ends = np.bincount(point, minlength=at.edge.size)
        return hierarchy.choices(num_ends, self._network.arc_tail[arcs[usable]], weights)

    def along(self, at: Snapped, to: Snapped, times: I32) -> I64:
        """
        Return the price of staying on the edge for each pair of points; INF: not possible.

        Who is there already need not move, whatever is closed.
        """
        share = to.fraction - at.fraction
        best = np.full(share.size, INF, np.int64)
        for direction, ahead in ((FORWARD, share >= 0), (BACKWARD, share <= 0)):
            arcs = self._base[2 * at.edge + direction]
            fit = ahead & (at.edge == to.edge) & (arcs >= 0) & (times[arcs] != CLOSED)
            weights = self._weights(arcs[fit], np.abs(share[fit]), times)
            best[fit] = np.minimum(best[fit], weights)
        best[(share == 0) & (at.edge == to.edge)] = 0
        return best

    def _weights(self, arcs: I64, shares: NDArray[np.float64], times: I32) -> I64:
        lengths = self._network.edge_length_cm[self._network.arc_edge[arcs]]
        milliseconds = np.rint(times[arcs] * shares).astype(np.int64)
        return hierarchy.pack(milliseconds, np.rint(lengths * shares).astype(np.int64))


def _ranges(begin: I64, counts: I64) -> I64:
    """Return ``begin[k] … begin[k] + counts[k] - 1`` of all ``k``, end to end."""
    offset = np.cumsum(counts) - counts
    found: I64 = np.arange(counts.sum()) + np.repeat(begin - offset, counts)
    return found
