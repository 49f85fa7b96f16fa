"""Where a house number lies on its street: known, in a range, or estimated between neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maps.addresses.geocode_answer import EXACT, STREET_ONLY
from maps.addresses.geocode_text import HouseNumber

_IN_RANGE = 0.95
_OTHER_SUFFIX = 0.9
_BETWEEN = 0.8
_BETWEEN_FAR = 0.7
_SAME_LANE = 0.7
_NEXT_HOUSE = STREET_ONLY

# Between 10 and 14 a straight line is good; between 10 and 60 the street may bend.
_CLOSE_NUMBERS = 20
_MAX_GAP = 100
_NEXT_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class KnownHouse:
    """A house number of the index."""

    number: str
    parts: HouseNumber
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Located:
    """A position for a number; ``number`` is the one found, or None where it is an estimate."""

    lon: float
    lat: float
    precision: float
    number: str | None


def locate(wanted: HouseNumber, houses: Sequence[KnownHouse]) -> Located | None:
    """
    Return where a number lies on a street, or None when the street's numbers do not tell.

    Even and odd numbers stand on opposite sides in most countries, so neighbours of the same
    parity are taken first.
    """
    return (
        _known(wanted, houses)
        or _same_lane(wanted, houses)
        or _between(wanted.base, [h for h in _on_street(houses) if _same_side(h, wanted)])
        or _between(wanted.base, _on_street(houses))
        or _next_to(wanted.base, _on_street(houses))
    )


def _known(wanted: HouseNumber, houses: Sequence[KnownHouse]) -> Located | None:
    graded = [
        (precision, house) for house in houses if (precision := _fit(wanted, house.parts)) > 0
    ]
    if not graded:
        return None
    precision, house = max(graded, key=lambda pair: pair[0])
    return Located(house.lon, house.lat, precision, house.number)


def _fit(wanted: HouseNumber, known: HouseNumber) -> float:
    if wanted.lane != known.lane:
        return 0.0
    if wanted == known:
        return EXACT
    if known.base <= wanted.base <= known.high and (known.base - wanted.base) % 2 == 0:
        return _IN_RANGE if known.high > known.base else _OTHER_SUFFIX
    return 0.0


def _same_lane(wanted: HouseNumber, houses: Sequence[KnownHouse]) -> Located | None:
    """A lane is a short alley: any of its houses is near."""
    if not wanted.lane:
        return None
    lane = int(wanted.lane)
    for house in houses:
        if house.parts.lane == wanted.lane or (not house.parts.lane and house.parts.base == lane):
            return Located(house.lon, house.lat, _SAME_LANE, None)
    return None


def _on_street(houses: Sequence[KnownHouse]) -> list[KnownHouse]:
    return [house for house in houses if not house.parts.lane]


def _same_side(house: KnownHouse, wanted: HouseNumber) -> bool:
    return (house.parts.base - wanted.base) % 2 == 0


def _between(number: int, houses: Sequence[KnownHouse]) -> Located | None:
    below = [house for house in houses if house.parts.high < number]
    above = [house for house in houses if house.parts.base > number]
    if not number or not below or not above:
        return None
    low = max(below, key=lambda house: house.parts.high)
    high = min(above, key=lambda house: house.parts.base)
    gap = high.parts.base - low.parts.high
    if gap > _MAX_GAP:
        return None
    share = (number - low.parts.high) / gap
    lon = low.lon + share * (high.lon - low.lon)
    lat = low.lat + share * (high.lat - low.lat)
    return Located(lon, lat, _BETWEEN if gap <= _CLOSE_NUMBERS else _BETWEEN_FAR, None)


def _next_to(number: int, houses: Sequence[KnownHouse]) -> Located | None:
    """Beyond the first or the last known number: stay at it when the numbers are close."""
    if not number or not houses:
        return None
    house = min(houses, key=lambda house: abs(house.parts.base - number))
    if abs(house.parts.base - number) > _NEXT_NUMBERS:
        return None
    return Located(house.lon, house.lat, _NEXT_HOUSE, None)
