"""
Turn restrictions as forbidden sequences of directed edges.

A directed edge is ``2 * edge`` along the edge, ``2 * edge + 1`` against it. "No left turn from a
to b" forbids (a, b); with a way between, (a, w1, …, b). "Only straight on" forbids everything
else: at each step along the prescribed way, every other continuation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from maps.roads import conditions, hours
from maps.roads.conditions import UNCONDITIONAL, Condition
from maps.roads.edges import Skeleton
from maps.roads.hours import ALWAYS
from maps.roads.osmfile import RawRelation, Tags
from maps.roads.profiles import Profile

Turn = tuple[int, ...]

# Old tags for hours: OSM wiki, Relation:restriction, "day_on, day_off, hour_on, hour_off".
_OLD_HOURS = ("day_on", "day_off", "hour_on", "hour_off")


@dataclass(frozen=True, slots=True)
class Ban:
    """
    For whom and when a turn is forbidden.

    ``modes`` empty: for every motor vehicle; else for those that have one of them. ``exempt``
    are the modes that are free.
    """

    modes: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    condition: Condition = UNCONDITIONAL

    @property
    def is_absolute(self) -> bool:
        """Whether it holds for everyone at every hour."""
        return not self.modes and not self.exempt and self.condition == UNCONDITIONAL

    def holds(self, profile: Profile, hour: int) -> bool:
        """Tell whether it holds for the vehicle in any part of the hour of the week."""
        if self.modes and not set(self.modes) & set(profile.modes):
            return False
        if set(self.exempt) & set(profile.modes):
            return False
        return self.condition.holds(profile, hour)


@dataclass(frozen=True, slots=True, eq=False)
class Directed:
    """
    Directed edges of a skeleton: ``(2e,)`` from and to which junction, and whether usable.

    ``out[j]`` lists the usable ones that leave junction j.
    """

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    usable: NDArray[np.bool_]
    order: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, skeleton: Skeleton, usable: NDArray[np.bool_]) -> Directed:
        """Build from a skeleton and the ``(e, 2)`` usable directions."""
        tail = np.column_stack([skeleton.edge_from, skeleton.edge_to]).ravel()
        head = np.column_stack([skeleton.edge_to, skeleton.edge_from]).ravel()
        flags = usable.ravel()
        open_ = np.flatnonzero(flags)
        order = open_[np.argsort(tail[open_], kind="stable")]
        first = np.searchsorted(tail[order], np.arange(skeleton.hub.size + 1))
        return cls(tail, head, flags, order, first)

    def out(self, junction: int) -> list[int]:
        """Return the usable directed edges that leave a junction, ascending."""
        found = self.order[self.first[junction] : self.first[junction + 1]]
        return [int(edge) for edge in found]


def forbidden(
    relations: Iterable[RawRelation], skeleton: Skeleton, directed: Directed
) -> tuple[dict[Turn, tuple[Ban, ...]], Counter[str]]:
    """
    Return each forbidden sequence of directed edges with its bans, and what was passed over.

    Broken relations (members missing, no junction between them, two ways to read them) are
    counted as ``broken_restriction`` and change nothing; those of roads that nobody here may use
    as ``idle_restriction``.
    """
    reader = _Reader(skeleton, directed)
    found: dict[Turn, dict[Ban, None]] = defaultdict(dict)
    passed_over: Counter[str] = Counter()
    for relation in relations:
        rules = list(_rules(relation.tags))
        if not rules:
            passed_over["broken_restriction"] += 1
            continue
        try:
            turns = reader.turns(relation, u_turn=any(kind == "no_u_turn" for kind, _ in rules))
        except _Broken as reason:
            passed_over[str(reason)] += 1
            continue
        for kind, ban in rules:
            for turn in turns if kind.startswith("no_") else reader.all_but(turns):
                found[turn][ban] = None
    for turn in [turn for turn in found if len(turn) > 2]:
        for back in reader.pointless(turn):
            found[back][Ban()] = None
    return {turn: tuple(found[turn]) for turn in sorted(found)}, passed_over


class _Broken(Exception):
    """A restriction that cannot be read; the text is the counter that it goes to."""


_BROKEN = "broken_restriction"
_IDLE = "idle_restriction"


def _rules(tags: Tags) -> Iterator[tuple[str, Ban]]:
    """Yield each rule of a relation: ``no_…`` or ``only_…``, and its ban."""
    exempt = _words(tags.get("except", ""))
    type_mode = tags.get("type", "").removeprefix("restriction").removeprefix(":")
    for key, value in sorted(tags.items()):
        words = key.split(":")
        if words[0] != "restriction":
            continue
        modes = tuple(word for word in words[1:] if word != "conditional")
        modes = modes or ((type_mode,) if type_mode else ())
        if words[-1] == "conditional":
            clauses = conditions.parse(value)
        else:
            clauses = ((value.strip().lower(), Condition(_old_hours(tags))),)
        for kind, condition in clauses:
            if kind.startswith(("no_", "only_")):
                yield kind, Ban(modes, exempt, condition)


def _words(text: str) -> tuple[str, ...]:
    return tuple(sorted(word.strip() for word in text.split(";") if word.strip()))


def _old_hours(tags: Tags) -> hours.Hours:
    day_on, day_off, hour_on, hour_off = (tags.get(key, "") for key in _OLD_HOURS)
    days = f"{day_on}-{day_off}" if day_on and day_off else ""
    times = f"{hour_on}-{hour_off}" if hour_on and hour_off else ""
    return hours.parse(f"{days} {times}".strip()) or ALWAYS


class _Reader:
    """Finds the edges that a relation speaks of."""

    def __init__(self, skeleton: Skeleton, directed: Directed) -> None:
        self._skeleton = skeleton
        self._directed = directed
        self._by_way = np.argsort(skeleton.edge_way, kind="stable")
        self._ways = skeleton.edge_way[self._by_way]
        # Sides of barriers come behind the junctions, and their connectors behind the edges.
        self._num_hubs = int(np.sum(skeleton.hub == np.arange(skeleton.hub.size)))
        self._num_roads = skeleton.edge_from.size - (skeleton.hub.size - self._num_hubs)

    def turns(self, relation: RawRelation, *, u_turn: bool) -> list[Turn]:
        """Return the sequences that a relation names: from, over via, to."""
        ways: dict[str, list[int]] = {"from": [], "via": [], "to": []}
        via_nodes = []
        for kind, id_, role in relation.members:
            if kind == "w" and role in ways:
                ways[role].append(id_)
            elif kind == "n" and role == "via":
                via_nodes.append(id_)
        if not ways["from"] or not ways["to"] or len(via_nodes) + bool(ways["via"]) != 1:
            raise _Broken(_BROKEN)
        found: list[Turn] = []
        broken = _Broken(_BROKEN)
        for origin, target in product(ways["from"], ways["to"]):
            # Often a chain of ways is given where only the last one meets the via.
            try:
                if via_nodes:
                    found += self._at_node(origin, via_nodes[0], target, u_turn=u_turn)
                else:
                    found.append(self._over_ways(origin, ways["via"], target))
            except _Broken as reason:
                broken = reason
        if not found:
            raise broken
        return found

    def all_but(self, turns: Sequence[Turn]) -> Iterator[Turn]:
        """Yield every sequence that leaves the prescribed ones."""
        prescribed: dict[Turn, set[int]] = defaultdict(set)
        for turn in turns:
            for length in range(1, len(turn)):
                prescribed[turn[:length]].add(turn[length])
        for prefix, allowed in prescribed.items():
            for edge in self._directed.out(int(self._directed.head[prefix[-1]])):
                if edge not in allowed:
                    yield (*prefix, edge)

    def pointless(self, turn: Turn) -> Iterator[Turn]:
        """Yield what would cheat a ban at a barrier: out of its middle and straight back."""
        for edge in turn:
            if edge >= 2 * self._num_roads and edge & 1:
                middle = int(self._directed.tail[edge])
                yield from ((out, out ^ 1) for out in self._directed.out(middle))

    def _at_node(self, origin: int, via: int, target: int, *, u_turn: bool) -> list[Turn]:
        from_edges, to_edges = self._of_way(origin), self._of_way(target)
        junction = self._junction(via)
        arriving = [edge for edge in from_edges if self._head(edge) == junction]
        leaving = [edge for edge in to_edges if self._tail(edge) == junction]
        if u_turn and origin == target:
            return [self._join(edge, edge ^ 1) for edge in arriving if edge ^ 1 in leaving]
        # A way that runs on through the junction in both directions names no single turn.
        if len(arriving) != 1 or len(leaving) != 1:
            raise _Broken(_BROKEN)
        return [self._join(arriving[0], leaving[0])]

    def _over_ways(self, origin: int, via: Sequence[int], target: int) -> Turn:
        """Search the shortest way from ``origin`` along all ``via`` ways in order to ``target``."""
        steps = [self._of_way(way) for way in via]
        last = self._of_way(target)
        paths = [(edge,) for edge in self._of_way(origin)]
        num_vias = 0
        level: list[tuple[Turn, int]] = [(path, num_vias) for path in paths]
        for _ in range(sum(map(len, steps)) + 1):
            done = [
                self._join_all((*path, edge))
                for path, used in level
                if used == len(steps)
                for edge in last
                if self._tail(edge) == self._head(path[-1]) and edge not in path
            ]
            if len(done) == 1:
                return done[0]
            if done:
                raise _Broken(_BROKEN)
            level = [longer for path, used in level for longer in self._longer(path, used, steps)]
        raise _Broken(_BROKEN)

    def _longer(self, path: Turn, used: int, steps: list[list[int]]) -> Iterator[tuple[Turn, int]]:
        """Yield a path with one more edge, of the same via way or of the next."""
        seen = {self._tail(edge) for edge in path} | {self._head(path[-1])}
        for index in {max(used - 1, 0), min(used, len(steps) - 1)}:
            for edge in steps[index]:
                if self._tail(edge) == self._head(path[-1]) and self._head(edge) not in seen:
                    yield (*path, edge), index + 1

    def _of_way(self, way: int) -> list[int]:
        """Return the usable directed edges of a way."""
        first, last = np.searchsorted(self._ways, [way, way + 1])
        edges = [int(edge) for edge in self._by_way[first:last]]
        both = [d for edge in sorted(edges) for d in (2 * edge, 2 * edge + 1)]
        usable = [edge for edge in both if self._directed.usable[edge]]
        if not usable:
            raise _Broken(_IDLE)
        return usable

    def _junction(self, node: int) -> int:
        hubs = self._skeleton.junction_osm[: self._num_hubs]
        index = int(np.searchsorted(hubs, node))
        if index == self._num_hubs or hubs[index] != node:
            raise _Broken(_BROKEN)
        return index

    def _head(self, edge: int) -> int:
        return int(self._skeleton.hub[self._directed.head[edge]])

    def _tail(self, edge: int) -> int:
        return int(self._skeleton.hub[self._directed.tail[edge]])

    def _join_all(self, path: Turn) -> Turn:
        joined: Turn = path[:1]
        for before, after in pairwise(path):
            joined += self._join(before, after)[1:]
        return joined

    def _join(self, before: int, after: int) -> Turn:
        """Return the turn with the connectors of a barrier that stands there."""
        if after == before ^ 1:
            return before, after
        return before, *self._connectors(before, after), after

    def _connectors(self, before: int, after: int) -> Iterator[int]:
        side = int(self._directed.head[before])
        if side >= self._num_hubs:
            yield 2 * (self._num_roads + side - self._num_hubs)
        side = int(self._directed.tail[after])
        if side >= self._num_hubs:
            yield 2 * (self._num_roads + side - self._num_hubs) + 1
