"""From tags to times: what each arc of a network costs a vehicle at an hour of the week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from maps.roads import access, speeds, zones
from maps.roads.access import BACKWARD, FORWARD, Access
from maps.roads.hours import HOURS_OF_WEEK
from maps.roads.profiles import PROFILES, Profile

if TYPE_CHECKING:
    from maps.roads.network import RoadNetwork

CLOSED = 2**31 - 1
"""Marks an arc that the vehicle may not drive then."""

Tags = Mapping[str, str]

_DIRECTIONS = (FORWARD, BACKWARD)
_Table = NDArray[np.float64]

_KMH_TO_CM_PER_MS = 1 / 36
_MS = 1000.0

# Judging every kind of way takes some 50 ms: kept per network and profile, for one hour. Kinds
# with conditional tags are judged anew for each other hour.
_judged: WeakKeyDictionary[RoadNetwork, dict[Profile, tuple[_Table, NDArray[np.int64]]]]
_judged = WeakKeyDictionary()


def arc_times(
    network: RoadNetwork, profile: Profile, hour: int, conditions: zones.Conditions
) -> NDArray[np.int32]:
    """Return ``(a,)`` milliseconds; see `maps.roads.network.RoadNetwork.arc_times`."""
    if not 0 <= hour < HOURS_OF_WEEK:
        raise ValueError(f"hour {hour} is not in 0 … {HOURS_OF_WEEK - 1}")
    found = _times_at(network, profile, hour, conditions)
    for other in sorted(conditions.hours_to_keep(profile.name) - {hour}):
        found[_times_at(network, profile, other, conditions) == CLOSED] = CLOSED
    _close_u_turns(network, found)
    return found


def _times_at(
    network: RoadNetwork, profile: Profile, hour: int, conditions: zones.Conditions
) -> NDArray[np.int32]:
    kmh, delay_s = np.moveaxis(_table(network, profile, hour), 2, 0)
    factor = conditions.congestion.factors[network.edge_class, hour]
    factor = factor * zones.edge_factors(network, profile, hour, conditions)
    pace = kmh[network.edge_kind] * _KMH_TO_CM_PER_MS * factor[:, None]
    signs_s = network.edge_signs @ np.array([profile.signal_s, profile.stop_s, profile.give_way_s])
    waits_s = signs_s + delay_s[network.edge_kind] + network.edge_turns * profile.turn_s
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.rint(network.edge_length_cm[:, None] / pace + waits_s * _MS)
    edge_times = np.where(pace > 0, np.minimum(times, CLOSED), CLOSED).astype(np.int32)
    found = edge_times[network.arc_edge, (~network.arc_forward).astype(np.int64)]
    found[_is_banned(network, profile, hour)] = CLOSED
    return found


def is_ever_usable(tags: Tags) -> bool:
    """Tell whether any profile may use such a way or barrier, in a direction, at some hour."""
    return any(usable_directions(tags))


def usable_directions(tags: Tags) -> tuple[bool, bool]:
    """Tell whether any profile may ever drive such an edge forward, and backward."""
    hours = range(HOURS_OF_WEEK) if access.varies(tags) else (0,)
    forward, backward = (
        any(
            _judge(tags, profile, direction, hour)[0] > 0
            for profile in PROFILES.values()
            for hour in hours
        )
        for direction in _DIRECTIONS
    )
    return forward, backward


def _table(network: RoadNetwork, profile: Profile, hour: int) -> _Table:
    """Return ``(kinds, 2, 2)``: speed in km/h (0: closed) and delay in seconds, by direction."""
    by_profile = _judged.setdefault(network, {})
    if profile not in by_profile:
        kinds = [dict(kind) for kind in network.kinds]
        base = np.array([_judge_both(tags, profile, hour) for tags in kinds])
        varying = np.flatnonzero([access.varies(tags) for tags in kinds])
        by_profile[profile] = base, varying
    base, varying = by_profile[profile]
    table = base.copy()
    for kind in varying:
        table[kind] = _judge_both(dict(network.kinds[kind]), profile, hour)
    return table


def _judge_both(tags: Tags, profile: Profile, hour: int) -> list[tuple[float, float]]:
    return [_judge(tags, profile, direction, hour) for direction in _DIRECTIONS]


def _judge(tags: Tags, profile: Profile, direction: str, hour: int) -> tuple[float, float]:
    """Return speed in km/h (0: closed) and delay in seconds, of a way or a barrier's connector."""
    if _is_barrier(tags):
        found, delay_s = access.of_barrier(tags, profile, hour)
        # Two connectors make one barrier: only the way in counts.
        return float(found is not Access.CLOSED), delay_s if direction == FORWARD else 0.0
    found = access.of_way(tags, profile, direction, hour)
    if found is Access.CLOSED:
        return 0.0, 0.0
    return speeds.kmh(tags, profile, direction, hour, access=found), 0.0


def _is_barrier(tags: Tags) -> bool:
    # A way may have a barrier along its side, and the tag for it.
    return "barrier" in tags and "highway" not in tags and "route" not in tags


def _is_banned(network: RoadNetwork, profile: Profile, hour: int) -> NDArray[np.bool_]:
    held = [any(ban.holds(profile, hour) for ban in bans) for bans in network.bans]
    return np.array(held, dtype=np.bool_)[network.arc_ban]


def _close_u_turns(network: RoadNetwork, times: NDArray[np.int32]) -> None:
    """Close the marked U-turns, except where no other arc leads on."""
    marked = np.flatnonzero(network.arc_u_turn)
    onward = (times != CLOSED) & ~network.arc_u_turn
    num_onward = np.bincount(network.arc_tail[onward], minlength=network.node_junction.size)
    times[marked[num_onward[network.arc_tail[marked]] > 0]] = CLOSED
