"""Roads, their nodes and the turn restrictions of an OpenStreetMap file, as plain arrays."""

from __future__ import annotations

import errno
import os
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import osmium
from numpy.typing import NDArray
from osmium.osm.types import Node, OSMEntity, Relation, Way

from maps.errors import BadMap
from maps.roads.classes import road_class

Tags = Mapping[str, str]

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")

# A key belongs to the roads when its first word is one of these: "maxspeed:hgv:conditional".
_ROAD_WORDS = frozenset(
    {"highway", "route", "junction", "oneway", "service", "motorroad", "area", "name", "ref"}
    | {"access", "vehicle", "motor_vehicle", "motorcar", "goods", "hgv", "motorcycle", "moped"}
    | {"maxspeed", "maxheight", "maxweight", "maxweightrating", "maxaxleload", "maxlength"}
    | {"maxwidth", "surface", "smoothness", "tracktype", "duration", "construction", "impassable"}
    | {"barrier", "direction", "traffic_signals", "stop"}
)
_ROAD_KEYS = frozenset({"source:maxspeed", "zone:maxspeed"})
_NODE_HIGHWAYS = frozenset({"traffic_signals", "stop", "give_way"})

# libosmium writes its sparse index as records of id and location; 2^31 - 1 means "undefined".
# A location is in units of 1e-7 degrees.
_LOCATION = np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")])
_DEGREE = 10_000_000

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class RawRelation:
    """A relation as written: its tags, and its members as (type, id, role); type n, w or r."""

    id: int
    tags: Tags
    members: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class RawOsm:
    """
    What a map file says about roads, not yet judged.

    Attributes
    ----------
    node_id, node_lonlat
        ``(n,)`` int64 ascending and unique, ``(n, 2)`` float64 degrees: the nodes of the ways.
    node_tags
        Tags by OSM node id, of nodes with a barrier, a signal, a stop or a give-way sign.
    way_id, way_start, way_node
        ``(w,)`` int64 in the order of the file and unique; OSM node ids of way k are
        ``way_node[way_start[k]:way_start[k + 1]]``. Some may be missing in ``node_id``.
    way_tags
        One mapping for each way, with the keys that concern roads only.
    restrictions
        Relations whose type begins with ``restriction``.
    oddities
        How often the file held something odd that was passed over, by kind.
    """

    node_id: NDArray[np.int64]
    node_lonlat: NDArray[np.float64]
    node_tags: Mapping[int, Tags]
    way_id: NDArray[np.int64]
    way_start: NDArray[np.int64]
    way_node: NDArray[np.int64]
    way_tags: tuple[Tags, ...]
    restrictions: tuple[RawRelation, ...] = ()
    oddities: Mapping[str, int] = field(default_factory=dict)


def read(path: Path | str, *, on_progress: Callable[[float], None] | None = None) -> RawOsm:
    """
    Read the roads of a map file.

    The file may be unsorted, may repeat objects, and may have negative ids; it is read once for
    ways, once for nodes, once for relations, which is faster than passing every object by Python.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    on_progress
        Called with the share done, 0 … 1.

    Raises
    ------
    BadMap
        The file is missing, empty, of another kind, damaged, or holds no road.
    OSError
        The folder for temporary files is full.
    """
    path = Path(path)
    _must_be_readable(path)
    tell = on_progress or (lambda _: None)
    with _readable(path):
        ways = _Ways()
        ways.take(cast(Iterator[Way], _objects(path, osmium.osm.WAY, "highway", "route")))
        tell(0.6)
        if not ways.tags:
            raise BadMap(
                "bad_map",
                cause=f"{path.name}: no road in it",
                action="use an extract that contains ways with a highway tag",
            )
        way_node = _int64(ways.node)
        node_id, node_lonlat = _locations(path, np.unique(way_node))
        tell(0.8)
        node_tags = dict(_tagged_nodes(path))
        tell(0.9)
        restrictions = tuple(_restrictions(path))
    tell(1.0)
    return RawOsm(
        node_id=node_id,
        node_lonlat=node_lonlat,
        node_tags=node_tags,
        way_id=_int64(ways.id),
        way_start=_int64(ways.start),
        way_node=way_node,
        way_tags=tuple(ways.tags),
        restrictions=restrictions,
        oddities={"duplicate_way": ways.num_duplicates} if ways.num_duplicates else {},
    )


