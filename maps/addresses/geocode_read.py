"""What an OpenStreetMap file says about addresses: named streets, house numbers, places, points."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import Area, Node, Relation, TagList, Way
from osmium.osm.types import OSMEntity

from maps.errors import BadMap
from maps.travel import Points

Position = tuple[float, float]
"""Lon, lat."""


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called on signs, and every other name that people may ask for."""

    shown: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreetPiece:
    """One way (or square) with a name: ``line`` is ``(k, 2)`` lon, lat."""

    name: Name
    line: Points


@dataclass(slots=True)
class House:
    """A house number; ``rank`` 0 for a plain address, 1 for a building, 2 for a shop inside."""

    street: str
    numbers: tuple[str, ...]
    position: Position
    towns: tuple[str, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Place:
    """A settlement or part of one, or any other named spot; ``kind`` is the value of its tag."""

    kind: str
    name: Name
    position: Position


@dataclass(frozen=True, slots=True)
class District:
    """An administrative area: ``outline`` is well-known binary, hexadecimal."""

    level: int
    name: Name
    outline: str
    position: Position


@dataclass(frozen=True, slots=True)
class Poi:
    """A named point with its address where the file tells one."""

    name: Name
    position: Position
    street: str
    number: str


@dataclass(slots=True)
class Found:
    """Everything of one file that an address can be made of."""

    streets: list[StreetPiece] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    districts: list[District] = field(default_factory=list)
    pois: list[Poi] = field(default_factory=list)


def read(path: Path, *, on_stage: Callable[[str], None] | None = None) -> Found:
    """
    Read the streets, house numbers, places and named points of a file.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    on_stage
        Called with ``w`` and ``r`` when the first way and the first relation come.

    Raises
    ------
    BadMap
        The file cannot be read as OpenStreetMap data.
    """
    try:
        reader = _Reader(path, {}, on_stage)
        if reader.lacks_negative:
            # Editors number what is not yet uploaded below zero; libosmium does not keep those.
            nodes = osmium.FileProcessor(str(path), osmium.osm.NODE)
            negative = {
                node.id: (node.lon, node.lat)
                for node in nodes
                if isinstance(node, Node) and node.id < 0
            }
            reader = _Reader(path, negative, None)
    except (RuntimeError, OSError) as error:
        raise BadMap(
            "bad_map",
            cause=f"{path}: not readable as OpenStreetMap data: {error}",
            action="download or export the file again; .osm.pbf, .osm, .osm.gz and .osm.bz2 work",
        ) from error
    return reader.found


# A street that is only planned, and rest areas and the like, which are points.
_NO_STREET = frozenset(
    ["construction", "proposed", "platform", "bus_stop", "services", "rest_area", "elevator"]
)
_NAME_KEYS = (
    "alt_name", "old_name", "short_name", "int_name", "loc_name", "official_name", "reg_name",
    "bridge:name", "tunnel:name",
)  # fmt: skip
_LANGUAGE = re.compile(r"name:[a-z]{2,3}([-_].+)?")
_WANTED_LANGUAGES = ("name:zh", "name:en")
_MANY_LANGUAGES = 8
_POI_KEYS = (
    "amenity", "shop", "tourism", "leisure", "office", "craft", "healthcare", "historic",
    "aeroway", "man_made", "building", "natural", "industrial", "military", "club", "emergency",
    "landuse", "junction", "aerialway", "highway", "public_transport", "barrier", "entrance",
)  # fmt: skip
# Of railways only what people walk to: a line is no point.
_STATIONS = frozenset(["station", "halt", "tram_stop", "subway_entrance", "platform"])
_TOWN_KEYS = ("addr:suburb", "addr:district", "addr:hamlet", "addr:village", "addr:city")
_NUMBER_SEPARATOR = re.compile(r"[;,、，；]")
_FULL_ADDRESS = re.compile(r"(?P<street>.*?[路街道巷弄里])(?P<number>\d+(?:弄\d+)?)[号號]")


class _Reader:
    """Goes once through a file."""

    def __init__(
        self,
        path: Path,
        negative: dict[int, Position],
        on_stage: Callable[[str], None] | None,
    ) -> None:
        self.found = Found()
        self.lacks_negative = False
        self._negative = negative
        self._wkb = osmium.geom.WKBFactory()
        self._street_by_way: dict[int, str] = {}
        self._without_street: dict[tuple[str, int], House] = {}
        stage = "n"
        for entity in _entities(path):
            kind = entity.type_str()
            if kind != stage and kind in "wr":
                stage = kind
                if on_stage is not None:
                    on_stage(kind)
            self._see(entity)

    def _see(self, entity: OSMEntity) -> None:
        if isinstance(entity, Node):
            if entity.location.valid():
                self._point("n", entity.id, entity.tags, (entity.lon, entity.lat))
        elif isinstance(entity, Way):
            self._way(entity)
        elif isinstance(entity, Relation):
            self._relation(entity)
        elif isinstance(entity, Area) and not entity.from_way():
            self._area(entity)

    def _way(self, way: Way) -> None:
        line = self._line(way)
        if len(line) == 0:
            return
        if _is_street(way.tags):
            self._street(way.id, way.tags, line)
            return
        self._point("w", way.id, way.tags, _middle(line))

    def _area(self, area: Area) -> None:
        tags = area.tags
        rings = [np.array([(n.lon, n.lat) for n in ring]) for ring in area.outer_rings()]
        if not rings:
            return
        outer = max(rings, key=len)
        position = _middle(outer)
        if tags.get("boundary") == "administrative":
            self._district(area, position)
        elif _is_street(tags):
            self._street(-area.orig_id(), tags, outer)
        else:
            self._point("r", area.orig_id(), tags, position)

    def _district(self, area: Area, position: Position) -> None:
        level = _tag(area.tags, "admin_level")
        name = _name(area.tags)
        if name is None or not level.isdecimal():
            return
        outline = self._wkb.create_multipolygon(area)
        self.found.districts.append(District(int(level), name, outline, position))

    def _relation(self, relation: Relation) -> None:
        if relation.tags.get("type") not in {"associatedStreet", "street"}:
            return
        street = _tag(relation.tags, "name") or next(
            (
                self._street_by_way[member.ref]
                for member in relation.members
                if member.role == "street" and member.ref in self._street_by_way
            ),
            "",
        )
        for member in relation.members:
            house = self._without_street.pop((member.type, member.ref), None)
            if house is not None and street:
                house.street = street
                self.found.houses.append(house)

    def _street(self, way_id: int, tags: TagList, line: Points) -> None:
        name = _name(tags, street=True)
        if name is None:
            return
        self.found.streets.append(StreetPiece(name, line))
        self._street_by_way[way_id] = name.shown

    def _point(self, kind: str, osm_id: int, tags: TagList, position: Position) -> None:
        name = _name(tags)
        house = _house(tags, position, rank=2 if name else int(kind != "n"))
        if house is not None and house.street:
            self.found.houses.append(house)
        elif house is not None:
            self._without_street[kind, osm_id] = house
        if name is None:
            return
        if "place" in tags:
            self.found.places.append(Place(tags["place"], name, position))
        elif _is_poi(tags):
            street, number = ("", "") if house is None else (house.street, house.numbers[0])
            self.found.pois.append(Poi(name, position, street, number))

    def _line(self, way: Way) -> Points:
        """Return the positions of the nodes that the file holds; extracts cut ways at their rim."""
        line: list[Position] = []
        for node in way.nodes:
            if node.location.valid():
                line.append((node.lon, node.lat))
            elif node.ref in self._negative:
                line.append(self._negative[node.ref])
            elif node.ref < 0 and not self._negative:
                self.lacks_negative = True
        return np.array(line, dtype=np.float64).reshape(-1, 2)


def _entities(path: Path) -> Iterator[OSMEntity]:
    # "type" lets those relations pass that name only the members of a street.
    wanted = osmium.filter.KeyFilter(
        "name", "ref", "addr:housenumber", "addr:full", "place", "type"
    )
    areas = osmium.filter.KeyFilter("boundary", "name", "addr:housenumber")
    return iter(
        osmium.FileProcessor(str(path)).with_locations().with_areas(areas).with_filter(wanted)
    )


def _middle(line: Points) -> Position:
    """Return the mean of the corners; of a ring the first is also the last and counts once."""
    is_ring = len(line) > 1 and bool((line[0] == line[-1]).all())
    lon, lat = (line[:-1] if is_ring else line).mean(axis=0).tolist()
    return lon, lat


def _name(tags: TagList, *, street: bool = False) -> Name | None:
    values = [tags[key] for key in _NAME_KEYS if key in tags]
    languages = {tag.k: tag.v for tag in tags if _LANGUAGE.fullmatch(tag.k)}
    if len(languages) > _MANY_LANGUAGES:
        languages = {k: v for k, v in languages.items() if k.startswith(_WANTED_LANGUAGES)}
    values.extend(languages.values())
    refs = _tag(tags, "ref") if street else ""
    # "A 1" is also written "A1".
    parts = _parts([*values, refs, refs.replace(" ", "")])
    shown = _tag(tags, "name").strip() or (parts[0] if parts else "")
    # A street in two languages, "Via Roma / Romstrasse", is asked for in either.
    parts += _parts(shown.split(" / ")) if street and " / " in shown else []
    others = dict.fromkeys(part for part in parts if part != shown)
    return Name(shown, tuple(others)) if shown else None


def _tag(tags: TagList, key: str) -> str:
    return tags.get(key) or ""


def _parts(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(";") if part.strip()]


def _house(tags: TagList, position: Position, *, rank: int) -> House | None:
    street = _tag(tags, "addr:street") or _tag(tags, "addr:place")
    number = _tag(tags, "addr:housenumber")
    if not number:
        full = _FULL_ADDRESS.fullmatch(_tag(tags, "addr:full").replace(" ", ""))
        street, number = (full["street"], full["number"]) if full else ("", "")
    numbers = tuple(part.replace(" ", "") for part in _NUMBER_SEPARATOR.split(number))
    numbers = tuple(filter(None, numbers))
    if not numbers:
        return None
    towns = tuple(tags[key] for key in _TOWN_KEYS if key in tags)
    return House(street.strip(), numbers, position, towns, rank)


def _is_street(tags: TagList) -> bool:
    return tags.get("place") == "square" or tags.get("highway", "platform") not in _NO_STREET


def _is_poi(tags: TagList) -> bool:
    return tags.get("railway") in _STATIONS or any(key in tags for key in _POI_KEYS)
