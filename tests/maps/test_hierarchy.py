from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from maps.ways import hierarchy
from maps.ways.hierarchy_kernels import INF, Choices

I64 = NDArray[np.int64]
Arcs = list[tuple[int, int, int]]

NUM_NODES = 9
arcs_of_a_graph = st.lists(
    st.tuples(st.integers(0, NUM_NODES - 1), st.integers(0, NUM_NODES - 1), st.integers(0, 20)),
    max_size=30,
)


@given(arcs_of_a_graph)
@settings(deadline=None, max_examples=300)
def test_matrix_holds_the_least_weight_of_every_pair(arcs: Arcs) -> None:
    metric = _metric(NUM_NODES, arcs)
    assert _all_pairs(metric, NUM_NODES).tolist() == _floyd(NUM_NODES, arcs).tolist()


@given(arcs_of_a_graph, st.integers(0, NUM_NODES - 1), st.integers(0, NUM_NODES - 1))
@settings(deadline=None, max_examples=300)
def test_path_is_connected_and_weighs_what_the_matrix_says(
    arcs: Arcs, start: int, end: int
) -> None:
    trail = _metric(NUM_NODES, arcs).path(_at([start]), _at([end]))
    least = _floyd(NUM_NODES, arcs)[start, end]
    if trail is None:
        assert least == INF
        return
    driven = [arcs[arc] for arc in trail.arcs]
    assert sum(weight for _, _, weight in driven) == trail.weight == least
    assert [start, *(head for _, head, _ in driven)] == [*(tail for tail, _, _ in driven), end]


@given(arcs_of_a_graph, st.lists(st.integers(0, 29), max_size=5))
@settings(deadline=None)
def test_closed_arcs_are_never_used(arcs: Arcs, closed: list[int]) -> None:
    still_open = [arc for k, arc in enumerate(arcs) if k not in closed]
    built = hierarchy.build(*_ends(arcs), _places(NUM_NODES))
    weights = np.array([INF if k in closed else arcs[k][2] for k in range(len(arcs))], np.int64)
    metric = built.customise(weights)
    assert _all_pairs(metric, NUM_NODES).tolist() == _floyd(NUM_NODES, still_open).tolist()


@given(arcs_of_a_graph, st.data())
@settings(deadline=None)
def test_a_point_with_several_starts_and_ends_takes_the_best(
    arcs: Arcs, data: st.DataObject
) -> None:
    some = st.lists(st.tuples(st.integers(0, NUM_NODES - 1), st.integers(0, 9)), max_size=3)
    starts, ends = data.draw(some), data.draw(some)
    metric = _metric(NUM_NODES, arcs)
    all_pairs = _floyd(NUM_NODES, arcs)
    sums = [p + int(all_pairs[u, v]) + q for u, p in starts for v, q in ends]
    best = min([*sums, INF])
    assert metric.matrix(_choice(starts), _choice(ends)).tolist() == [[best]]
    trail = metric.path(_choice(starts), _choice(ends))
    assert (trail.weight if trail else INF) == best
    if trail:
        (u, p), (v, q) = starts[trail.start], ends[trail.end]
        assert p + sum(arcs[arc][2] for arc in trail.arcs) + q == best
        assert all_pairs[u, v] + p + q == best


def test_large_random_graph_agrees_with_dijkstra() -> None:
    random = np.random.default_rng(5)
    places = random.random((2000, 2))
    near = random.integers(1, 40, (2, 6000))
    by_x = np.argsort(places[:, 0])
    position = random.integers(0, 1950, 6000)
    tail, head = by_x[position], by_x[np.minimum(position + near[0], 1999)]
    flip = random.random(6000) < 0.5
    tail, head = np.where(flip, head, tail), np.where(flip, tail, head)
    weight = random.integers(1, 10**6, 6000)
    metric = hierarchy.build(tail.astype(np.int32), head.astype(np.int32), places).customise(weight)
    some = random.integers(0, 2000, 300)
    found = metric.matrix(_at(some.tolist()), _at(some.tolist()), threads=2)
    order = np.argsort(-weight, kind="stable")  # the least of parallel arcs is written last
    table = {(tail[k], head[k]): weight[k] for k in order}
    rows, columns = np.array(list(table)).T
    graph = csr_array((np.array(list(table.values()), float), (rows, columns)), (2000, 2000))
    expected = dijkstra(graph, indices=some)[:, some]
    expected[np.isinf(expected)] = INF
    assert (found == expected.astype(np.int64)).all()


