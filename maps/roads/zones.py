"""Zones and closures: where a profile may not drive in given hours, or only slowly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.roads import congestion
from maps.roads.classes import BARRIER
from maps.roads.congestion import Congestion
from maps.roads.hours import ALWAYS, Hours
from maps.roads.profiles import Profile

if TYPE_CHECKING:
    from maps.roads.network import RoadNetwork

Action = Literal["forbid", "slow"]

NEAR_M = 15.0
"""A road belongs to a line drawn along it when at least half of it is this near, in metres."""

_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Zone:
    """
    An area in which a rule holds.

    A road is in the zone when its line, from one junction to the next, meets the interior of the
    area: a road that only touches the border, or runs along it, is outside.

    Attributes
    ----------
    area
        Polygon or multipolygon, WGS84 lon, lat.
    profiles
        For whom; empty: for all.
    hours
        When; a whole hour is affected as soon as any part of it is.
    action, factor
        ``forbid``, or ``slow``: speeds are multiplied by ``factor``.
    """

    area: BaseGeometry
    name: str = ""
    profiles: frozenset[str] = frozenset()
    hours: Hours = ALWAYS
    action: Action = "forbid"
    factor: float = 0.0

    @property
    def speed_factor(self) -> float:
        """What speeds are multiplied by: 0 closes."""
        return 0.0 if self.action == "forbid" else self.factor


@dataclass(frozen=True, slots=True)
class Closure:
    """
    Closed roads: all edges of some OSM ways, or those along a line (lon, lat), or both.

    The edges of a line are those with at least half of their length within `NEAR_M` of it; where
    there is none, the one nearest to the middle of the line, however short the line is.
    """

    ways: frozenset[int] = frozenset()
    line: tuple[tuple[float, float], ...] = ()
    name: str = ""
    profiles: frozenset[str] = frozenset()
    hours: Hours = ALWAYS


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    What bears on roads beside the map itself; without arguments: a usual week, all open.

    ``ban_hours`` has, by profile, hours of the week whose bans count at every hour: one hour's
    travel times can then stand for a whole shift without leading against a ban in any of it.
    """

    zones: tuple[Zone, ...] = ()
    closures: tuple[Closure, ...] = ()
    congestion: Congestion = field(default=congestion.DEFAULT)
    ban_hours: tuple[tuple[str, frozenset[int]], ...] = ()

    def hours_to_keep(self, profile: str) -> frozenset[int]:
        """Return the hours whose bans count at every hour, for a profile."""
        return frozenset[int]().union(*(hours for name, hours in self.ban_hours if name == profile))

    def digest(self) -> str:
        """Return a text that changes with any of it."""
        words = [self.congestion.digest()]
        for zone in self.zones:
            rule = (zone.speed_factor, sorted(zone.profiles), zone.hours)
            words.append(f"{shapely.to_wkb(zone.area, hex=True)} {rule}")
        for closure in self.closures:
            ways = sorted(closure.ways)
            words.append(f"{ways} {closure.line} {sorted(closure.profiles)} {closure.hours}")
        words += [f"{name} {sorted(hours)}" for name, hours in sorted(self.ban_hours, key=str)]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


FREE = Conditions(congestion=congestion.free_flow())
"""No zone, no closure, no congestion."""


def edge_factors(
    network: RoadNetwork, profile: Profile, hour: int, conditions: Conditions
) -> NDArray[np.float64]:
    """Return ``(e,)`` factors on speed from zones and closures; 0 closes; they multiply."""
    factors = np.ones(network.edge_way.size)
    for zone in conditions.zones:
        if _concerns(zone, profile, hour):
            factors[_inside(network, zone.area)] *= zone.speed_factor
    for closure in conditions.closures:
        if _concerns(closure, profile, hour):
            factors[_closed(network, closure)] = 0.0
    return factors


def _concerns(rule: Zone | Closure, profile: Profile, hour: int) -> bool:
    return rule.hours.touches(hour) and (not rule.profiles or profile.name in rule.profiles)


class _Lines:
    """The lines of a network's roads, indexed; and what was found in them before."""

    def __init__(self, network: RoadNetwork) -> None:
        self.edges = np.flatnonzero(network.edge_class != BARRIER)
        counts = np.diff(network.line_start)
        is_road = np.repeat(network.edge_class != BARRIER, counts)
        owner = np.repeat(np.arange(self.edges.size), counts[self.edges])
        self.lines = shapely.linestrings(network.line_lonlat[is_road], indices=owner)
        self.tree = shapely.STRtree(self.lines)
        self.found: dict[BaseGeometry | Closure, NDArray[np.int64]] = {}


_lines_of: WeakKeyDictionary[RoadNetwork, _Lines] = WeakKeyDictionary()


def _lines(network: RoadNetwork) -> _Lines:
    lines = _lines_of.get(network)
    if lines is None:
        lines = _lines_of[network] = _Lines(network)
    return lines


def _inside(network: RoadNetwork, area: BaseGeometry) -> NDArray[np.int64]:
    """Return the edges whose line meets the interior of the area."""
    lines = _lines(network)
    if area not in lines.found:
        near = np.sort(lines.tree.query(area, predicate="intersects"))
        # DE-9IM: the interiors of both meet; a line along the border meets the border only.
        shapely.prepare(area)
        inside = shapely.relate_pattern(lines.lines[near], area, "T********")
        lines.found[area] = lines.edges[near[inside]]
    return lines.found[area]


def _closed(network: RoadNetwork, closure: Closure) -> NDArray[np.int64]:
    lines = _lines(network)
    if closure not in lines.found:
        of_ways = np.flatnonzero(np.isin(network.edge_way, sorted(closure.ways)))
        along = _along(lines, closure.line) if closure.line else of_ways[:0]
        lines.found[closure] = np.union1d(of_ways, along)
    return lines.found[closure]


def _along(lines: _Lines, line: tuple[tuple[float, float], ...]) -> NDArray[np.int64]:
    """Return the edges that run along a drawn line."""
    scale = np.array([np.cos(np.radians(line[0][1])), 1.0]) * _METRES_PER_DEGREE
    degrees = NEAR_M / scale.min()
    drawn = shapely.LineString(line) if len(line) > 1 else shapely.Point(line[0])
    near = np.sort(lines.tree.query(drawn, predicate="dwithin", distance=degrees))
    metric = shapely.transform(lines.lines[near], lambda lonlat: lonlat * scale)
    corridor = shapely.transform(drawn, lambda lonlat: lonlat * scale).buffer(NEAR_M)
    length = shapely.length(metric)
    share = shapely.length(shapely.intersection(metric, corridor)) / np.where(length > 0, length, 1)
    found = near[share >= 0.5]
    if not found.size:
        middle = drawn.interpolate(0.5, normalized=True) if len(line) > 1 else drawn
        found = np.atleast_1d(lines.tree.nearest(middle))
    edges: NDArray[np.int64] = lines.edges[found]
    return edges
