"""
GCJ-02 and BD-09, the shifted coordinates of Chinese map services, to WGS84 and back.

AMap, Tencent and Google in China use GCJ-02; Baidu uses BD-09, which shifts GCJ-02 once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import eviltransform
import numpy as np
from numpy.typing import ArrayLike

from maps.travel import Points

Datum = Literal["wgs84", "gcj02", "bd09"]
"""What a pair of coordinates refers to."""

_Shift = Callable[[float, float], tuple[float, float]]

_CLOSE_DEG = 1e-9  # 0.1 mm, far below what the shift itself is known to
_MAX_STEPS = 12


def from_wgs84(points: ArrayLike, *, datum: Datum) -> Points:
    """
    Return WGS84 points in another datum.

    Parameters
    ----------
    points
        ``(n, 2)`` lon, lat in degrees, WGS84.
    datum
        The datum wanted.

    Returns
    -------
    shifted
        ``(n, 2)`` float64, lon, lat. Points outside longitude 72.004–137.8347 and latitude
        0.8293–55.8271, the rectangle in which the services shift, are returned as they are.
    """
    given = _points(points)
    if datum == "wgs84":
        return given.copy()
    return _each(given, _shift(datum))


def to_wgs84(points: ArrayLike, *, datum: Datum) -> Points:
    """
    Return points of a datum in WGS84: the inverse of `from_wgs84` to less than 1 cm.

    Parameters
    ----------
    points
        ``(n, 2)`` lon, lat in degrees.
    datum
        The datum that they are in.

    Returns
    -------
    points
        ``(n, 2)`` float64, lon, lat, WGS84. Outside the rectangle of `from_wgs84` as given; within
        some 1.5 km of its rim, where no service has customers, the inverse is not unique.

    Notes
    -----
    The library's own inverses are off by up to 4 m (GCJ-02, BD-09) or 0.9 m ("exact", GCJ-02
    only), measured over China. The shift changes by less than 1 % of a step, so repeating
    ``guess -= shift(guess) - given`` gains two digits or more each time.
    """
    given = _points(points)
    if datum == "wgs84":
        return given.copy()
    shift = _shift(datum)

    def unshift(lat: float, lon: float) -> tuple[float, float]:
        return _invert(shift, lat, lon)

    return _each(given, unshift)


def _shift(datum: Datum) -> _Shift:
    shift: _Shift = eviltransform.wgs2gcj if datum == "gcj02" else eviltransform.wgs2bd
    return shift


def _invert(shift: _Shift, lat: float, lon: float) -> tuple[float, float]:
    guess_lat, guess_lon = lat, lon
    for _ in range(_MAX_STEPS):
        shifted_lat, shifted_lon = shift(guess_lat, guess_lon)
        off_lat, off_lon = shifted_lat - lat, shifted_lon - lon
        guess_lat, guess_lon = guess_lat - off_lat, guess_lon - off_lon
        if abs(off_lat) < _CLOSE_DEG and abs(off_lon) < _CLOSE_DEG:
            break
    return guess_lat, guess_lon


def _each(points: Points, move: _Shift) -> Points:
    moved = np.empty_like(points)
    for row, (lon, lat) in enumerate(points.tolist()):
        moved[row] = move(lat, lon)[::-1]
    return moved


def _points(points: ArrayLike) -> Points:
    given = np.asarray(points, dtype=np.float64)
    return given.reshape(-1, 2) if given.size == 0 else np.atleast_2d(given)
