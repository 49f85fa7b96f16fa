"""One import in a process of its own, so that its peak memory is its own: prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from maps import import_parts
from maps.roads import network, osmfile
from maps.ways import hierarchy


def measured(osm_path: Path, *, all_parts: bool) -> dict[str, float]:
    """Return seconds and MB; without the other parts also the seconds of each step."""
    found: dict[str, float] = {}
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if all_parts:
            roads = import_parts.make(osm_path, Path(folder))
        else:
            roads = _steps(osm_path, Path(folder), found)
    found["seconds"] = time.perf_counter() - begun
    found["junctions"] = len(roads.junction_lonlat)
    found["arcs"] = roads.arc_tail.size
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found["own_mb"] = own / 1024
    found["other_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return found


def _steps(osm_path: Path, folder: Path, found: dict[str, float]) -> network.RoadNetwork:
    clock = time.perf_counter
    begun = clock()
    raw = osmfile.read(osm_path)
    found["read"] = clock() - begun
    roads = network.build(raw)
    found["network"] = clock() - begun - found["read"]
    begun = clock()
    lonlat = roads.junction_lonlat[roads.node_junction]
    contracted = hierarchy.build(roads.arc_tail, roads.arc_head, lonlat)
    found["order"] = clock() - begun
    begun = clock()
    roads.save(folder / import_parts.NETWORK)
    contracted.save(folder / import_parts.HIERARCHY)
    found["save"] = clock() - begun
    return roads


if __name__ == "__main__":
    result = measured(Path(sys.argv[1]), all_parts=sys.argv[2] == "all")
    sys.stdout.write(json.dumps(result) + "\n")
