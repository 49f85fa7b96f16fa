from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.coords import Datum, from_wgs84, to_wgs84
from maps.travel import Points

DATUMS: list[Datum] = list(get_args(Datum))
SHIFTED: list[Datum] = ["gcj02", "bd09"]

# The mainland with its islands, away from the rim of the shifted rectangle.
in_china = st.tuples(st.floats(73.5, 135.1), st.floats(17.0, 53.6))
# Europe, Africa and the Atlantic; the Americas; Australia and New Zealand.
abroad = st.one_of(
    st.tuples(st.floats(-170.0, 72.0), st.floats(-80.0, 80.0)),
    st.tuples(st.floats(110.0, 179.0), st.floats(-60.0, -1.0)),
)


def metres(one: Points, other: Points) -> Points:
    lat = np.radians(one[:, 1])
    east = (one[:, 0] - other[:, 0]) * 111_320 * np.cos(lat)
    return np.hypot(east, (one[:, 1] - other[:, 1]) * 111_320)


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        # Shanghai, Shenzhen, Beijing: test vectors of github.com/googollee/eviltransform,
        # go/transform_test.go.
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        # Beijing: test vector of github.com/dromara/hutool, CoordinateUtilTest.
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_published_pairs_of_gcj02_hold_both_ways(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    assert metres(from_wgs84([wgs84], datum="gcj02"), np.array([gcj02])).item() < 0.1
    assert metres(to_wgs84([gcj02], datum="gcj02"), np.array([wgs84])).item() < 0.1


@pytest.mark.parametrize(
    ("gcj02", "bd09"),
    [
        # Beijing: test vectors of github.com/dromara/hutool, CoordinateUtilTest (gcj02ToBd09).
        # The vectors of the JavaScript package eviltransform 0.2.2 differ by 10-40 m: it takes pi
        # for 3000 pi / 180.
        ((116.404, 39.915), (116.41036949371029, 39.92133699351021)),
        # Beijing station, five decimals: manual of the R package geoChina, bd2gcj.
        ((116.42703, 39.90245), (116.43351, 39.90851)),
    ],
)
def test_published_pairs_of_gcj02_and_bd09_are_one_place(
    gcj02: tuple[float, float], bd09: tuple[float, float]
) -> None:
    place = to_wgs84([gcj02], datum="gcj02")

    assert metres(to_wgs84([bd09], datum="bd09"), place).item() < 1.5
    assert metres(from_wgs84(place, datum="bd09"), np.array([bd09])).item() < 1.5


@pytest.mark.parametrize("datum", SHIFTED)
@given(points=st.lists(in_china, min_size=1, max_size=5))
def test_there_and_back_is_the_same_place(datum: Datum, points: list[tuple[float, float]]) -> None:
    back = to_wgs84(from_wgs84(points, datum=datum), datum=datum)

    assert metres(back, np.array(points)).max() < 0.01


@pytest.mark.parametrize("datum", SHIFTED)
@given(point=in_china)
def test_a_shift_in_china_is_felt_but_local(datum: Datum, point: tuple[float, float]) -> None:
    moved = metres(from_wgs84([point], datum=datum), np.array([point])).item()

    assert 10 < moved < 3_000


@pytest.mark.parametrize("datum", DATUMS)
@given(point=abroad)
def test_abroad_nothing_moves(datum: Datum, point: tuple[float, float]) -> None:
    assert from_wgs84([point], datum=datum).tolist() == [list(point)]
    assert to_wgs84([point], datum=datum).tolist() == [list(point)]


@pytest.mark.parametrize("datum", DATUMS)
def test_no_points_give_no_points(datum: Datum) -> None:
    assert from_wgs84([], datum=datum).shape == (0, 2)
    assert to_wgs84(np.empty((0, 2)), datum=datum).shape == (0, 2)


@pytest.mark.parametrize("datum", DATUMS)
def test_the_points_given_stay_as_they_are(datum: Datum) -> None:
    points = np.array([[121.47, 31.23]])

    to_wgs84(points, datum=datum)[:] = 0
    from_wgs84(points, datum=datum)[:] = 0

    assert points.tolist() == [[121.47, 31.23]]
