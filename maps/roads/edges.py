"""Ways cut into edges at junctions: the undirected skeleton of a road network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.errors import BadMap
from maps.roads import access, measures
from maps.roads.classes import ROAD_CLASSES, road_class
from maps.roads.osmfile import RawOsm, Tags
from maps.roads.speeds import SPEED_KEY
from maps.sphere import metres_between

Kind = tuple[tuple[str, str], ...]
"""The tags that decide about use and speed, sorted: ways with the same ones are judged once."""

SIGNAL, STOP, GIVE_WAY = 0, 1, 2
"""Columns of `Skeleton.edge_signs`."""

_SIGNS = {"traffic_signals": SIGNAL, "stop": STOP, "give_way": GIVE_WAY}
_NO_KIND_KEYS = ("name", "ref", "duration")


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """
    Junctions and edges; see `maps.roads.network.RoadNetwork` for the fields of the same names.

    ``hub`` is ``(j,)`` int32: the junction itself, or the middle of the barrier that it is a side
    of (`maps.roads.barriers`). ``edge_signs`` is ``(e, 2, 3)`` uint8: signals, stops and give-way
    signs met forward and backward.
    """

    junction_lonlat: NDArray[np.float64]
    junction_osm: NDArray[np.int64]
    hub: NDArray[np.int32]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    edge_length_cm: NDArray[np.int32]
    edge_way: NDArray[np.int64]
    edge_class: NDArray[np.uint8]
    edge_name: NDArray[np.int32]
    edge_kind: NDArray[np.int32]
    edge_signs: NDArray[np.uint8]
    line_start: NDArray[np.int64]
    line_lonlat: NDArray[np.float64]
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Trace:
    """Ways laid end to end: node index and way index per position; a piece is an unbroken run."""

    node: NDArray[np.int64]
    way: NDArray[np.int64]
    piece: NDArray[np.int64]


def cut(raw: RawOsm, *, is_usable: Callable[[Tags], bool]) -> Skeleton:
    """
    Cut the usable ways of a map into edges.

    A junction is a node where ways meet, cross or end. A way is cut where nodes are missing; a
    loop is cut in its middle, so that no edge begins where it ends; a barrier that matters is a
    junction.

    Raises
    ------
    BadMap
        Nothing usable is left.
    """
    kinds, way_kind = _kinds(raw, is_usable)
    trace = _trace(raw, way_kind)
    if not trace.node.size:
        raise BadMap(
            "bad_map",
            cause="no road in it that a vehicle may use",
            action="use an extract with roads and their nodes (a clipped file may lack the nodes)",
        )
    barriers = _barrier_nodes(raw)
    cuts, is_junction = _cuts(trace, raw.node_id.size, barriers)
    first = np.flatnonzero(trace.piece[cuts[:-1]] == trace.piece[cuts[1:]])
    start, end = cuts[first], cuts[first + 1]
    junction_node = np.flatnonzero(is_junction)
    junction_of = np.zeros(raw.node_id.size, dtype=np.int32)
    junction_of[junction_node] = np.arange(junction_node.size, dtype=np.int32)
    line_start, line_lonlat = _lines(raw, trace, start, end)
    way = trace.way[start]
    names, way_name = _names(raw)
    return Skeleton(
        junction_lonlat=raw.node_lonlat[junction_node],
        junction_osm=raw.node_id[junction_node],
        hub=np.arange(junction_node.size, dtype=np.int32),
        edge_from=junction_of[trace.node[start]],
        edge_to=junction_of[trace.node[end]],
        edge_length_cm=_lengths_cm(line_start, line_lonlat),
        edge_way=raw.way_id[way],
        edge_class=_classes(raw)[way],
        edge_name=way_name[way],
        edge_kind=way_kind[way],
        edge_signs=_signs(raw, trace, start, end),
        line_start=line_start,
        line_lonlat=line_lonlat,
        names=names,
        kinds=kinds,
    )


def _kinds(
    raw: RawOsm, is_usable: Callable[[Tags], bool]
) -> tuple[tuple[Kind, ...], NDArray[np.int32]]:
    """Return the distinct kinds of usable ways, and the kind of each way; -1: not usable."""
    known: dict[Kind, int] = {}
    way_kind = np.empty(len(raw.way_tags), dtype=np.int32)
    kinds: list[Kind] = []
    for way, tags in enumerate(raw.way_tags):
        kind = _kind(tags) if "duration" not in tags else _kind(_with_speed(raw, way))
        if kind not in known:
            usable = is_usable(dict(kind))
            known[kind] = len(kinds) if usable else -1
            if usable:
                kinds.append(kind)
        way_kind[way] = known[kind]
    return tuple(kinds), way_kind


def _kind(tags: Tags) -> Kind:
    return tuple(sorted((key, value) for key, value in tags.items() if key not in _NO_KIND_KEYS))


def _with_speed(raw: RawOsm, way: int) -> Tags:
    """Return a ferry's tags with its speed, from its whole length and its duration."""
    tags = dict(raw.way_tags[way])
    duration_s = measures.seconds(tags["duration"])
    if road_class(tags) != "ferry" or not duration_s:
        return tags
    ids = raw.way_node[raw.way_start[way] : raw.way_start[way + 1]]
    node, found = _node_index(raw, ids)
    line = raw.node_lonlat[node[found]]
    length_m = _steps_m(line).sum() if line.shape[0] > 1 else 0.0
    if length_m:
        tags[SPEED_KEY] = f"{length_m / duration_s * 3.6:.2f}"
    return tags


