from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pytest

from dispatch.planning import ground
from dispatch.planning.ground import Box
from maps.errors import OffRoad
from maps.travel import Leg, Matrix, Points
from maps.ways.great_circle import GreatCircle
from routing.problem import NO_WAY
from tests.dispatch import sample
from tests.dispatch.sample import AT, VAN

MONDAY = date(2026, 3, 2)


@dataclass
class NoTrucksInTheEast:
    """Straight roads, but a truck finds none east of 121.42, and nobody one east of 122."""

    roads: GreatCircle = field(default_factory=GreatCircle)
    asked: list[tuple[str, int]] = field(default_factory=list)

    @property
    def version(self) -> str:
        return self.roads.version

    def matrix(self, points: Points, *, profile: str, hour: int) -> Matrix:
        self.asked.append((profile, hour))
        limit = 121.42 if profile == "truck" else 122.0
        off = np.flatnonzero(points[:, 0] > limit)
        if len(off):
            raise OffRoad([int(index) for index in off], cause="too far", action="move it")
        return self.roads.matrix(points, profile=profile, hour=hour)

    def legs(
        self, origins: Points, destinations: Points, *, profile: str, hour: int
    ) -> Sequence[Leg | None]:
        return self.roads.legs(origins, destinations, profile=profile, hour=hour)


def test_a_place_of_several_orders_is_in_the_matrix_once() -> None:
    twins = sample.day(sample.order(1), sample.order(1, id="twin"), sample.order(2))
    measured = ground.measure(twins, GreatCircle(), AT)
    assert len(measured.points) == 3
    assert measured.orders["SO-0001"] == measured.orders["twin"]


def test_each_profile_has_the_hour_in_the_middle_of_its_shifts() -> None:
    late = replace(VAN, id="late", profile="truck", shift_start=22 * 3600, shift_end=30 * 3600)
    assert ground.typical_hours([VAN, late], MONDAY) == {"van": 12, "truck": 26}


def test_a_place_off_the_roads_of_one_profile_has_no_way_for_it() -> None:
    truck = replace(VAN, id="truck", profile="truck")
    day = sample.day(sample.order(1), sample.order(9), vehicles=(VAN, truck))
    measured = ground.measure(day, NoTrucksInTheEast(), AT)
    far = measured.orders["SO-0009"]
    assert measured.off_road["truck"] == {far}
    assert (measured.matrices["truck"].durations[far, :far] == NO_WAY).all()
    assert (measured.matrices["van"].durations != NO_WAY).all()
    assert list(ground.off_road_faults(day, measured, None)) == []


BOX = (121.0, 31.0, 122.5, 32.0)


@pytest.mark.parametrize(
    ("box", "code"),
    [
        (BOX, "off_road"),
        (None, "off_road"),
        ((121.0, 31.0, 121.9, 32.0), "off_map"),
        ((31.0, 122.0, 32.0, 123.0), "swapped_coordinates"),
    ],
)
def test_an_order_off_every_road_is_a_fault_of_its_row(box: Box | None, code: str) -> None:
    day = sample.day(sample.order(1), sample.order(2, lon=122.2, row=17))
    measured = ground.measure(day, NoTrucksInTheEast(), AT)
    (fault,) = ground.off_road_faults(day, measured, box)
    assert (fault.table, fault.row, fault.code) == ("orders", 17, code)


def test_a_depot_off_the_roads_of_its_vehicle_is_a_fault() -> None:
    depot = replace(sample.DEPOT, lon=121.5)
    truck = replace(VAN, profile="truck")
    day = replace(sample.day(sample.order(1), vehicles=(truck,)), depots=(depot,))
    measured = ground.measure(day, NoTrucksInTheEast(), AT)
    (fault,) = ground.off_road_faults(day, measured, BOX)
    assert (fault.table, fault.row, fault.code) == ("depots", 2, "off_road")
