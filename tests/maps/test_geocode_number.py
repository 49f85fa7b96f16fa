from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.addresses.geocode_number import KnownHouse, Located, locate
from maps.addresses.geocode_text import HouseNumber, fold, house_number


def parts(number: str) -> HouseNumber:
    found = house_number(fold(number))
    assert found is not None
    return found


def street(*numbers: str) -> list[KnownHouse]:
    """Return houses whose longitude is their number: 12 stands at 12.0."""
    return [KnownHouse(n, parts(n), float(parts(n).base), 0.0) for n in numbers]


def found(number: str, *numbers: str) -> Located:
    located = locate(parts(number), street(*numbers))
    assert located is not None
    return located


def test_a_known_number_is_exact() -> None:
    assert found("12", "10", "12", "14") == Located(12.0, 0.0, 1.0, "12")


def test_a_number_between_two_known_ones_is_estimated() -> None:
    assert found("12", "10", "14") == Located(12.0, 0.0, 0.8, None)


def test_the_same_side_of_the_street_is_taken_first() -> None:
    houses = [*street("10", "14"), KnownHouse("11", parts("11"), 50.0, 9.0)]

    located = locate(parts("12"), houses)

    assert located == Located(12.0, 0.0, 0.8, None)


def test_the_other_side_will_do_when_nothing_else_is_known() -> None:
    assert found("12", "11", "13").lon == pytest.approx(12.0)


def test_far_neighbours_make_a_poorer_estimate() -> None:
    assert found("40", "10", "60").precision == 0.7


def test_neighbours_a_hundred_numbers_apart_tell_nothing() -> None:
    assert locate(parts("100"), street("2", "300")) is None


def test_beyond_the_last_number_the_last_house_is_near() -> None:
    assert found("18", "10", "14") == Located(14.0, 0.0, 0.6, None)


def test_far_beyond_the_last_number_nothing_is_claimed() -> None:
    assert locate(parts("90"), street("10", "14")) is None


def test_a_number_within_a_range_is_nearly_exact() -> None:
    assert found("24", "22-26").precision == 0.95


def test_the_odd_side_is_not_within_an_even_range() -> None:
    assert found("23", "22-26").precision == 0.6


def test_another_letter_of_the_same_number_is_close() -> None:
    assert found("12b", "12").precision == 0.9


def test_a_lane_is_not_a_house_of_the_street() -> None:
    assert locate(parts("12"), street("88弄12号")) is None


def test_a_house_in_a_lane_is_found_by_both_numbers() -> None:
    assert found("88弄12号", "88弄10号", "88弄12号").number == "88弄12号"


def test_an_unknown_house_in_a_known_lane_is_near_the_lane() -> None:
    assert found("88弄7号", "88弄10号") == Located(10.0, 0.0, 0.7, None)


def test_a_street_without_numbers_tells_nothing() -> None:
    assert locate(parts("12"), []) is None


@given(st.integers(1, 400), st.sets(st.integers(1, 400), max_size=12))
def test_an_estimate_lies_between_its_neighbours(wanted: int, known: set[int]) -> None:
    located = locate(parts(str(wanted)), street(*map(str, sorted(known))))

    if located is None:
        assert wanted not in known
    elif located.precision >= 0.7:
        assert located.lon == pytest.approx(wanted)
    else:
        assert abs(located.lon - wanted) <= 10
