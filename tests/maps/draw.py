"""
Road networks drawn as text, built through the same import as a real map.

    a-b
    | |
    c-d

Letters are junctions; ``-`` and ``|`` are roads. Two columns, or two lines, are one step. Every
road from letter to letter is an OSM way of its own, numbered from 1 in reading order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from textwrap import dedent

import numpy as np

from maps.roads.network import RoadNetwork, build
from maps.roads.osmfile import RawOsm, RawRelation
from maps.roads.profiles import PROFILES
from maps.sphere import EARTH_RADIUS_M

PLAIN_CAR = replace(PROFILES["car"], turn_s=0.0)
"""A car that turns without delay: durations are lengths over speeds."""

METRES_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180


def draw(
    text: str,
    *,
    metres_per_step: float = 100,
    one_way: Sequence[str] = (),
    no_turn: Sequence[str] | Mapping[str, Mapping[str, str]] = (),
    only_turn: Sequence[str] | Mapping[str, Mapping[str, str]] = (),
    speed_kmh: float = 36,
    tags: Mapping[str, Mapping[str, str]] | None = None,
    node_tags: Mapping[str, Mapping[str, str]] | None = None,
    highway: str = "residential",
) -> RoadNetwork:
    """
    Build the network of a drawing.

    Parameters
    ----------
    one_way
        Chains of letters that may be driven only in that order: ``["ab"]``.
    no_turn, only_turn
        ``["abc"]``: from way ab at b into way bc; ``["abcd"]``: over the way bc. As a mapping,
        with further tags of the relation: ``{"abc": {"except": "hgv"}}``.
    speed_kmh
        What a car drives on every road: 36 km/h are 10 m/s.
    tags, node_tags
        Further tags, by the two letters of a road and by the letter of a junction.
    """
    return build(
        drawn(
            text,
            metres_per_step=metres_per_step,
            one_way=one_way,
            no_turn=no_turn,
            only_turn=only_turn,
            speed_kmh=speed_kmh,
            tags=tags,
            node_tags=node_tags,
            highway=highway,
        )
    )


def drawn(
    text: str,
    *,
    metres_per_step: float = 100,
    one_way: Sequence[str] = (),
    no_turn: Sequence[str] | Mapping[str, Mapping[str, str]] = (),
    only_turn: Sequence[str] | Mapping[str, Mapping[str, str]] = (),
    speed_kmh: float = 36,
    tags: Mapping[str, Mapping[str, str]] | None = None,
    node_tags: Mapping[str, Mapping[str, str]] | None = None,
    highway: str = "residential",
) -> RawOsm:
    """Return a drawing as a map file's content; the arguments are those of `draw`."""
    rows = dedent(text).strip("\n").splitlines()
    places = {
        letter: (column / 2 * metres_per_step, -row / 2 * metres_per_step)
        for row, line in enumerate(rows)
        for column, letter in enumerate(line)
        if letter.isalnum()
    }
    roads = list(_roads(rows))
    forward = {pair for chain in one_way for pair in pairwise(chain)}
    limit = f"{speed_kmh / PROFILES['car'].limit_factor:.6f}"
    ways, way_tags = [], []
    for here, there in roads:
        if (there, here) in forward:
            here, there = there, here
        own = {"highway": highway, "maxspeed": limit}
        own |= {"oneway": "yes"} if (here, there) in forward else {}
        named = tags or {}
        own |= named.get(here + there, named.get(there + here, {}))
        ways.append((here, there))
        way_tags.append(own)
    number = {frozenset(way): index for index, way in enumerate(ways, start=1)}
    letters = sorted(places)
    degrees = np.array([places[letter] for letter in letters]) / METRES_PER_DEGREE
    return RawOsm(
        node_id=np.array([ord(letter) for letter in letters], dtype=np.int64),
        node_lonlat=degrees,
        node_tags={ord(letter): held for letter, held in (node_tags or {}).items()},
        way_id=np.arange(1, len(ways) + 1, dtype=np.int64),
        way_start=2 * np.arange(len(ways) + 1, dtype=np.int64),
        way_node=np.array([ord(end) for way in ways for end in way], dtype=np.int64),
        way_tags=tuple(way_tags),
        restrictions=(
            *_restrictions(no_turn, "no_left_turn", number),
            *_restrictions(only_turn, "only_straight_on", number),
        ),
    )


def junction(network: RoadNetwork, letter: str) -> int:
    """Return the junction of a letter (of a barrier: its middle)."""
    return int(np.flatnonzero(network.junction_osm == ord(letter))[0])


def _roads(rows: Sequence[str]) -> Iterator[tuple[str, str]]:
    for row, line in enumerate(rows):
        for column, letter in enumerate(line):
            if letter.isalnum():
                yield from _road_from(rows, row, column, step=(0, 1), sign="-")
                yield from _road_from(rows, row, column, step=(1, 0), sign="|")


def _road_from(
    rows: Sequence[str], row: int, column: int, *, step: tuple[int, int], sign: str
) -> Iterator[tuple[str, str]]:
    """Yield the road to the right, or down, if there is one."""
    here = rows[row][column]
    row, column = row + step[0], column + step[1]
    if _at(rows, row, column) != sign:
        return
    while _at(rows, row, column) == sign:
        row, column = row + step[0], column + step[1]
    there = _at(rows, row, column)
    assert there.isalnum(), f"the road from {here} ends nowhere"
    yield here, there


def _at(rows: Sequence[str], row: int, column: int) -> str:
    inside = 0 <= row < len(rows) and 0 <= column < len(rows[row])
    return rows[row][column] if inside else " "


def _restrictions(
    turns: Sequence[str] | Mapping[str, Mapping[str, str]],
    kind: str,
    number: Mapping[frozenset[str], int],
) -> Iterator[RawRelation]:
    tags_by_turn = turns if isinstance(turns, Mapping) else {turn: {} for turn in turns}
    for index, (turn, tags) in enumerate(tags_by_turn.items(), start=1):
        ways = [number[frozenset(pair)] for pair in pairwise(turn)]
        via = [("n", ord(turn[1]), "via")] if len(turn) == 3 else []
        via += [("w", way, "via") for way in ways[1:-1]]
        members = (("w", ways[0], "from"), *via, ("w", ways[-1], "to"))
        # A conditional restriction stands alone, without the plain one.
        plain = {} if any(key.startswith("restriction") for key in tags) else {"restriction": kind}
        yield RawRelation(index, {"type": "restriction", **plain, **tags}, members)
