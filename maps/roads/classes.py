"""The classes of roads that carry vehicles, and the tags that tell them."""

from __future__ import annotations

from typing import Protocol

ROAD_CLASSES = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "road",
    "service",
    "track",
    "pedestrian",
    "ferry",
    "barrier",
)
"""Values of OSM's ``highway``, then what is none: ferries, and the connectors of barriers."""

BARRIER = ROAD_CLASSES.index("barrier")
"""The class of an edge that is not a road but the passage through a gate or bollard."""

FERRY = ROAD_CLASSES.index("ferry")

_HIGHWAYS = frozenset(ROAD_CLASSES[:FERRY])
_FERRIES = frozenset({"ferry", "shuttle_train"})


class _Gettable(Protocol):
    def get(self, key: str, default: str, /) -> str | None: ...


def road_class(tags: _Gettable) -> str | None:
    """
    Return the name in `ROAD_CLASSES` of a way with these tags, or None: no road for vehicles.

    Whether a given vehicle may use it is another question: `maps.roads.access`.
    """
    # "unclassified;tertiary": the first of several counts.
    highway = (tags.get("highway", "") or "").partition(";")[0]
    if highway in _HIGHWAYS:
        return highway
    return "ferry" if tags.get("route", "") in _FERRIES else None