def test_equally_fast_paths_are_told_apart_by_length() -> None:
    tail, head = np.array([0, 1, 0, 3], np.int32), np.array([1, 2, 3, 2], np.int32)
    seconds, metres = np.array([10, 10, 5, 15]), np.array([700, 700, 300, 900])
    built = hierarchy.build(tail, head, _places(4))
    metric = built.customise(hierarchy.pack(seconds * 1000, metres * 100))
    milliseconds, centimetres = hierarchy.unpack(metric.matrix(_at([0]), _at([2])))
    assert (milliseconds.item(), centimetres.item()) == (20_000, 120_000)


def test_of_parallel_arcs_the_path_names_the_cheapest() -> None:
    trail = _metric(2, [(0, 1, 9), (0, 1, 4), (0, 1, 6)]).path(_at([0]), _at([1]))
    assert trail is not None
    assert trail.arcs.tolist() == [1]


def test_saved_hierarchy_is_the_same_after_loading(tmp_path: Path) -> None:
    arcs = [(0, 1, 3), (1, 2, 4), (2, 0, 5), (2, 3, 1)]
    built = hierarchy.build(*_ends(arcs), _places(4))
    built.save(tmp_path / "hierarchy.npz")
    loaded = hierarchy.Hierarchy.load(tmp_path / "hierarchy.npz")
    weights = np.array([3, 4, 5, 1])
    again = _all_pairs(loaded.customise(weights), 4)
    assert again.tolist() == _all_pairs(built.customise(weights), 4).tolist()


def test_the_same_graph_gives_the_same_order() -> None:
    random = np.random.default_rng(1)
    tail, head = random.integers(0, 300, (2, 900)).astype(np.int32)
    ranks = [hierarchy.build(tail, head, _places(300)).rank for _ in range(2)]
    assert (ranks[0] == ranks[1]).all()


def test_a_graph_without_arcs_leads_nowhere() -> None:
    assert _all_pairs(_metric(2, []), 2).tolist() == [[0, INF], [INF, 0]]


def _metric(num_nodes: int, arcs: Arcs) -> hierarchy.Metric:
    weights = np.array([weight for _, _, weight in arcs], np.int64)
    return hierarchy.build(*_ends(arcs), _places(num_nodes)).customise(weights)


def _ends(arcs: Arcs) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    tail, head = ([arc[side] for arc in arcs] for side in (0, 1))
    return np.array(tail, np.int32), np.array(head, np.int32)


def _places(num_nodes: int) -> NDArray[np.float64]:
    return np.random.default_rng(0).random((num_nodes, 2))


def _at(nodes: list[int]) -> Choices:
    count = len(nodes)
    return hierarchy.choices(np.ones(count, int), np.array(nodes), np.zeros(count, np.int64))


def _choice(pairs: list[tuple[int, int]]) -> Choices:
    nodes, weights = np.array(pairs, np.int64).reshape(-1, 2).T
    return hierarchy.choices(np.array([len(pairs)]), nodes.copy(), weights.copy())


def _all_pairs(metric: hierarchy.Metric, num_nodes: int) -> I64:
    every = _at(list(range(num_nodes)))
    return metric.matrix(every, every)


def _floyd(num_nodes: int, arcs: Arcs) -> I64:
    least = np.full((num_nodes, num_nodes), INF, np.int64)
    np.fill_diagonal(least, 0)
    for tail, head, weight in arcs:
        least[tail, head] = min(least[tail, head], weight)
    for via in range(num_nodes):
        least = np.minimum(least, np.minimum(least[:, [via]] + least[via], INF))
    return least
