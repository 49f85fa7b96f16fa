"""Where an order or a depot is: from its coordinates in any of China's datums, or its address."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast, get_args

import numpy as np

from dispatch.sheets.fields import BadField
from dispatch.sheets.rows import RowReader
from maps import coords
from maps.coords import Datum

LEAST_QUALITY = 0.7
"""An address less certain than this is refused: a street without the house is 0.6 at most."""

_SAME_PLACE_M = 300.0
_SAME_QUALITY = 0.02


class Candidate(Protocol):
    """What an address may mean; quality is 0 … 1."""

    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...
    @property
    def label(self) -> str: ...
    @property
    def quality(self) -> float: ...


class AddressIndex(Protocol):
    """What is asked of `maps.addresses.geocode.Geocoder`."""

    def search(
        self, text: str, *, near: tuple[float, float] | None = None, limit: int = 5
    ) -> Sequence[Candidate]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, WGS84; ``found`` is what an address was taken for."""

    lon: float
    lat: float
    found: str = ""


NOWHERE = Place(math.nan, math.nan)
"""Stands for a place that was refused."""


def of_coordinates(reader: RowReader) -> Place:
    """Return the place that a row's ``lon``, ``lat`` and ``datum`` name."""
    lon, lat = _degrees(reader, "lon"), _degrees(reader, "lat")
    datum = _datum(reader)
    if lon is None or lat is None or datum is None:
        return NOWHERE
    if abs(lat) > 90:
        _refuse_latitude(reader, lon, lat)
        return NOWHERE
    (point,) = coords.to_wgs84(np.array([[lon, lat]]), datum=datum)
    return Place(float(point[0]), float(point[1]))


def _degrees(reader: RowReader, column: str) -> float | None:
    if not reader.has(column):
        reader.refuse(column, "missing_value", f"{column} is empty", "fill it in")
    return reader.number(column, least=-180, most=180)


def _refuse_latitude(reader: RowReader, lon: float, lat: float) -> None:
    if abs(lon) <= 90:
        cause = f"lat is {lat:g}: longitude and latitude seem to be swapped"
        reader.refuse("lat", "swapped_coordinates", cause, "write the longitude under lon")
    else:
        cause = f"{lat:g} is no latitude"
        reader.refuse("lat", "number_too_large", cause, "write degrees from -90 to 90")


def _datum(reader: RowReader) -> Datum | None:
    written = reader.text("datum", "wgs84").casefold().replace("-", "")
    for datum in get_args(Datum):
        if written == datum:
            return cast(Datum, datum)
    cause = f"{reader.text('datum')!r} is no datum"
    reader.refuse("datum", "unknown_datum", cause, f"write {', '.join(get_args(Datum))}")
    return None


def of_address(
    reader: RowReader, index: AddressIndex | None, near: tuple[float, float] | None
) -> Place:
    """Return the place of a row's ``address``, when exactly one is certain enough."""
    try:
        return find(reader.text("address"), index, near)
    except BadField as bad:
        reader.refuse("address", bad.code, bad.cause, bad.action)
        return NOWHERE


def find(
    address: str, index: AddressIndex | None, near: tuple[float, float] | None = None
) -> Place:
    """Return the place of an address, or raise `BadField`."""
    if index is None:
        cause = "there is no address index to look the address up in"
        raise BadField("no_address_index", cause, "fill in lon and lat")
    found = sorted(index.search(address, near=near, limit=5), key=lambda one: -one.quality)
    if not found or found[0].quality < LEAST_QUALITY:
        raise _not_found(address, found)
    best = found[0]
    rivals = [one for one in found[1:] if best.quality - one.quality < _SAME_QUALITY]
    apart = [one for one in rivals if _metres(best, one) > _SAME_PLACE_M]
    if apart:
        labels = "; ".join(f"{one.label} ({one.quality:.2f})" for one in (best, *apart))
        cause = f"{address!r} may be {labels}"
        raise BadField("address_ambiguous", cause, "add the district, or lon and lat")
    return Place(best.lon, best.lat, best.label)


def _not_found(address: str, found: Sequence[Candidate]) -> BadField:
    nearest = f"; nearest: {found[0].label} ({found[0].quality:.2f})" if found else ""
    cause = f"{address!r} is not on the map{nearest}"
    action = "write street and house number as the map has them, or fill in lon and lat"
    return BadField("address_not_found", cause, action)


def _metres(one: Candidate, other: Candidate) -> float:
    """Return the distance of two close places; one degree of latitude is 111.2 km."""
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return math.hypot(east, one.lat - other.lat) * 111_195
