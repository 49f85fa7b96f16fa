"""From what was read to what is kept: whole streets, single polygons, labels for areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.drawing import basemap_classes, basemap_sea
from maps.drawing.basemap_classes import Flag, Layer
from maps.drawing.basemap_read import Geometries, Sketch

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

EARTH_RADIUS_M = 6_378_137.0
"""Of the sphere that Web Mercator uses (EPSG:3857)."""

_METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """
    Things to draw, in painting order: by layer, the biggest first.

    Attributes
    ----------
    geometries
        ``(f,)`` Shapely points, line strings and polygons (no multi-part ones), lon, lat.
    layer, flags
        ``(f,)`` uint8, see `maps.drawing.basemap_classes`.
    name
        ``(f,)`` int32, index into ``names``; 0: none.
    size_m
        ``(f,)`` float32: length of a line, side of a square as large as the polygon, of a label
        the size of the area it names.
    names
        Local, Chinese and Latin name; the latter two empty when none is tagged.
    """

    geometries: Geometries
    layer: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    name: NDArray[np.int32]
    size_m: NDArray[np.float32]
    names: tuple[tuple[str, str, str], ...]

    def take(self, index: NDArray[np.int64], geometries: Geometries | None = None) -> Self:
        """Return some of the features, with other geometries when these are given."""
        return type(self)(
            geometries=self.geometries[index] if geometries is None else geometries,
            layer=self.layer[index],
            flags=self.flags[index],
            name=self.name[index],
            size_m=self.size_m[index],
            names=self.names,
        )


def assemble(sketch: Sketch) -> tuple[Features, Box]:
    """Return the features of a sketch, and the box that the map covers, in degrees."""
    shapes = sketch.geometries()
    box = sketch.box or _box_of(shapes)
    raw = Features(
        geometries=shapes,
        layer=np.array(sketch.layers, dtype=np.uint8),
        flags=np.array(sketch.flags, dtype=np.uint8),
        name=np.array(sketch.name_of, dtype=np.int32),
        size_m=np.zeros(len(shapes), dtype=np.float32),
        names=_names(sketch),
    )
    dimension = shapely.get_dimensions(shapes)
    areas = _measured(_single(raw.take(np.flatnonzero(dimension == 2))), box)
    lines = _measured(_merged(raw.take(np.flatnonzero(dimension == 1))), box)
    points = raw.take(np.flatnonzero(dimension == 0))
    sea = _measured(_sea(sketch, box), box)
    return _in_painting_order([sea, areas, lines, points, _labels(areas)]), box


def _box_of(shapes: Geometries) -> Box:
    west, south, east, north = shapely.total_bounds(shapes)
    return (float(west), float(south), float(east), float(north))


def _single(areas: Features) -> Features:
    """Take multi-part areas apart."""
    parts, origin = shapely.get_parts(areas.geometries, return_index=True)
    return areas.take(origin, parts)


def _merged(lines: Features) -> Features:
    """Join the pieces of each street, so that it is drawn and labelled as one."""
    keys = np.stack([lines.layer, lines.flags, lines.name], axis=1).astype(np.int64)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(group, kind="stable")
    if not len(order):
        return lines
    together = shapely.multilinestrings(lines.geometries[order], indices=group[order])
    parts, origin = shapely.get_parts(shapely.line_merge(together), return_index=True)
    return lines.take(first[origin], parts)


def _sea(sketch: Sketch, box: Box) -> Features:
    polygons = basemap_sea.sea(sketch.coastline(), box)
    count = len(polygons)
    return Features(
        geometries=polygons,
        layer=np.full(count, Layer.SEA, dtype=np.uint8),
        flags=np.full(count, Flag.NONE, dtype=np.uint8),
        name=np.zeros(count, dtype=np.int32),
        size_m=np.zeros(count, dtype=np.float32),
        names=_names(sketch),
    )


def _names(sketch: Sketch) -> tuple[tuple[str, str, str], ...]:
    # A language of which nothing is tagged, or just the local name again, stays empty.
    return tuple(
        (local, chinese if chinese != local else "", latin if latin != local else "")
        for local, (_, chinese, latin) in sketch.names.items()
    )


def _labels(areas: Features) -> Features:
    """Return a label inside each named area of a layer whose names are shown."""
    label_of = np.zeros(256, dtype=np.uint8)
    for layer in Layer:
        label_of[layer] = basemap_classes.name_layer(layer) or 0
    named = np.flatnonzero((areas.name > 0) & (label_of[areas.layer] > 0))
    chosen = areas.take(named)
    return Features(
        geometries=shapely.point_on_surface(chosen.geometries),
        layer=label_of[chosen.layer],
        flags=chosen.flags,
        name=chosen.name,
        size_m=chosen.size_m,
        names=chosen.names,
    )


def _measured(features: Features, box: Box) -> Features:
    """Return the features with their sizes, measured on a plane tangent at the box's middle."""
    narrowing = np.cos(np.radians((box[1] + box[3]) / 2))
    scale = np.array([_METRES_PER_DEGREE * narrowing, _METRES_PER_DEGREE])
    flat = shapely.transform(features.geometries, lambda points: points * scale)
    size = np.maximum(shapely.length(flat), 0.0)
    polygon = shapely.get_dimensions(flat) == 2
    size[polygon] = np.sqrt(shapely.area(flat[polygon]))
    return Features(
        geometries=features.geometries,
        layer=features.layer,
        flags=features.flags,
        name=features.name,
        size_m=size.astype(np.float32),
        names=features.names,
    )


def _in_painting_order(batches: Sequence[Features]) -> Features:
    joined = Features(
        geometries=np.concatenate([batch.geometries for batch in batches]),
        layer=np.concatenate([batch.layer for batch in batches]),
        flags=np.concatenate([batch.flags for batch in batches]),
        name=np.concatenate([batch.name for batch in batches]),
        size_m=np.concatenate([batch.size_m for batch in batches]),
        names=batches[0].names,
    )
    return joined.take(np.lexsort((-joined.size_m, joined.layer)))
