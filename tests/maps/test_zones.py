"""Zones and closures on drawn networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from maps.roads import hours
from maps.roads.network import CLOSED, RoadNetwork
from maps.roads.profiles import PROFILES
from maps.roads.zones import FREE, Closure, Conditions, Zone
from tests.maps.draw import METRES_PER_DEGREE, PLAIN_CAR, draw

TEXT = """
    a-b-c
    |   |
    d-e-f
"""
# Edges in reading order: ab, ad, bc, cf, de, ef.
PAIRS = ("ab", "ad", "bc", "cf", "de", "ef")
TRUCK = PROFILES["truck"]


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a rectangle given in metres; a is at (0, 0), f at (200, -100)."""
    west, south, east, north = (value / METRES_PER_DEGREE for value in (west, south, east, north))
    return shapely.box(west, south, east, north)


def closed(network: RoadNetwork, conditions: Conditions, hour: int = 4) -> set[str]:
    """Return the roads on which no car drives."""
    times = network.arc_times(PLAIN_CAR, hour, conditions)
    return {PAIRS[edge] for edge in np.unique(network.arc_edge[times == CLOSED])}


def free(*, zones: tuple[Zone, ...] = (), closures: tuple[Closure, ...] = ()) -> Conditions:
    return replace(FREE, zones=zones, closures=closures)


def test_roads_that_meet_the_interior_are_in_the_zone() -> None:
    network = draw(TEXT)
    assert closed(network, free(zones=(Zone(box(-10, -10, 110, 10)),))) == {"ab", "ad", "bc"}
    assert closed(network, free(zones=(Zone(box(20, -10, 80, 10)),))) == {"ab"}
    assert closed(network, free(zones=(Zone(box(500, 500, 600, 600)),))) == set()


def test_a_road_along_the_border_is_outside() -> None:
    network = draw(TEXT)
    assert closed(network, free(zones=(Zone(box(-50, 0, 250, 50)),))) == set()


def test_zone_has_holes() -> None:
    area = box(-10, -110, 210, 10).difference(box(20, -10, 80, 10).buffer(0))
    inner = box(-10, -110, 210, 10).difference(box(-5, -5, 105, 5))
    network = draw(TEXT)
    assert "ab" in closed(network, free(zones=(Zone(area),)))
    assert "ab" not in closed(network, free(zones=(Zone(inner),)))


def test_zone_holds_for_its_profiles_and_hours() -> None:
    span = hours.parse("Mo-Fr 07:00-20:00")
    assert span is not None
    zone = Zone(box(-10, -110, 210, 10), profiles=frozenset({"truck"}), hours=span)
    network, conditions = draw(TEXT), free(zones=(zone,))
    assert closed(network, conditions, hour=8) == set()
    assert (network.arc_times(TRUCK, 8, conditions) == CLOSED).all()
    assert (network.arc_times(TRUCK, 20, conditions) != CLOSED).all()
    assert (network.arc_times(TRUCK, 5 * 24 + 8, conditions) != CLOSED).all()


def test_slow_zones_multiply() -> None:
    half = Zone(box(20, -10, 80, 10), action="slow", factor=0.5)
    network = draw("a-b")
    once = network.arc_times(PLAIN_CAR, 4, free(zones=(half,)))
    twice = network.arc_times(PLAIN_CAR, 4, free(zones=(half, half)))
    assert once.tolist() == [20000, 20000]
    assert twice.tolist() == [40000, 40000]


def test_closure_by_way() -> None:
    assert closed(draw(TEXT), free(closures=(Closure(ways=frozenset({3})),))) == {"bc"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(0, 5), (200, 5)], {"ab", "bc"}),
        ([(10, -3), (95, 4)], {"ab"}),
        ([(0, 0), (200, 0), (200, -100)], {"ab", "bc", "cf"}),
        ([(50, -20)], {"ab"}),
        ([(40, 2), (60, 2)], {"ab"}),
    ],
)
def test_closure_by_a_line_drawn_along_roads(
    line: list[tuple[float, float]], expected: set[str]
) -> None:
    degrees = tuple((x / METRES_PER_DEGREE, y / METRES_PER_DEGREE) for x, y in line)
    assert closed(draw(TEXT), free(closures=(Closure(line=degrees),))) == expected


def test_closures_have_hours_too() -> None:
    span = hours.parse("Mo 08:00-09:00")
    assert span is not None
    conditions = free(closures=(Closure(ways=frozenset({1}), hours=span),))
    assert closed(draw(TEXT), conditions, hour=8) == {"ab"}
    assert closed(draw(TEXT), conditions, hour=9) == set()


def test_digest_changes_with_every_part() -> None:
    zone = Zone(box(0, 0, 10, 10))
    span = hours.parse("Mo")
    assert span is not None
    variants = [
        FREE,
        Conditions(),
        free(zones=(zone,)),
        free(zones=(replace(zone, area=box(0, 0, 11, 10)),)),
        free(zones=(replace(zone, profiles=frozenset({"van"})),)),
        free(zones=(replace(zone, hours=span),)),
        free(zones=(replace(zone, action="slow", factor=0.5),)),
        free(closures=(Closure(ways=frozenset({1})),)),
        free(closures=(Closure(line=((0.0, 0.0),)),)),
    ]
    assert len({conditions.digest() for conditions in variants}) == len(variants)
    # The name is for people.
    named = free(zones=(replace(zone, name="市中心"),))
    assert named.digest() == free(zones=(zone,)).digest()
