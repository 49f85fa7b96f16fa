"""Dividing land by roads: nothing lost, nothing twice, every road from side to side."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.city.division import Junctions, Texture, area_of, divide
from maps.city.shapes import FloatArray

SQUARE = np.array([[0.0, 0.0], [600.0, 0.0], [600.0, 600.0], [0.0, 600.0]])


@st.composite
def outlines(draw: st.DrawFn) -> FloatArray:
    """Return stars without crossings: corners in order round a centre."""
    count = draw(st.integers(4, 14))
    steps = np.array(draw(st.lists(st.floats(0.3, 1.0), min_size=count, max_size=count)))
    turn = 2 * np.pi * np.cumsum(steps) / steps.sum()
    reach = np.array(draw(st.lists(st.floats(200.0, 700.0), min_size=count, max_size=count)))
    return np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])


textures = st.builds(
    Texture,
    st.just("any"),
    st.floats(8e3, 60e3),
    lattice_m=st.sampled_from([0.0, 120.0, 260.0]),
    jitter=st.floats(0.0, 0.2),
    skew=st.floats(0.0, 0.15),
    bend=st.floats(0.0, 0.1),
    snap_m=st.floats(5.0, 75.0),
)


@settings(max_examples=60, deadline=None)
@given(outlines(), textures, st.integers(0, 2**32 - 1))
def test_blocks_share_out_the_land(outline: FloatArray, texture: Texture, seed: int) -> None:
    rng = np.random.default_rng(seed)

    parts = divide(outline, texture, rng=rng, junctions=Junctions())

    blocks = np.array([shapely.Polygon(block) for block in parts.blocks])
    whole = shapely.Polygon(outline)
    assert len(blocks) == len(parts.roads) + 1
    assert shapely.is_valid(blocks).all()
    assert all(area_of(block) > 0 for block in parts.blocks)
    # Neighbours may not know a corner that was put on their side: hence the metre.
    assert abs(shapely.area(blocks).sum() - whole.area) < 1.0
    assert shapely.union_all(blocks, grid_size=0.001).symmetric_difference(whole).area < 2.0


def test_no_road_crosses_the_outline_beside_a_corner() -> None:
    # Two corners 0.9 m apart, and a junction on the one that a road reaches across the other.
    outline = np.array(
        [[-216, -644], [180, -616], [315.5, -383.8], [194.6, -81.3], [195.1, -80.6], [0, 20]]
    )
    texture = Texture("any", 30e3, jitter=0.2, skew=0.15, snap_m=75.0)

    for seed in range(20):
        junctions = Junctions()
        junctions.add(outline[4:5])
        parts = divide(outline, texture, rng=np.random.default_rng(seed), junctions=junctions)
        assert shapely.is_valid([shapely.Polygon(block) for block in parts.blocks]).all()


@settings(max_examples=60, deadline=None)
@given(outlines(), textures, st.integers(0, 2**32 - 1))
def test_roads_run_from_road_to_road(outline: FloatArray, texture: Texture, seed: int) -> None:
    rng = np.random.default_rng(seed)

    parts = divide(outline, texture, rng=rng, junctions=Junctions())

    known = [shapely.LineString([*outline, outline[0]])]
    for road, _ in parts.roads:
        there = shapely.union_all(known)
        for end in (road[0], road[-1]):
            assert there.distance(shapely.Point(end)) < 1e-3
        known.append(shapely.LineString(road))


def test_a_road_ends_on_a_junction_across_the_street() -> None:
    junctions = Junctions()
    junctions.add(np.array([[330.0, 0.0], [300.0, 600.0]]))
    straight = Texture("plain", 150e3, jitter=0.0, skew=0.0, snap_m=40.0)

    parts = divide(SQUARE, straight, rng=np.random.default_rng(1), junctions=junctions)

    first, _ = parts.roads[0]
    ends = {tuple(end) for end in first[[0, -1]].tolist()}
    assert ends == {(330.0, 0.0), (300.0, 600.0)} or (0.0, 300.0) in ends


def test_lattice_roads_cross_where_blocks_meet() -> None:
    lattice = Texture("grid", 6e3, lattice_m=100.0, snap_m=10.0)

    parts = divide(SQUARE, lattice, rng=np.random.default_rng(1), junctions=Junctions())

    ends = np.vstack([road[[0, -1]] for road, _ in parts.roads])
    inner = ends[(ends > 1.0).all(axis=1) & (ends < 599.0).all(axis=1)]
    _, count = np.unique(inner.round(3), axis=0, return_counts=True)
    assert (count == 2).mean() > 0.5


def test_small_land_stays_whole() -> None:
    parts = divide(SQUARE, Texture("big", 1e6), rng=np.random.default_rng(1), junctions=Junctions())

    assert parts.roads == ()
    assert np.array_equal(parts.blocks[0], SQUARE)
