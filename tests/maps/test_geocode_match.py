from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.addresses.geocode_match import Match, Query, match
from maps.addresses.geocode_text import fold


def compare(name: str, asked: str, area: str = "") -> Match:
    found = match(fold(name), Query.of(asked), area="\n".join(map(fold, area.split(";"))))
    assert found is not None, f"{name!r} does not answer {asked!r}"
    return found


def number(name: str, asked: str) -> int:
    found = compare(name, asked).number
    assert found is not None
    return found.base


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Rue Grimaldi", "12 Rue Grimaldi"),
        ("Rue Grimaldi", "Rue Grimaldi 12"),
        ("Rue Grimaldi", "Rue Grimaldi, 12"),
        ("Rue Grimaldi", "no. 12, rue Grimaldi"),
        ("Rua 25 de Abril", "Rua 25 de Abril 12"),
        ("Rua do Almada", "Rua do Almada 12, 4050-123"),
        ("Rua do Almada", "4050-123, Rua do Almada 12"),
        ("中山北路", "中山北路 12 号"),
        ("中山北路", "中山北路12"),
        ("中山北路", "中山北路12号301室"),
    ],
)
def test_the_number_is_found_wherever_it_stands(name: str, asked: str) -> None:
    assert number(name, asked) == 12
    assert compare(name, asked).likeness == pytest.approx(1.0)


def test_a_number_that_belongs_to_the_name_is_no_house_number() -> None:
    assert compare("Rua 25 de Abril", "Rua 25 de Abril").number is None


def test_a_name_with_a_lane_leaves_the_house_within_it() -> None:
    assert number("江阴路88弄", "江阴路88弄12号") == 12


def test_a_letter_after_the_number_belongs_to_it() -> None:
    found = compare("Korkeavuorenkatu", "Korkeavuorenkatu 25 B").number

    assert found is not None
    assert (found.base, found.suffix) == (25, "b")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Zhongshan North Road", "Zhongshan N. Rd"),
        ("North Zhongshan Road", "Zhongshan North Road"),
        ("Rua do Almada", "R. do Almada"),
        ("Avenue de la Madone", "av de la madone"),
        ("Boulevard Albert 1er", "Bd. Albert 1er"),
        ("Rua de São João", "rua de sao joao"),
    ],
)
def test_abbreviations_order_and_accents_cost_next_to_nothing(name: str, asked: str) -> None:
    assert compare(name, asked).likeness > 0.95


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Rue Grimaldi", "Rue Grimadli"),
        ("Rua do Almada", "Rua do Almda"),
        ("Avenida da Boavista", "Avenida da Boavsita"),
        ("南京东路", "南京路"),
    ],
)
def test_a_typo_is_forgiven_but_noticed(name: str, asked: str) -> None:
    assert 0.65 < compare(name, asked).likeness < 0.95


def test_the_town_of_the_area_is_understood() -> None:
    assert compare("Rua do Almada", "Rua do Almada 30, Porto", "Porto").likeness == 1.0


def test_another_town_speaks_against_the_street() -> None:
    assert compare("Rua do Almada", "Rua do Almada 30, Porto", "Lisboa").likeness < 0.7


def test_a_town_that_the_map_cannot_tell_costs_less() -> None:
    unknown = compare("Rua do Almada", "Rua do Almada 30, Porto").likeness
    wrong = compare("Rua do Almada", "Rua do Almada 30, Porto", "Lisboa").likeness

    assert wrong < unknown < 1.0


def test_a_village_and_an_estate_before_a_street_are_understood() -> None:
    asked = "古浦村锦浦家园兰苑街28号"

    assert compare("兰苑街", asked, "锦浦家园;古浦村").likeness == pytest.approx(1.0)
    assert compare("兰苑街", asked, "锦浦家园").likeness < 0.9


@pytest.mark.parametrize("area", ["黄浦区;上海市", "黄浦;上海"])
def test_city_and_district_before_a_chinese_street_are_understood(area: str) -> None:
    found = compare("南京东路", "上海市黄浦区南京东路123号", area)

    assert found.likeness == pytest.approx(1.0)
    assert found.number is not None


def test_another_chinese_city_speaks_against_the_street() -> None:
    assert compare("人民路", "北京市人民路12号", "上海市").likeness < 0.8


def test_the_street_itself_is_meant_rather_than_a_street_of_the_towns_name() -> None:
    asked = "Rua do Almada 30, Porto"

    assert compare("Rua do Almada", asked).likeness > compare("Rua do Porto", asked).likeness + 0.05


@pytest.mark.parametrize(
    ("name", "asked"),
    [("Rue Grimaldi", "Boulevard d'Italie"), ("南京东路", "淮海中路"), ("Rue Grimaldi", "12")],
)
def test_another_name_is_no_answer(name: str, asked: str) -> None:
    assert match(fold(name), Query.of(asked), area="") is None


def test_a_short_name_is_no_answer_to_a_whole_address() -> None:
    assert compare("D", "42 Boulevard d'Italie, Monaco", "Monaco").likeness < 0.5


names = st.text(min_size=1, max_size=40).map(fold).filter(bool)


@given(names, st.text(max_size=60), st.text(max_size=20).map(fold))
def test_likeness_is_a_share_whatever_is_compared(name: str, asked: str, area: str) -> None:
    query = Query.of(asked)
    found = match(name, query, area=area) if query.words else None

    assert found is None or 0.0 <= found.likeness <= 1.0


@given(names)
def test_every_name_answers_to_itself(name: str) -> None:
    found = match(name, Query.of(name), area="")

    assert found is not None
    assert found.likeness > 0.95
