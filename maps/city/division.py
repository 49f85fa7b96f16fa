"""Divide the land between roads by further roads, until blocks are as small as wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.city.shapes import FloatArray

_Scalar = TypeVar("_Scalar", bound=np.generic)

_CELL_M = 80.0
_TRIES = 7


@dataclass(frozen=True, slots=True)
class Texture:
    """
    How a quarter is divided.

    Attributes
    ----------
    block_m2
        No block larger than twice this is left, if a road can be fitted.
    lattice_m
        Roads lie on a lattice of this spacing along the quarter's own axes; 0: anywhere.
    jitter
        How far from the middle a road may lie, as a share of the block's length.
    skew
        How far from square a road may stand, radians.
    bend
        How far a road bows, as a share of its length.
    snap_m
        A road ends on a junction of the neighbours that lies within this distance.
    """

    name: str
    block_m2: float
    lattice_m: float = 0.0
    jitter: float = 0.12
    skew: float = 0.05
    bend: float = 0.0
    snap_m: float = 35.0


@dataclass(slots=True, eq=False)
class Junctions:
    """Where roads meet already; a new road prefers to end at one of them, on the other side."""

    _cells: dict[tuple[int, int], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, points: FloatArray) -> None:
        """Remember points."""
        for x, y in points:
            self._cells[int(x // _CELL_M), int(y // _CELL_M)].append((float(x), float(y)))

    def near(self, point: FloatArray, distance: float) -> FloatArray:
        """Return the known points within the distance (at most `_CELL_M`), nearest first."""
        column, row = int(point[0] // _CELL_M), int(point[1] // _CELL_M)
        found = [
            known
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for known in self._cells.get((i, j), ())
        ]
        if not found:
            return np.empty((0, 2))
        points = np.array(found)
        gap = np.hypot(*(points - point).T)
        order = np.argsort(gap, kind="stable")
        return np.asarray(points[order[gap[order] <= distance]])


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """The roads that were added, as ``(k, 2)`` lines, and the outlines of the blocks left."""

    roads: tuple[tuple[FloatArray, float], ...]
    blocks: tuple[FloatArray, ...]


def divide(
    ring: FloatArray,
    texture: Texture,
    *,
    rng: np.random.Generator,
    junctions: Junctions,
    size: Callable[[FloatArray], float] | None = None,
) -> Division:
    """
    Divide a face again and again across its longer side.

    Parameters
    ----------
    ring
        ``(k, 2)`` outline in metres, not closed, counter-clockwise.
    size
        Wanted size of a block relative to the texture's, at a point.

    Returns
    -------
    division
        Each road comes with the area of the face that it divided: the larger, the greater the road.
    """
    axis = _axis(ring)
    roads: list[tuple[FloatArray, float]] = []
    blocks: list[FloatArray] = []
    waiting = [ring]
    while waiting:
        face = waiting.pop()
        area = area_of(face)
        wanted = texture.block_m2 * (size(face.mean(axis=0)) if size else 1.0)
        if area < 2.0 * wanted * rng.uniform(0.8, 1.25):
            blocks.append(face)
            continue
        cut = _cut(face, texture, axis=axis, wanted=wanted, rng=rng, junctions=junctions)
        if cut is None:
            blocks.append(face)
            continue
        road, first, second = cut
        junctions.add(road[[0, -1]])
        roads.append((road, area))
        waiting += [second, first]
    return Division(tuple(roads), tuple(blocks))


def area_of(ring: FloatArray) -> float:
    """Return the area inside an outline; positive when it runs counter-clockwise."""
    x, y = ring.T
    turned = np.dot(x[:-1], y[1:]) - np.dot(y[:-1], x[1:]) + x[-1] * y[0] - y[-1] * x[0]
    return 0.5 * float(turned)


def _axis(ring: FloatArray) -> FloatArray:
    """Return the direction of the longer side of the smallest rectangle around the outline."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shapely.polygons(ring)))
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    longer = int(np.argmax(lengths))
    return np.asarray(sides[longer] / lengths[longer], dtype=np.float64)


