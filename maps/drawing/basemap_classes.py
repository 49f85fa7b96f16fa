"""
What a basemap draws: its layers in painting order, and which tags belong to which.

Tags follow the OpenStreetMap wiki (Map features, read 2026-01). A layer is one look on the map,
not one tag: `MINOR` holds every street on which people live.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, IntFlag

Tags = Mapping[str, str]


class Layer(IntEnum):
    """Layers from the lowest to the topmost; the numbers are stored in files and pages."""

    SEA = 0
    RESIDENTIAL = 1
    INDUSTRIAL = 2
    COMMERCIAL = 3
    CIVIC = 4
    SAND = 5
    GRASS = 6
    PARK = 7
    FOREST = 8
    WATER = 9
    PLAZA = 10
    BUILDING = 11
    STREAM = 20
    RIVER = 21
    BOUNDARY = 22
    FERRY = 23
    RUNWAY = 24
    RAIL = 25
    PATH = 30
    SERVICE = 31
    MINOR = 32
    TERTIARY = 33
    SECONDARY = 34
    PRIMARY = 35
    TRUNK = 36
    MOTORWAY = 37
    NEIGHBOURHOOD = 50
    VILLAGE = 51
    SUBURB = 52
    TOWN = 53
    CITY = 54
    STATION = 55
    WATER_NAME = 56
    GREEN_NAME = 57


class Flag(IntFlag):
    """How a line differs from the plain look of its layer."""

    NONE = 0
    BRIDGE = 1
    TUNNEL = 2
    LESSER = 4
    """A link of a trunk road, a siding, a parking aisle: drawn thinner, dropped sooner."""


LAST_AREA = Layer.BUILDING
LAST_LINE = Layer.MOTORWAY

KEYS = (
    "highway",
    "railway",
    "waterway",
    "natural",
    "landuse",
    "leisure",
    "building",
    "boundary",
    "place",
    "man_made",
    "route",
    "aeroway",
    "amenity",
)
"""An object without any of these keys is never drawn."""

_ROADS = {
    "motorway": Layer.MOTORWAY,
    "trunk": Layer.TRUNK,
    "primary": Layer.PRIMARY,
    "secondary": Layer.SECONDARY,
    "tertiary": Layer.TERTIARY,
    "unclassified": Layer.MINOR,
    "residential": Layer.MINOR,
    "living_street": Layer.MINOR,
    "road": Layer.MINOR,
    "busway": Layer.MINOR,
    "service": Layer.SERVICE,
    "pedestrian": Layer.SERVICE,
    "track": Layer.PATH,
    "footway": Layer.PATH,
    "cycleway": Layer.PATH,
    "path": Layer.PATH,
    "steps": Layer.PATH,
    "bridleway": Layer.PATH,
}
_LINES = {
    ("waterway", "river"): Layer.RIVER,
    ("waterway", "canal"): Layer.RIVER,
    ("waterway", "stream"): Layer.STREAM,
    ("waterway", "ditch"): Layer.STREAM,
    ("waterway", "drain"): Layer.STREAM,
    ("route", "ferry"): Layer.FERRY,
    ("aeroway", "runway"): Layer.RUNWAY,
    **{
        ("railway", kind): Layer.RAIL
        for kind in ("rail", "light_rail", "tram", "monorail", "narrow_gauge", "funicular")
    },
    ("railway", "subway"): Layer.RAIL,
}
_AREAS = {
    "natural": {
        "water": Layer.WATER,
        "wood": Layer.FOREST,
        "scrub": Layer.GRASS,
        "heath": Layer.GRASS,
        "grassland": Layer.GRASS,
        "beach": Layer.SAND,
        "sand": Layer.SAND,
        "shingle": Layer.SAND,
    },
    "waterway": {"riverbank": Layer.WATER, "dock": Layer.WATER},
    "landuse": {
        "reservoir": Layer.WATER,
        "basin": Layer.WATER,
        "forest": Layer.FOREST,
        "grass": Layer.GRASS,
        "meadow": Layer.GRASS,
        "orchard": Layer.GRASS,
        "vineyard": Layer.GRASS,
        "flowerbed": Layer.GRASS,
        "allotments": Layer.GRASS,
        "village_green": Layer.PARK,
        "recreation_ground": Layer.PARK,
        "cemetery": Layer.PARK,
        "residential": Layer.RESIDENTIAL,
        "industrial": Layer.INDUSTRIAL,
        "railway": Layer.INDUSTRIAL,
        "port": Layer.INDUSTRIAL,
        "quarry": Layer.INDUSTRIAL,
        "depot": Layer.INDUSTRIAL,
        "commercial": Layer.COMMERCIAL,
        "retail": Layer.COMMERCIAL,
    },
    "leisure": {
        "park": Layer.PARK,
        "garden": Layer.PARK,
        "golf_course": Layer.PARK,
        "common": Layer.PARK,
        "dog_park": Layer.PARK,
        "playground": Layer.PARK,
        "pitch": Layer.GRASS,
        "swimming_pool": Layer.WATER,
        "stadium": Layer.CIVIC,
        "sports_centre": Layer.CIVIC,
    },
    "amenity": {
        "school": Layer.CIVIC,
        "kindergarten": Layer.CIVIC,
        "college": Layer.CIVIC,
        "university": Layer.CIVIC,
        "hospital": Layer.CIVIC,
        "grave_yard": Layer.PARK,
    },
    "man_made": {
        "pier": Layer.PLAZA,
        "breakwater": Layer.PLAZA,
        "bridge": Layer.PLAZA,
    },
}
_PLACES = {
    "city": Layer.CITY,
    "town": Layer.TOWN,
    "borough": Layer.SUBURB,
    "suburb": Layer.SUBURB,
    "quarter": Layer.SUBURB,
    "village": Layer.VILLAGE,
    "neighbourhood": Layer.NEIGHBOURHOOD,
    "hamlet": Layer.NEIGHBOURHOOD,
}
_YES = {"yes", "true", "1"}
_LESSER_SERVICE = {"driveway", "parking_aisle", "drive-through", "yard", "siding", "spur"}

DRAWN_ADMIN_LEVELS = {"2", "3", "4", "5", "6", "7", "8"}
"""Down to towns; smaller units would only add noise (wiki, Tag:boundary=administrative)."""


def line_layer(tags: Tags) -> tuple[Layer, Flag] | None:
    """Return how to draw a way as a line, or None when it is no line of the map."""
    layer = _road(tags) or _other_line(tags)
    return None if layer is None else (layer, _flags(tags))


def area_layer(tags: Tags) -> Layer | None:
    """Return how to draw a closed way or multipolygon as an area, or None."""
    if tags.get("building", "no") != "no":
        return None if tags.get("location") == "underground" else Layer.BUILDING
    for key, layers in _AREAS.items():
        layer = layers.get(tags.get(key, ""))
        if layer is not None:
            return layer
    paved = tags.get("highway") in {"pedestrian", "footway"} or tags.get("place") == "square"
    return Layer.PLAZA if paved and _is_area(tags) else None


def point_layer(tags: Tags) -> Layer | None:
    """Return how to label a node, or None."""
    if tags.get("railway") in {"station", "halt"}:
        return Layer.STATION
    return _PLACES.get(tags.get("place", ""))


def name_layer(area: Layer) -> Layer | None:
    """Return the layer of the label that a named area of this layer carries, or None."""
    if area == Layer.WATER:
        return Layer.WATER_NAME
    return Layer.GREEN_NAME if area in {Layer.PARK, Layer.FOREST} else None


def names(tags: Tags) -> tuple[str, str, str]:
    """Return the local, Chinese and Latin name; the latter two are empty when none is tagged."""
    local = " ".join(tags.get("name", "").split())
    chinese = tags.get("name:zh") or tags.get("name:zh-Hans") or ""
    latin = tags.get("name:en") or tags.get("int_name") or ""
    return (local or latin or chinese, chinese, latin)


def _road(tags: Tags) -> Layer | None:
    kind = tags.get("highway")
    if kind is None or _is_area(tags):
        return None
    return _ROADS.get(kind.removesuffix("_link"))


def _other_line(tags: Tags) -> Layer | None:
    for key in ("railway", "waterway", "route", "aeroway"):
        layer = _LINES.get((key, tags.get(key, "")))
        if layer is not None:
            return layer
    if tags.get("boundary") != "administrative" or tags.get("natural") == "coastline":
        return None
    return Layer.BOUNDARY if tags.get("admin_level") in DRAWN_ADMIN_LEVELS else None


def _flags(tags: Tags) -> Flag:
    flags = Flag.NONE
    if tags.get("bridge", "no") != "no":
        flags |= Flag.BRIDGE
    if tags.get("tunnel", "no") != "no" or tags.get("covered") in _YES:
        flags |= Flag.TUNNEL
    lesser = tags.get("service") in _LESSER_SERVICE
    if lesser or tags.get("highway", "").endswith("_link"):
        flags |= Flag.LESSER
    return flags


def _is_area(tags: Tags) -> bool:
    return tags.get("area") in _YES or tags.get("type") == "multipolygon"
