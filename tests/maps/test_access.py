"""Who may drive where: tags on ways and barriers."""

from __future__ import annotations

import pytest

from maps.roads import access
from maps.roads.access import BACKWARD, FORWARD, Access
from maps.roads.profiles import PROFILES

NIGHT, RUSH = 4, 8


def way(tags: str, profile: str = "car", direction: str = FORWARD, hour: int = NIGHT) -> Access:
    """Judge a residential street with further tags, written ``key=value, key=value``."""
    return access.of_way(parsed(tags), PROFILES[profile], direction, hour)


def parsed(tags: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in tags.split(", ") if pair)
    return {"highway": "residential"} | {key: value for key, _, value in pairs}


@pytest.mark.parametrize(
    ("tags", "open_to"),
    [
        ("", "car van truck scooter"),
        ("access=no", ""),
        ("access=private", ""),
        ("access=no, motor_vehicle=yes", "car van truck scooter"),
        ("motor_vehicle=no, hgv=yes", "truck"),
        ("vehicle=no, goods=yes", "van"),
        ("hgv=no", "car van scooter"),
        ("motorcar=no", "scooter"),
        ("motorcar=no, hgv=designated", "truck scooter"),
        ("motorcycle=no", "car van truck"),
        ("motorcycle=no, moped=yes", "car van truck scooter"),
        ("access=private;customers", "car van truck scooter"),
        ("maxheight=3", "car van scooter"),
        ("maxheight=2.2 m", "car scooter"),
        ("maxweight=7.5", "car van scooter"),
        ("maxweight:hgv=7.5", "car van scooter"),
        ("maxweight=3.5", "car van scooter"),
        ("maxweight=2, maxweight:goods=5", "car van scooter"),
        ("maxwidth=2", "car scooter"),
        ("maxlength=8", "car van scooter"),
        ("maxaxleload=6", "car van scooter"),
        ("maxheight=default", "car van truck scooter"),
        ("highway=motorway", "car van truck"),
        ("highway=trunk, motorroad=yes", "car van truck"),
        ("highway=pedestrian", ""),
        ("highway=pedestrian, access=yes", ""),
        ("highway=pedestrian, goods=delivery", "van"),
        ("highway=track", ""),
        ("highway=track, tracktype=grade1", "car van truck scooter"),
        ("highway=track, motor_vehicle=yes", "car van truck scooter"),
        ("highway=track, access=agricultural, tracktype=grade1", ""),
        ("highway=service, service=emergency_access", ""),
        ("area=yes", ""),
        ("impassable=yes", ""),
        ("construction=yes", ""),
        ("construction=minor", "car van truck scooter"),
    ],
)
def test_tags_open_and_close(tags: str, open_to: str) -> None:
    found = [name for name in PROFILES if way(tags, name) is not Access.CLOSED]
    assert found == open_to.split()


def test_destination_traffic_is_told_apart() -> None:
    assert way("access=destination") is Access.DESTINATION
    assert way("hgv=delivery", "truck") is Access.DESTINATION
    assert way("hgv=delivery", "car") is Access.OPEN


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ("", True, True),
        ("oneway=yes", True, False),
        ("oneway=1", True, False),
        ("oneway=-1", False, True),
        ("oneway=no", True, True),
        ("oneway=reversible", False, False),
        ("oneway=yes, oneway:bicycle=no, cycleway=opposite_lane", True, False),
        ("oneway=-1, oneway:bicycle=no", False, True),
        ("junction=roundabout", True, False),
        ("junction=circular, oneway=no", True, True),
        ("highway=motorway", True, False),
        ("oneway=yes, oneway:motor_vehicle=no", True, True),
        ("motor_vehicle:backward=no", True, False),
        ("access:forward=no", False, True),
        ("maxheight:backward=1.5", True, False),
    ],
)
def test_directions(tags: str, forward: bool, backward: bool) -> None:
    assert (way(tags) is Access.OPEN) == forward
    assert (way(tags, direction=BACKWARD) is Access.OPEN) == backward


def test_one_way_may_differ_for_a_scooter() -> None:
    assert way("oneway=yes, oneway:moped=no", "scooter", BACKWARD) is Access.OPEN
    assert way("oneway=yes, oneway:moped=no", "car", BACKWARD) is Access.CLOSED


@pytest.mark.parametrize(
    ("tags", "at_night", "in_the_rush"),
    [
        ("hgv:conditional=no @ (Mo-Fr 07:00-09:00)", True, False),
        ("hgv=no, hgv:conditional=yes @ (22:00-06:00)", True, False),
        ("access:conditional=no @ (weight>7.5)", False, False),
        ("access:conditional=no @ (weight>17.5)", True, True),
        ("motor_vehicle:conditional=no @ (07:30-08:30)", True, False),
        ("vehicle=no, vehicle:conditional=yes @ (00:00-08:30)", True, False),
        ("oneway=-1, oneway:conditional=no @ (00:00-06:00)", True, False),
        ("maxweight:conditional=7.5 @ (07:00-09:00)", True, False),
    ],
)
def test_conditional_tags_hold_in_their_hours(tags: str, at_night: bool, in_the_rush: bool) -> None:
    assert (way(tags, "truck", hour=NIGHT) is Access.OPEN) == at_night
    assert (way(tags, "truck", hour=RUSH) is Access.OPEN) == in_the_rush


def barrier(tags: dict[str, str], profile: str = "car") -> tuple[bool, float]:
    found, delay_s = access.of_barrier(tags, PROFILES[profile], NIGHT)
    return found is not Access.CLOSED, delay_s


def test_barriers_close_delay_or_let_pass() -> None:
    assert barrier({"barrier": "bollard"}) == (False, 0)
    assert barrier({"barrier": "bollard"}, "scooter") == (True, 0)
    assert barrier({"barrier": "bollard", "motor_vehicle": "yes"}) == (True, 0)
    assert barrier({"barrier": "gate"}) == (True, 60)
    assert barrier({"barrier": "gate", "access": "private"}) == (False, 0)
    assert barrier({"barrier": "toll_booth"}) == (True, 0)
    assert barrier({"barrier": "wall"}) == (False, 0)
    assert barrier({"barrier": "height_restrictor", "maxheight": "2.1"}, "van") == (False, 0)
    assert barrier({"barrier": "height_restrictor", "maxheight": "2.1"}, "car") == (True, 0)


def test_only_barriers_that_matter_split_a_road() -> None:
    assert access.barrier_matters({"barrier": "bollard"})
    assert access.barrier_matters({"barrier": "toll_booth", "hgv": "no"})
    assert access.barrier_matters({"barrier": "height_restrictor", "maxheight": "2"})
    assert not access.barrier_matters({"barrier": "toll_booth"})
    assert not access.barrier_matters({"highway": "stop"})
