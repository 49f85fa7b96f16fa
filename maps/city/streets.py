"""Roads become a network: nodes where they meet, edges between, and streets that carry a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from maps.city.names import Name, StreetNames
from maps.city.roads import Piece, Road, pieces_of, with_bridges
from maps.city.shapes import FloatArray, stretch

RANK = {
    "motorway": 7,
    "motorway_link": 6,
    "trunk": 5,
    "primary": 4,
    "secondary": 3,
    "tertiary": 2,
    "unclassified": 1,
    "residential": 1,
    "living_street": 1,
    "pedestrian": 0,
    "service": 0,
}

_SHORT_M = 14.0
_STRAIGHT = np.cos(np.radians(28.0))


@dataclass(slots=True, eq=False)
class Edge:
    """A piece of street between two nodes, in the direction of its street."""

    tail: int
    head: int
    line: FloatArray
    road: int
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def length_m(self) -> float:
        """Along the line."""
        return float(np.hypot(*np.diff(self.line, axis=0).T).sum())

    def flip(self) -> None:
        """Turn the direction round."""
        self.tail, self.head, self.line = self.head, self.tail, self.line[::-1]


@dataclass(slots=True, eq=False)
class Street:
    """Edges in order that carry one name and class; one-way streets run in that order."""

    kind: str
    name: Name | None
    edges: list[int]
    oneway: bool = False
    fixed: bool = False
    roundabout: bool = False


@dataclass(slots=True, eq=False)
class StreetMap:
    """The whole network; ``nodes`` is ``(n, 2)`` metres."""

    nodes: FloatArray
    edges: list[Edge]
    streets: list[Street] = field(default_factory=list)

    def arms(self) -> dict[int, list[int]]:
        """Return the edges that meet at each node."""
        arms: dict[int, list[int]] = defaultdict(list)
        for number, edge in enumerate(self.edges):
            arms[edge.tail].append(number)
            arms[edge.head].append(number)
        return arms

    def street_of(self) -> dict[int, Street]:
        """Return the street that each edge belongs to."""
        return {number: street for street in self.streets for number in street.edges}

    def leaving(self, node: int, number: int) -> FloatArray:
        """Return the direction, as a unit vector, in which an edge leaves one of its nodes."""
        edge = self.edges[number]
        line = edge.line if edge.tail == node else edge.line[::-1]
        far = line[np.argmax(np.hypot(*(line - line[0]).T) > 12.0)] if len(line) > 2 else line[-1]
        way = far - line[0] if np.any(far != line[0]) else line[-1] - line[0]
        return np.asarray(way / max(float(np.hypot(*way)), 1e-9), dtype=np.float64)


def connect(
    roads: Sequence[Road], *, water: BaseGeometry, border: BaseGeometry, namer: StreetNames
) -> StreetMap:
    """Return the network of these roads, with bridges over water and over other roads."""
    ground = _without_short(pieces_of(roads, 0), roads)
    # What was drawn together may have come to lie across a neighbour.
    again = pieces_of([replace(roads[piece.road], line=piece.line) for piece in ground], 0)
    pieces = [Piece(piece.line, ground[piece.road].road) for piece in again]
    pieces += pieces_of(roads, 1)
    pieces = _without_stubs(pieces, roads, border)
    below = [piece.line for piece in pieces if roads[piece.road].level == 0]
    pieces = list(with_bridges(pieces, roads, water=water, ground=below))
    network = _numbered(pieces)
    network.streets = _streets(network, roads, namer)
    return network


def split(network: StreetMap, number: int, *, share: float) -> int:
    """Put a node on an edge, at a share of its length; return the node."""
    edge = network.edges[number]
    line = shapely.LineString(edge.line)
    middle = np.asarray(line.interpolate(share, normalized=True).coords[0])
    first, second = (
        stretch(line, 0.0, share * line.length),
        stretch(line, share * line.length, line.length),
    )
    node, new = len(network.nodes), len(network.edges)
    network.nodes = np.vstack([network.nodes, middle])
    network.edges.append(
        Edge(node, edge.head, np.asarray(second.coords), edge.road, dict(edge.tags))
    )
    edge.head, edge.line = node, np.asarray(first.coords)
    for street in network.streets:
        if number in street.edges:
            street.edges.insert(street.edges.index(number) + 1, new)
    return node


def _ends(piece: Piece) -> tuple[tuple[float, float], tuple[float, float]]:
    return piece.line.coords[0], piece.line.coords[-1]  # type: ignore[return-value]


def _without_short(pieces: list[Piece], roads: Sequence[Road]) -> list[Piece]:
    """Draw the two ends of very short pieces together: crossings that almost coincide."""
    moved: dict[tuple[float, float], tuple[float, float]] = {}

    def home(point: tuple[float, float]) -> tuple[float, float]:
        while point in moved:
            point = moved[point]
        return point

    kept = []
    for piece in pieces:
        road = roads[piece.road]
        special = road.roundabout or road.oneway
        if special or piece.line.length > _SHORT_M:
            kept.append(piece)
            continue
        first, last = (home(point) for point in _ends(piece))
        if first != last:
            moved[last] = first
    result = []
    for piece in kept:
        first, last = _ends(piece)
        coords = [home(first), *piece.line.coords[1:-1], home(last)]
        if coords[0] != coords[-1] or len(coords) > 3:
            result.append(Piece(shapely.LineString(coords), piece.road))
    return result


def _without_stubs(pieces: list[Piece], roads: Sequence[Road], border: BaseGeometry) -> list[Piece]:
    """Drop short ends that lead nowhere, again and again; service roads may end anywhere."""
    shapely.prepare(border)
    while True:
        degree: dict[tuple[float, float], int] = defaultdict(int)
        for piece in pieces:
            for end in _ends(piece):
                degree[end] += 1
        keep = [
            piece
            for piece in pieces
            if roads[piece.road].kind == "service"
            or piece.line.length > 60.0
            or all(
                degree[end] > 1 or border.distance(shapely.Point(end)) < 1.0 for end in _ends(piece)
            )
        ]
        if len(keep) == len(pieces):
            return keep
        pieces = keep


def _numbered(pieces: Sequence[Piece]) -> StreetMap:
    number: dict[tuple[float, float], int] = {}
    edges = []
    for piece in pieces:
        tail, head = (number.setdefault(end, len(number)) for end in _ends(piece))
        edge = Edge(tail, head, np.asarray(piece.line.coords), piece.road)
        if piece.bridge:
            edge.tags |= {"bridge": "yes", "layer": "1"}
        edges.append(edge)
    return StreetMap(np.array(list(number)), edges)


def _streets(network: StreetMap, roads: Sequence[Road], namer: StreetNames) -> list[Street]:
    """Join pieces that run straight on into streets; the longest get their names first."""
    group = _joined(network, roads)
    members: dict[int, list[int]] = defaultdict(list)
    for number, edge in enumerate(network.edges):
        members[group[edge.road]].append(number)
    streets = []
    for root, numbers in members.items():
        road = roads[root]
        for chain in _chains(network, numbers):
            street = Street(road.kind, road.name, [number for number, _ in chain])
            street.oneway = street.fixed = road.oneway
            street.roundabout = road.roundabout
            if road.oneway and not chain[0][1]:
                street.edges.reverse()
            elif not road.oneway:
                for number, forward in chain:
                    if not forward:
                        network.edges[number].flip()
            streets.append(street)
    unnamed = [
        s for s in streets if s.name is None and not s.roundabout and RANK[s.kind] in (1, 2, 3)
    ]
    for street in sorted(unnamed, key=lambda street: -_length(network, street)):
        street.name = namer.next(_style(street, _length(network, street)))
    return streets


def _style(street: Street, length_m: float) -> str:
    if street.kind == "unclassified":
        return "works"
    if RANK[street.kind] > 1:
        return "main"
    return "street" if length_m > 330.0 else "lane"


def _length(network: StreetMap, street: Street) -> float:
    return sum(network.edges[number].length_m for number in street.edges)


def _joined(network: StreetMap, roads: Sequence[Road]) -> list[int]:
    """Return, for each road, the first road of the street that it belongs to."""
    parent = list(range(len(roads)))

    def root(road: int) -> int:
        while parent[road] != road:
            road = parent[road]
        return road

    for node, numbers in network.arms().items():
        ends = [n for n in numbers if _ends_here(network, roads, numbers, n)]
        for first, second in _straight_pairs(network, node, ends):
            one, other = (network.edges[number].road for number in (first, second))
            if roads[one].kind == roads[other].kind and root(one) != root(other):
                parent[max(root(one), root(other))] = min(root(one), root(other))
    return [root(road) for road in range(len(roads))]


def _ends_here(
    network: StreetMap, roads: Sequence[Road], numbers: Sequence[int], number: int
) -> bool:
    road = network.edges[number].road
    alone = sum(network.edges[other].road == road for other in numbers) == 1
    return alone and roads[road].name is None and not roads[road].oneway


def _straight_pairs(
    network: StreetMap, node: int, numbers: Sequence[int]
) -> Iterable[tuple[int, int]]:
    ways = {number: network.leaving(node, number) for number in numbers}
    pairs = [
        (float(ways[a] @ ways[b]), a, b)
        for k, a in enumerate(numbers)
        for b in numbers[k + 1 :]
        if ways[a] @ ways[b] < -_STRAIGHT
    ]
    taken: set[int] = set()
    for _, a, b in sorted(pairs):
        if a not in taken and b not in taken:
            taken |= {a, b}
            yield a, b


def _chains(network: StreetMap, numbers: Sequence[int]) -> list[list[tuple[int, bool]]]:
    """Return the edges in walking order, each with whether it is walked in its own direction."""
    at: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        at[network.edges[number].tail].append(number)
        at[network.edges[number].head].append(number)
    left = dict.fromkeys(numbers)
    starts = [node for node, meeting in at.items() if len(meeting) == 1]
    chains: list[list[tuple[int, bool]]] = []
    for node in [*starts, *at]:
        chain: list[tuple[int, bool]] = []
        here = node
        while onward := [number for number in at[here] if number in left]:
            edge = network.edges[onward[0]]
            del left[onward[0]]
            chain.append((onward[0], edge.tail == here))
            here = edge.head if edge.tail == here else edge.tail
        if chain:
            chains.append(chain)
    return chains


def strong_part(network: StreetMap, closed: Iterable[int] = ()) -> set[int]:
    """Return the nodes of the largest part in which every node reaches every other by car."""
    shut = set(closed)
    pairs = []
    for street in network.streets:
        for number in street.edges:
            edge = network.edges[number]
            if number in shut or street.kind == "pedestrian":
                continue
            pairs.append((edge.tail, edge.head))
            if not street.oneway:
                pairs.append((edge.head, edge.tail))
    tails, heads = np.array(pairs).T
    count = len(network.nodes)
    graph = coo_array((np.ones(len(tails)), (tails, heads)), shape=(count, count))
    _, part = connected_components(graph, directed=True, connection="strong")
    used = np.unique(np.concatenate([tails, heads]))
    largest = np.bincount(part[used]).argmax()
    return {int(node) for node in used if part[node] == largest}
