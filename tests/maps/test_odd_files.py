"""Whatever a map file holds, it is imported and answers consistently, or is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import quoteattr

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.errors import BadMap, OffRoad
from maps.roads import osmfile
from maps.roads.network import RoadNetwork, build
from maps.roads.profiles import PROFILES
from maps.sphere import metres_between
from maps.travel import NO_WAY, Points
from tests.maps.drawn_travel import travel

Tags = dict[str, str]
OddNode = tuple[int, tuple[int, int], Tags]
OddWay = tuple[int, list[int], Tags]
OddRelation = tuple[int, list[tuple[str, int, str]], Tags]

TAGS = {
    "highway": ("primary", "motorway", "service", "track", "pedestrian", "tertiary;residential"),
    "route": ("ferry",),
    "oneway": ("yes", "-1", "no", "reversible", "alternating", "YES", ""),
    "junction": ("roundabout", "circular"),
    "maxspeed": ("50", "30 mph", "none", "CN:urban", "0", "5000", "-3", "１０", "; ;", "1e3"),
    "maxspeed:conditional": ("30 @ (22:00-06:00)", "30 @ wet", "@", "30 @", "((("),
    "access": ("no", "private", "destination", "private;customers", ";", "unknown"),
    "hgv": ("no", "delivery"),
    "motor_vehicle:conditional": ("no @ (07:00-09:00)", "no @ (weight>3,5 t AND Mo-Fr)"),
    "maxheight": ("2.5", "default", "8'6\"", "3,2 m"),
    "maxweight": ("3.5", "7.5 t", "20000 lbs"),
    "surface": ("gravel", "nothing known"),
    "duration": ("00:10", "PT1H", "x", "0", "00:00"),
    "barrier": ("gate", "bollard", "height_restrictor"),
    "restriction": ("no_left_turn", "only_straight_on", "no_u_turn", "no_entry", "give_way", ""),
    "restriction:conditional": ("no_left_turn @ (Mo-Fr 07:00-09:00)", "@"),
    "except": ("hgv;psv", ";", "motorcar"),
}
NODE_TAGS = (
    {"barrier": "gate"},
    {"barrier": "bollard", "access": "no"},
    {"barrier": "height_restrictor", "maxheight": "2"},
    {"highway": "traffic_signals"},
    {"highway": "stop", "direction": "backward"},
)
# A sound grid of nine junctions, 11 to 19, and twelve roads, 20 to 31; the odd things come on top.
GRID_NODES: list[OddNode] = [(11 + k, (2 * (k % 3), 2 * (k // 3)), {}) for k in range(9)]
GRID_PAIRS = [(k, k + 1) for k in range(9) if k % 3 < 2] + [(k, k + 3) for k in range(6)]
GRID_WAYS: list[OddWay] = [(20 + k, [11 + a, 11 + b], {}) for k, (a, b) in enumerate(GRID_PAIRS)]
GRID_TURNS = [
    [("way", before, "from"), ("node", node, "via"), ("way", after, "to")]
    for before, ends, _ in GRID_WAYS
    for after, others, _ in GRID_WAYS
    for node in ends
    if node in others
]

IDS = st.one_of(st.integers(-2, 3), st.integers(11, 24))
SPOTS = st.tuples(st.integers(0, 5), st.integers(0, 5))
SOME_TAGS = st.lists(st.sampled_from(sorted(TAGS)), max_size=3, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: st.sampled_from(TAGS[key]) for key in keys})
)
RULES = st.sampled_from(TAGS["restriction"]).map(lambda kind: {"restriction": kind})
NODES = st.lists(
    st.tuples(IDS, SPOTS, st.one_of(st.just({}), st.sampled_from(NODE_TAGS))), max_size=5
)
WAYS = st.lists(st.tuples(IDS, st.lists(IDS, max_size=6), SOME_TAGS), max_size=6)
ROLES = st.sampled_from(["from", "via", "to", "location_hint", ""])
MEMBERS = st.lists(st.tuples(st.sampled_from(["way", "node", "relation"]), IDS, ROLES), max_size=5)
RELATIONS = st.lists(
    st.tuples(IDS, st.one_of(MEMBERS, st.sampled_from(GRID_TURNS)), st.one_of(RULES, SOME_TAGS)),
    max_size=5,
)
ASKED = np.array([[0.2, 0.1], [2.6, 2.4], [4.9, 0.3], [1.0, 4.0], [2.6, 2.3]]) * 1e-3


@settings(max_examples=80, deadline=None)
@given(NODES, WAYS, RELATIONS, st.sampled_from(sorted(PROFILES)), st.integers(0, 167))
def test_any_file_answers_consistently_or_is_refused(
    nodes: list[OddNode],
    ways: list[OddWay],
    relations: list[OddRelation],
    profile: str,
    hour: int,
) -> None:
    parts = _nodes(nodes + GRID_NODES), _ways(ways + GRID_WAYS), _relations(relations)
    text = "".join(line for part in parts for line in part)
    network = _imported(f'<?xml version="1.0"?><osm version="0.6">{text}</osm>')
    if network is not None:
        _answers_agree(network, profile, hour)


def _imported(text: str) -> RoadNetwork | None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "odd.osm"
        path.write_text(text, encoding="utf-8")
        try:
            return build(osmfile.read(path))
        except BadMap:
            return None


def _answers_agree(network: RoadNetwork, profile: str, hour: int) -> None:
    roads = travel(network)
    points: Points = np.concatenate([ASKED, network.junction_lonlat[:1]])
    try:
        matrix = roads.matrix(points, profile=profile, hour=hour)
    except OffRoad:
        return
    here, there = (index.ravel() for index in np.indices(matrix.durations.shape))
    legs = roads.legs(points[here], points[there], profile=profile, hour=hour)
    assert not np.diag(matrix.durations).any()
    for k, leg in enumerate(legs):
        found = (leg.duration_s, leg.distance_m) if leg else (NO_WAY, NO_WAY)
        pair = here[k], there[k]
        assert found == (matrix.durations[pair], matrix.distances[pair])
        if leg:
            length = metres_between(leg.line[:-1], leg.line[1:]).sum()
            assert abs(length - leg.distance_m) <= 1.5


def _nodes(nodes: list[OddNode]) -> Iterator[str]:
    for number, (east, north), tags in nodes:
        lon, lat = east * 1e-3, north * 1e-3
        yield f'<node id="{number}" lon="{lon:.4f}" lat="{lat:.4f}">{_tags(tags)}</node>'


def _ways(ways: list[OddWay]) -> Iterator[str]:
    for number, refs, tags in ways:
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        yield f'<way id="{number}">{inner}{_tags({"highway": "residential", **tags})}</way>'


def _relations(
    relations: list[OddRelation],
) -> Iterator[str]:
    for number, members, tags in relations:
        inner = "".join(
            f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members
        )
        yield f'<relation id="{number}">{inner}{_tags({"type": "restriction", **tags})}</relation>'


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(tags[key])}/>" for key in tags)
