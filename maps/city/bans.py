"""Turn restrictions: banned turns at crossings, for all or for some hours or vehicles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from maps.city.streets import RANK, Street, StreetMap

PEAK_HOURS = "(Mo-Fr 07:00-09:00,17:00-19:00)"

_NUM_CROSSINGS = 44


@dataclass(frozen=True, slots=True)
class Ban:
    """
    A turn restriction: numbers of edges, and the node or the edge between.

    ``key`` is the tag that carries it: ``restriction``, ``restriction:hgv`` or
    ``restriction:conditional``.
    """

    origin: int
    target: int
    value: str
    node: int | None = None
    via: int | None = None
    key: str = "restriction"
    exempt: str = ""


def turns(rng: np.random.Generator, network: StreetMap, signals: Sequence[int]) -> Iterator[Ban]:
    """Yield bans at some of the crossings with signals, and below the motorway."""
    street_of = network.street_of()
    arms = network.arms()
    crossings = [
        node
        for node in signals
        if len(arms[node]) == 4
        and all(not street_of[n].oneway and RANK[street_of[n].kind] >= 2 for n in arms[node])
    ]
    order = rng.permutation(len(crossings))
    for count, index in enumerate(order[:_NUM_CROSSINGS]):
        node = crossings[index]
        origin = arms[node][int(rng.integers(4))]
        yield from _bans_at(network, node, arms[node], origin, style=count % 11)
    yield from _bans_between_ramps(network, arms, street_of)


def _bans_at(
    network: StreetMap, node: int, arms: Sequence[int], origin: int, *, style: int
) -> Iterator[Ban]:
    others = [number for number in arms if number != origin]
    left, straight, right = _by_turn(network, node, origin, others)
    if style < 4:
        yield Ban(origin, left, "no_left_turn", node)
    elif style == 4:
        yield Ban(origin, left, "no_left_turn", node, exempt="bus;psv")
    elif style < 7:
        yield Ban(origin, origin, "no_u_turn", node)
    elif style == 7:
        yield Ban(origin, straight, "only_straight_on", node)
    elif style == 8:
        yield Ban(origin, right, "no_right_turn", node, key="restriction:hgv")
    else:
        value = f"no_left_turn @ {PEAK_HOURS}"
        yield Ban(origin, left, value, node, key="restriction:conditional")


def _by_turn(
    network: StreetMap, node: int, origin: int, others: Sequence[int]
) -> tuple[int, int, int]:
    """Return the edges to the left, straight on and to the right of a crossing."""
    ahead = -network.leaving(node, origin)

    def angle(number: int) -> float:
        way = network.leaving(node, number)
        return float(np.arctan2(ahead[0] * way[1] - ahead[1] * way[0], ahead @ way))

    right, straight, left = sorted(others, key=angle)
    return left, straight, right


def _bans_between_ramps(
    network: StreetMap, arms: dict[int, list[int]], street_of: dict[int, Street]
) -> Iterator[Ban]:
    """Forbid to leave the motorway and go back the other way, by way of the road below."""
    for number, edge in enumerate(network.edges):
        if street_of[number].kind != "motorway_link":
            continue
        for via in arms[edge.head]:
            if RANK[street_of[via].kind] not in (3, 4, 5):
                continue
            below = network.edges[via]
            beyond = below.head if below.tail == edge.head else below.tail
            for target in arms[beyond]:
                back = network.edges[target].tail == beyond
                if back and street_of[target].kind == "motorway_link":
                    yield Ban(number, target, "no_u_turn", via=via)
