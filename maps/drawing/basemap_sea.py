"""From pieces of coastline to the sea: where OpenStreetMap draws the shore, but not the water."""

from __future__ import annotations

from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.drawing.basemap_read import Geometries

Floats = NDArray[np.float64]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_BESIDE = 2e-7
"""How far beside a shore to look for its sea, in degrees (2 cm): less than any real detail."""

_RUN = 0.25
"""How much of the coast tells how it runs on, as a share of the box's larger side."""

_HOOK = 0.02
"""How large a hook at the end of a cut coast is overlooked, as a share of the same."""


def sea(coast: Geometries, box: Box) -> Geometries:
    """
    Return the polygons of the sea in and around a box.

    Parameters
    ----------
    coast
        Lines of ``natural=coastline``: land on the left, water on the right (OpenStreetMap wiki,
        Tag:natural=coastline). Pieces may end where an extract was cut.
    box
        What the map covers. Loose ends of the coast are led on as the coast last ran, or as it
        runs on the whole, or, where that would meet the coast again, straight out of the nearest
        side. The sea goes on beyond the box by twice its larger extent, so that a view past the
        map's edge shows no straight shore there.

    Returns
    -------
    polygons
        Empty without a coastline, since then nothing tells land from water.
    """
    nothing = np.array([], dtype=np.object_)
    if not len(coast):
        return nothing
    margin = 2 * max(box[2] - box[0], box[3] - box[1])
    outer = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    shores = shapely.get_parts(shapely.line_merge(shapely.union_all(coast), directed=True))
    frame = shapely.box(*outer)
    lines = shapely.intersection(np.concatenate([shores, _leads(shores, box, outer)]), frame)
    noded = shapely.union_all([*lines, frame.exterior])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return faces[_votes(faces, shores) > 0] if len(faces) else nothing


def _leads(shores: Geometries, box: Box, outer: Box) -> Geometries:
    """Return a straight line from each loose end of the coast to beyond the outer box."""
    open_ended = shores[~shapely.is_closed(shores)]
    if not len(open_ended):
        return np.array([], dtype=np.object_)
    ends, away = _points(open_ended, 0.0), _points(open_ended, 1.0)
    ends, away = np.concatenate([ends, away]), np.concatenate([away, ends])
    far = float(np.hypot(outer[2] - outer[0], outer[3] - outer[1]))
    rays = _rays(ends, ends - _before(open_ended, box), far)
    hook = _HOOK * max(box[2] - box[0], box[3] - box[1])
    for along in (ends - away, _outwards(ends, box)):
        other = _rays(ends, along, far)
        rays = cast(Geometries, np.where(_meet(rays, ends, hook, shores), other, rays))
    return rays


def _before(lines: Geometries, box: Box) -> Floats:
    """Return the points of the coast some way before its starts and its ends."""
    run = _RUN * max(box[2] - box[0], box[3] - box[1])
    share = np.minimum(run / shapely.length(lines), 1.0)
    return np.concatenate([_points(lines, share), _points(lines, 1.0 - share)])


def _points(lines: Geometries, share: Floats | float) -> Floats:
    points = shapely.line_interpolate_point(lines, share, normalized=True)
    return shapely.get_coordinates(points)


def _outwards(ends: Floats, box: Box) -> Floats:
    """Return the direction from each point to the nearest side of the box."""
    x, y = ends[:, 0], ends[:, 1]
    side = np.argmin([x - box[0], y - box[1], box[2] - x, box[3] - y], axis=0)
    sides = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    return cast(Floats, sides[side])


def _rays(ends: Floats, along: Floats, far: float) -> Geometries:
    size = np.hypot(along[:, 0], along[:, 1])[:, None]
    targets = ends + along / np.where(size > 0, size, 1) * far
    return cast(Geometries, shapely.linestrings(np.stack([ends, targets], axis=1)))


def _meet(rays: Geometries, ends: Floats, hook: float, shores: Geometries) -> NDArray[np.bool_]:
    """Return which rays meet the coast beyond a hook at its end, or another ray."""
    later = shapely.difference(rays, shapely.buffer(shapely.points(ends), hook))
    crossed = [
        bool(shapely.intersects(np.delete(rays, k), ray).any()) for k, ray in enumerate(rays)
    ]
    still = shapely.length(rays) == 0
    meets = shapely.intersects(later, shapely.union_all(shores)) | np.array(crossed) | still
    return cast(NDArray[np.bool_], meets)


def _votes(faces: Geometries, shores: Geometries) -> Floats:
    """Return for each face the length of shore that calls it sea, less what calls it land."""
    points, line_of = shapely.get_coordinates(shores, return_index=True)
    same = line_of[1:] == line_of[:-1]
    start, end = points[:-1][same], points[1:][same]
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    start, along, length = start[length > 0], along[length > 0], length[length > 0]
    right = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None] * _BESIDE
    middle = start + along / 2
    tree = shapely.STRtree(faces)
    votes = np.zeros(len(faces))
    for side, sign in ((middle + right, 1.0), (middle - right, -1.0)):
        which, face = tree.query(shapely.points(side), predicate="within")
        np.add.at(votes, face, sign * length[which])
    return votes
