"""Delays of turns, put on edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from maps.roads.network import RoadNetwork
from maps.roads.profiles import PROFILES
from tests.maps.draw import draw, junction

CAR = PROFILES["car"]
HALF_TURN_S = CAR.turn_s / 2
"""A right angle costs half of a full turn."""


def seconds(network: RoadNetwork, way: str) -> float:
    """Return what a chain of letters takes, arc by arc."""
    times = network.arc_times(CAR, 4)
    total = 0.0
    for here, there in pairwise(way):
        ends = (network.arc_tail == junction(network, here)) & (
            network.arc_head == junction(network, there)
        )
        total += float(times[np.flatnonzero(ends)[0]]) / 1000
    return total


def test_straight_on_is_free_and_side_streets_cost_a_turn() -> None:
    network = draw("a-b-c\n  |\n  d")
    assert seconds(network, "abc") == pytest.approx(20, abs=0.6)
    assert seconds(network, "dba") == pytest.approx(20 + HALF_TURN_S, abs=0.6)
    assert seconds(network, "abd") == pytest.approx(20 + HALF_TURN_S, abs=0.6)


def test_a_bend_without_a_junction_costs_nothing() -> None:
    assert seconds(draw("a-b\n  |\n  c"), "abc") == 20


def test_a_dead_end_costs_nothing() -> None:
    assert seconds(draw("a-b"), "ab") == 10


def test_every_direction_of_a_crossing_costs_a_little() -> None:
    network = draw("  a\n  |\nb-c-d\n  |\n  e")
    straight = seconds(network, "bcd") - 20
    assert 0 < straight < HALF_TURN_S / 2
    assert seconds(network, "ace") - 20 == pytest.approx(straight, abs=0.01)
