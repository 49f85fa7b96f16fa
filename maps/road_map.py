"""An imported map, opened: its parts are read from disk when first asked for."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from maps.errors import BadMap
from maps.roads.zones import Conditions

if TYPE_CHECKING:
    from maps.addresses.geocode import Geocoder
    from maps.drawing.basemap import Basemap
    from maps.roads.network import RoadNetwork
    from maps.ways.hierarchy import Hierarchy
    from maps.ways.road_travel import RoadTravel

ATTRIBUTION = "© OpenStreetMap contributors, ODbL"

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class MapInfo:
    """
    What is known about an imported map.

    Attributes
    ----------
    name
        What the user calls it; the version for a map that lost its name.
    version
        Follows from the file's content and the form in which the map is kept.
    source, source_bytes
        Name and size of the file.
    bbox
        West, south, east, north of the junctions, in degrees.
    num_junctions, num_edges, num_arcs, num_turn_states
        Size of the network; the states are the extra nodes that keep turn restrictions.
    imported_at
        ISO 8601, UTC.
    oddities
        What was passed over in the file, by kind.
    attribution
        To be shown with everything made from the map.
    """

    name: str
    version: str
    source: str
    source_bytes: int
    bbox: tuple[float, float, float, float]
    num_junctions: int
    num_edges: int
    num_arcs: int
    num_turn_states: int
    imported_at: str
    oddities: dict[str, int]
    attribution: str = ATTRIBUTION


class RoadMap:
    """
    One imported map.

    Each part raises `BadMap` when its file is damaged or from another version.
    """

    def __init__(self, folder: Path, info: MapInfo, *, cache_dir: Path | None) -> None:
        self.info = info
        self._folder = folder
        self._cache_dir = cache_dir

    @cached_property
    def network(self) -> RoadNetwork:
        """Junctions, edges and arcs."""
        from maps import import_parts
        from maps.roads.network import RoadNetwork

        path = self._folder / import_parts.NETWORK
        try:
            return RoadNetwork.load(path)
        except _UNREADABLE as error:
            raise self._damaged(path) from error

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """Order and shortcuts of the network's arcs."""
        from maps import import_parts
        from maps.ways.hierarchy import Hierarchy

        path = self._folder / import_parts.HIERARCHY
        try:
            return Hierarchy.load(path)
        except _UNREADABLE as error:
            raise self._damaged(path) from error

    @cached_property
    def geocoder(self) -> Geocoder:
        """Addresses and places."""
        from maps import import_parts
        from maps.addresses.geocode import Geocoder

        return Geocoder(self._folder / import_parts.ADDRESSES)

    @cached_property
    def basemap(self) -> Basemap:
        """What to draw."""
        from maps import import_parts
        from maps.drawing.basemap import Basemap

        return Basemap.load(self._folder / import_parts.BASEMAP)

    def travel(self, conditions: Conditions | None = None) -> RoadTravel:
        """Return times, distances and ways; None: a usual week, without zones or closures."""
        return self._travel.under(Conditions() if conditions is None else conditions)

    @cached_property
    def _travel(self) -> RoadTravel:
        from maps.ways.road_travel import RoadTravel

        return RoadTravel(
            self.network, self.hierarchy, version=self.info.version, cache_dir=self._cache_dir
        )

    def _damaged(self, path: Path) -> BadMap:
        return BadMap(
            "bad_map",
            cause=f"{path} cannot be read",
            action=f"delete {self._folder} and import {self.info.source} again",
        )
