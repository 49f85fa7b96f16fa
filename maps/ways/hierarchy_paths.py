"""
Paths through the contraction hierarchy: which upward arcs, and which input arcs they stand for.

Conventions as in `hierarchy_kernels`. Nothing is remembered about how a weight came about: it is
found again by comparing sums, which is exact on integers and costs nothing until asked.
"""

from __future__ import annotations

import numpy as np

from maps.kernel import kernel
from maps.ways.hierarchy_kernels import I32, I64, INF, Choices, Prices, Topology, climb


@kernel
def meet(
    graph: Topology, prices: Prices, start: Choices, end: Choices, forward: I64, backward: I64
) -> tuple[int, int]:
    """
    Return the least weight from one point to another, and the highest node of that way (-1: none).

    ``forward`` and ``backward`` come filled with INF and leave with the weights found.
    """
    for i in range(start.node.size):
        forward[start.node[i]] = min(forward[start.node[i]], start.weight[i])
    for i in range(end.node.size):
        backward[end.node[i]] = min(backward[end.node[i]], end.weight[i])
    climb(graph, prices, 1, end.node, backward)
    least, top = np.int64(INF), np.int64(-1)
    for v in climb(graph, prices, 0, start.node, forward):
        if forward[v] + backward[v] < least:
            least, top = forward[v] + backward[v], np.int64(v)
    return int(least), int(top)


@kernel
def descend(
    graph: Topology, weights: I64, side: int, origin: Choices, best: I64, top: int
) -> tuple[I64, int]:
    """Return the upward arcs from ``top`` down to where ``best`` began, and which choice it was."""
    steps = np.empty(64, np.int64)
    count = 0
    v = np.int64(top)
    while True:
        for i in range(origin.node.size):
            if origin.node[i] == v and origin.weight[i] == best[v]:
                return steps[:count], i
        step = np.int64(-1)
        for i in range(graph.low_first[v], graph.low_first[v + 1]):
            step = np.int64(graph.low_arc[i])
            below = best[graph.up_tail[step]]
            if below < INF and below + weights[step, side] == best[v]:
                break
        if count == steps.size:
            steps = doubled(steps)
        steps[count] = step
        count += 1
        v = np.int64(graph.up_tail[step])


@kernel
def unpack(
    graph: Topology, weights: I64, origin: I32, arc_weights: I64, rising: I64, falling: I64
) -> I64:
    """Return the input arcs of the way up over ``rising`` (top first), then down ``falling``."""
    depth = rising.size + falling.size
    # An entry is 2 * arc + side. What is driven first lies on top.
    stack, found = np.empty(4 * depth + 64, np.int64), np.empty(256, np.int64)
    stack[: falling.size] = 2 * falling[::-1] + 1
    stack[falling.size : depth] = 2 * rising
    count = 0
    while depth > 0:
        depth -= 1
        step, side = stack[depth] // 2, stack[depth] % 2
        arc = origin[step, side]
        if arc >= 0 and arc_weights[arc] == weights[step, side]:
            if count == found.size:
                found = doubled(found)
            found[count] = arc
            count += 1
            continue
        vx, vy = corner(graph, weights, step, side)
        if depth + 2 > stack.size:
            stack = doubled(stack)
        stack[depth], stack[depth + 1] = (2 * vy, 2 * vx + 1) if side == 0 else (2 * vx, 2 * vy + 1)
        depth += 2
    return found[:count]


@kernel
def corner(graph: Topology, weights: I64, xy: int, side: int) -> tuple[int, int]:
    """Return the arcs ``v -> x`` and ``v -> y`` whose sum is the weight of arc ``xy``."""
    x, y = graph.up_tail[xy], graph.up_head[xy]
    for i in range(graph.low_first[x], graph.low_first[x + 1]):
        vx = np.int64(graph.low_arc[i])
        for vy in range(vx + 1, graph.up_first[graph.up_tail[vx] + 1]):
            if graph.up_head[vy] == y:
                if weights[vx, 1 - side] + weights[vy, side] == weights[xy, side]:
                    return int(vx), int(vy)
                break
    raise AssertionError


@kernel
def doubled(values: I64) -> I64:
    """Return the same values with as much room again behind them."""
    grown = np.empty(2 * values.size, np.int64)
    grown[: values.size] = values
    return grown
