"""Write what was drawn in metres as an OpenStreetMap file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import Box, Location
from osmium.osm.mutable import Node, Relation, Way

from maps.city.shapes import FloatArray

Tags = dict[str, str]
Members = list[tuple[str, int, str]]


@dataclass(slots=True)
class Sheet:
    """
    Nodes, ways and relations, numbered from 1 in the order in which they come.

    Parameters
    ----------
    centre
        ``(lon, lat)`` of the point 0, 0.
    """

    centre: tuple[float, float]
    _nodes: list[tuple[FloatArray, Tags]] = field(default_factory=list)
    _ways: list[tuple[Sequence[int], Tags]] = field(default_factory=list)
    _relations: list[tuple[Members, Tags]] = field(default_factory=list)

    def node(self, at: FloatArray, tags: Tags | None = None) -> int:
        """Add a point in metres; return its number."""
        self._nodes.append((at, tags or {}))
        return len(self._nodes)

    def way(self, nodes: Sequence[int], tags: Tags) -> int:
        """Add a way through nodes; return its number."""
        self._ways.append((nodes, tags))
        return len(self._ways)

    def relation(self, members: Members, tags: Tags) -> int:
        """Add a relation of ``(type, number, role)``; return its number."""
        self._relations.append((members, tags))
        return len(self._relations)

    def line(self, points: FloatArray, tags: Tags) -> int:
        """Add a way with its own nodes; return its number."""
        return self.way([self.node(point) for point in points], tags)

    def area(self, outline: FloatArray, tags: Tags) -> int:
        """Add a closed way with its own nodes; a repeated last point is dropped."""
        if np.array_equal(outline[0], outline[-1]):
            outline = outline[:-1]
        nodes = [self.node(point) for point in outline]
        return self.way([*nodes, nodes[0]], tags)

    def lonlat(self, points: FloatArray) -> FloatArray:
        """
        Return degrees for metres, rounded to 1e-7 as OpenStreetMap stores them.

        Notes
        -----
        Length of a degree on the WGS84 ellipsoid by its usual series in the latitude:
        Snyder, Map Projections, USGS Professional Paper 1395 (1987), p. 24-25, evaluated for
        WGS84. Good to a centimetre per kilometre over a city.
        """
        lat = np.radians(self.centre[1])
        metres_lat = 111132.954 - 559.822 * np.cos(2 * lat) + 1.175 * np.cos(4 * lat)
        metres_lon = 111412.84 * np.cos(lat) - 93.5 * np.cos(3 * lat) + 0.118 * np.cos(5 * lat)
        degrees = np.asarray(self.centre) + points / np.array([metres_lon, metres_lat])
        return np.asarray(np.round(degrees, 7), dtype=np.float64)

    def write(self, path: Path, *, half_m: float) -> None:
        """Write the file; the same sheet gives the same bytes."""
        corners = self.lonlat(np.array([[-half_m, -half_m], [half_m, half_m]]))
        header = osmium.io.Header()
        header.set("generator", "milkrun")
        header.add_box(Box(*(Location(float(lon), float(lat)) for lon, lat in corners)))
        where = self.lonlat(np.array([at for at, _ in self._nodes])).tolist()
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for number, ((_, tags), (lon, lat)) in enumerate(
                zip(self._nodes, where, strict=True), 1
            ):
                writer.add_node(Node(id=number, location=(lon, lat), tags=tags))
            for number, (nodes, tags) in enumerate(self._ways, 1):
                writer.add_way(Way(id=number, nodes=list(nodes), tags=tags))
            for number, (members, tags) in enumerate(self._relations, 1):
                writer.add_relation(Relation(id=number, members=members, tags=tags))

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many nodes, ways and relations there are."""
        return len(self._nodes), len(self._ways), len(self._relations)
