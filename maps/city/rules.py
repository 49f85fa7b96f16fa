"""What traffic may do: one-way streets, limits, banned turns, signals, barriers, the truck ban."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point

from maps.city import bans
from maps.city.arterials import Arterials
from maps.city.quarters import Layout
from maps.city.shapes import FloatArray
from maps.city.streets import RANK, Street, StreetMap, split, strong_part
from maps.city.terrain import Terrain

TRUCK_BAN = "no @ (Mo-Sa 07:00-20:00)"

_CLASS_TAGS = {
    "motorway": {"maxspeed": "100", "lanes": "3", "ref": "S01"},
    "motorway_link": {"maxspeed": "50", "lanes": "1"},
    "trunk": {"maxspeed": "70", "lanes": "6"},
    "primary": {"maxspeed": "60", "lanes": "4"},
    "secondary": {"maxspeed": "50", "lanes": "4"},
    "tertiary": {"maxspeed": "40", "lanes": "2"},
}
_NUM_PAIRS = 7
_NUM_BARRIERS = 24


@dataclass(slots=True)
class Rules:
    """Tags of nodes by number, banned turns, and the two nodes between which a ferry goes."""

    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    bans: list[bans.Ban] = field(default_factory=list)
    ferry: tuple[int, int] | None = None


def rule(
    rng: np.random.Generator,
    network: StreetMap,
    *,
    terrain: Terrain,
    arterials: Arterials,
    layout: Layout,
) -> Rules:
    """Lay the rules over a network; it stays drivable from everywhere to everywhere."""
    rules = Rules()
    uses = _uses(network, layout)
    _calm(rng, network, uses)
    _set_one_ways(rng, network, uses, scale=terrain.scale)
    _put_barriers(rng, network, rules, uses)
    _set_limits(rng, network, terrain=terrain, arterials=arterials)
    _put_signals(network, rules)
    signals = [node for node, tags in rules.node_tags.items() if "highway" in tags]
    rules.bans = list(bans.turns(rng, network, signals))
    rules.ferry = _ferry(network, terrain)
    return rules


def _uses(network: StreetMap, layout: Layout) -> list[str]:
    """Return the use of the quarter that each edge lies in; empty between quarters."""
    middles = _middles(network)
    quarters = [shapely.Polygon(quarter.outline).buffer(-3.0) for quarter in layout.quarters]
    found = shapely.STRtree(quarters).query(shapely.points(middles), predicate="within")
    uses = [""] * len(network.edges)
    for edge, quarter in found.T:
        uses[edge] = layout.quarters[quarter].use
    return uses


def _middles(network: StreetMap) -> FloatArray:
    lines = [LineString(edge.line) for edge in network.edges]
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))


def _calm(rng: np.random.Generator, network: StreetMap, uses: Sequence[str]) -> None:
    """Make living streets, and one street for walkers, in the old town."""
    lanes = [s for s in network.streets if s.kind == "residential" and uses[s.edges[0]] == "old"]
    for street in lanes:
        if _length(network, street) < 220.0 and rng.random() < 0.16:
            street.kind = "living_street"
    lanes.sort(key=lambda s: float(np.hypot(*network.edges[s.edges[0]].line.mean(axis=0))))
    for street in lanes:
        if 240.0 < _length(network, street) < 600.0:
            street.kind = "pedestrian"
            if len(strong_part(network)) == len(network.nodes):
                return
            street.kind = "residential"


def _length(network: StreetMap, street: Street) -> float:
    return sum(network.edges[number].length_m for number in street.edges)


def _set_one_ways(
    rng: np.random.Generator, network: StreetMap, uses: Sequence[str], *, scale: float
) -> None:
    for first, second in _parallel_pairs(network, within=2350.0 * scale):
        first.oneway = second.oneway = True
        if _way(network, first) @ _way(network, second) > 0:
            _turn_round(network, second)
    share = {"old": 0.30, "centre": 0.12, "housing": 0.03}
    for street in network.streets:
        if street.kind != "residential" or street.oneway or _length(network, street) < 150.0:
            continue
        if rng.random() < share.get(uses[street.edges[0]], 0.0):
            street.oneway = True
            if rng.random() < 0.5:
                _turn_round(network, street)
    _reopen(network)


def _turn_round(network: StreetMap, street: Street) -> None:
    street.edges.reverse()
    for number in street.edges:
        network.edges[number].flip()


def _reopen(network: StreetMap) -> None:
    """Give back both directions to one-way streets that cut something off."""
    while True:
        reached = strong_part(network)
        again = [
            street
            for street in network.streets
            if street.oneway
            and not street.fixed
            and any(
                not {network.edges[n].tail, network.edges[n].head} <= reached for n in street.edges
            )
        ]
        if not again:
            return
        for street in again:
            street.oneway = False


def _way(network: StreetMap, street: Street) -> FloatArray:
    way = network.edges[street.edges[-1]].line[-1] - network.edges[street.edges[0]].line[0]
    return np.asarray(way, dtype=np.float64)


def _parallel_pairs(network: StreetMap, *, within: float) -> Iterator[tuple[Street, Street]]:
    """Yield streets of the centre that run side by side, a block or two apart."""
    found = []
    for street in network.streets:
        way, length = _way(network, street), _length(network, street)
        middle = network.edges[street.edges[0]].line[0] + way / 2
        straight = float(np.hypot(*way)) > 0.93 * length
        central = np.hypot(*middle) < within and length > 400.0
        if street.kind in {"tertiary", "residential"} and central and straight:
            found.append((street, way / np.hypot(*way), middle))
    taken: list[Street] = []
    for k, (street, way, middle) in enumerate(found):
        for other, other_way, other_middle in found[k + 1 :]:
            gap = other_middle - middle
            beside = 70.0 < abs(way[0] * gap[1] - way[1] * gap[0]) < 230.0
            level = abs(way @ gap) < 160.0 and abs(way @ other_way) > 0.975
            if beside and level and street not in taken and other not in taken:
                taken += [street, other]
                yield street, other
                break
        if len(taken) >= 2 * _NUM_PAIRS:
            return


def _put_barriers(
    rng: np.random.Generator, network: StreetMap, rules: Rules, uses: Sequence[str]
) -> None:
    street_of = network.street_of()
    spots = [
        number
        for number, edge in enumerate(network.edges)
        if uses[number] in {"old", "housing"}
        and edge.length_m > 90.0
        and street_of[number].kind == "residential"
        and not street_of[number].oneway
    ]
    chosen = [spots[k] for k in rng.permutation(len(spots))[:_NUM_BARRIERS]]
    reached = strong_part(network, closed=chosen)
    for number in chosen:
        if not {network.edges[number].tail, network.edges[number].head} <= reached:
            continue
        kind = {"barrier": "bollard"}
        if uses[number] == "housing":
            kind = {"barrier": "gate", "access": "private"}
        rules.node_tags[split(network, number, share=0.5)] = kind
    arms = network.arms()
    for street in network.streets:
        if street.kind == "service" and network.edges[street.edges[0]].length_m > 40.0:
            rules.node_tags[_gate(network, street, arms)] = {
                "barrier": "lift_gate",
                "access": "destination",
            }


def _gate(network: StreetMap, street: Street, arms: dict[int, list[int]]) -> int:
    number = street.edges[0]
    edge = network.edges[number]
    at_tail = len(arms[edge.tail]) > 1
    near = 14.0 / edge.length_m
    return split(network, number, share=near if at_tail else 1.0 - near)


def _set_limits(
    rng: np.random.Generator, network: StreetMap, *, terrain: Terrain, arterials: Arterials
) -> None:
    street_of = network.street_of()
    middles = shapely.points(_middles(network))
    banned: NDArray[np.bool_] = np.atleast_1d(arterials.inner.buffer(-25.0).contains(middles))
    slow = _slow_quarters(rng, network)
    lines = np.array([LineString(edge.line) for edge in network.edges])
    rails = np.atleast_1d(shapely.crosses(lines, terrain.railway))
    for number, edge in enumerate(network.edges):
        street = street_of[number]
        edge.tags |= _CLASS_TAGS.get(street.kind, {})
        if street.kind == "residential" and slow[number]:
            edge.tags["maxspeed"] = "30"
        if banned[number]:
            edge.tags["hgv:conditional"] = TRUCK_BAN
        if rails[number] and RANK[street.kind] <= 2 and rng.random() < 0.5:
            edge.tags["maxheight"] = str(rng.choice(["3.2", "3.5", "3.8"]))
    _limit_weights(rng, network)


def _slow_quarters(rng: np.random.Generator, network: StreetMap) -> list[bool]:
    """Return which edges lie in a 30 km/h zone: discs over the city, the old town among them."""
    middles = _middles(network)
    reach = float(np.abs(middles).max())
    spots = np.vstack([[0.0, 0.0], rng.uniform(-0.7 * reach, 0.7 * reach, (9, 2))])
    radii = np.array([0.17 * reach, *rng.uniform(0.07 * reach, 0.12 * reach, 9)])
    gaps = np.hypot(*(middles[:, None] - spots[None]).transpose(2, 0, 1))
    return [bool(inside) for inside in (gaps < radii).any(axis=1)]


def _limit_weights(rng: np.random.Generator, network: StreetMap) -> None:
    """Limit one old bridge over the river, and a few lanes."""
    bridges = [
        street
        for street in network.streets
        if street.kind == "secondary"
        and any("bridge" in network.edges[n].tags for n in street.edges)
    ]
    for street in bridges[:1]:
        for number in street.edges:
            if "bridge" in network.edges[number].tags:
                network.edges[number].tags["maxweight"] = "10"
    lanes = [street for street in network.streets if street.kind == "living_street"]
    for index in rng.permutation(len(lanes))[:6]:
        for number in lanes[index].edges:
            network.edges[number].tags["maxweight"] = "3.5"


def _put_signals(network: StreetMap, rules: Rules) -> None:
    street_of = network.street_of()
    for node, arms in network.arms().items():
        streets = [street_of[number] for number in arms]
        ranks = sorted((RANK[street.kind] for street in streets), reverse=True)
        if len(ranks) < 3 or any(s.kind == "motorway" or s.roundabout for s in streets):
            continue
        if ranks[2] >= 2 and ranks[0] >= 3:
            rules.node_tags[node] = {"highway": "traffic_signals"}


def _ferry(network: StreetMap, terrain: Terrain) -> tuple[int, int] | None:
    """Return a junction on either bank, near each other and far from the bridges."""
    street_of = network.street_of()
    banks = []
    for bank in terrain.banks:
        nodes = {
            node
            for number, edge in enumerate(network.edges)
            if street_of[number].kind == "secondary"
            for node in (edge.tail, edge.head)
            if bank.distance(Point(network.nodes[node])) < 2.0
        }
        banks.append(sorted(nodes))
    east = 0.82 * terrain.half_m
    pairs = [
        (float(np.hypot(*(network.nodes[a] - network.nodes[b]))), a, b)
        for a in banks[0]
        for b in banks[1]
        if network.nodes[a][0] > east and network.nodes[b][0] > east
    ]
    return min(pairs)[1:] if pairs else None
