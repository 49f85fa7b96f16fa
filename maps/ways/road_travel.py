"""`Travel` over an imported road network: matrices, ways, and the cache of both."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from maps.errors import MapError
from maps.roads.network import CLOSED, RoadNetwork
from maps.roads.profiles import PROFILES, Profile
from maps.roads.zones import FREE, Conditions
from maps.travel import NO_WAY, Leg, Matrix, Points
from maps.ways import hierarchy, lines
from maps.ways.edge_ends import EdgeEnds
from maps.ways.far_points import refuse_far_points
from maps.ways.hierarchy import Hierarchy, Metric
from maps.ways.hierarchy_kernels import I32, I64, INF
from maps.ways.matrix_cache import MatrixCache
from maps.ways.snap import Snapped, Snapper, ever_open, well_connected

_T = TypeVar("_T")

HOURS = 168
"""Hours of a week."""

_CODE_VERSION = 1
"""Raised whenever the same map and conditions would be answered otherwise."""

_METRICS_HELD = 8
_SNAPPERS_HELD = 4


class RoadTravel:
    """
    Times, distances and ways on one network under one set of conditions.

    May be used from several threads.

    Parameters
    ----------
    network, contracted
        A network, and the hierarchy built from its arcs.
    version
        Names the network's content; computed from its arrays when not given.
    conditions
        Zones, closures and congestion.
    profiles
        By name; the defaults of `maps.roads.profiles` unless given.
    cache_dir
        Where matrices are kept; None: nowhere.
    threads
        For one matrix.
    """

    def __init__(
        self,
        network: RoadNetwork,
        contracted: Hierarchy,
        *,
        version: str = "",
        conditions: Conditions = FREE,
        profiles: Mapping[str, Profile] = PROFILES,
        cache_dir: Path | None = None,
        threads: int = 2,
    ) -> None:
        self._network = network
        self._hierarchy = contracted
        self._ends = EdgeEnds(network)
        self._map_version = version or network_digest(network)
        self._conditions = conditions
        self._profiles = profiles
        self._cache = MatrixCache(cache_dir) if cache_dir else None
        self._threads = threads
        self._metrics: _Held[tuple[I32, Metric]] = _Held(_METRICS_HELD)
        self._snappers: _Held[Snapper] = _Held(_SNAPPERS_HELD)

    @property
    def version(self) -> str:
        """Of the map's content, the conditions, and the code."""
        return f"{self._map_version} {self._conditions.digest()} {_CODE_VERSION}"

    def under(self, conditions: Conditions) -> Self:
        """Return the same roads under other conditions; what these do not touch is shared."""
        other = copy.copy(self)
        other._conditions = conditions
        other._metrics = _Held(_METRICS_HELD)
        return other

    def matrix(self, points: Points, *, profile: str, hour: int) -> Matrix:
        """
        Return durations and distances between all pairs of points; see `maps.travel.Travel`.

        Raises
        ------
        OffRoad
            Points farther than `MAX_SNAP_M` from any usable road; names all of them.
        MapError
            ``unknown_profile``.
        """
        points = _as_points(points)
        _check_hour(hour)
        key = self._key(points, self._profile(profile), hour)
        kept = self._cache.read(key) if self._cache else None
        if kept is not None:
            return kept
        matrix = self._measured(points, profile, hour)
        if self._cache:
            self._cache.write(key, matrix)
        return matrix

    def legs(
        self, origins: Points, destinations: Points, *, profile: str, hour: int
    ) -> Sequence[Leg | None]:
        """
        Return the fastest way for each pair, equal in time and length to the matrix.

        Lines begin and end at the places on the road that the points were put on. Raises as
        `matrix` does; an index in `OffRoad` is that of the pair.
        """
        origins, destinations = _as_points(origins), _as_points(destinations)
        _check_hour(hour)
        snapper = self._snapper(profile)
        here, there = snapper.snap(origins), snapper.snap(destinations)
        refuse_far_points(np.maximum(here.metres, there.metres))
        return self._ways(here, there, self._metric(profile, hour))

    def _measured(self, points: Points, profile: str, hour: int) -> Matrix:
        at = self._snapper(profile).snap(points)
        refuse_far_points(at.metres)
        times, metric = self._metric(profile, hour)
        durations = np.empty((len(points), len(points)), np.int32)
        distances = np.empty_like(durations)

        def take(begin: int, rows: I64) -> None:
            here, there = np.nonzero(at.edge[begin : begin + len(rows), None] == at.edge)
            along = self._ends.along(at.some(begin + here), at.some(there), times)
            rows[here, there] = np.minimum(rows[here, there], along)
            block = slice(begin, begin + len(rows))
            durations[block], distances[block] = _rounded(rows)

        targets = metric.towards(self._ends.arrivals(at, times))
        targets.each_block(self._ends.departures(at, times), take, threads=self._threads)
        return Matrix(durations, distances, at.metres)

    def _ways(self, here: Snapped, there: Snapped, held: tuple[I32, Metric]) -> list[Leg | None]:
        times, metric = held
        departures, arrivals = self._ends.departures(here, times), self._ends.arrivals(there, times)
        along = self._ends.along(here, there, times)
        legs: list[Leg | None] = []
        for k in range(here.edge.size):
            start, end = hierarchy.one(departures, k), hierarchy.one(arrivals, k)
            trail = metric.path(start, end)
            begin_at, end_at = here.place(k), there.place(k)
            if along[k] < INF and (trail is None or along[k] <= trail.weight):
                edge, fraction = begin_at
                line = lines.piece(lines.of_edge(self._network, edge), fraction, end_at[1])
                legs.append(_leg(along[k], line))
            elif trail is None:
                legs.append(None)
            else:
                nodes = int(start.node[trail.start]), int(end.node[trail.end])
                line = lines.of_journey(self._network, begin_at, nodes, trail.arcs, end_at)
                legs.append(_leg(trail.weight, line))
        return legs

    def _profile(self, name: str) -> Profile:
        if name in self._profiles:
            return self._profiles[name]
        raise MapError(
            "unknown_profile",
            cause=f"there is no profile {name!r}",
            action=f"choose one of {', '.join(self._profiles)}",
        )

    def _metric(self, profile: str, hour: int) -> tuple[I32, Metric]:
        def make() -> tuple[I32, Metric]:
            times = self._network.arc_times(self._profile(profile), hour, self._conditions)
            lengths = self._network.edge_length_cm[self._network.arc_edge]
            weights = np.where(times == CLOSED, INF, hierarchy.pack(times, lengths))
            return times, self._hierarchy.customise(weights)

        return self._metrics.get((profile, hour), make)

    def _snapper(self, profile: str) -> Snapper:
        def make() -> Snapper:
            is_open = ever_open(self._network, self._profile(profile))
            return Snapper(self._network, well_connected(self._network, is_open))

        return self._snappers.get(profile, make)

    def _key(self, points: Points, profile: Profile, hour: int) -> str:
        digest = hashlib.sha256(f"{self.version} {profile!r} {hour} ".encode())
        digest.update(np.ascontiguousarray(points, "<f8").tobytes())
        return digest.hexdigest()


