"""Where the made-up firm lies: its warehouses, its workshops, and the zones around those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry import GeometryCollection, MultiPoint, Point, mapping

from dispatch.catalogue import positions
from dispatch.catalogue.customers import Found
from dispatch.sheets.places import AddressIndex
from dispatch.store.errors import Invalid
from maps import sphere
from maps.city import CitySummary, Site

ZONES = ("N", "E", "S")
WORKSHOPS_PER_ZONE = 15

_MARGIN = 0.02
"""How far zones reach beyond the outermost workshops, in degrees: two kilometres."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """A repair shop at an address; ``found`` says how its coordinates are known."""

    name: str
    name_en: str
    address: str
    zone: str
    lon: float
    lat: float
    found: Found = Found.GIVEN


@dataclass(frozen=True, slots=True)
class Ground:
    """Two warehouses and the workshops in their zones, in one time zone."""

    warehouses: tuple[tuple[float, float], tuple[float, float]]
    workshops: tuple[Workshop, ...]
    time_zone: str

    def metres_to(self, warehouse: int, shop: Workshop) -> float:
        """Return how far a workshop is from a warehouse, as the crow flies."""
        here = np.array(self.warehouses[warehouse])
        return float(sphere.metres_between(here, np.array((shop.lon, shop.lat))))

    def farthest(self) -> int:
        """Return the number, from 0, of the workshop that is farthest from both warehouses."""
        metres = [min(self.metres_to(0, shop), self.metres_to(1, shop)) for shop in self.workshops]
        return int(np.argmax(metres))

    def areas(self) -> Mapping[str, dict[str, Any]]:
        """
        Return the area of each zone as GeoJSON: all that is nearest to one of its workshops.

        So each workshop lies in its own zone, and no two zones overlap.
        """
        points = MultiPoint([(shop.lon, shop.lat) for shop in self.workshops])
        around = points.envelope.buffer(_MARGIN)
        cells = shapely.voronoi_polygons(points, extend_to=around)
        assert isinstance(cells, GeometryCollection)
        near = shapely.STRtree(list(cells.geoms))
        by_zone: dict[str, list[Any]] = {zone: [] for zone in ZONES}
        for shop in self.workshops:
            (cell,) = near.query(Point(shop.lon, shop.lat), predicate="within")
            by_zone[shop.zone].append(cells.geoms[cell])
        return {
            zone: dict(mapping(shapely.intersection(shapely.union_all(own), around)))
            for zone, own in by_zone.items()
        }


def of_city(
    city: CitySummary, rng: np.random.Generator, *, index: AddressIndex | None = None
) -> Ground:
    """
    Choose workshops of the generated city, as many in each zone.

    They lie where ``index`` finds their addresses, as those of any customer; without it, or where
    it is not certain enough, at their doors as the city was drawn.
    """
    shops: list[Workshop] = []
    for zone in ZONES:
        there = [site for site in city.workshops if site.district == zone]
        chosen = rng.choice(len(there), WORKSHOPS_PER_ZONE, replace=False)
        shops += [_looked_up(_workshop(there[n]), index) for n in sorted(chosen)]
    first, second = city.warehouses
    return Ground(
        warehouses=((first.lon, first.lat), (second.lon, second.lat)),
        workshops=tuple(shops),
        time_zone=city.timezone,
    )


def _workshop(site: Site) -> Workshop:
    return Workshop(
        site.name, site.name_en, site.address, site.district, site.lon, site.lat, Found.GIVEN
    )


def _looked_up(shop: Workshop, index: AddressIndex | None) -> Workshop:
    if index is None:
        return shop
    try:
        place = positions.find(shop.address, index, near=(shop.lon, shop.lat))
    except Invalid:
        return shop
    return replace(shop, lon=place.lon, lat=place.lat, found=Found.GEOCODED)
