"""Zones and closures from a GeoJSON file, with every fault by its feature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from maps.faults import BadConditions, Fault
from maps.roads import hours
from maps.roads.hours import ALWAYS, Hours
from maps.roads.profiles import PROFILES
from maps.roads.zones import Action, Closure, Zone

_AREAS = ("Polygon", "MultiPolygon")
_LINES = ("LineString",)
_PROPERTIES = frozenset({"name", "profiles", "hours", "action", "factor", "ways"})
_MIN_FACTOR, _MAX_FACTOR = 0.05, 1.0


def read_zones(path: Path) -> tuple[Zone, ...]:
    """
    Read the areas of a GeoJSON file.

    Properties of a feature, all optional: ``name``; ``profiles``, a list or a comma-separated
    text (default: all); ``hours``, such as ``Mo-Fr 07:00-20:00`` (default: always); ``action``,
    ``forbid`` (default) or ``slow``; ``factor``, 0.05 … 1, which ``slow`` needs.

    Raises
    ------
    BadConditions
        With every fault of the file, of zones and of closures.
    """
    return tuple(rule for rule in _read(path) if isinstance(rule, Zone))


def read_closures(path: Path) -> tuple[Closure, ...]:
    """
    Read the closed roads of a GeoJSON file: lines drawn along roads, or features with ``ways``.

    ``ways`` is a list of OSM way ids; ``name``, ``profiles`` and ``hours`` are those of zones.

    Raises
    ------
    BadConditions
        With every fault of the file, of zones and of closures.
    """
    return tuple(rule for rule in _read(path) if isinstance(rule, Closure))


def _read(path: Path) -> list[Zone | Closure]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        fault = Fault(path.name, "unreadable", str(error), "save it as GeoJSON in UTF-8")
        raise BadConditions([fault]) from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        cause = "it is no GeoJSON FeatureCollection"
        raise BadConditions([Fault(path.name, "not_geojson", cause, "save it as one")])
    rules: list[Zone | Closure] = []
    faults: list[Fault] = []
    for number, feature in enumerate(features):
        reader = _Feature(feature, where=f"{path.name}: features[{number}]")
        rule = reader.rule()
        faults += reader.faults
        if rule is not None and not reader.faults:
            rules.append(rule)
    if faults:
        raise BadConditions(faults)
    return rules


class _Feature:
    """One feature, read field by field; ``faults`` fills up meanwhile."""

    def __init__(self, feature: object, *, where: str) -> None:
        self.faults: list[Fault] = []
        feature = feature if isinstance(feature, dict) else {}
        self._geometry = feature.get("geometry")
        properties = feature.get("properties") or {}
        self._properties: Mapping[str, Any] = properties if isinstance(properties, dict) else {}
        name = self._properties.get("name")
        self._name = name if isinstance(name, str) else ""
        self._where = f"{where} ({self._name})" if self._name else where

    def rule(self) -> Zone | Closure | None:
        """Return the zone or closure, with faults noted; None where it cannot be told."""
        for key in sorted(set(self._properties) - _PROPERTIES):
            known = ", ".join(sorted(_PROPERTIES))
            self._fault("unknown_property", f"{key!r} means nothing here", f"use {known}")
        profiles, span, ways = self._profiles(), self._hours(), self._ways()
        action, factor = self._action()
        geometry = self._shape(needed=not ways)
        if ways or (geometry is not None and geometry.geom_type in _LINES):
            if action == "slow":
                self._fault("bad_action", "a road can be closed, not slowed", "draw an area")
            line = tuple((point[0], point[1]) for point in geometry.coords) if geometry else ()
            return Closure(ways, line, self._name, profiles, span)
        if geometry is None:
            return None
        return Zone(geometry, self._name, profiles, span, action, factor)

    def _shape(self, *, needed: bool) -> BaseGeometry | None:
        if self._geometry is None and not needed:
            return None
        kinds = (*_AREAS, *_LINES)
        try:
            geometry = shape(self._geometry or {})
        except (
            TypeError,
            ValueError,
            KeyError,
            AttributeError,
            shapely.errors.ShapelyError,
        ) as error:
            self._fault("bad_geometry", str(error) or "no geometry", f"give a {', '.join(kinds)}")
            return None
        if geometry.geom_type not in kinds:
            self._fault("bad_geometry", f"a {geometry.geom_type}", f"give a {', '.join(kinds)}")
        elif geometry.is_empty or not _is_on_earth(geometry):
            self._fault("bad_geometry", "not in degrees", "use WGS84 longitude and latitude")
        elif not geometry.is_valid:
            reason = shapely.is_valid_reason(geometry)
            self._fault("bad_geometry", reason, "draw the outline without crossing itself")
        else:
            return shapely.force_2d(geometry)
        return None

    def _profiles(self) -> frozenset[str]:
        given = self._properties.get("profiles") or []
        names = given.split(",") if isinstance(given, str) else given
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self._fault("bad_profiles", f"profiles is {given!r}", 'write "truck, van"')
            return frozenset()
        found = frozenset(name.strip() for name in names if name.strip())
        for name in sorted(found - set(PROFILES)):
            self._fault("unknown_profile", f"no profile {name!r}", f"use {', '.join(PROFILES)}")
        return found

    def _hours(self) -> Hours:
        given = self._properties.get("hours")
        if given in (None, ""):
            return ALWAYS
        found = hours.parse(given) if isinstance(given, str) else None
        if found is None:
            self._fault("bad_hours", f"hours is {given!r}", 'write it like "Mo-Fr 07:00-20:00"')
        return found or ALWAYS

    def _action(self) -> tuple[Action, float]:
        action = self._properties.get("action") or "forbid"
        if action not in ("forbid", "slow"):
            self._fault("bad_action", f"action is {action!r}", 'write "forbid" or "slow"')
        if action != "slow":
            return "forbid", 0.0
        factor = self._properties.get("factor")
        number = isinstance(factor, int | float) and not isinstance(factor, bool)
        if not number or not _MIN_FACTOR <= float(factor or 0) <= _MAX_FACTOR:
            hint = f"give a number from {_MIN_FACTOR} to {_MAX_FACTOR}: 0.5 halves the speed"
            self._fault("bad_factor", f"factor is {factor!r}", hint)
            return "slow", 1.0
        return "slow", float(factor or 0)

    def _ways(self) -> frozenset[int]:
        given = self._properties.get("ways") or []
        if isinstance(given, list) and all(type(way) is int for way in given):
            return frozenset(given)
        self._fault("bad_ways", f"ways is {given!r}", "give a list of OSM way ids")
        return frozenset()

    def _fault(self, code: str, cause: str, action: str) -> None:
        self.faults.append(Fault(self._where, code, cause, action))


def _is_on_earth(geometry: BaseGeometry) -> bool:
    west, south, east, north = geometry.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90
