"""Cuts a picture out of a basemap: clipped, simplified, within a budget of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.drawing.basemap_classes import Flag, Layer
from maps.drawing.basemap_features import EARTH_RADIUS_M, Box, Features
from maps.drawing.basemap_read import Geometries

_FINEST_M = 0.5
"""Detail below this, in metres, is not seen on a street map."""

_FINEST_SHARE = 1 / 40_000
_COARSEST_SHARE = 1 / 3_000
"""Of the box's larger side: how far simplification may go before features are left out.

A window some 1,500 pixels wide shows 1/3,000 of the box as half a pixel; 1/40,000 leaves detail
for looking 13 times closer.
"""

_KEEP_ORDER = (
    Layer.SEA,
    Layer.CITY,
    Layer.TOWN,
    Layer.SUBURB,
    Layer.VILLAGE,
    Layer.WATER_NAME,
    Layer.STATION,
    Layer.WATER,
    Layer.MOTORWAY,
    Layer.TRUNK,
    Layer.PRIMARY,
    Layer.SECONDARY,
    Layer.RIVER,
    Layer.TERTIARY,
    Layer.RAIL,
    Layer.RUNWAY,
    Layer.FERRY,
    Layer.MINOR,
    Layer.NEIGHBOURHOOD,
    Layer.GREEN_NAME,
    Layer.FOREST,
    Layer.PARK,
    Layer.RESIDENTIAL,
    Layer.INDUSTRIAL,
    Layer.COMMERCIAL,
    Layer.CIVIC,
    Layer.SAND,
    Layer.PLAZA,
    Layer.BOUNDARY,
    Layer.SERVICE,
    Layer.STREAM,
    Layer.GRASS,
    Layer.BUILDING,
    Layer.PATH,
)
"""What is kept first when there is too much; within a layer the biggest first."""


Frame = tuple[float, float, float, float]
"""West, south, east, north in metres of Web Mercator."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """
    A picture in whole numbers: ``x`` grows to the east, ``y`` to the south.

    Attributes
    ----------
    west_m, north_m
        Where ``(0, 0)`` lies, in metres of Web Mercator (EPSG:3857).
    unit_m
        Length of one unit in metres of Web Mercator.
    width, height
        Of the box that was asked for, in units.
    layer, flags, name, size_m
        As in `Features`; ``name`` is an index into ``names`` of this drawing.
    part_start
        ``(f + 1,)`` int32: the parts of feature ``i`` are ``part_start[i]:part_start[i + 1]``;
        the first ring of a polygon is its shell, the others are holes.
    point_start
        ``(parts + 1,)`` int32: likewise the points of each part.
    xy
        ``(p, 2)`` int32 in units. The last point of a ring repeats its first.
    """

    west_m: float
    north_m: float
    unit_m: float
    width: int
    height: int
    layer: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    name: NDArray[np.int32]
    size_m: NDArray[np.float32]
    names: tuple[tuple[str, str, str], ...]
    part_start: NDArray[np.int32]
    point_start: NDArray[np.int32]
    xy: NDArray[np.int32]

    def project(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the place on this picture of ``(n, 2)`` lon, lat, as ``(n, 2)`` int32 units."""
        corner = np.array([self.west_m, self.north_m])
        units = (_mercator(points) - corner) / np.array([self.unit_m, -self.unit_m])
        return np.asarray(np.rint(units), dtype=np.int32)


def draw(features: Features, bbox: Box, *, budget_points: int) -> Drawing:
    """Return what lies in the box; see `maps.drawing.basemap.Basemap.clip`."""
    corners = _mercator(np.array([[bbox[0], bbox[1]], [bbox[2], bbox[3]]]))
    frame = (corners[0, 0], corners[0, 1], corners[1, 0], corners[1, 1])
    side = float((corners[1] - corners[0]).max())
    stretch = 1 / np.cos(np.radians((bbox[1] + bbox[3]) / 2))
    tolerance = max(_FINEST_M * stretch, side * _FINEST_SHARE)
    inside = _clip(_near(features, bbox), frame, side)
    shown = _simplified(inside, tolerance)
    while _count(shown) > budget_points and tolerance < side * _COARSEST_SHARE:
        tolerance *= 1.5
        shown = _simplified(inside, tolerance)
    return _drawing(_most_important(shown, budget_points), frame, tolerance / 2)


