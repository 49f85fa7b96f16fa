"""Free-flow speeds."""

from __future__ import annotations

import pytest

from maps.roads import speeds
from maps.roads.access import BACKWARD, FORWARD, Access
from maps.roads.profiles import PROFILES


def kmh(
    tags: dict[str, str], profile: str = "car", direction: str = FORWARD, hour: int = 4
) -> float:
    tags = {"highway": "residential"} | tags
    return speeds.kmh(tags, PROFILES[profile], direction, hour, access=Access.OPEN)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, 25),
        ({"highway": "motorway"}, 90),
        ({"highway": "primary_link"}, 30),
        ({"highway": "unclassified;tertiary"}, 25),
        ({"highway": "service"}, 15),
        ({"highway": "service", "service": "parking_aisle"}, 10),
        ({"maxspeed": "50"}, 40),
        ({"maxspeed": "30 mph"}, 38.624256),
        ({"maxspeed": "walk"}, 5.6),
        ({"maxspeed": "none"}, 112),
        ({"maxspeed": "signals"}, 25),
        ({"maxspeed": "CN:urban"}, 40),
        ({"maxspeed": "FR:rural"}, 64),
        ({"maxspeed:type": "DE:zone:30"}, 24),
        ({"zone:maxspeed": "FR:30"}, 24),
        ({"maxspeed": "50; 40"}, 32),
        ({"maxspeed": "90", "surface": "cobblestone"}, 30),
        ({"maxspeed": "90", "smoothness": "very_bad"}, 20),
        ({"highway": "track", "tracktype": "grade5"}, 12),
    ],
)
def test_speed_of_a_car(tags: dict[str, str], expected: float) -> None:
    assert kmh(tags) == pytest.approx(expected)


def test_limits_may_differ_by_direction_vehicle_and_hour() -> None:
    assert kmh({"maxspeed": "50", "maxspeed:backward": "30"}) == 40
    assert kmh({"maxspeed": "50", "maxspeed:backward": "30"}, direction=BACKWARD) == 24
    assert kmh({"maxspeed": "50", "maxspeed:hgv": "30"}, "truck") == pytest.approx(24 * 0.85)
    limited = {"maxspeed": "50", "maxspeed:conditional": "30 @ (22:00-06:00)"}
    assert kmh(limited, hour=4) == 24
    assert kmh(limited, hour=12) == 40


def test_a_vehicle_is_never_faster_than_it_can_be() -> None:
    assert kmh({"highway": "motorway", "maxspeed": "130"}, "truck") == 80
    assert kmh({"highway": "trunk"}, "scooter") == 45


def test_streets_for_destinations_are_slowed() -> None:
    profile = PROFILES["car"]
    tags = {"highway": "residential"}
    slowed = speeds.kmh(tags, profile, FORWARD, 4, access=Access.DESTINATION)
    assert slowed == 25 * profile.destination_factor


def test_ferries_keep_their_timetable() -> None:
    tags = {"route": "ferry", "highway": "", speeds.SPEED_KEY: "18.5"}
    assert kmh(tags) == 18.5
    assert kmh({"route": "ferry", "highway": ""}) == 5
