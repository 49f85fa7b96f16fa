"""
A city that does not exist, as a real OpenStreetMap file: for demos and tests on any machine.

`write` draws 澜川 (Lanchuan): an old town inside its wall's ring, ring roads and radials, a river
with bridges, a lake, works by the railway, villages. Everything comes from one seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from maps.city import (
    arterials,
    buildings,
    elements,
    names,
    places,
    quarters,
    rules,
    streets,
    terrain,
)
from maps.city.arterials import Arterials
from maps.city.pbf import Sheet
from maps.city.places import Place
from maps.city.terrain import Terrain

CENTRE = (114.0, 30.0)
"""Longitude and latitude of the middle of the city: open land in Hubei."""

TIMEZONE = "Asia/Shanghai"

SIZES_KM = (8.0, 20.0)
"""The smallest and largest square; below, motorway and river leave no room for streets."""


@dataclass(frozen=True, slots=True)
class Site:
    """
    A place with a door on a street.

    ``district`` is C (old town), N, E, S or W; ``street`` and ``name`` are Chinese, the forms
    that end in ``_en`` Latin.
    """

    name: str
    name_en: str
    street: str
    street_en: str
    housenumber: str
    district: str
    lon: float
    lat: float

    @property
    def address(self) -> str:
        """The address as written in Chinese: 云溪路12号."""
        return f"{self.street}{self.housenumber}号"

    @property
    def address_en(self) -> str:
        """The address in Latin letters: 12 Yunxi Road."""
        return f"{self.housenumber} {self.street_en}"


@dataclass(frozen=True, slots=True)
class CitySummary:
    """
    What was written, and where a day's work could happen in it.

    Attributes
    ----------
    bbox
        West, south, east, north in degrees.
    warehouses
        Two, in the works in the north-west and south-east, 10 km apart in a city of 12 km.
    workshops
        Repair shops in all districts, 130 m apart or more, in no order.
    counters
        Shops where parts are handed over.
    truck_ban
        ``(k, 2)`` lon, lat: inside it streets are closed to trucks by day (tagged on the ways).
    """

    path: Path
    name: str
    name_en: str
    timezone: str
    seed: int
    centre: tuple[float, float]
    bbox: tuple[float, float, float, float]
    num_junctions: int
    num_buildings: int
    warehouses: tuple[Site, ...]
    workshops: tuple[Site, ...]
    counters: tuple[Site, ...]
    truck_ban: tuple[tuple[float, float], ...]


def write(
    path: Path,
    *,
    seed: int = 7,
    size_km: float = 12.0,
    centre: tuple[float, float] = CENTRE,
) -> CitySummary:
    """
    Draw a city and write it.

    Parameters
    ----------
    path
        ``.osm.pbf`` (or any suffix that osmium writes); an existing file is replaced.
    seed
        Decides everything: the same seed, size and centre give the same bytes.
    size_km
        Side of the square, within `SIZES_KM`. Rings and radials scale with it, blocks do not.
    centre
        ``(lon, lat)`` of the middle.

    Raises
    ------
    ValueError
        The size lies outside `SIZES_KM`.
    """
    if not SIZES_KM[0] <= size_km <= SIZES_KM[1]:
        raise ValueError(f"size_km is {size_km}; it must be within {SIZES_KM[0]} and {SIZES_KM[1]}")
    rng = np.random.default_rng(seed)
    namer = names.StreetNames(rng)
    land = terrain.shape(rng, size_km=size_km)
    main = arterials.lay(rng, land, namer=namer)
    layout = quarters.lay_out(rng, land, main)
    network = streets.connect(
        [*main.roads, *layout.streets],
        water=shapely.union_all([land.river, land.lake]),
        border=land.bounds.exterior,
        namer=namer,
    )
    ruled = rules.rule(rng, network, terrain=land, arterials=main, layout=layout)
    houses = buildings.build(rng, network, layout=layout, terrain=land)
    named = places.settle(
        rng, buildings=houses, network=network, layout=layout, terrain=land, arterials=main
    )

    sheet = Sheet(centre)
    elements.put_streets(sheet, network, ruled)
    elements.put_rails(sheet, land, places.metro_lines(main))
    elements.put_land(sheet, rng, layout, land)
    elements.put_water(sheet, land)
    elements.put_buildings(sheet, houses)
    elements.put_places(sheet, named.every())
    sheet.write(path, half_m=land.half_m)

    def sites(found: tuple[Place, ...]) -> tuple[Site, ...]:
        return tuple(_site(place, sheet, land, main) for place in found)

    ring = sheet.lonlat(np.asarray(main.inner.exterior.coords))
    corners = sheet.lonlat(np.array([[-land.half_m] * 2, [land.half_m] * 2])).ravel()
    return CitySummary(
        path=path,
        name=names.CITY.zh,
        name_en=names.CITY.en,
        timezone=TIMEZONE,
        seed=seed,
        centre=centre,
        bbox=(float(corners[0]), float(corners[1]), float(corners[2]), float(corners[3])),
        num_junctions=sum(len(arms) >= 3 for arms in network.arms().values()),
        num_buildings=len(houses),
        warehouses=sites(named.warehouses),
        workshops=sites(named.workshops),
        counters=sites(named.counters),
        truck_ban=tuple((float(lon), float(lat)) for lon, lat in ring),
    )


def _site(place: Place, sheet: Sheet, land: Terrain, main: Arterials) -> Site:
    at = np.array(place.at)
    lon, lat = sheet.lonlat(at)
    assert place.street is not None
    return Site(
        name=place.name.zh,
        name_en=place.name.en,
        street=place.street.zh,
        street_en=place.street.en,
        housenumber=str(place.number),
        district=places.district(at, land, main),
        lon=float(lon),
        lat=float(lat),
    )
