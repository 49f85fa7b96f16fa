"""
Expansion of a junction graph by turns, only where one is forbidden.

The forbidden sequences of directed edges are recognised by an automaton (after Aho and Corasick,
"Efficient string matching", 1975): its states are the proper beginnings of forbidden sequences.
Each state becomes one extra node, at the junction where its last edge ends. From a state, an edge
leads to the longest ending of what was driven that is itself a state, or to the plain junction
where none is. An arc that completes a forbidden sequence is left out; when the ban does not hold
for everyone at every hour, the arc stays and carries the ban.

U-turns. At a state, an arc straight back over the edge just driven is marked, and open only where
no other way leads on (a dead end). At plain junctions, where nothing is forbidden, the graph does
not know which edge was driven; turning back there only ever lengthens a way, except right behind
a junction with a restriction, where it would be a way around it: hence the far end of each edge
that leaves such a junction has a state, too. One junction further on, turning back is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from maps.roads.restrictions import Ban, Directed, Turn


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """Nodes and arcs; see `maps.roads.network.RoadNetwork` for the fields of the same names."""

    node_junction: NDArray[np.int32]
    arc_tail: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_directed: NDArray[np.int64]
    arc_ban: NDArray[np.int32]
    arc_u_turn: NDArray[np.bool_]
    bans: tuple[tuple[Ban, ...], ...]


def expand(
    forbidden: Mapping[Turn, tuple[Ban, ...]], directed: Directed, num_junctions: int
) -> Expansion:
    """Build the turn-expanded graph of all usable directed edges."""
    automaton = _Automaton(forbidden, directed, num_junctions)
    base = np.flatnonzero(directed.usable)
    head = directed.head.copy()
    for turn, node in automaton.states.items():
        if len(turn) == 1:
            head[turn[0]] = node
    arcs = _Arcs()
    for turn, node in automaton.states.items():
        automaton.leave(turn, node, arcs)
    states = [int(directed.head[turn[-1]]) for turn in automaton.states]
    junctions = np.arange(num_junctions, dtype=np.int32)
    quiet = np.zeros(base.size, dtype=np.int32)
    return Expansion(
        node_junction=np.concatenate([junctions, np.array(states, dtype=np.int32)]),
        arc_tail=np.concatenate([directed.tail[base], np.array(arcs.tail, dtype=np.int32)]),
        arc_head=np.concatenate([head[base], np.array(arcs.head, dtype=np.int32)]),
        arc_directed=np.concatenate([base, np.array(arcs.directed, dtype=np.int64)]),
        arc_ban=np.concatenate([quiet, np.array(arcs.ban, dtype=np.int32)]),
        arc_u_turn=np.concatenate([quiet.astype(np.bool_), np.array(arcs.u_turn, dtype=np.bool_)]),
        bans=tuple(automaton.bans),
    )


@dataclass(slots=True)
class _Arcs:
    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    directed: list[int] = field(default_factory=list)
    ban: list[int] = field(default_factory=list)
    u_turn: list[bool] = field(default_factory=list)


class _Automaton:
    """States by the sequence of edges that they stand for; ``bans[0]`` is none."""

    def __init__(
        self, forbidden: Mapping[Turn, tuple[Ban, ...]], directed: Directed, num_junctions: int
    ) -> None:
        self._forbidden = {
            turn: bans for turn, bans in forbidden.items() if _drivable(turn, directed)
        }
        self._directed = directed
        self.bans: dict[tuple[Ban, ...], int] = {(): 0}
        beginnings = {turn[:size] for turn in self._forbidden for size in range(1, len(turn))}
        for turn in self._forbidden:
            for step in turn[1:]:
                beginnings |= {(edge,) for edge in directed.out(int(directed.tail[step]))}
        self.states = {turn: num_junctions + k for k, turn in enumerate(sorted(beginnings))}

    def leave(self, turn: Turn, node: int, arcs: _Arcs) -> None:
        """Add the arcs that leave a state."""
        junction = int(self._directed.head[turn[-1]])
        for edge in self._directed.out(junction):
            driven = (*turn, edge)
            bans = tuple(dict.fromkeys(self._completed(driven)))
            if any(ban.is_absolute for ban in bans):
                continue
            arcs.tail.append(node)
            arcs.head.append(self._next(driven))
            arcs.directed.append(edge)
            arcs.ban.append(self.bans.setdefault(bans, len(self.bans)))
            arcs.u_turn.append(edge == turn[-1] ^ 1)

    def _completed(self, driven: Turn) -> Iterator[Ban]:
        for start in range(len(driven) - 1):
            yield from self._forbidden.get(driven[start:], ())

    def _next(self, driven: Turn) -> int:
        for start in range(len(driven)):
            state = self.states.get(driven[start:])
            if state is not None:
                return state
        return int(self._directed.head[driven[-1]])


def _drivable(turn: Turn, directed: Directed) -> bool:
    """Tell whether the edges are usable and follow each other: other sequences never happen."""
    return all(directed.usable[edge] for edge in turn) and all(
        directed.head[before] == directed.tail[after] for before, after in pairwise(turn)
    )
