"""The expanded graph against a search that remembers every edge it drove."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.roads.network import CLOSED, RoadNetwork, build
from maps.roads.profiles import PROFILES
from tests.maps.draw import PLAIN_CAR, draw, drawn, junction

GRID = """
    a-b-c
    | | |
    d-e-f
    | | |
    g-h-i
"""

ROADS = ("ab", "bc", "de", "ef", "gh", "hi", "ad", "be", "cf", "dg", "eh", "fi")


def fastest_s(network: RoadNetwork, way: str, *, hour: int = 4, name: str = "") -> float | None:
    """Return seconds from the first letter to the last, on the expanded graph."""
    profile = PROFILES[name] if name else PLAIN_CAR
    times = network.arc_times(profile, hour)
    start, goal = junction(network, way[0]), junction(network, way[-1])
    best = {start: 0}
    queue = [(0, start)]
    while queue:
        cost, node = heappop(queue)
        if network.node_junction[node] == goal:
            return cost / 1000
        if cost > best[node]:
            continue
        for arc in np.flatnonzero((network.arc_tail == node) & (times != CLOSED)):
            head, reached = int(network.arc_head[arc]), cost + int(times[arc])
            if reached < best.get(head, CLOSED):
                best[head] = reached
                heappush(queue, (reached, head))
    return None


def test_without_restrictions_nodes_are_junctions() -> None:
    network = draw(GRID)
    assert network.node_junction.tolist() == list(range(9))
    assert len(network.arc_tail) == 24


def test_banned_turn_is_driven_around() -> None:
    network = draw(GRID, no_turn=["abe"])
    # a-b-c-f-e and a-d-e are open; straight on is too.
    assert fastest_s(network, "ab") == 10
    assert fastest_s(network, "ae") == 20
    blocked = draw("a-b-c", no_turn=["abc"])
    assert fastest_s(blocked, "abc") is None


def test_only_turn_leaves_one_way_on() -> None:
    network = draw("a-b-c\n  |\n  d", only_turn=["abd"])
    # Straight on is closed; d is a dead end, where one turns and comes back as from d.
    assert fastest_s(network, "abc") == 40
    assert fastest_s(network, "abd") == 20
    assert fastest_s(network, "dbc") == 20


def test_turn_over_a_way_between_is_banned_only_from_its_origin() -> None:
    text = "a-b-c-d\n  |\n  e"
    network = draw(text, no_turn=["abcd"])
    # By the dead end e one comes to c from elsewhere, and may go on.
    assert fastest_s(network, "abcd") == 50
    assert fastest_s(network, "abc") == 20
    assert fastest_s(network, "ebcd") == 30


def test_turn_over_two_ways_between_is_banned_only_from_its_origin() -> None:
    network = draw("a-b-c-d-e\n  |\n  f", no_turn=["abcde"])
    assert fastest_s(network, "abcd") == 30
    assert fastest_s(network, "bcde") == 30
    assert fastest_s(network, "fbcde") == 40
    assert fastest_s(network, "abcde") == 60


def test_only_turn_over_a_way_between_leaves_the_junction_open_to_others() -> None:
    network = draw("a-b-c-d\n    |\n    e", only_turn=["abce"])
    assert fastest_s(network, "bcd") == 20
    assert fastest_s(network, "abce") == 30
    # From a only by the dead end e.
    assert fastest_s(network, "abcd") == 50


def test_no_turning_back_behind_a_junction_with_a_banned_turn() -> None:
    # Without the rule one would pass b, turn at c, and come back to enter e.
    text = "a-b-c-d\n  |\n  e"
    network = draw(text, no_turn=["abe"])
    # Only the dead end d lets one turn.
    assert fastest_s(network, "abcde") == 60


def test_ban_with_exception_closes_for_others_only() -> None:
    network = draw("a-b-c", no_turn={"abc": {"except": "hgv"}})
    assert fastest_s(network, "abc") is None
    assert fastest_s(network, "abc", name="truck") is not None


def test_ban_for_trucks_alone() -> None:
    network = draw("a-b-c", no_turn={"abc": {"restriction:hgv": "no_straight_on"}})
    assert fastest_s(network, "abc") == 20
    assert fastest_s(network, "abc", name="truck") is None


@pytest.mark.parametrize(("hour", "is_open"), [(6, True), (7, False), (8, False), (9, True)])
def test_ban_by_hour_holds_in_its_hours(hour: int, is_open: bool) -> None:
    when = {"restriction:conditional": "no_straight_on @ (Mo-Fr 07:00-09:00)"}
    network = draw("a-b-c", no_turn={"abc": when})
    assert (fastest_s(network, "abc", hour=hour) is not None) == is_open


def test_old_tags_for_hours_are_read() -> None:
    when = {"day_on": "Monday", "day_off": "Friday", "hour_on": "07:00", "hour_off": "09:00"}
    network = draw("a-b-c", no_turn={"abc": {"restriction": "no_straight_on", **when}})
    assert fastest_s(network, "abc", hour=8) is None
    assert fastest_s(network, "abc", hour=10) == 20


def test_banned_turn_through_a_gate() -> None:
    network = draw(GRID, no_turn=["def"], node_tags={"e": {"barrier": "gate", "access": "yes"}})
    assert fastest_s(network, "ef") == 10
    assert fastest_s(network, "def") == 40


def turns_of_the_grid() -> list[str]:
    """Return all walks of three or four letters without turning back."""
    neighbours: dict[str, set[str]] = {}
    for road in ROADS:
        here, there = road[0], road[1]
        neighbours.setdefault(here, set()).add(there)
        neighbours.setdefault(there, set()).add(here)

    def longer(walk: str) -> Iterator[str]:
        for letter in sorted(neighbours[walk[-1]] - set(walk)):
            yield walk + letter

    short = [walk for road in ROADS for pair in (road, road[::-1]) for walk in longer(pair)]
    return short + [walk for start in short for walk in longer(start)]


TURNS = turns_of_the_grid()


def steps_by_memory(start: str, **kwargs: list[str]) -> dict[str, int]:
    """
    Return steps to every letter by a search over whole histories of the last four letters.

    It shares nothing with the automaton: every step, the letters driven so far are compared with
    the forbidden turns.
    """
    one_way = set(kwargs["one_way"])
    roads = {road for pair in ROADS for road in (pair, pair[::-1]) if road[::-1] not in one_way}
    banned = set(kwargs["no_turn"])
    for turn in kwargs["only_turn"]:
        for size in range(2, len(turn)):
            banned |= {
                turn[:size] + road[1]
                for road in roads
                if road[0] == turn[size - 1] and road[1] != turn[size]
            }
    # A turn over a road that nobody may drive never happens.
    banned = {
        turn for turn in banned if all(turn[k : k + 2] in roads for k in range(len(turn) - 1))
    }
    beginnings = {turn[:size] for turn in banned for size in range(2, len(turn))}
    # Nobody turns back behind a junction at which a turn is banned.
    beginnings |= {road for turn in banned for road in roads if road[0] in turn[1:-1]}

    def next_letters(driven: str) -> list[str]:
        last = driven[-1]
        onward = [road[1] for road in sorted(roads) if road[0] == last]
        allowed = [
            letter for letter in onward if not any((driven + letter).endswith(t) for t in banned)
        ]
        watched = any(driven.endswith(beginning) for beginning in beginnings)
        back = driven[-2] if len(driven) > 1 else ""
        others = [letter for letter in allowed if letter != back]
        return others if watched and others else allowed

    seen = {start}
    level = [start]
    found: dict[str, int] = {}
    for steps in range(len(ROADS) * 20):
        for driven in level:
            found.setdefault(driven[-1], steps)
        longer = {driven[-3:] + letter for driven in level for letter in next_letters(driven)}
        level = sorted(longer - seen)
        seen |= longer
    return found


def steps_on_graph(network: RoadNetwork, start: str) -> dict[str, int]:
    """Return steps to every letter on the expanded graph, by Bellman's relaxation."""
    times = network.arc_times(PLAIN_CAR, 4)
    usable = times != CLOSED
    best = np.full(network.node_junction.size, np.inf)
    best[junction(network, start)] = 0
    while True:
        before = best.copy()
        reached = best[network.arc_tail[usable]] + times[usable]
        np.minimum.at(best, network.arc_head[usable], reached)
        if np.array_equal(best, before):
            break
    least = {
        letter: best[network.node_junction == junction(network, letter)].min()
        for letter in "abcdefghi"
    }
    return {letter: round(cost / 10_000) for letter, cost in least.items() if np.isfinite(cost)}


@settings(max_examples=100, deadline=None)
@given(
    one_way=st.lists(st.sampled_from([*ROADS, *(road[::-1] for road in ROADS)]), max_size=4),
    no_turn=st.lists(st.sampled_from(TURNS), min_size=4, max_size=20, unique=True),
    only_turn=st.lists(st.sampled_from(TURNS), max_size=2, unique=True),
)
def test_expanded_graph_gives_what_a_search_with_memory_gives(
    one_way: list[str], no_turn: list[str], only_turn: list[str]
) -> None:
    one_way = [road for road in one_way if road[::-1] not in one_way]
    network = build(drawn(GRID, one_way=one_way, no_turn=no_turn, only_turn=only_turn))
    # A prescribed turn against a one-way street cannot be driven, and prescribes nothing.
    possible = [
        turn
        for turn in only_turn
        if not any(turn[k : k + 2][::-1] in one_way for k in range(len(turn) - 1))
    ]
    for start in "abcdefghi":
        expected = steps_by_memory(start, one_way=one_way, no_turn=no_turn, only_turn=possible)
        assert steps_on_graph(network, start) == expected
