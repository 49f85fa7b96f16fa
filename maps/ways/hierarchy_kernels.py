"""
The inner loops of the contraction hierarchy; nodes are numbered by rank throughout.

Arc ``a`` of node ``v`` (``up_first[v] <= a < up_first[v + 1]``) leads to ``up_head[a] > v``.
``weights[a, 0]`` is the price of ``v -> up_head[a]``, ``weights[a, 1]`` that of the way back.
Prices are packed (see `maps.ways.hierarchy`); nothing here unpacks them: sums and minima suffice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maps.kernel import kernel

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

INF = 2**61
"""No way. Two of them still fit into int64."""


class Topology(NamedTuple):
    """The upward arcs: CSR by tail with heads ascending, and the same arcs by head."""

    up_first: I64
    up_head: I32
    up_tail: I32
    low_first: I64
    low_arc: I32


class Prices(NamedTuple):
    """``(arcs, 2)`` weights, and which of them a search may not skip."""

    weights: I64
    kept: Bools


class Choices(NamedTuple):
    """For each of many points, as CSR, the nodes where it may begin or end, and at what price."""

    first: I64
    node: I64
    weight: I64


class Below(NamedTuple):
    """The downward arcs into a set of nodes, CSR by position; see `restrict`."""

    place: I32
    first: I64
    source: I32
    weight: I64


@kernel
def contract(first: I64, head: I32) -> tuple[I64, I32]:
    """
    Return the chordal supergraph's upward arcs (CSR, heads in no order) of an upward graph.

    Contracting ``v`` joins all its upper neighbours. It is enough to hand them to the lowest one,
    which hands on the rest (symbolic Cholesky factorisation; George & Liu 1981).
    """
    n = first.size - 1
    up_first = np.zeros(n + 1, np.int64)
    up_head = np.empty(max(16, 4 * head.size), np.int32)
    child, sibling = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    seen = np.full(n, -1, np.int32)
    end = 0
    for v in range(n):
        begin = end
        if begin + n - v > up_head.size:
            grown = np.empty(2 * up_head.size + n - v, np.int32)
            grown[:begin] = up_head[:begin]
            up_head = grown
        for a in range(first[v], first[v + 1]):
            if seen[head[a]] != v:
                seen[head[a]] = v
                up_head[end] = head[a]
                end += 1
        c = child[v]
        while c >= 0:
            for a in range(up_first[c], up_first[c + 1]):
                x = up_head[a]
                if x != v and seen[x] != v:
                    seen[x] = v
                    up_head[end] = x
                    end += 1
            c = sibling[c]
        up_first[v + 1] = end
        if end > begin:
            parent = up_head[begin]
            for a in range(begin + 1, end):
                parent = min(parent, up_head[a])
            sibling[v] = child[parent]
            child[parent] = v
    return up_first, up_head[:end].copy()


@kernel
def respect(slot: I32, side: NDArray[np.int8], weight: I64, num_up: int) -> tuple[I64, I32]:
    """Put input weights on upward arcs: the least of the arcs that share one, and which it was."""
    weights = np.full((num_up, 2), INF, np.int64)
    origin = np.full((num_up, 2), -1, np.int32)
    for i in range(slot.size):
        if slot[i] >= 0 and weight[i] < weights[slot[i], side[i]]:
            weights[slot[i], side[i]] = weight[i]
            origin[slot[i], side[i]] = i
    return weights, origin


@kernel
def customise(graph: Topology, weights: I64) -> None:
    """
    Lower each weight to the best detour over lower nodes, in place.

    For ``x`` ascending, every lower triangle ``(v; x, y)`` is met once per lower neighbour ``v``;
    the row of ``x`` lies spread in a dense buffer meanwhile, so that no arc must be searched.
    """
    row = np.full((graph.up_first.size - 1, 2), INF, np.int64)
    for x in range(graph.up_first.size - 1):
        begin, end = graph.up_first[x], graph.up_first[x + 1]
        for a in range(begin, end):
            y = graph.up_head[a]
            row[y, 0], row[y, 1] = weights[a, 0], weights[a, 1]
        for i in range(graph.low_first[x], graph.low_first[x + 1]):
            vx = graph.low_arc[i]
            from_x, to_x = weights[vx, 1], weights[vx, 0]
            for vy in range(vx + 1, graph.up_first[graph.up_tail[vx] + 1]):
                y = graph.up_head[vy]
                row[y, 0] = min(row[y, 0], from_x + weights[vy, 0])
                row[y, 1] = min(row[y, 1], weights[vy, 1] + to_x)
        for a in range(begin, end):
            y = graph.up_head[a]
            weights[a, 0], weights[a, 1] = row[y, 0], row[y, 1]


@kernel
def useful(graph: Topology, weights: I64) -> Bools:
    """
    Return which weights are true distances; a search may skip the others.

    Perfect customization (Dibbelt, Strasser, Wagner 2014): from the top down, each arc is
    compared with the ways over the third corner of the triangles in which it is a lower side.
    """
    exact = weights.copy()
    for v in range(graph.up_first.size - 2, -1, -1):
        end = graph.up_first[v + 1]
        for vx in range(graph.up_first[v], end):
            xy = graph.up_first[graph.up_head[vx]]
            for vy in range(vx + 1, end):
                while graph.up_head[xy] != graph.up_head[vy]:
                    xy += 1
                exact[vy, 0] = min(exact[vy, 0], weights[vx, 0] + exact[xy, 0])
                exact[vy, 1] = min(exact[vy, 1], exact[xy, 1] + weights[vx, 1])
                exact[vx, 0] = min(exact[vx, 0], weights[vy, 0] + exact[xy, 1])
                exact[vx, 1] = min(exact[vx, 1], exact[xy, 0] + weights[vy, 1])
    kept = np.empty(weights.shape, np.bool_)
    for a in range(weights.shape[0]):
        kept[a, 0] = weights[a, 0] < INF and weights[a, 0] == exact[a, 0]
        kept[a, 1] = weights[a, 1] < INF and weights[a, 1] == exact[a, 1]
    return kept


@kernel
def closure(graph: Topology, nodes: I64) -> I32:
    """Return the nodes and all above them in the elimination tree, highest first."""
    n = graph.up_first.size - 1
    wanted = np.zeros(n, np.bool_)
    for i in range(nodes.size):
        v = nodes[i]
        while v >= 0 and not wanted[v]:
            wanted[v] = True
            begin = graph.up_first[v]
            v = np.int64(graph.up_head[begin]) if begin < graph.up_first[v + 1] else np.int64(-1)
    found = np.empty(wanted.sum(), np.int32)
    at = 0
    for v in range(n - 1, -1, -1):
        if wanted[v]:
            found[at] = v
            at += 1
    return found


@kernel
def restrict(graph: Topology, prices: Prices, nodes: I32) -> Below:
    """
    Return the downward arcs into ``nodes``, which must be a closure.

    ``place[v]`` is the position of node ``v`` among ``nodes``, -1 if it is none of them; the
    other arrays go by position, so that a sweep runs through memory once.
    """
    place = np.full(graph.up_first.size - 1, -1, np.int32)
    first = np.zeros(nodes.size + 1, np.int64)
    for i in range(nodes.size):
        v = nodes[i]
        place[v] = i
        first[i + 1] = first[i]
        for a in range(graph.up_first[v], graph.up_first[v + 1]):
            first[i + 1] += prices.kept[a, 1]
    source, weight = np.empty(first[-1], np.int32), np.empty(first[-1], np.int64)
    at = 0
    for i in range(nodes.size):
        v = nodes[i]
        for a in range(graph.up_first[v], graph.up_first[v + 1]):
            if prices.kept[a, 1]:
                source[at], weight[at] = place[graph.up_head[a]], prices.weights[a, 1]
                at += 1
    return Below(place, first, source, weight)


@kernel
def climb(graph: Topology, prices: Prices, side: int, nodes: I64, best: I64) -> I32:
    """
    Relax the arcs of all nodes above ``nodes``, ascending, into ``best``; return these nodes.

    ``best`` holds the initial weights at ``nodes`` and INF elsewhere. Each start walks to its
    root; walks that meet go on as one.
    """
    n = graph.up_first.size - 1
    cursor = nodes.copy()
    visited = np.empty(256, np.int32)
    count = 0
    while True:
        v = np.int64(n)
        for i in range(cursor.size):
            v = min(v, cursor[i])
        if v == n:
            return visited[:count]
        begin, end = graph.up_first[v], graph.up_first[v + 1]
        above = np.int64(graph.up_head[begin]) if begin < end else np.int64(n)
        for i in range(cursor.size):
            if cursor[i] == v:
                cursor[i] = above
        if count == visited.size:
            grown = np.empty(2 * count, np.int32)
            grown[:count] = visited
            visited = grown
        visited[count] = v
        count += 1
        for a in range(begin, end):
            if prices.kept[a, side]:
                x = graph.up_head[a]
                best[x] = min(best[x], best[v] + prices.weights[a, side])


@kernel
def spread(below: Below, best: I64) -> None:
    """Sweep down all lanes: each node's best is compared with that over each arc into it."""
    lanes = best.shape[1]
    for i in range(below.first.size - 1):
        row = best[i]
        for a in range(below.first[i], below.first[i + 1]):
            above, weight = best[below.source[a]], below.weight[a]
            for lane in range(lanes):
                row[lane] = min(row[lane], above[lane] + weight)


