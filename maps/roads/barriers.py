"""Barriers on nodes, made into connectors that only those pass who may."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from maps.roads import access
from maps.roads.classes import BARRIER
from maps.roads.edges import Kind, Skeleton
from maps.roads.osmfile import RawOsm

_Number = TypeVar("_Number", bound=np.generic)


def split(skeleton: Skeleton, raw: RawOsm) -> Skeleton:
    """
    Split the junctions where a barrier stands.

    Each edge that ends there gets a side of its own, and a connector of length zero leads from
    the side to the junction, which becomes the barrier's middle (its hub). So everyone who passes
    is judged, on a street as well as on a crossing. The delay of a gate is that of the connector
    when it is entered from the side, so it counts once. A barrier at a dead end splits nothing.
    """
    ends = np.concatenate([skeleton.edge_from, skeleton.edge_to])
    is_barrier = _is_barrier(skeleton, raw)
    num_ends = np.bincount(ends, minlength=is_barrier.size)
    where = np.flatnonzero((is_barrier & (num_ends >= 2))[ends])
    if not where.size:
        return skeleton
    num_junctions, num_edges = skeleton.hub.size, skeleton.edge_from.size
    hub = ends[where]
    side = np.arange(num_junctions, num_junctions + where.size, dtype=np.int32)
    ends[where] = side
    kinds, connector_kind = _barrier_kinds(skeleton, raw, hub)
    points = np.repeat(skeleton.junction_lonlat[hub], 2, axis=0)
    line_end = skeleton.line_start[-1]
    return replace(
        skeleton,
        junction_lonlat=np.concatenate([skeleton.junction_lonlat, skeleton.junction_lonlat[hub]]),
        junction_osm=np.concatenate([skeleton.junction_osm, skeleton.junction_osm[hub]]),
        hub=np.concatenate([skeleton.hub, hub]),
        edge_from=np.concatenate([ends[:num_edges], side]),
        edge_to=np.concatenate([ends[num_edges:], hub]),
        edge_length_cm=_longer(skeleton.edge_length_cm, where.size, 0),
        edge_way=_longer(skeleton.edge_way, where.size, 0),
        edge_class=_longer(skeleton.edge_class, where.size, BARRIER),
        edge_name=_longer(skeleton.edge_name, where.size, 0),
        edge_kind=np.concatenate([skeleton.edge_kind, connector_kind]),
        edge_signs=np.concatenate(
            [skeleton.edge_signs, np.zeros((where.size, *skeleton.edge_signs.shape[1:]), np.uint8)]
        ),
        line_start=np.concatenate(
            [skeleton.line_start, line_end + 2 * np.arange(1, where.size + 1, dtype=np.int64)]
        ),
        line_lonlat=np.concatenate([skeleton.line_lonlat, points]),
        kinds=kinds,
    )


def _is_barrier(skeleton: Skeleton, raw: RawOsm) -> NDArray[np.bool_]:
    ids = [node for node, tags in raw.node_tags.items() if access.barrier_matters(tags)]
    return np.isin(skeleton.junction_osm, np.array(ids, dtype=np.int64))


def _barrier_kinds(
    skeleton: Skeleton, raw: RawOsm, hub: NDArray[np.int32]
) -> tuple[tuple[Kind, ...], NDArray[np.int32]]:
    """Return all kinds with those of barriers behind, and the kind of the barrier at each hub."""
    known: dict[Kind, int] = {}
    kinds = list(skeleton.kinds)
    found = []
    for id_ in skeleton.junction_osm[hub]:
        tags = raw.node_tags[int(id_)]
        # A bollard on a zebra crossing is no way of class "crossing".
        kind: Kind = tuple(sorted((key, tags[key]) for key in tags if key != "highway"))
        if kind not in known:
            known[kind] = len(kinds)
            kinds.append(kind)
        found.append(known[kind])
    return tuple(kinds), np.array(found, dtype=np.int32)


def _longer(values: NDArray[_Number], num_more: int, fill: int) -> NDArray[_Number]:
    return np.concatenate([values, np.full(num_more, fill, dtype=values.dtype)])
