"""Matrices of drawn networks, as tables: a point for each letter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maps.roads.network import RoadNetwork
from maps.roads.profiles import PROFILES, Profile
from maps.roads.zones import FREE, Conditions
from maps.travel import NO_WAY, Points
from maps.ways import hierarchy
from maps.ways.road_travel import RoadTravel
from tests.maps.draw import METRES_PER_DEGREE, PLAIN_CAR, junction

Table = list[list[int | None]]

PROFILES_WITHOUT_TURNS: Mapping[str, Profile] = {**PROFILES, "car": PLAIN_CAR}


def travel(network: RoadNetwork, conditions: Conditions = FREE) -> RoadTravel:
    """Return the travel of a drawing; its cars turn without delay."""
    lonlat = network.junction_lonlat[network.node_junction]
    contracted = hierarchy.build(network.arc_tail, network.arc_head, lonlat)
    return RoadTravel(
        network, contracted, conditions=conditions, profiles=PROFILES_WITHOUT_TURNS, threads=1
    )


def at(network: RoadNetwork, letters: str, *, east: float = 0.0, north: float = 0.0) -> Points:
    """Return the places of junctions, or places some metres beside them."""
    places = network.junction_lonlat[[junction(network, letter) for letter in letters]]
    return places + np.array([east, north]) / METRES_PER_DEGREE


def durations(network: RoadNetwork, letters: str, *, profile: str = "car", hour: int = 0) -> Table:
    """Return seconds between junctions, None where no way leads."""
    points = at(network, letters)
    return _table(travel(network).matrix(points, profile=profile, hour=hour).durations)


def distances(network: RoadNetwork, letters: str, *, profile: str = "car", hour: int = 0) -> Table:
    """Return metres between junctions, None where no way leads."""
    points = at(network, letters)
    return _table(travel(network).matrix(points, profile=profile, hour=hour).distances)


def _table(values: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> Table:
    return [[None if value == NO_WAY else value for value in row] for row in values.tolist()]