class _Ways:
    """Ways in the order of the file; the first of several with one id counts."""

    def __init__(self) -> None:
        self.id = array("q")
        self.start = array("q", [0])
        self.node = array("q")
        self.tags: list[Tags] = []
        self.num_duplicates = 0
        self._seen: set[int] = set()

    def take(self, ways: Iterable[Way]) -> None:
        for way in ways:
            # The class first: most ways are no roads, and fetching all tags is the slow part.
            if road_class(way.tags) is None:
                continue
            if way.id in self._seen:
                self.num_duplicates += 1
                continue
            self._seen.add(way.id)
            self.id.append(way.id)
            self.tags.append({key: value for key, value in way.tags if _is_relevant(key)})
            self.node.extend([node.ref for node in way.nodes])
            self.start.append(len(self.node))


@lru_cache(maxsize=65536)
def _is_relevant(key: str) -> bool:
    return key.partition(":")[0] in _ROAD_WORDS or key in _ROAD_KEYS


def _locations(
    path: Path, wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return ids and places of the wanted nodes (ascending, unique) that the file holds."""
    found = _positive_locations(path)
    if wanted.size and wanted[0] < 0:
        # libosmium's index takes no negative ids: those few nodes pass through Python.
        found = np.concatenate([found, _negative_locations(path)])
    found = found[np.isin(found["id"], wanted)]
    ids, first = np.unique(found["id"], return_index=True)
    lonlat = np.column_stack([found["x"][first], found["y"][first]]) / _DEGREE
    # A node outside of the world is as good as missing.
    real = (np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90)
    return ids[real], lonlat[real]


def _positive_locations(path: Path) -> NDArray[np.void]:
    # The index is written to a file and read back by numpy: 0.07 s for 350,000 nodes, where a
    # loop over node objects takes 1.5 s.
    with tempfile.TemporaryDirectory(prefix="milkrun-") as folder:
        index = Path(folder) / "nodes"
        table = osmium.index.create_map(f"sparse_file_array,{index}")
        with osmium.io.Reader(_file(path), osmium.osm.NODE) as reader:
            osmium.apply(reader, osmium.NodeLocationsForWays(table))
        del table
        found = np.fromfile(index, dtype=_LOCATION)
    known: NDArray[np.void] = found[found["x"] != np.iinfo(np.int32).max]
    return known


def _negative_locations(path: Path) -> NDArray[np.void]:
    nodes = osmium.FileProcessor(_file(path), osmium.osm.NODE)
    found = [
        (node.id, node.location.x, node.location.y)
        for node in cast(Iterator[Node], iter(nodes))
        if node.id < 0 and node.location.valid()
    ]
    return np.array(found, dtype=_LOCATION)


def _tagged_nodes(path: Path) -> Iterator[tuple[int, Tags]]:
    nodes = _objects(path, osmium.osm.NODE, "barrier", "highway")
    for node in cast(Iterator[Node], nodes):
        if "barrier" in node.tags or node.tags.get("highway") in _NODE_HIGHWAYS:
            yield node.id, {key: value for key, value in node.tags if _is_relevant(key)}


def _restrictions(path: Path) -> Iterator[RawRelation]:
    relations = _objects(path, osmium.osm.RELATION, "type")
    for relation in cast(Iterator[Relation], relations):
        if not relation.tags["type"].startswith("restriction"):
            continue
        members = tuple((member.type, member.ref, member.role) for member in relation.members)
        yield RawRelation(relation.id, dict(relation.tags), members)


def _objects(path: Path, kind: osmium.osm.osm_entity_bits, *keys: str) -> Iterator[OSMEntity]:
    objects = osmium.FileProcessor(_file(path), kind)
    return iter(objects.with_filter(osmium.filter.KeyFilter(*keys)))


def _file(path: Path) -> osmium.io.File:
    # Named by its suffix in small letters, which is all that libosmium knows.
    suffix = next(suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix))
    return osmium.io.File(str(path), suffix.removeprefix("."))


def _int64(values: array[int]) -> NDArray[np.int64]:
    return np.frombuffer(values, dtype=np.int64) if values else np.zeros(0, dtype=np.int64)


def _must_be_readable(path: Path) -> None:
    action = "give an OpenStreetMap extract: " + ", ".join(SUFFIXES)
    if not path.is_file():
        raise BadMap("bad_map", cause=f"{path}: no such file", action=action)
    if not path.name.lower().endswith(SUFFIXES):
        raise BadMap("bad_map", cause=f"{path.name}: not a kind of map that is read", action=action)
    if path.stat().st_size == 0:
        raise BadMap("bad_map", cause=f"{path.name}: the file is empty", action=action)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what libosmium says about a damaged file into a fault with a cause."""
    try:
        yield
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        for code in _NO_ROOM:
            # For the index of nodes: a map is only read.
            if os.strerror(code) in str(error):
                raise OSError(code, os.strerror(code), tempfile.gettempdir()) from error
        raise BadMap(
            "bad_map",
            cause=f"{path.name}: damaged or not OpenStreetMap data ({error})",
            action="fetch the file again, and compare its size or checksum with the source",
        ) from error
