"""Turn restrictions, whole and broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from maps.roads.network import RoadNetwork, build
from maps.roads.osmfile import RawOsm, RawRelation
from maps.roads.profiles import PROFILES
from tests.maps.draw import drawn

CROSS = """
      a
      |
    b-c-d
      |
      e
"""
# Ways in reading order: ac, bc, cd, ce.
AC, BC, CD, CE = 1, 2, 3, 4
C = ord("c")


def built(*members: tuple[str, int, str], **tags: str) -> RoadNetwork:
    return build(_with(drawn(CROSS), {"type": "restriction"} | tags, members))


def _with(raw: RawOsm, tags: dict[str, str], members: tuple[tuple[str, int, str], ...]) -> RawOsm:
    return replace(raw, restrictions=(RawRelation(1, tags, members),))


def num_states(network: RoadNetwork) -> int:
    return len(network.node_junction) - len(network.junction_osm)


def num_banned_turns(network: RoadNetwork, before: int) -> int:
    """Return how many of the other three roads of the cross may not be taken from one of them."""
    (base,) = np.flatnonzero((network.arc_edge == before) & _towards_c(network) & _base(network))
    onward = network.arc_edge[network.arc_tail == network.arc_head[base]]
    return 3 - np.unique(onward[onward != before]).size


def _base(network: RoadNetwork) -> NDArray[np.bool_]:
    return network.arc_tail < len(network.junction_osm)


def _towards_c(network: RoadNetwork) -> NDArray[np.bool_]:
    towards: NDArray[np.bool_] = network.junction_osm[network.node_junction[network.arc_head]] == C
    return towards


def test_a_plain_restriction_bans_one_turn() -> None:
    network = built(("w", BC, "from"), ("n", C, "via"), ("w", AC, "to"), restriction="no_left_turn")
    assert num_banned_turns(network, BC - 1) == 1
    assert num_banned_turns(network, AC - 1) == 0
    assert network.oddities == {}


def test_only_bans_all_the_others() -> None:
    network = built(
        ("w", BC, "from"), ("n", C, "via"), ("w", CD, "to"), restriction="only_straight_on"
    )
    assert num_banned_turns(network, BC - 1) == 2


def test_no_entry_from_several_roads() -> None:
    network = built(
        ("w", BC, "from"),
        ("w", CD, "from"),
        ("n", C, "via"),
        ("w", AC, "to"),
        restriction="no_entry",
    )
    assert [num_banned_turns(network, way - 1) for way in (BC, CD, CE)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("members", "kind", "counter"),
    [
        ((), "no_left_turn", "broken_restriction"),
        ((("w", BC, "from"), ("n", C, "via")), "no_left_turn", "broken_restriction"),
        ((("w", BC, "from"), ("w", CD, "to")), "no_left_turn", "broken_restriction"),
        (
            (("w", BC, "from"), ("n", C, "via"), ("n", C, "via"), ("w", CD, "to")),
            "no_left_turn",
            "broken_restriction",
        ),
        (
            (("w", BC, "from"), ("n", ord("a"), "via"), ("w", CD, "to")),
            "no_left_turn",
            "broken_restriction",
        ),
        (
            (("w", BC, "from"), ("n", 999, "via"), ("w", CD, "to")),
            "no_left_turn",
            "broken_restriction",
        ),
        (
            (("w", BC, "from"), ("n", C, "via"), ("w", 999, "to")),
            "no_left_turn",
            "idle_restriction",
        ),
        (
            (("w", BC, "from"), ("n", C, "via"), ("w", CD, "to")),
            "give_way",
            "broken_restriction",
        ),
        (
            (("w", BC, "from"), ("w", AC, "via"), ("w", BC, "to")),
            "no_u_turn",
            "broken_restriction",
        ),
    ],
)
def test_broken_relations_are_counted_and_change_nothing(
    members: tuple[tuple[str, int, str], ...], kind: str, counter: str
) -> None:
    network = built(*members, restriction=kind)
    assert num_states(network) == 0
    assert network.oddities == {counter: 1}


def test_of_a_chain_of_ways_the_one_at_the_junction_counts() -> None:
    long = drawn("a-b-c-d\n    |\n    e")
    # Ways in reading order: ab, bc, cd, ce.
    members = (("w", 1, "from"), ("w", 2, "from"), ("n", C, "via"), ("w", 4, "to"))
    tags = {"type": "restriction", "restriction": "no_right_turn"}
    network = build(_with(long, tags, members))
    assert num_states(network) > 0
    assert network.oddities == {}


def test_a_way_that_runs_on_through_the_junction_is_ambiguous() -> None:
    raw = drawn(CROSS)
    # Ways bc and cd become one: from which side it comes, nobody can tell.
    through = replace(
        raw,
        way_id=np.array([1, 2, 4]),
        way_start=np.array([0, 2, 5, 7]),
        way_node=np.array([ord(letter) for letter in "acbcdce"]),
        way_tags=raw.way_tags[:3],
    )
    members = (("w", BC, "from"), ("n", C, "via"), ("w", AC, "to"))
    tags = {"type": "restriction", "restriction": "no_left_turn"}
    assert build(_with(through, tags, members)).oddities == {"broken_restriction": 1}
    one_way = replace(
        through, way_tags=tuple({**tags, "oneway": "yes"} for tags in through.way_tags)
    )
    members = (("w", BC, "from"), ("n", C, "via"), ("w", CE, "to"))
    assert build(_with(one_way, tags, members)).oddities == {}


def test_u_turn_on_one_road() -> None:
    network = built(("w", BC, "from"), ("n", C, "via"), ("w", BC, "to"), restriction="no_u_turn")
    (base,) = np.flatnonzero((network.arc_edge == BC - 1) & _towards_c(network) & _base(network))
    onward = network.arc_edge[network.arc_tail == network.arc_head[base]]
    assert BC - 1 not in onward


@pytest.mark.parametrize(
    ("tags", "closed_to"),
    [
        ({"restriction": "no_left_turn"}, {"car", "van", "truck", "scooter"}),
        ({"restriction": "no_left_turn", "except": "hgv;psv"}, {"car", "van", "scooter"}),
        ({"restriction": "no_left_turn", "except": "motor_vehicle"}, set()),
        ({"restriction:hgv": "no_left_turn"}, {"truck"}),
        ({"restriction:motorcar": "no_left_turn"}, {"car", "van"}),
        ({"type": "restriction:hgv", "restriction": "no_left_turn"}, {"truck"}),
        ({"restriction:conditional": "no_left_turn @ (weight>7.5)"}, {"truck"}),
        ({"restriction:hgv:conditional": "no_left_turn @ (Mo-Fr 04:00-05:00)"}, {"truck"}),
        ({"restriction:hgv:conditional": "no_left_turn @ (Mo-Fr 05:00-06:00)"}, set()),
    ],
)
def test_whom_a_restriction_concerns(tags: dict[str, str], closed_to: set[str]) -> None:
    network = built(("w", BC, "from"), ("n", C, "via"), ("w", AC, "to"), **tags)
    (base,) = np.flatnonzero((network.arc_edge == BC - 1) & _towards_c(network) & _base(network))
    turn = (network.arc_tail == network.arc_head[base]) & (network.arc_edge == AC - 1)
    closed = {
        name
        for name, profile in PROFILES.items()
        if not (network.arc_times(profile, 4) < 2**31 - 1)[turn].any()
    }
    assert closed == closed_to
