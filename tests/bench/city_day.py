"""A day in the generated city as a problem, with the city's road times."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from dispatch.planning import dayfiles, ground, problems
from maps import city as city_
from maps.roads import network, osmfile
from maps.ways import hierarchy
from maps.ways.road_travel import RoadTravel
from routing.problem import Problem
from tests.bench import made_day

AT = date(2026, 3, 2)


def city(folder: Path, size_km: float) -> tuple[RoadTravel, network.RoadNetwork]:
    """Return the ways and the roads of a city that is drawn in a folder."""
    drawn = city_.write(folder / "city.osm.pbf", size_km=size_km)
    roads = network.build(osmfile.read(drawn.path))
    lonlat = roads.junction_lonlat[roads.node_junction]
    contracted = hierarchy.build(roads.arc_tail, roads.arc_head, lonlat)
    return RoadTravel(roads, contracted, version="bench"), roads


def problem(
    folder: Path, roads: network.RoadNetwork, travel: RoadTravel, *, orders: int, vehicles: int
) -> Problem:
    """Return a day as `milkrun plan` would ask for it, road times and all; its size is its seed."""
    made_day.write(folder, roads, orders=orders, vehicles=vehicles, seed=orders)
    day = dayfiles.read(folder)
    return problems.build(day, ground.measure(day, travel, AT), AT)