def _trace(raw: RawOsm, way_kind: NDArray[np.int32]) -> _Trace:
    way = np.repeat(np.arange(raw.way_id.size), np.diff(raw.way_start))
    node, found = _node_index(raw, raw.way_node)
    ok = found & (way_kind[way] >= 0)
    begins = np.ones(way.size, dtype=np.bool_)
    begins[1:] = (way[1:] != way[:-1]) | ~ok[:-1]
    piece = np.cumsum(begins, dtype=np.int64)
    node, way, piece = node[ok], way[ok], piece[ok]
    again = np.zeros(node.size, dtype=np.bool_)
    again[1:] = (piece[1:] == piece[:-1]) & (node[1:] == node[:-1])
    node, way, piece = node[~again], way[~again], piece[~again]
    alone = np.bincount(piece, minlength=1)[piece] < 2
    return _Trace(node[~alone], way[~alone], piece[~alone])


def _node_index(raw: RawOsm, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the index of each OSM node id, and whether the file holds it at all."""
    if not raw.node_id.size:
        return np.zeros(ids.size, dtype=np.int64), np.zeros(ids.size, dtype=np.bool_)
    node = np.minimum(np.searchsorted(raw.node_id, ids), raw.node_id.size - 1)
    return node, raw.node_id[node] == ids


def _barrier_nodes(raw: RawOsm) -> NDArray[np.int64]:
    ids = [node for node, tags in raw.node_tags.items() if access.barrier_matters(tags)]
    node, found = _node_index(raw, np.array(sorted(ids), dtype=np.int64))
    return node[found]


def _cuts(
    trace: _Trace, num_nodes: int, barriers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the positions where ways are cut, and which nodes are junctions."""
    uses = np.bincount(trace.node, minlength=num_nodes)
    is_junction = uses >= 2
    is_junction[barriers[uses[barriers] > 0]] = True
    change = np.flatnonzero(np.diff(trace.piece))
    ends = np.concatenate([change, change + 1, [0, trace.node.size - 1]])
    is_junction[trace.node[ends]] = True
    cuts = np.flatnonzero(is_junction[trace.node])
    start, end = cuts[:-1], cuts[1:]
    loop = (trace.piece[start] == trace.piece[end]) & (trace.node[start] == trace.node[end])
    is_junction[trace.node[(start[loop] + end[loop]) // 2]] = True
    return np.flatnonzero(is_junction[trace.node]), is_junction


def _lines(
    raw: RawOsm, trace: _Trace, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    sizes = end - start + 1
    line_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    position = np.arange(line_start[-1]) + np.repeat(start - line_start[:-1], sizes)
    return line_start, raw.node_lonlat[trace.node[position]]


def _lengths_cm(
    line_start: NDArray[np.int64], line_lonlat: NDArray[np.float64]
) -> NDArray[np.int32]:
    steps = np.concatenate([_steps_m(line_lonlat), [0.0]])
    # The step from the end of one line to the begin of the next is none.
    steps[line_start[1:] - 1] = 0.0
    lengths: NDArray[np.float64] = np.add.reduceat(steps, line_start[:-1]) * 100
    return np.rint(lengths).astype(np.int32)


def _steps_m(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return great-circle metres from each point to the next."""
    return metres_between(lonlat[:-1], lonlat[1:])


def _signs(
    raw: RawOsm, trace: _Trace, start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Count the signals and signs that each edge meets, forward and backward."""
    counts = np.zeros((start.size, 2, len(_SIGNS)), dtype=np.int64)
    column, towards = _sign_nodes(raw)
    where = np.flatnonzero(column[trace.node] >= 0)
    sign, way = column[trace.node[where]], towards[trace.node[where]]
    edge = np.searchsorted(start, where, side="right") - 1
    metres = np.concatenate([[0.0], np.cumsum(_steps_m(raw.node_lonlat[trace.node]))])
    inside = (where > start[edge]) & (where < end[edge])
    # A stop sign within an edge and without a direction stands before the nearer junction.
    nearer_end = metres[end[edge]] - metres[where] <= metres[where] - metres[start[edge]]
    picky = inside & (sign != SIGNAL) & (way == 0)
    forward = (way >= 0) & ~(picky & ~nearer_end)
    backward = (way <= 0) & ~(picky & nearer_end)
    ahead = np.where(where > start[edge], edge, edge - 1)
    forward &= (ahead >= 0) & (end[ahead] >= where)
    backward &= where < end[edge]
    np.add.at(counts, (ahead[forward], 0, sign[forward]), 1)
    np.add.at(counts, (edge[backward], 1, sign[backward]), 1)
    return np.minimum(counts, 255).astype(np.uint8)


def _sign_nodes(raw: RawOsm) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each node its column of signs (-1: none), and 1 forward, -1 backward, 0 both."""
    column = np.full(raw.node_id.size, -1, dtype=np.int64)
    towards = np.zeros(raw.node_id.size, dtype=np.int64)
    for id_, tags in sorted(raw.node_tags.items()):
        sign = _SIGNS.get(tags.get("highway", ""))
        # "minor": only the minor road stops, and which one that is, is not said.
        if sign is None or tags.get("stop") == "minor":
            continue
        node, found = _node_index(raw, np.array([id_], dtype=np.int64))
        if found[0]:
            direction = tags.get("traffic_signals:direction", tags.get("direction", ""))
            column[node[0]] = sign
            towards[node[0]] = {"forward": 1, "backward": -1}.get(direction, 0)
    return column, towards


def _names(raw: RawOsm) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    known = {"": 0}
    name = [
        known.setdefault(tags.get("name") or tags.get("ref", ""), len(known))
        for tags in raw.way_tags
    ]
    return tuple(known), np.array(name, dtype=np.int32)


def _classes(raw: RawOsm) -> NDArray[np.uint8]:
    index = {name: number for number, name in enumerate(ROAD_CLASSES)}
    return np.array([index[road_class(tags) or "road"] for tags in raw.way_tags], dtype=np.uint8)
