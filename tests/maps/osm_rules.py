"""
What a raw OpenStreetMap file forbids, read on its own: shares no code with `maps`.

Deliberately simple: it knows one-way streets and turn restrictions that hold for cars at any
time, and leaves out what is not plainly meant: conditions, several vias, and "only" turns into
roads that are closed to cars (OSRM passes these over, too).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.osm.types import Node, Relation, Way

Spot = tuple[int, int]
"""Longitude and latitude in 1e-7 degrees, which is how the file has them."""

Hop = tuple[Spot, Spot]

_FOR_CARS = ("restriction", "restriction:motorcar", "restriction:motor_vehicle")
_CLOSED = {"no", "private"}
_EXEMPT = {"motorcar", "motor_vehicle", "vehicle"}


@dataclass
class Restriction:
    id: int
    only: bool
    origin: set[Hop]
    via: list[Spot]
    target: set[Hop]


@dataclass
class Rules:
    """``hops``: pairs of neighbouring nodes that may be driven in that order."""

    hops: set[Hop] = field(default_factory=set)
    restrictions: dict[Spot, list[Restriction]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, path: Path) -> Rules:
        rules = cls()
        spots = {
            node.id: (round(node.location.lon * 1e7), round(node.location.lat * 1e7))
            for node in osmium.FileProcessor(str(path), osmium.osm.NODE)
            if isinstance(node, Node)
        }
        ways: dict[int, list[Spot]] = {}
        closed: set[int] = set()
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
            assert isinstance(way, Way)
            if "highway" not in way.tags and way.tags.get("route") != "ferry":
                continue
            ways[way.id] = [spots[node.ref] for node in way.nodes if node.ref in spots]
            rules._take_way(dict(way.tags), ways[way.id])
            if _CLOSED & {way.tags.get("motor_vehicle"), way.tags.get("motorcar")}:
                closed.add(way.id)
        for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION):
            assert isinstance(relation, Relation)
            rules._take_relation(relation, spots, ways, closed)
        return rules

    def wrong_way(self, line: list[Spot]) -> list[Hop]:
        """Return what a line drives between its inner vertices though no way leads so."""
        return [hop for hop in _hops(line[1:-1]) if hop not in self.hops]

    def broken(self, line: list[Spot]) -> Iterator[int]:
        """
        Yield the ids of the restrictions that a line of vertices breaks.

        Its last vertex is a place on a road, not a node of it, so no turn is told from that.
        """
        for at in range(1, len(line) - 1):
            for rule in self.restrictions.get(line[at], ()):
                end = at + len(rule.via) - 1
                if line[at : end + 1] != rule.via or end + 2 >= len(line):
                    continue
                turns = (line[end], line[end + 1]) in rule.target
                if (line[at - 1], line[at]) in rule.origin and turns != rule.only:
                    yield rule.id

    def _take_way(self, tags: dict[str, str], line: list[Spot]) -> None:
        one_way = tags.get("oneway:motor_vehicle", tags.get("oneway", ""))
        implied = tags.get("highway") in {"motorway", "motorway_link"} or tags.get("junction") in {
            "roundabout",
            "circular",
        }
        if one_way != "-1":
            self.hops |= set(_hops(line))
        if one_way not in {"yes", "true", "1"} and not (implied and not one_way):
            self.hops |= set(_hops(line[::-1]))

    def _take_relation(
        self,
        relation: Relation,
        spots: dict[int, Spot],
        ways: dict[int, list[Spot]],
        closed: set[int],
    ) -> None:
        tags = dict(relation.tags)
        kind = next((tags[key] for key in _FOR_CARS if key in tags), "")
        if tags.get("type") != "restriction" or not kind.startswith(("no_", "only_")):
            return
        if _EXEMPT & set(tags.get("except", "").replace(" ", "").split(";")):
            return
        if any("conditional" in key or key.startswith(("day_", "hour_")) for key in tags):
            return
        roles: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for member in relation.members:
            roles[member.role].append((member.type, member.ref))
        if any(len(roles[role]) != 1 for role in ("from", "via", "to")):
            return
        known = {("w", key): line for key, line in ways.items()}
        origin, via, target = (roles[role][0] for role in ("from", "via", "to"))
        if origin not in known or target not in known:
            return
        if kind.startswith("only_") and target[1] in closed:
            return
        vias = [[spots[via[1]]]] if via[0] == "n" and via[1] in spots else []
        if via[0] == "w" and via in known:
            vias = [known[via], known[via][::-1]]
        for chain in vias:
            self._add(relation.id, kind, known[origin], chain, known[target])

    def _add(
        self, key: int, kind: str, origin: list[Spot], via: list[Spot], target: list[Spot]
    ) -> None:
        into, out = _ends_at(origin, via[0]), _ends_at(target, via[-1])
        # A way that goes on beyond the via leaves open which half is meant.
        if not (into and out):
            return
        if kind == "no_u_turn" and origin == target and len(via) == 1:
            out = {(end, begin) for begin, end in into}
        rule = Restriction(key, kind.startswith("only_"), into, via, out)
        self.restrictions[via[0]].append(rule)


def _ends_at(line: list[Spot], spot: Spot) -> set[Hop]:
    """Return the last hop of a way towards an end of it, and its reverse."""
    found: set[Hop] = set()
    if line[0] == line[-1]:
        return found
    for ordered in (line, line[::-1]):
        if ordered[-1] == spot:
            found |= {(ordered[-2], ordered[-1]), (ordered[-1], ordered[-2])}
    return found


def _hops(line: list[Spot]) -> list[Hop]:
    return list(itertools.pairwise(line))
