"""Whether a vehicle may use a way or pass a barrier in a direction, at an hour of the week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum

from maps.roads import conditions, measures
from maps.roads.profiles import Profile

Tags = Mapping[str, str]

FORWARD = "forward"
BACKWARD = "backward"

# Values of access keys: OSM wiki, Key:access. Any other value ("yes", "permissive",
# "designated", "unknown") opens.
_NO = frozenset(
    {"no", "private", "permit", "residents", "employees", "staff", "students", "restricted"}
    | {"agricultural", "forestry", "emergency", "military", "official"}
    | {"psv", "bus", "taxi", "foot", "bicycle"}
)
_DESTINATION = frozenset({"destination", "delivery", "customers", "discouraged"})
_YES = frozenset({"yes", "permissive", "designated"})

# Highways closed to motor vehicles unless tagged otherwise. For a pedestrian street the blanket
# key "access" is not enough: it speaks of those on foot.
_NEEDS_PERMISSION = frozenset({"track", "pedestrian"})
_GOOD_TRACK = "grade1"

# Barriers that no motor vehicle needs to stop at, and those that open when one waits.
_FREE = frozenset(
    {"no", "entrance", "toll_booth", "cattle_grid", "border_control", "sally_port"}
    | {"kerb", "height_restrictor", "arch", "spikes"}
)
_GATES = frozenset({"gate", "lift_gate", "swing_gate", "sliding_gate"})

# (tag, the vehicle's measure, how to read it). OSM wiki, Key:maxheight and its kin.
_LIMITS = (
    ("maxheight", "height", measures.metres),
    ("maxheight:physical", "height", measures.metres),
    ("maxwidth", "width", measures.metres),
    ("maxwidth:physical", "width", measures.metres),
    ("maxlength", "length", measures.metres),
    ("maxweight", "weight", measures.tonnes),
    ("maxweightrating", "weight", measures.tonnes),
    ("maxaxleload", "axleload", measures.tonnes),
)
_ONE_WAY = frozenset({"yes", "1", "true"})
_ONE_WAY_BACK = frozenset({"-1", "reverse"})
_IMPLIES_ONE_WAY = frozenset({"roundabout", "circular"})


class Access(IntEnum):
    """How open a way is, from closed to free."""

    CLOSED = 0
    DESTINATION = 1
    OPEN = 2


def of_way(tags: Tags, profile: Profile, direction: str, hour: int) -> Access:
    """
    Judge a way for a vehicle in a direction, at an hour of the week.

    Conditional tags count; so do one-way rules, limits of size and weight, and rules by class.
    """
    if _is_shut(tags) or not _fits(tags, profile, direction, hour):
        return Access.CLOSED
    if not profile.motorways and _is_motorway(tags):
        return Access.CLOSED
    if against_one_way(tags, profile, direction, hour):
        return Access.CLOSED
    value, key = tagged(tags, profile, direction, hour)
    if tags.get("highway") in _NEEDS_PERMISSION and not _is_permitted(tags, value, key):
        return Access.CLOSED
    return _judge(value)


def of_barrier(tags: Tags, profile: Profile, hour: int) -> tuple[Access, float]:
    """Judge a barrier; return also the seconds that passing it takes."""
    if not _fits(tags, profile, FORWARD, hour):
        return Access.CLOSED, 0.0
    value, _ = tagged(tags, profile, FORWARD, hour)
    if value is not None:
        return _judge(value), 0.0
    barrier = tags.get("barrier", "")
    if barrier in _FREE or barrier in profile.barriers:
        return Access.OPEN, 0.0
    return (Access.OPEN, profile.gate_s) if barrier in _GATES else (Access.CLOSED, 0.0)


def barrier_matters(tags: Tags) -> bool:
    """Tell whether a barrier stops or delays anybody, so that the network must know of it."""
    if "barrier" not in tags:
        return False
    words = ("access", "vehicle", "motor", "goods", "hgv", "moped", "max")
    return tags["barrier"] not in _FREE or any(key.startswith(words) for key in tags)


def varies(tags: Tags) -> bool:
    """Tell whether the hour of the week may matter to a way or barrier."""
    return any(key.endswith(":conditional") for key in tags)


def against_one_way(tags: Tags, profile: Profile, direction: str, hour: int) -> bool:
    """Tell whether the vehicle would go the wrong way."""
    value = _one_way(tags, profile, hour)
    if value in _ONE_WAY:
        return direction == BACKWARD
    if value in _ONE_WAY_BACK:
        return direction == FORWARD
    # Which way a reversible road leads now, nobody knows here.
    return value == "reversible"


def keys_of(key: str, profile: Profile, direction: str) -> Iterator[str]:
    """Yield ``key`` with its suffixes for mode and direction, the most specific first."""
    for mode in profile.modes[:-1]:
        yield f"{key}:{mode}:{direction}"
        yield f"{key}:{mode}"
    yield f"{key}:{direction}"
    yield key


def value_of(tags: Tags, key: str, profile: Profile, hour: int) -> str | None:
    """
    Return the value of exactly this key at the hour: of ``key:conditional`` where one holds.

    A clause that opens must hold for the whole hour, one that closes in any part of it.
    """
    found = tags.get(key)
    clauses = tags.get(f"{key}:conditional")
    if clauses is None:
        return found
    for value, condition in conditions.parse(clauses):
        opens = value in _YES or value in _DESTINATION or (value == "no" and "oneway" in key)
        if condition.holds(profile, hour, whole_hour=opens):
            found = value
    return found


def tagged(
    tags: Tags, profile: Profile, direction: str, hour: int
) -> tuple[str | None, str | None]:
    """Return the access value that counts for the vehicle, and its mode; None where untagged."""
    for mode in profile.modes:
        for key in (f"{mode}:{direction}", mode):
            value = value_of(tags, key, profile, hour)
            if value is not None:
                return value, mode
        if mode == profile.modes[0]:
            for other in profile.closed_by:
                if value_of(tags, other, profile, hour) == "no":
                    return "no", other
    return None, None


def _judge(value: str | None) -> Access:
    if value is None:
        return Access.OPEN
    # "private;customers": whoever has several rights uses the best.
    return max(_judge_one(part.strip()) for part in value.split(";"))


def _judge_one(value: str) -> Access:
    if value in _NO:
        return Access.CLOSED
    return Access.DESTINATION if value in _DESTINATION else Access.OPEN


def _is_permitted(tags: Tags, value: str | None, mode: str | None) -> bool:
    if tags.get("highway") == "pedestrian":
        return value is not None and mode != "access" and (value in _YES or value in _DESTINATION)
    if value is None:
        return tags.get("tracktype") == _GOOD_TRACK
    return value in _YES or value in _DESTINATION


def _is_shut(tags: Tags) -> bool:
    return (
        tags.get("area") == "yes"
        or tags.get("impassable") == "yes"
        or tags.get("service") == "emergency_access"
        or tags.get("smoothness") == "impassable"
        or tags.get("construction", "no") not in {"no", "minor", "widening"}
    )


def _is_motorway(tags: Tags) -> bool:
    return tags.get("motorroad") == "yes" or tags.get("highway", "").startswith("motorway")


def _one_way(tags: Tags, profile: Profile, hour: int) -> str | None:
    for mode in profile.modes[:-1]:
        value = value_of(tags, f"oneway:{mode}", profile, hour)
        if value is not None:
            return value
    value = value_of(tags, "oneway", profile, hour)
    if value is not None:
        return value
    implied = tags.get("highway") == "motorway" or tags.get("junction") in _IMPLIES_ONE_WAY
    return "yes" if implied else None


def _fits(tags: Tags, profile: Profile, direction: str, hour: int) -> bool:
    if not any(key.startswith("max") for key in tags):
        return True
    for name, measure, read in _LIMITS:
        for key in keys_of(name, profile, direction):
            value = value_of(tags, key, profile, hour)
            limit = None if value is None else read(value)
            if limit is not None:
                if profile.measure(measure) > limit:
                    return False
                break
    return True
