"""From pieces of coastline to the sea: where OpenStreetMap draws the shore, but not the water."""

from __future__ import annotations

from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.drawing.basemap_read import Geometries

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_BESIDE = 2e-7
"""How far beside a shore to look for its sea, in degrees (2 cm): less than any real detail."""


def sea(coast: Geometries, box: Box) -> Geometries:
    """
    Return the polygons of the sea in and around a box.

    Parameters
    ----------
    coast
        Lines of ``natural=coastline``: land on the left, water on the right (OpenStreetMap wiki,
        Tag:natural=coastline). Pieces may end where an extract was cut.
    box
        What the map covers. Loose ends of the coast are led straight out of its nearest side,
        and the sea goes on beyond it by twice its larger extent, so that a view past the map's
        edge shows no straight shore there.

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
    """Return a straight line from each loose end of the coast out of the nearest side."""
    open_ended = shores[~shapely.is_closed(shores)]
    if not len(open_ended):
        return np.array([], dtype=np.object_)
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(open_ended, 0)),
            shapely.get_coordinates(shapely.get_point(open_ended, -1)),
        ]
    )
    x, y = ends[:, 0], ends[:, 1]
    side = np.argmin([x - box[0], y - box[1], box[2] - x, box[3] - y], axis=0)
    limit = np.asarray(outer)[side]
    targets = np.where((side % 2 == 0)[:, None], np.c_[limit, y], np.c_[x, limit])
    return cast(Geometries, shapely.linestrings(np.stack([ends, targets], axis=1)))


def _votes(faces: Geometries, shores: Geometries) -> NDArray[np.float64]:
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