def _cut(
    face: FloatArray,
    texture: Texture,
    *,
    axis: FloatArray,
    wanted: float,
    rng: np.random.Generator,
    junctions: Junctions,
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    for attempt in range(_TRIES):
        line = _line(face, texture, axis=axis, attempt=attempt, rng=rng)
        ends = _ends(face, *line)
        if ends is None:
            continue
        snap = texture.snap_m if attempt < _TRIES - 2 else 0.6 * texture.snap_m
        placed = [_placed(face, end, snap_m=snap, junctions=junctions) for end in ends]
        bow = texture.bend * rng.uniform(-1.0, 1.0)
        road = _bowed(placed[0][1], placed[1][1], bow)
        if not _fits(face, road, placed):
            continue
        first, second = _halves(face, road, placed)
        if min(area_of(first), area_of(second)) < 0.35 * wanted:
            continue
        # Where the outline has a side shorter than a metre, `_fits` is blind to a road across it.
        if all(shapely.is_valid(shapely.polygons(half)) for half in (first, second)):
            return road, first, second
    return None


def _line(
    face: FloatArray,
    texture: Texture,
    *,
    axis: FloatArray,
    attempt: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return a point and a direction for the next road: across the longer side, near its middle."""
    if texture.lattice_m:
        return _lattice_line(face, texture.lattice_m, axis=axis, attempt=attempt)
    along = _axis(face)
    share = face @ along
    low, high = share.min(), share.max()
    spread = texture.jitter * (1.0 + 0.5 * attempt)
    middle = 0.5 * (low + high) + (high - low) * np.clip(rng.normal(0.0, spread), -0.3, 0.3)
    across = np.array([-along[1], along[0]])
    centre = along * middle + across * float((face @ across).mean())
    turn = rng.normal(0.0, texture.skew)
    cos, sin = np.cos(turn), np.sin(turn)
    return centre, across @ np.array([[cos, sin], [-sin, cos]])


def _lattice_line(
    face: FloatArray, spacing: float, *, axis: FloatArray, attempt: int
) -> tuple[FloatArray, FloatArray]:
    across = np.array([-axis[1], axis[0]])
    # Blocks are longer along the quarter's axis than across: 3 to 2.
    frames = [(axis, across, 1.25 * spacing), (across, axis, 0.8 * spacing)]
    extents = [float(np.ptp(face @ along)) / step for along, _, step in frames]
    if (extents[1] > extents[0]) != (attempt % 2 == 1):
        frames.reverse()
    along, other, step = frames[0]
    middle = 0.5 * float((face @ along).min() + (face @ along).max())
    nearest = step * (np.round(middle / step) + (attempt // 2) * (-1) ** attempt)
    return along * nearest + other * float((face @ other).mean()), other


def _ends(
    face: FloatArray, centre: FloatArray, direction: FloatArray
) -> list[tuple[int, FloatArray]] | None:
    """Return where the line through the centre leaves the face: side and point, twice."""
    normal = np.array([-direction[1], direction[0]])
    height = (face - centre) @ normal
    below = height < 0.0
    sides = np.flatnonzero(below != _next(below))
    if len(sides) < 2:
        return None
    after = (sides + 1) % len(face)
    share = height[sides] / (height[sides] - height[after])
    points = face[sides] + share[:, None] * (face[after] - face[sides])
    order = np.argsort((points - centre) @ direction, kind="stable")
    reach = ((points - centre) @ direction)[order]
    # Inside lies between crossings 0-1, 2-3, ...: take the longest such stretch.
    starts = np.arange(0, len(order) - 1, 2)
    best = int(starts[np.argmax(reach[starts + 1] - reach[starts])])
    return [(int(sides[k]), points[k]) for k in order[best : best + 2]]


def _placed(
    face: FloatArray, end: tuple[int, FloatArray], *, snap_m: float, junctions: Junctions
) -> tuple[int, FloatArray]:
    """Return the end, moved to a junction on the outline when one is near."""
    for point in junctions.near(end[1], snap_m):
        side, gap = _nearest_side(face, point)
        if gap < 1e-3:
            return side, point
    return end


def _nearest_side(face: FloatArray, point: FloatArray) -> tuple[int, float]:
    start, side = face, _next(face) - face
    length2 = np.einsum("ij,ij->i", side, side)
    share = np.einsum("ij,ij->i", point - start, side) / np.maximum(length2, 1e-12)
    foot = start + np.clip(share, 0.0, 1.0)[:, None] * side
    gaps = np.hypot(*(foot - point).T)
    nearest = int(np.argmin(gaps))
    # At a corner the side that begins there is meant, so that the halves stay simple.
    if np.hypot(*(face[(nearest + 1) % len(face)] - point)) < 1e-6:
        nearest = (nearest + 1) % len(face)
    return nearest, float(gaps[nearest])


def _bowed(start: FloatArray, end: FloatArray, bow: float) -> FloatArray:
    length = float(np.hypot(*(end - start)))
    if abs(bow) * length < 4.0:
        return np.vstack([start, end])
    share = np.linspace(0.0, 1.0, max(4, min(12, int(length / 30.0))))[:, None]
    aside = np.array([-(end - start)[1], (end - start)[0]])
    return np.asarray(start + share * (end - start) + 4.0 * bow * share * (1 - share) * aside)


def _fits(face: FloatArray, road: FloatArray, placed: Sequence[tuple[int, FloatArray]]) -> bool:
    length = float(np.hypot(*(road[-1] - road[0])))
    if placed[0][0] == placed[1][0] or length < 35.0:
        return False
    for (side, _), inward in zip(placed, (road[1] - road[0], road[-2] - road[-1]), strict=True):
        wall = face[(side + 1) % len(face)] - face[side]
        sine = abs(wall[0] * inward[1] - wall[1] * inward[0])
        if sine < 0.55 * np.hypot(*wall) * np.hypot(*inward):
            return False
    inner = road.copy()
    inner[0] += (road[1] - road[0]) / np.hypot(*(road[1] - road[0]))
    inner[-1] += (road[-2] - road[-1]) / np.hypot(*(road[-2] - road[-1]))
    return bool(shapely.contains_properly(shapely.polygons(face), shapely.linestrings(inner)))


def _halves(
    face: FloatArray, road: FloatArray, placed: Sequence[tuple[int, FloatArray]]
) -> tuple[FloatArray, FloatArray]:
    (i, _), (j, _) = placed
    first = np.vstack([_walk(face, i, j), road[::-1]])
    second = np.vstack([_walk(face, j, i), road])
    return _clean(first), _clean(second)


def _walk(face: FloatArray, i: int, j: int) -> FloatArray:
    count = (j - i) % len(face)
    return np.asarray(face[(i + 1 + np.arange(count)) % len(face)])


def _clean(ring: FloatArray) -> FloatArray:
    return np.asarray(ring[np.hypot(*(_next(ring) - ring).T) > 1e-3])


def _next(items: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return the items, each replaced by the one after it, round and round."""
    return np.concatenate([items[1:], items[:1]])
