import numpy as np

from maps.sphere import metres_between
from maps.ways.great_circle import GreatCircle

EQUATOR = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def test_a_degree_is_a_360th_of_the_circumference() -> None:
    degree = 2 * np.pi * 6_371_008.8 / 360
    found = metres_between(EQUATOR[0], EQUATOR[1:])
    np.testing.assert_allclose(found, [degree, degree])


def test_matrix_scales_with_speed_and_detour() -> None:
    matrix = GreatCircle(speed_kmh=72, detour=1.5).matrix(EQUATOR, profile="van", hour=0)
    assert matrix.distances[0].tolist() == [0, 166_793, 166_793]
    assert matrix.durations[0].tolist() == [0, 8_340, 8_340]
    assert matrix.snapped_m.tolist() == [0, 0, 0]


def test_leg_agrees_with_the_matrix_and_is_straight() -> None:
    travel = GreatCircle()
    (leg,) = travel.legs(EQUATOR[:1], EQUATOR[1:2], profile="van", hour=0)
    assert leg is not None
    matrix = travel.matrix(EQUATOR, profile="van", hour=0)
    assert (leg.duration_s, leg.distance_m) == (matrix.durations[0, 1], matrix.distances[0, 1])
    assert leg.line.tolist() == EQUATOR[:2].tolist()


def test_version_tells_different_speeds_apart() -> None:
    assert GreatCircle(speed_kmh=30).version != GreatCircle(speed_kmh=31).version