class _Held(Generic[_T]):
    """The last few things made, by key; each is made once, by one thread."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._things: OrderedDict[Hashable, _T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        with self._lock:
            if key not in self._things:
                self._things[key] = make()
            self._things.move_to_end(key)
            if len(self._things) > self._limit:
                self._things.popitem(last=False)
            return self._things[key]


def network_digest(network: RoadNetwork) -> str:
    """Return a name for the network's content, from its arrays."""
    digest = hashlib.sha256()
    for field in dataclasses.fields(network):
        value = getattr(network, field.name)
        digest.update(field.name.encode())
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()[:16]


def _leg(weight: int | np.int64, line: Points) -> Leg:
    durations, distances = _rounded(np.array([weight], np.int64))
    return Leg(int(durations[0]), int(distances[0]), line)


def _rounded(weights: I64) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return seconds and metres of packed weights, `NO_WAY` for those that are `INF`."""
    milliseconds, centimetres = hierarchy.unpack(weights)
    no_way = weights >= INF
    seconds = np.where(no_way, NO_WAY, (milliseconds + 500) // 1000).astype(np.int32)
    return seconds, np.where(no_way, NO_WAY, (centimetres + 50) // 100).astype(np.int32)


def _as_points(points: Points) -> Points:
    return np.asarray(points, np.float64).reshape(-1, 2)


def _check_hour(hour: int) -> None:
    if not 0 <= hour < HOURS:
        raise ValueError(f"hour of the week is 0 to {HOURS - 1}, not {hour}")
