"""
What turning costs, put on edges.

The delay of a turn belongs to a pair of edges, and a graph of junctions has no place for pairs.
So each junction's delays t(a, b) are split into a part at the end of the edge that arrives and a
part at the begin of the edge that leaves: f(a) = min over b of t(a, b), then
g(b) = min over a of t(a, b) - f(a). At the mouth of a side street this is exact: who arrives there
must turn, and who enters it has turned. At a crossing, where one can always go straight on, both
parts are 0, and a share of the mean of what is left is added.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maps.roads.edges import Skeleton
from maps.roads.restrictions import Directed

Floats = NDArray[np.float64]

# Delay as a share of a full turn by angle: the sigmoid of OSRM's car profile (process_turn),
# which was fitted to measured drives, without its small bias between left and right.
_STEEPNESS = 13.0
_MIDDLE = 6.5

# A junction of fewer roads asks for no turn.
_MIN_ROADS = 3

# Of the mean that no split of a crossing explains; fitted to OSRM's durations on real maps.
_SHARE_OF_REST = 0.25


def costs(skeleton: Skeleton, directed: Directed) -> NDArray[np.float32]:
    """Return ``(e, 2)``: shares of a full turn that driving an edge forward and backward costs."""
    leave, arrive = _bearings(skeleton)
    before, after = _pairs(skeleton, directed)
    angle = np.abs((leave[after] - arrive[before] + np.pi) % (2 * np.pi) - np.pi)
    turn = 1 / (1 + np.exp(_MIDDLE - _STEEPNESS * angle / np.pi))
    num_directed = directed.tail.size
    at_end = _least(turn, before, num_directed)
    at_begin = _least(turn - at_end[before], after, num_directed)
    rest = _mean(turn - at_end[before] - at_begin[after], before, num_directed)
    total = at_end + at_begin + _SHARE_OF_REST * rest
    return total.reshape(-1, 2).astype(np.float32)


def _bearings(skeleton: Skeleton) -> tuple[Floats, Floats]:
    """Return the directions in which directed edges leave and arrive, in radians."""
    first, last = skeleton.line_start[:-1], skeleton.line_start[1:] - 1
    start = _bearing(skeleton, first, first + 1)
    end = _bearing(skeleton, last - 1, last)
    leave = np.column_stack([start, end + np.pi]).ravel()
    arrive = np.column_stack([end, start + np.pi]).ravel()
    return leave, arrive


def _bearing(skeleton: Skeleton, here: NDArray[np.int64], there: NDArray[np.int64]) -> Floats:
    step = skeleton.line_lonlat[there] - skeleton.line_lonlat[here]
    east = step[:, 0] * np.cos(np.radians(skeleton.line_lonlat[here, 1]))
    angle: Floats = np.arctan2(step[:, 1], east)
    return angle


def _pairs(skeleton: Skeleton, directed: Directed) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs of usable directed edges that follow each other at a real junction."""
    used = directed.usable.reshape(-1, 2).any(axis=1)
    ends = np.concatenate([skeleton.edge_from[used], skeleton.edge_to[used]])
    num_roads = np.bincount(ends, minlength=skeleton.hub.size)
    before = np.flatnonzero(directed.usable & (num_roads[directed.head] >= _MIN_ROADS))
    junction = directed.head[before]
    counts = directed.first[junction + 1] - directed.first[junction]
    begin = np.repeat(directed.first[junction] - (np.cumsum(counts) - counts), counts)
    before = np.repeat(before, counts)
    after = directed.order[begin + np.arange(before.size)]
    real = after != before ^ 1
    return before[real], after[real]


def _least(values: Floats, group: NDArray[np.int64], num_groups: int) -> Floats:
    least = np.full(num_groups, np.inf)
    np.minimum.at(least, group, values)
    return np.where(np.isfinite(least), least, 0.0)


def _mean(values: Floats, group: NDArray[np.int64], num_groups: int) -> Floats:
    counts = np.bincount(group, minlength=num_groups)
    return np.bincount(group, values, num_groups) / np.maximum(counts, 1)
