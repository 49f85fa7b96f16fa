"""Look at a road network for what is probably wrong in the map, draw it, and repair it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import networkx as nx

from maps.roads import measures

Graph = nx.MultiDiGraph
EdgeKey = tuple[int, int, int]

# Usual km/h by class where a network has too few edges of it to tell: as driven on free roads,
# rounded from the class speeds of OSRM's car profile (read 2026-01).
_USUAL_KMH = {
    "motorway": 90.0,
    "trunk": 80.0,
    "primary": 60.0,
    "secondary": 50.0,
    "tertiary": 40.0,
    "unclassified": 30.0,
    "residential": 28.0,
    "living_street": 10.0,
    "service": 15.0,
}
_ENOUGH_EDGES = 12
_OFF_FACTOR = 2.2
_MIN_SPEED_EDGE_M = 200.0
"""On shorter edges what a signal or a bend costs hides the speed, unless a limit is tagged."""

_NO_ROAD = frozenset({"barrier", "ferry"})
_EXAMPLES = 5

_COLOURS = {"road": "#9aa5b1", "island": "#d62728", "odd": "#ff7f0e", "end": "#1f77b4"}


@dataclass(frozen=True, slots=True)
class Island:
    """
    Nodes that traffic of the main network does not reach, or does not get back from.

    ``kind`` is ``cut_off`` (no road leads there), ``no_way_in``, ``no_way_out``; ``at`` is the
    lon, lat of one of its nodes.
    """

    kind: str
    nodes: frozenset[int]
    length_m: float
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class OddSpeed:
    """An edge much faster or slower, in km/h, than others of its class and than its neighbours."""

    edge: EdgeKey
    osmid: str
    highway: str
    kmh: float
    usual_kmh: float
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Findings:
    """
    What looks wrong, the greatest first.

    Attributes
    ----------
    num_nodes, num_edges
        Of the whole graph; nodes that no edge touches are not counted.
    dead_ends
        Nodes with one neighbour. Most are real: many at one place point to a missing road.
    empty_edges
        Edges of no length that are no barrier: doubled nodes.
    """

    num_nodes: int
    num_edges: int
    islands: tuple[Island, ...]
    dead_ends: tuple[int, ...]
    odd_speeds: tuple[OddSpeed, ...]
    empty_edges: tuple[EdgeKey, ...]

    def summary(self) -> str:
        """Return the findings in a few lines for people."""
        stranded = sum(len(island.nodes) for island in self.islands)
        lines = [
            f"{_count(self.num_nodes, 'junction')}, {_count(self.num_edges, 'directed edge')}",
            f"{_count(len(self.islands), 'island')} with {_count(stranded, 'junction')}",
            *(f"  {_told(island)}" for island in self.islands[:_EXAMPLES]),
            _count(len(self.dead_ends), "dead end"),
            f"{_count(len(self.odd_speeds), 'edge')} with an odd speed",
            *(f"  {_told_speed(odd)}" for odd in _one_of_each_way(self.odd_speeds)[:_EXAMPLES]),
            f"{_count(len(self.empty_edges), 'edge')} without length",
        ]
        return "\n".join(lines)


def inspect(graph: Graph[int]) -> Findings:
    """
    Look for islands, dead ends, odd speeds and empty edges.

    Parameters
    ----------
    graph
        As `RoadNetwork.to_networkx` or OSMnx gives it: nodes with ``x``, ``y``; edges with
        ``length`` (m), ``highway``, and ``speed_kph`` or OSM's ``maxspeed``.
    """
    touched = [node for node, degree in graph.degree() if degree]
    return Findings(
        num_nodes=len(touched),
        num_edges=graph.number_of_edges(),
        islands=tuple(sorted(_islands(graph), key=lambda island: -island.length_m)),
        dead_ends=tuple(node for node in touched if len(_neighbours(graph, node)) == 1),
        odd_speeds=tuple(sorted(_odd_speeds(graph), key=lambda odd: -_off(odd.kmh, odd.usual_kmh))),
        empty_edges=tuple(
            (tail, head, key)
            for tail, head, key, data in graph.edges(keys=True, data=True)
            if not data.get("length") and _class(data) not in _NO_ROAD
        ),
    )


def repair(graph: Graph[int]) -> Graph[int]:
    """Return a copy of what is left when islands are dropped: every node reaches every other."""
    import osmnx

    largest: Graph[int] = osmnx.truncate.largest_component(graph, strongly=True)
    return largest.copy()


def draw(graph: Graph[int], findings: Findings, path: Path) -> None:
    """
    Draw the network with the findings upon it.

    Parameters
    ----------
    path
        A picture; the suffix decides the kind: ``.png``, ``.svg``, ``.pdf``.
    """
    import osmnx
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 12), facecolor="white", layout="constrained")
    # No window is wanted, so the canvas is made here and pyplot keeps its own back end.
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    colour, width = _edge_looks(graph, findings)
    ends = set(findings.dead_ends)
    osmnx.plot_graph(
        graph,
        ax=axes,
        show=False,
        edge_color=colour,
        edge_linewidth=width,
        node_color=_COLOURS["end"],
        node_size=[9 if node in ends else 0 for node in graph.nodes],
        node_zorder=2,
    )
    _legend(axes, findings)
    figure.savefig(path, dpi=150)


def _edge_looks(graph: Graph[int], findings: Findings) -> tuple[list[str], list[float]]:
    stranded = {node for island in findings.islands for node in island.nodes}
    odd = {speed.edge for speed in findings.odd_speeds}
    colours, widths = [], []
    for tail, head, key in graph.edges(keys=True):
        kind = "road"
        if tail in stranded or head in stranded:
            kind = "island"
        elif (tail, head, key) in odd:
            kind = "odd"
        colours.append(_COLOURS[kind])
        widths.append(0.7 if kind == "road" else 2.4)
    return colours, widths


def _legend(axes: Any, findings: Findings) -> None:
    from matplotlib.lines import Line2D

    entries = (
        ("island", "-", f"islands: {len(findings.islands):,}"),
        ("odd", "-", f"odd speeds: {len(findings.odd_speeds):,}"),
        ("end", "o", f"dead ends: {len(findings.dead_ends):,}"),
    )
    handles = [
        Line2D(
            [],
            [],
            color=_COLOURS[kind],
            linestyle="-" if mark == "-" else "none",
            marker="" if mark == "-" else mark,
            linewidth=2.4,
            label=label,
        )
        for kind, mark, label in entries
    ]
    axes.legend(handles=handles, loc="lower left", framealpha=0.9)


def _islands(graph: Graph[int]) -> Iterator[Island]:
    """Yield the strongly connected parts besides the largest, joined by what ails them."""
    if not graph:
        return
    parts = sorted(
        nx.strongly_connected_components(graph), key=lambda part: (-len(part), min(part))
    )
    main = parts[0]
    any_of_main = next(iter(main))
    reached = nx.descendants(graph, any_of_main) | main
    reaching = nx.ancestors(graph, any_of_main) | main
    rest = graph.subgraph(node for node in graph if node not in main and graph.degree(node))
    for nodes in nx.weakly_connected_components(rest):
        for kind, members in _by_kind(nodes, reached, reaching).items():
            first = min(members)
            yield Island(kind, frozenset(members), _length(graph, members), _at(graph, first))


def _by_kind(nodes: set[int], reached: set[int], reaching: set[int]) -> dict[str, set[int]]:
    kinds: dict[str, set[int]] = defaultdict(set)
    for node in nodes:
        if node in reached:
            kinds["no_way_out"].add(node)
        else:
            kinds["no_way_in" if node in reaching else "cut_off"].add(node)
    return kinds


def _length(graph: Graph[int], nodes: set[int]) -> float:
    """Return the metres of road at these nodes, each road counted once however often driven."""
    once: dict[tuple[int, int], float] = {}
    for tail, head, data in [
        *graph.out_edges(nodes, data=True),
        *graph.in_edges(nodes, data=True),
    ]:
        ends = (min(tail, head), max(tail, head))
        once[ends] = max(once.get(ends, 0.0), float(data.get("length", 0.0)))
    return sum(once.values())


def _odd_speeds(graph: Graph[int]) -> Iterator[OddSpeed]:
    speeds: dict[EdgeKey, float] = {}
    by_class: dict[str, list[float]] = defaultdict(list)
    for tail, head, key, data in graph.edges(keys=True, data=True):
        tagged = _limit_kmh(data)
        if not tagged and float(data.get("length", 0.0)) < _MIN_SPEED_EDGE_M:
            continue
        if speed := tagged or float(data.get("speed_kph") or 0.0):
            speeds[tail, head, key] = speed
            by_class[_class(data)].append(speed)
    usual = {name: _usual(name, found) for name, found in by_class.items()}
    around = _around(graph, speeds)
    for edge, speed in speeds.items():
        data = graph.edges[edge]
        name = _class(data)
        if name in _NO_ROAD or not usual[name] or _off(speed, usual[name]) < _OFF_FACTOR:
            continue
        way = str(data.get("osmid"))
        near = [value for end in edge[:2] for other, value in around[end, name] if other != way]
        # A whole quarter at 20 km/h is a quarter at 20 km/h; one street among others is odd.
        if near and _off(speed, median(near)) < 1.5:
            continue
        yield OddSpeed(edge, way, name, speed, usual[name], _at(graph, edge[0]))


def _around(
    graph: Graph[int], speeds: Mapping[EdgeKey, float]
) -> dict[tuple[int, str], list[tuple[str, float]]]:
    """Return the ways and speeds that meet at each node, by class."""
    around: dict[tuple[int, str], list[tuple[str, float]]] = defaultdict(list)
    for (tail, head, key), speed in speeds.items():
        data = graph.edges[tail, head, key]
        for node in (tail, head):
            around[node, _class(data)].append((str(data.get("osmid")), speed))
    return around


def _usual(name: str, found: Sequence[float]) -> float:
    if len(found) >= _ENOUGH_EDGES:
        return median(found)
    return _USUAL_KMH.get(name.removesuffix("_link"), 0.0)


def _off(speed: float, usual: float) -> float:
    return max(speed / usual, usual / speed)


def _limit_kmh(data: Mapping[str, Any]) -> float | None:
    limit = data.get("maxspeed")
    first = limit[0] if isinstance(limit, list) else limit
    return measures.kmh(str(first)) if first else None


def _class(data: Mapping[str, Any]) -> str:
    highway = data.get("highway", "")
    return str(highway[0] if isinstance(highway, list) else highway)


def _neighbours(graph: Graph[int], node: int) -> set[int]:
    return (set(graph.successors(node)) | set(graph.predecessors(node))) - {node}


def _at(graph: Graph[int], node: int) -> tuple[float, float]:
    data = graph.nodes[node]
    return float(data["x"]), float(data["y"])


def _place(at: tuple[float, float]) -> str:
    return f"{at[0]:.5f}, {at[1]:.5f}"


def _told(island: Island) -> str:
    words = island.kind.replace("_", " ")
    size = f"{_count(len(island.nodes), 'junction')}, {island.length_m:,.0f} m"
    return f"{words}: {size}, near {_place(island.at)}"


def _one_of_each_way(found: Sequence[OddSpeed]) -> list[OddSpeed]:
    return list({odd.osmid: odd for odd in reversed(found)}.values())[::-1]


def _told_speed(odd: OddSpeed) -> str:
    speeds = f"{odd.kmh:.0f} km/h where {odd.usual_kmh:.0f} are usual"
    return f"way {odd.osmid} ({odd.highway}): {speeds}, near {_place(odd.at)}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
