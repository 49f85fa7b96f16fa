"""The shortest duration of a route whose visits have several windows, as in `routing.timing`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.instance import NO_PLACE, Instance
from routing.engine.kernel import kernel

_MOST = 64


@kernel
def duration(instance: Instance, links: Any, vehicle: int, before: int, visit: int) -> int:
    """
    Return the shortest duration of a route with a visit after a node; -1: it cannot be in time.

    ``links`` are those of a `Plan`. With ``visit`` -1 the route is timed as it is.
    """
    nodes = instance.nodes
    durations = instance.durations[instance.vehicles[vehicle].matrix]
    start = instance.num_visits + 2 * vehicle
    spans, cut = instance.spans[0], instance.spans[1]
    spans[0, 0], spans[0, 1], spans[0, 2] = nodes[start].earliest, nodes[start].latest, 0
    count = 1
    node, place = start, nodes[start].place
    while node != start + 1:
        node = visit if node == before and visit >= 0 else _next(links, node, before, visit)
        to = nodes[node].place
        seconds = np.int64(0)
        if place != NO_PLACE and to != NO_PLACE:
            seconds = np.int64(durations[place, to])
        for k in range(count):
            spans[k, 2] += seconds
        if node == start + 1:
            break
        count = _through(instance, node, spans, count, cut)
        if count == 0:
            return -1
        spans, cut = cut, spans
        busy = nodes[node].service + (nodes[node].setup if place != to else 0)
        for k in range(count):
            spans[k, 2] += busy
        place = to
    best = -1
    for k in range(count):
        taken = spans[k, 2]
        if spans[k, 0] + taken <= nodes[start].latest and (best < 0 or taken < best):
            best = taken
    return best


@kernel
def _next(links: Any, node: int, before: int, visit: int) -> int:
    return links[before].next if node == visit else links[node].next


@kernel
def _through(
    instance: Instance,
    visit: int,
    spans: NDArray[np.int64],
    count: int,
    cut: NDArray[np.int64],
) -> int:
    """Cut spans to the windows of a visit; return how many are left, in ``cut``."""
    begin, end = instance.first_window[visit], instance.first_window[visit + 1]
    if begin == end:
        for k in range(count):
            _copy(spans, k, cut, k)
        return count
    found = 0
    for window in range(begin, end):
        earliest, latest = instance.windows[window, 0], instance.windows[window, 1]
        waiting = np.int64(-1)
        waits = False
        for k in range(count):
            first, last, taken = spans[k, 0], spans[k, 1], spans[k, 2]
            if last + taken < earliest:
                if not waits or last > waiting:
                    waits, waiting = True, last
            elif first + taken <= latest:
                found = _add(
                    cut, found, max(first, earliest - taken), min(last, latest - taken), taken
                )
        if waits:
            found = _add(cut, found, waiting, waiting, earliest - waiting)
    return found


@kernel
def _add(
    cut: NDArray[np.int64], found: int, first: np.int64, last: np.int64, taken: np.int64
) -> int:
    """Add a span unless another leaves no earlier and is here no later; drop those it beats so."""
    for k in range(found):
        if cut[k, 1] >= last and cut[k, 1] + cut[k, 2] <= first + taken:
            return found
    kept = 0
    for k in range(found):
        if not (last >= cut[k, 1] and last + taken <= cut[k, 0] + cut[k, 2]):
            _copy(cut, k, cut, kept)
            kept += 1
    if kept == _MOST:
        return kept
    cut[kept, 0], cut[kept, 1], cut[kept, 2] = first, last, taken
    return kept + 1


@kernel
def _copy(spans: NDArray[np.int64], k: int, into: NDArray[np.int64], place: int) -> None:
    into[place, 0], into[place, 1], into[place, 2] = spans[k, 0], spans[k, 1], spans[k, 2]
