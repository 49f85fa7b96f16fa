"""Matrices of growing size, by Milkrun and by a real OSRM server in the same run."""

from __future__ import annotations

import resource
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maps.roads import network, osmfile
from maps.roads.profiles import PROFILES
from maps.travel import MAX_SNAP_M
from maps.ways import hierarchy, snap
from maps.ways.road_travel import RoadTravel
from tests.maps import osrm_server

Row = dict[str, float]


def compare(
    osm_path: Path, folder: Path, *, sizes: list[int], repeat: int, with_osrm: bool
) -> list[Row]:
    """Return for each number of points the best time of each way, in seconds."""
    roads = network.build(osmfile.read(osm_path))
    lonlat = roads.junction_lonlat[roads.node_junction]
    contracted = hierarchy.build(roads.arc_tail, roads.arc_head, lonlat)
    rows = [_ours(roads, contracted, size, repeat) for size in sizes]
    if not with_osrm:
        return rows
    base = osrm_server.prepare(osm_path, folder)
    with osrm_server.serve(base, max_table_size=max(sizes)) as url:
        for row in rows:
            row |= _osrm(url, _points(roads, int(row["points"])), repeat)
    return rows


def _ours(
    roads: network.RoadNetwork, contracted: hierarchy.Hierarchy, size: int, repeat: int
) -> Row:
    points = _points(roads, size)
    travel = RoadTravel(roads, contracted, version="bench", threads=2)
    travel.matrix(points[:2], profile="car", hour=0)

    def measure(hour: int) -> Callable[[], object]:
        return lambda: travel.matrix(points, profile="car", hour=hour)

    first = min(_seconds(measure(hour)) for hour in range(1, 1 + repeat))
    warm = min(_seconds(measure(1)) for _ in range(repeat))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"points": size, "first": first, "warm": warm, "peak_mb": peak}


def _osrm(url: str, points: NDArray[np.float64], repeat: int) -> Row:
    halves = np.array_split(np.arange(len(points)), 2)

    def two() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda half: _ask(url, points, ".flatbuffers", half), halves))

    ways: dict[str, Callable[[], object]] = {
        "osrm_json": lambda: _ask(url, points, ""),
        "osrm_binary": lambda: _ask(url, points, ".flatbuffers"),
        "osrm_two": two,
    }
    return {name: min(_seconds(way) for _ in range(repeat)) for name, way in ways.items()}


def _ask(
    url: str, points: NDArray[np.float64], form: str, sources: NDArray[np.int64] | None = None
) -> int:
    where = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in points)
    options = "annotations=duration,distance&skip_waypoints=true"
    if sources is not None:
        options += "&sources=" + ";".join(map(str, sources))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/table/v1/car/{where}{form}?{options}") as response:
        return len(response.read())


def _points(roads: network.RoadNetwork, size: int) -> NDArray[np.float64]:
    """Return random places near junctions, where customers are, that are near a usable road."""
    random = np.random.default_rng(size)
    chosen = roads.junction_lonlat[random.integers(0, len(roads.junction_lonlat), 2 * size)]
    points = chosen + random.normal(0, 3e-4, chosen.shape)
    connected = snap.well_connected(roads, snap.ever_open(roads, PROFILES["car"]))
    near = snap.Snapper(roads, connected).snap(points).metres < MAX_SNAP_M
    found: NDArray[np.float64] = points[near][:size]
    return found


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
