"""How fast a vehicle drives on a way, on a free road."""

from __future__ import annotations

from collections.abc import Mapping

from maps.roads import measures
from maps.roads.access import Access, keys_of, value_of
from maps.roads.classes import ROAD_CLASSES, road_class
from maps.roads.profiles import Profile

Tags = Mapping[str, str]

# Limits by word, in km/h: OSM wiki, Speed limits, and for the words without a
# country OSRM's car profile. China: urban 50, rural 70, expressway 120 (Road Traffic Safety Law
# regulations, art. 45 and 78).
_LIMIT_WORDS = {"walk": 7.0, "living_street": 10.0, "urban": 50.0, "rural": 90.0}
_LIMIT_WORDS |= {"trunk": 110.0, "motorway": 130.0, "school": 30.0, "bicycle_road": 30.0}
_LIMIT_WORDS |= {"nsl_single": 96.56, "nsl_dual": 112.65, "expressway": 100.0}
_NATIONAL = {
    "at:rural": 100.0,
    "be:motorway": 120.0,
    "ch:rural": 80.0,
    "ch:trunk": 100.0,
    "ch:motorway": 120.0,
    "cn:rural": 70.0,
    "cn:trunk": 80.0,
    "cn:motorway": 120.0,
    "cn:expressway": 120.0,
    "de:rural": 100.0,
    "dk:rural": 80.0,
    "es:motorway": 120.0,
    "es:trunk": 90.0,
    "fi:rural": 80.0,
    "fi:motorway": 120.0,
    "fr:rural": 80.0,
    "nl:rural": 80.0,
    "nl:trunk": 100.0,
    "pt:motorway": 120.0,
    "pt:trunk": 100.0,
    "ru:urban": 60.0,
    "ru:motorway": 110.0,
}
_LIMIT_KEYS = ("maxspeed:advisory", "maxspeed", "zone:maxspeed", "source:maxspeed", "maxspeed:type")

# Fastest sensible speed in km/h by surface, track type and smoothness: OSRM's car profile, whose
# values were read off the pictures on the OSM wiki.
_SURFACE = {"cement": 80, "compacted": 80, "fine_gravel": 80}
_SURFACE |= dict.fromkeys(("paving_stones", "metal", "bricks"), 60)
_SURFACE |= dict.fromkeys(("unpaved", "gravel", "ground", "dirt", "pebblestone", "sett"), 40)
_SURFACE |= dict.fromkeys(("grass", "grass_paver", "wood", "tartan"), 40)
_SURFACE |= {"cobblestone": 30, "clay": 30, "earth": 20, "stone": 20, "rocky": 20, "sand": 20}
_SURFACE |= {"snow": 30, "ice": 20, "mud": 10}
_TRACK = {"grade1": 60, "grade2": 40, "grade3": 30, "grade4": 25, "grade5": 20}
_SMOOTH = {"intermediate": 80, "bad": 40, "very_bad": 20, "horrible": 10, "very_horrible": 5}
_CAPS = (("surface", _SURFACE), ("tracktype", _TRACK), ("smoothness", _SMOOTH))

# Aisles and drives are slower than alleys (ours; OSRM avoids them without slowing down).
_SERVICE = {"parking_aisle": 10.0, "driveway": 10.0, "drive-through": 10.0}

SPEED_KEY = "speed_kmh"
"""A tag of our own, set when a network is built: a ferry's speed from its duration."""


def kmh(tags: Tags, profile: Profile, direction: str, hour: int, *, access: Access) -> float:
    """
    Return the free-flow speed of a vehicle on a way that is open to it.

    A tagged limit replaces the speed of the class, then surface and the vehicle's own top speed
    cap it.
    """
    road = road_class(tags) or "road"
    if road == "ferry":
        return float(tags.get(SPEED_KEY) or profile.class_kmh[ROAD_CLASSES.index("ferry")])
    speed = profile.class_kmh[ROAD_CLASSES.index(road)]
    speed = _SERVICE.get(tags.get("service", ""), speed) if road == "service" else speed
    limit = _limit(tags, profile, direction, hour)
    if limit is not None:
        speed = limit * profile.limit_factor
    caps = [table[tags[key]] for key, table in _CAPS if tags.get(key) in table]
    speed = min(speed * profile.speed_factor, profile.top_kmh, *caps)
    return speed * (profile.destination_factor if access is Access.DESTINATION else 1.0)


def _limit(tags: Tags, profile: Profile, direction: str, hour: int) -> float | None:
    if not any(key.startswith(("maxspeed", "zone:", "source:")) for key in tags):
        return None
    for name in _LIMIT_KEYS:
        for key in keys_of(name, profile, direction):
            value = value_of(tags, key, profile, hour)
            limit = None if value is None else _parse_limit(value, profile)
            if limit:
                return limit
    return None


def _parse_limit(text: str, profile: Profile) -> float | None:
    number = measures.kmh(text)
    if number is not None:
        return number
    text = text.strip().lower()
    if text == "none":
        return profile.top_kmh
    if text in _NATIONAL:
        return _NATIONAL[text]
    # "FR:urban", "CN:urban" by their word; "FR:50", "DE:zone:30" by their number.
    last = text.rpartition(":")[2]
    return _LIMIT_WORDS.get(last) or measures.kmh(last)
