"""
A customizable contraction hierarchy: matrices and paths for any weights on a fixed graph.

After Dibbelt, Strasser, Wagner: "Customizable Contraction Hierarchies" (2014). The order of
nodes and the shortcuts depend on the graph alone and are made once per map; a new set of weights
(another profile, hour, closure) costs milliseconds.

Weights are packed, ``milliseconds << 32 | centimetres`` in int64: added and compared as plain
numbers they give the fastest path, of equally fast ones the shortest, and its exact length.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from maps.ways import hierarchy_kernels, hierarchy_paths
from maps.ways.hierarchy_kernels import I32, I64, INF, Below, Choices, Prices, Topology

LANES = 32
"""Sources swept at once: 16 to 128 were equally fast on porto, 8 a third slower."""

ROWS_PER_TASK = 4 * LANES


def pack(milliseconds: NDArray[np.integer], centimetres: NDArray[np.integer]) -> I64:
    """Return packed weights; ``centimetres`` in 0 … 2**32 - 1, ``milliseconds`` below 2**29."""
    return np.asarray(milliseconds, np.int64) << 32 | np.asarray(centimetres, np.int64)


def unpack(weights: I64) -> tuple[I64, I64]:
    """Return milliseconds and centimetres of packed weights."""
    return weights >> 32, weights & 0xFFFFFFFF


def choices(counts: NDArray[np.integer], node: I64, weight: I64) -> Choices:
    """Return, as CSR, ``counts[k]`` pairs of node and packed weight for each point ``k``."""
    first = np.zeros(counts.size + 1, np.int64)
    np.cumsum(counts, out=first[1:])
    return Choices(first, np.asarray(node, np.int64), np.asarray(weight, np.int64))


def one(points: Choices, index: int) -> Choices:
    """Return the choices of one point alone."""
    begin, end = points.first[index], points.first[index + 1]
    first = np.array([0, end - begin])
    return Choices(first, points.node[begin:end], points.weight[begin:end])


class Trail(NamedTuple):
    """A fastest path: packed weight, input arcs in order, and which start and end it uses."""

    weight: int
    arcs: I64
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """
    Order and shortcuts of one graph.

    Attributes
    ----------
    rank
        ``(n,)`` int32, position of each node in the order of contraction.
    graph
        Upward arcs, between ranks.
    slot, side
        ``(a,)``, the upward arc on which each input arc lies (-1: a loop), and in which direction.
    """

    rank: I32
    graph: Topology
    slot: I32
    side: NDArray[np.int8]

    def customise(self, weights: I64) -> Metric:
        """
        Return what matrices and paths need for these weights.

        Parameters
        ----------
        weights
            ``(a,)`` packed, one for each input arc, 0 … `INF`; `INF` closes the arc.
        """
        weights = np.ascontiguousarray(weights, np.int64)
        num_up = self.graph.up_head.size
        least, origin = hierarchy_kernels.respect(self.slot, self.side, weights, num_up)
        hierarchy_kernels.customise(self.graph, least)
        kept = hierarchy_kernels.useful(self.graph, least)
        return Metric(self, Prices(least, kept), origin, weights)

    def ranked(self, points: Choices) -> Choices:
        """Return the same choices with nodes named by rank."""
        return Choices(points.first, self.rank[points.node].astype(np.int64), points.weight)

    def save(self, path: Path) -> None:
        """Write everything into one uncompressed ``.npz``."""
        with path.open("wb") as file:
            np.savez(
                file,
                allow_pickle=False,
                rank=self.rank,
                slot=self.slot,
                side=self.side,
                **self.graph._asdict(),
            )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            graph = Topology(*(held[name] for name in Topology._fields))
            return cls(held["rank"], graph, held["slot"], held["side"])


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A hierarchy under one set of weights. Safe to use from several threads."""

    hierarchy: Hierarchy
    prices: Prices
    origin: I32
    arc_weights: I64

    def towards(self, ends: Choices) -> Targets:
        """Prepare rows of a matrix whose columns are ``ends`` (nodes of the input graph)."""
        ends = self.hierarchy.ranked(ends)
        nodes = hierarchy_kernels.closure(self.hierarchy.graph, ends.node)
        below = hierarchy_kernels.restrict(self.hierarchy.graph, self.prices, nodes)
        return Targets(self, ends, below)

    def matrix(self, starts: Choices, ends: Choices, *, threads: int = 1) -> I64:
        """Return the ``(starts, ends)`` packed weights of the fastest paths; `INF`: no way."""
        result = np.empty((starts.first.size - 1, ends.first.size - 1), np.int64)

        def keep(begin: int, rows: I64) -> None:
            result[begin : begin + len(rows)] = rows

        self.towards(ends).each_block(starts, keep, threads=threads)
        return result

    def path(self, start: Choices, end: Choices) -> Trail | None:
        """Return the fastest path between two points (one row of choices each); None: no way."""
        graph, ranked = self.hierarchy.graph, self.hierarchy.ranked
        start, end = ranked(start), ranked(end)
        forward = np.full(self.hierarchy.rank.size, INF, np.int64)
        backward = forward.copy()
        weight, top = hierarchy_paths.meet(graph, self.prices, start, end, forward, backward)
        if top < 0:
            return None
        weights = self.prices.weights
        rising, chosen_start = hierarchy_paths.descend(graph, weights, 0, start, forward, top)
        falling, chosen_end = hierarchy_paths.descend(graph, weights, 1, end, backward, top)
        arcs = hierarchy_paths.unpack(
            graph, weights, self.origin, self.arc_weights, rising, falling
        )
        return Trail(weight, arcs, chosen_start, chosen_end)


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The part of a hierarchy that leads down to the columns of a matrix."""

    metric: Metric
    ends: Choices
    below: Below

    def rows(self, starts: Choices) -> I64:
        """Return the ``(starts, ends)`` packed weights; one thread."""
        starts = self.metric.hierarchy.ranked(starts)
        rows = np.empty((starts.first.size - 1, self.ends.first.size - 1), np.int64)
        lanes = max(1, min(LANES, rows.shape[0]))
        buffer = np.empty((self.below.first.size - 1, lanes), np.int64)
        graph, prices = self.metric.hierarchy.graph, self.metric.prices
        hierarchy_kernels.fill_rows(graph, prices, starts, self.ends, self.below, rows, buffer)
        return rows

    def each_block(
        self, starts: Choices, take: Callable[[int, I64], None], *, threads: int = 1
    ) -> None:
        """Call ``take(first row, rows)`` for each block of rows, from several threads at once."""

        def work(begin: int) -> None:
            first = starts.first[begin : begin + ROWS_PER_TASK + 1]
            take(begin, self.rows(Choices(first, starts.node, starts.weight)))

        begins = range(0, starts.first.size - 1, ROWS_PER_TASK)
        if threads <= 1 or len(begins) <= 1:
            for begin in begins:
                work(begin)
            return
        with ThreadPoolExecutor(threads) as pool:
            # Consumed, so that an error in a thread is raised here.
            list(pool.map(work, begins))


def build(tail: I32, head: I32, lonlat: NDArray[np.float64]) -> Hierarchy:
    """
    Order the nodes of a directed graph and add the shortcuts.

    Parameters
    ----------
    tail, head
        ``(a,)`` nodes; several arcs between the same nodes and loops are fine.
    lonlat
        ``(n, 2)`` degrees; where nodes lie decides how well the graph is cut, not what is right.
    """
    num_nodes = len(lonlat)
    rank = np.empty(num_nodes, np.int32)
    rank[_dissect(tail, head, lonlat)] = np.arange(num_nodes, dtype=np.int32)
    low = np.minimum(rank[tail], rank[head]).astype(np.int64)
    high = np.maximum(rank[tail], rank[head]).astype(np.int64)
    pairs = np.unique(low[low != high] * num_nodes + high[low != high])
    begin = _first(pairs // num_nodes, num_nodes)
    graph = _sorted(*hierarchy_kernels.contract(begin, (pairs % num_nodes).astype(np.int32)))
    keys = graph.up_tail.astype(np.int64) * num_nodes + graph.up_head
    slot = np.searchsorted(keys, low * num_nodes + high).astype(np.int32)
    slot[low == high] = -1
    return Hierarchy(rank, graph, slot, (rank[tail] > rank[head]).astype(np.int8))


def _sorted(up_first: I64, up_head: I32) -> Topology:
    num_nodes = up_first.size - 1
    up_tail = np.repeat(np.arange(num_nodes, dtype=np.int32), np.diff(up_first))
    up_head = up_head[np.argsort(up_tail.astype(np.int64) * num_nodes + up_head)]
    low_arc = np.argsort(up_head, kind="stable").astype(np.int32)
    return Topology(up_first, up_head, up_tail, _first(up_head[low_arc], num_nodes), low_arc)


def _first(ascending: NDArray[np.integer], num_nodes: int) -> I64:
    return np.searchsorted(ascending, np.arange(num_nodes + 1)).astype(np.int64)


def _dissect(tail: I32, head: I32, lonlat: NDArray[np.float64]) -> I64:
    """Return the nodes in an order by nested dissection (inertial flow, from RoutingKit)."""
    num_nodes = len(lonlat)
    low, high = np.minimum(tail, head).astype(np.int64), np.maximum(tail, head).astype(np.int64)
    pairs = np.unique(low[low != high] * num_nodes + high[low != high])
    if not pairs.size:
        return np.arange(num_nodes)
    import pyroutingkit

    topology = pyroutingkit.CCH()
    topology.build_topology(
        (pairs // num_nodes).astype(np.uint32),
        (pairs % num_nodes).astype(np.uint32),
        lonlat[:, 1].astype(np.float32),
        lonlat[:, 0].astype(np.float32),
        node_count=num_nodes,
    )
    # The order has no accessor; it is the array `order` of what is saved.
    with TemporaryDirectory() as folder:
        topology.save_topology(folder)
        order = np.fromfile(Path(folder) / "order", np.uint32)
    return order.astype(np.int64)
