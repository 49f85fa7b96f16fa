"""`RoadNetwork`: junctions, edges, and the graph expanded by turns where one is forbidden."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from maps.errors import BadMap
from maps.roads import barriers, bends, edges, restrictions, turns, weights
from maps.roads.classes import ROAD_CLASSES
from maps.roads.conditions import Condition, Limit
from maps.roads.edges import Kind
from maps.roads.hours import Hours
from maps.roads.osmfile import RawOsm
from maps.roads.profiles import PROFILES, Profile
from maps.roads.restrictions import Ban, Directed
from maps.roads.weights import CLOSED
from maps.roads.zones import FREE, Conditions

if TYPE_CHECKING:
    import networkx

__all__ = ["CLOSED", "ROAD_CLASSES", "RoadNetwork", "build"]

_FORMAT = 1
_TEXTS = ("names", "kinds", "bans", "oddities")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RoadNetwork:
    """
    A road map as arrays; the same input gives exactly the same arrays.

    An edge is a piece of road between two junctions, without direction. An arc drives an edge in
    one direction. Nodes are the junctions, then extra copies of some of them that remember how
    they were reached (`maps.roads.turns`). The arcs with ``arc_tail < j`` are the base copies: one
    for each direction in which any profile may drive an edge; their heads are right for a journey
    that begins on the edge.

    Barriers on nodes are connectors: edges of length 0, class ``barrier`` and way 0.

    Attributes
    ----------
    junction_lonlat, junction_osm
        ``(j, 2)`` float64 degrees, ``(j,)`` int64 OSM node ids (the sides of a barrier share one).
    edge_from, edge_to
        ``(e,)`` int32 junctions, never the same.
    edge_length_cm, edge_way, edge_class, edge_name
        ``(e,)`` int32; int64 OSM way ids; uint8 indices into `ROAD_CLASSES`; int32 indices into
        ``names``.
    edge_kind
        ``(e,)`` int32 indices into ``kinds``: the tags that decide about use and speed.
    edge_signs
        ``(e, 2, 3)`` uint8: signals, stop and give-way signs met forward and backward.
    edge_turns
        ``(e, 2)`` float32: the share of a full turn that driving the edge forward or backward
        costs, at its begin and end together (`maps.roads.bends`).
    line_start, line_lonlat
        ``(e + 1,)`` int64, ``(p, 2)`` float64: edge k's line, with both junctions, is
        ``line_lonlat[line_start[k]:line_start[k + 1]]``.
    node_junction
        ``(n,)`` int32; the first j are the junctions themselves.
    arc_tail, arc_head, arc_edge, arc_forward
        ``(a,)`` int32 nodes, int32 edges, and whether driven from ``edge_from`` to ``edge_to``.
    arc_ban
        ``(a,)`` int32 indices into ``bans``: those that close the arc for some, at some hours.
    arc_u_turn
        ``(a,)`` bool: straight back over the edge just driven.
    names, kinds, bans
        Tables; ``names[0]`` is empty, ``bans[0]`` none.
    oddities
        What the file held and was passed over, by kind, for people.
    """

    junction_lonlat: NDArray[np.float64]
    junction_osm: NDArray[np.int64]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    edge_length_cm: NDArray[np.int32]
    edge_way: NDArray[np.int64]
    edge_class: NDArray[np.uint8]
    edge_name: NDArray[np.int32]
    edge_kind: NDArray[np.int32]
    edge_signs: NDArray[np.uint8]
    edge_turns: NDArray[np.float32]
    line_start: NDArray[np.int64]
    line_lonlat: NDArray[np.float64]
    node_junction: NDArray[np.int32]
    arc_tail: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_edge: NDArray[np.int32]
    arc_forward: NDArray[np.bool_]
    arc_ban: NDArray[np.int32]
    arc_u_turn: NDArray[np.bool_]
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    bans: tuple[tuple[Ban, ...], ...]
    oddities: Mapping[str, int] = field(default_factory=dict)

    def arc_times(
        self, profile: Profile, hour: int, conditions: Conditions = FREE
    ) -> NDArray[np.int32]:
        """
        Return what each arc costs a vehicle at an hour of the week.

        Parameters
        ----------
        hour
            0 … 167, local time; 0 is Monday 00:00–01:00. What holds in any part of it counts.

        Returns
        -------
        times
            ``(a,)`` int32 milliseconds; `CLOSED` where the vehicle may not drive then.
        """
        return weights.arc_times(self, profile, hour, conditions)

    def to_networkx(
        self, profile: Profile = PROFILES["car"], hour: int = 0, conditions: Conditions = FREE
    ) -> networkx.MultiDiGraph[int]:
        """
        Return the network as OSMnx draws and analyses it: one directed edge per base arc.

        Turn restrictions have no place in such a graph; see `maps.roads.notebook`.
        """
        from maps.roads import notebook

        return notebook.graph(self, profile, hour, conditions)

    def save(self, path: Path) -> None:
        """Write one uncompressed ``.npz``; a reader sees the old file or the whole new one."""
        texts = {
            "names": self.names,
            "kinds": self.kinds,
            "bans": [[asdict(ban) for ban in bans] for bans in self.bans],
            "oddities": dict(self.oddities),
        }
        held: dict[str, NDArray[np.generic]] = {name: getattr(self, name) for name in _arrays()}
        held |= {name: _packed(text) for name, text in texts.items()}
        held["format"] = np.array(_FORMAT)
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with partial.open("wb") as file:
                np.savez(file, allow_pickle=False, **held)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """
        Read what `save` wrote.

        Raises
        ------
        BadMap
            Written by another version of Milkrun.
        """
        with np.load(path, allow_pickle=False) as held:
            if int(held["format"]) != _FORMAT:
                raise BadMap(
                    "bad_map",
                    cause=f"{path.name}: written by another version",
                    action=f"delete {path.parent} and import the map again",
                )
            arrays = {name: held[name] for name in _arrays()}
            texts = {name: json.loads(held[name].tobytes().decode()) for name in _TEXTS}
        return cls(
            **arrays,
            names=tuple(texts["names"]),
            kinds=tuple(tuple((key, value) for key, value in kind) for kind in texts["kinds"]),
            bans=tuple(tuple(_ban(ban) for ban in bans) for bans in texts["bans"]),
            oddities=texts["oddities"],
        )


def build(raw: RawOsm) -> RoadNetwork:
    """
    Build the network of a map: edges, barriers, arcs, turns.

    Raises
    ------
    BadMap
        No road is usable by any vehicle.
    """
    skeleton = barriers.split(edges.cut(raw, is_usable=weights.is_ever_usable), raw)
    usable = np.array([weights.usable_directions(dict(kind)) for kind in skeleton.kinds])
    directed = Directed.of(skeleton, usable[skeleton.edge_kind])
    forbidden, passed_over = restrictions.forbidden(raw.restrictions, skeleton, directed)
    expansion = turns.expand(forbidden, directed, skeleton.hub.size)
    shared = {item.name for item in fields(skeleton)} & {item.name for item in fields(RoadNetwork)}
    return RoadNetwork(
        **{name: getattr(skeleton, name) for name in shared},
        edge_turns=bends.costs(skeleton, directed),
        node_junction=expansion.node_junction,
        arc_tail=expansion.arc_tail,
        arc_head=expansion.arc_head,
        arc_edge=(expansion.arc_directed >> 1).astype(np.int32),
        arc_forward=(expansion.arc_directed & 1) == 0,
        arc_ban=expansion.arc_ban,
        arc_u_turn=expansion.arc_u_turn,
        bans=expansion.bans,
        oddities={**raw.oddities, **passed_over},
    )


def _arrays() -> list[str]:
    return [item.name for item in fields(RoadNetwork) if item.name not in _TEXTS]


def _packed(text: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(text, ensure_ascii=False).encode(), dtype=np.uint8)


def _ban(held: Mapping[str, Any]) -> Ban:
    """Build a ban from what JSON made of it."""
    condition = held["condition"]
    return Ban(
        tuple(held["modes"]),
        tuple(held["exempt"]),
        Condition(
            Hours(**condition["hours"]),
            tuple(Limit(**limit) for limit in condition["limits"]),
        ),
    )
