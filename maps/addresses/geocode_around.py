"""The district and town that a position lies in: by outline where there is one, else nearest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import shapely
from scipy.spatial import cKDTree

from maps.addresses.geocode_plane import metric
from maps.addresses.geocode_read import District, Name, Place
from maps.travel import Points

# How far a place node speaks for its surroundings, in metres; a rule of thumb for a bare node.
_QUARTERS = {
    "borough": 4_000.0,
    "city_district": 4_000.0,
    "suburb": 2_000.0,
    "quarter": 1_500.0,
    "neighbourhood": 1_000.0,
}
_SETTLEMENTS = {"city": 15_000.0, "town": 6_000.0, "village": 2_500.0, "hamlet": 1_500.0}

# Below: countries and regions, of no use to tell one street from another. Levels differ by
# country; 7-8 is a municipality in most, 9 and more a part of one (OSM wiki, admin_level).
_MIN_LEVEL = 4
_MUNICIPALITY = 6
_PART = 9


def around(
    points: Points, places: Sequence[Place], districts: Sequence[District]
) -> list[list[Name]]:
    """
    Return for each point the names of what it lies in, from small to big.

    Parameters
    ----------
    points
        ``(n, 2)`` lon, lat.
    places
        Place nodes; the nearest quarter and settlement within their reach count.
    districts
        Outlines; they come before nodes of the same size.
    """
    kept = [district for district in districts if district.level >= _MIN_LEVEL]
    within = _within(points, kept)
    quarters = _near(points, places, _QUARTERS)
    settlements = _near(points, places, _SETTLEMENTS)
    return [
        _ordered(of_point, quarter, settlement)
        for of_point, quarter, settlement in zip(within, quarters, settlements, strict=True)
    ]


def _ordered(
    districts: list[District], quarters: list[Name], settlements: list[Name]
) -> list[Name]:
    """Return names from small to big; names that are near but not the nearest go unshown."""
    levels = [district.level for district in districts]
    sized = [(district.level, district.name) for district in districts]
    if quarters and not any(level >= _PART for level in levels):
        sized.append((_PART, quarters[0]))
    if settlements and not any(_MUNICIPALITY <= level < _PART for level in levels):
        sized.append((_PART - 1, settlements[0]))
    sized.sort(key=lambda pair: -pair[0])
    names = list({name.shown: name for _, name in sized}.values())
    if not names:
        return []
    unshown = (text for name in (*quarters, *settlements) for text in (name.shown, *name.others))
    smallest = Name(names[0].shown, tuple(dict.fromkeys([*names[0].others, *unshown])))
    return [smallest, *names[1:]]


def _within(points: Points, districts: Sequence[District]) -> list[list[District]]:
    found: list[list[District]] = [[] for _ in points]
    if not districts:
        return found
    outlines = shapely.from_wkb([district.outline for district in districts], on_invalid="fix")
    tree = shapely.STRtree(outlines)
    rows, columns = tree.query(shapely.points(points), predicate="within")
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        found[row].append(districts[column])
    return found


def _near(points: Points, places: Sequence[Place], reach: dict[str, float]) -> list[list[Name]]:
    """Return the places within whose reach each point lies, the nearest for its size first."""
    found: list[list[tuple[float, Name]]] = [[] for _ in points]
    latitude = float(points[:, 1].mean()) if len(points) else 0.0
    plane = metric(points, latitude)
    for kind, reach_m in reach.items():
        those = [place for place in places if place.kind == kind]
        if not those or len(points) == 0:
            continue
        spots = metric(np.array([place.position for place in those]), latitude)
        near = cast(Sequence[list[int]], cKDTree(spots).query_ball_point(plane, reach_m))
        for row, indices in enumerate(near):
            for index in indices:
                share = float(np.hypot(*(spots[index] - plane[row]))) / reach_m
                found[row].append((share, those[index].name))
    return [[name for _, name in sorted(row, key=lambda pair: pair[0])] for row in found]