@kernel
def fill_rows(
    graph: Topology,
    prices: Prices,
    starts: Choices,
    ends: Choices,
    below: Below,
    rows: I64,
    best: I64,
) -> None:
    """
    Write ``rows[start, end]``; ``best`` is a buffer of ``(nodes below, lanes)``.

    As many starts as there are lanes are swept down at once (RPHAST: Delling, Goldberg, Werneck
    2011), each having climbed alone, since upward its search space is small.
    """
    single = np.full(graph.up_first.size - 1, INF, np.int64)
    lanes = best.shape[1]
    for begin in range(0, rows.shape[0], lanes):
        end = min(begin + lanes, rows.shape[0])
        best[:] = INF
        for s in range(begin, end):
            for i in range(starts.first[s], starts.first[s + 1]):
                v = starts.node[i]
                single[v] = min(single[v], starts.weight[i])
            nodes = starts.node[starts.first[s] : starts.first[s + 1]]
            for v in climb(graph, prices, 0, nodes, single):
                if below.place[v] >= 0:
                    best[below.place[v], s - begin] = single[v]
                single[v] = INF
        spread(below, best)
        for t in range(rows.shape[1]):
            for s in range(begin, end):
                least = np.int64(INF)
                for i in range(ends.first[t], ends.first[t + 1]):
                    place = below.place[ends.node[i]]
                    least = min(least, best[place, s - begin] + ends.weight[i])
                rows[s, t] = least
