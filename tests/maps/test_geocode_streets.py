from __future__ import annotations

import numpy as np
import pytest

from maps.addresses.geocode_around import around
from maps.addresses.geocode_read import Found, House, Name, Place, StreetPiece
from maps.addresses.geocode_streets import Street, group
from tests.maps.osm_text import at


def piece(name: str, *spots: tuple[float, float], others: tuple[str, ...] = ()) -> StreetPiece:
    return StreetPiece(Name(name, others), np.array([at(*spot) for spot in spots]))


def house(street: str, spot: tuple[float, float], *towns: str) -> House:
    return House(street, ("1",), at(*spot), towns, 0)


def streets(*pieces: StreetPiece, houses: tuple[House, ...] = ()) -> list[Street]:
    return group(Found(streets=list(pieces), houses=list(houses)))


def test_pieces_that_follow_each_other_are_one_street() -> None:
    found = streets(
        piece("Oak Lane", (0, 0), (100, 0)),
        piece("Oak Lane", (100, 0), (200, 50)),
        piece("OAK LANE", (220, 50), (300, 50)),
    )

    assert [len(street.pieces) for street in found] == [3]


def test_the_same_name_in_another_village_is_another_street() -> None:
    found = streets(
        piece("Rua da Igreja", (0, 0), (100, 0)), piece("Rua da Igreja", (5_000, 0), (5_100, 0))
    )

    assert len(found) == 2


def test_a_long_straight_road_holds_its_pieces_together() -> None:
    found = streets(
        piece("Estrada Nova", (0, 0), (6_000, 0)), piece("Estrada Nova", (3_000, 0), (3_000, 100))
    )

    assert len(found) == 1


def test_a_house_belongs_to_the_street_of_its_own_village() -> None:
    found = streets(
        piece("Rua da Igreja", (0, 0), (100, 0)),
        piece("Rua da Igreja", (5_000, 0), (5_100, 0)),
        houses=(house("Rua da Igreja", (5_050, 10)),),
    )

    assert [len(street.houses) for street in found] == [0, 1]


def test_a_house_may_name_its_street_in_another_language() -> None:
    found = streets(
        piece("Unioninkatu", (0, 0), (100, 0), others=("Unionsgatan",)),
        houses=(house("Unionsgatan", (50, 10)),),
    )

    assert [(street.name.shown, len(street.houses)) for street in found] == [("Unioninkatu", 1)]


def test_the_position_of_a_bent_street_is_on_the_street() -> None:
    (street,) = streets(piece("Ring", (0, 0), (1_000, 0), (1_000, 1_000)))

    assert street.position == pytest.approx(at(1_000, 0))


def test_the_most_frequent_town_comes_first() -> None:
    (street,) = streets(
        piece("Oak Lane", (0, 0), (100, 0)),
        houses=tuple(house("Oak Lane", (50, 10), town) for town in ("Porto", "Maia", "Maia")),
    )

    assert street.towns == ("Maia", "Porto")


def names(spot: tuple[float, float], *places: Place) -> list[str]:
    (found,) = around(np.array([at(*spot)]), places, [])
    return [name.shown for name in found]


def place(kind: str, name: str, spot: tuple[float, float]) -> Place:
    return Place(kind, Name(name), at(*spot))


def test_quarter_and_town_are_named_from_small_to_big() -> None:
    town, suburb = place("town", "Porto", (0, 0)), place("suburb", "Bonfim", (900, 0))

    assert names((800, 0), town, suburb) == ["Bonfim", "Porto"]


def test_a_city_reaches_farther_than_a_hamlet() -> None:
    city, hamlet = place("city", "Porto", (0, 0)), place("hamlet", "Couce", (9_000, 0))

    assert names((7_000, 0), city, hamlet) == ["Porto"]
    assert names((8_900, 0), city, hamlet) == ["Couce"]


def test_far_from_everything_nothing_is_named() -> None:
    assert names((60_000, 0), place("city", "Porto", (0, 0))) == []


def test_a_farther_quarter_is_known_though_not_shown() -> None:
    near, far = place("suburb", "Bonfim", (0, 0)), place("suburb", "Paranhos", (1_500, 0))

    ((found,),) = around(np.array([at(100, 0)]), [near, far], [])

    assert (found.shown, "Paranhos" in found.others) == ("Bonfim", True)