def _near(features: Features, bbox: Box) -> Features:
    west, south, east, north = bbox
    low_x, low_y, high_x, high_y = shapely.bounds(features.geometries).T
    touching = (low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south)
    return features.take(np.flatnonzero(touching))


def _clip(features: Features, frame: Frame, side: float) -> Features:
    """
    Return the features in Web Mercator, cut at the frame, each of one part.

    The sea goes on around it by the side's length: its cut would show in a window of another form.
    """
    flat = shapely.transform(features.geometries, _mercator)
    whole = shapely.contains_properly(shapely.box(*frame), flat)
    cut = np.array(flat)
    sea = features.layer == Layer.SEA
    cut[~whole] = shapely.clip_by_rect(flat[~whole], *frame)
    wide = shapely.box(*frame).buffer(side, join_style="mitre").bounds
    cut[sea] = shapely.clip_by_rect(flat[sea], *wide)
    parts, origin = shapely.get_parts(cut, return_index=True)
    # Cutting may leave bits of a lower dimension, such as a point where a corner touches.
    same = shapely.get_dimensions(parts) == shapely.get_dimensions(flat)[origin]
    kept = np.flatnonzero(same & ~shapely.is_empty(parts))
    return features.take(origin[kept], parts[kept])


def _simplified(features: Features, tolerance: float) -> Features:
    """Return simpler features, less those that are smaller than two tolerances."""
    big = (features.size_m >= 2 * tolerance) | (shapely.get_dimensions(features.geometries) == 0)
    index = np.flatnonzero(big)
    # Without regard to topology: faster, and a crossing smaller than the tolerance is not seen.
    simple = shapely.simplify(features.geometries[index], tolerance, preserve_topology=False)
    parts, origin = shapely.get_parts(simple, return_index=True)
    kept = np.flatnonzero(~shapely.is_empty(parts))
    return features.take(index[origin[kept]], parts[kept])


def _count(features: Features) -> int:
    return int(shapely.get_num_coordinates(features.geometries).sum())


def _most_important(features: Features, budget_points: int) -> Features:
    if _count(features) <= budget_points:
        return features
    rank_of = np.full(256, len(_KEEP_ORDER))
    rank_of[list(_KEEP_ORDER)] = np.arange(len(_KEEP_ORDER))
    rank = 2 * rank_of[features.layer] + ((features.flags & Flag.LESSER) > 0)
    order = np.lexsort((-features.size_m, rank))
    points = shapely.get_num_coordinates(features.geometries[order])
    return features.take(np.sort(order[np.cumsum(points) <= budget_points]))


def _drawing(features: Features, frame: Frame, unit: float) -> Drawing:
    west, south, east, north = frame
    parts, part_of = _parts(features.geometries)
    points, point_of = shapely.get_coordinates(parts, return_index=True)
    used, name = np.unique(np.append(features.name, 0), return_inverse=True)
    return Drawing(
        west_m=west,
        north_m=north,
        unit_m=unit,
        width=round((east - west) / unit),
        height=round((north - south) / unit),
        layer=features.layer,
        flags=features.flags,
        name=name[:-1].astype(np.int32),
        size_m=features.size_m,
        names=tuple(features.names[index] for index in used),
        part_start=_starts(part_of, len(features.geometries)),
        point_start=_starts(point_of, len(parts)),
        xy=np.rint((points - (west, north)) / (unit, -unit)).astype(np.int32),
    )


def _parts(geometries: Geometries) -> tuple[Geometries, NDArray[np.int64]]:
    """Return rings of polygons, lines and points as they are, and the feature of each."""
    polygon = shapely.get_dimensions(geometries) == 2
    rings, of_polygon = shapely.get_rings(geometries[polygon], return_index=True)
    owner = np.concatenate([np.flatnonzero(polygon)[of_polygon], np.flatnonzero(~polygon)])
    parts = np.concatenate([rings, geometries[~polygon]])
    order = np.argsort(owner, kind="stable")
    return cast(Geometries, parts[order]), owner[order]


def _starts(owner: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    return np.searchsorted(owner, np.arange(count + 1)).astype(np.int32)


def _mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(n, 2)`` lon, lat as metres of Web Mercator (EPSG:3857, spherical)."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return EARTH_RADIUS_M * np.column_stack([lon, np.log(np.tan(np.pi / 4 + lat / 2))])
