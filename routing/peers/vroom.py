"""VROOM through pyvroom, at one level of exploration; it has no seed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import vroom

from routing.peers.ask import Ask, NoPlan, Sequences
from routing.peers.enough import enough
from routing.peers.plain import plain

LEVELS = ("0", "1", "5")
"""Settings: levels of exploration, from the quickest to the most thorough."""

_PROFILE = "car"


def solve(ask: Ask) -> Sequences:
    """Search with a thread on each core; the setting is the level of exploration."""
    asked = plain(enough(ask.problem))
    model = vroom.Input()
    # Prices are the durations, VROOM's default: one a second.
    model.set_durations_matrix(_PROFILE, asked.legs)
    shift = asked.windows[0]
    for number in range(len(asked.vehicle_ids)):
        model.add_vehicle(
            vroom.Vehicle(
                number,
                start=0,
                end=0,
                profile=_PROFILE,
                capacity=[asked.capacity],
                time_window=(shift.earliest, shift.latest),
            )
        )
    for node in range(1, len(asked.demands)):
        model.add_job(
            vroom.Job(
                node,
                location=node,
                default_service=asked.services[node],
                delivery=[asked.demands[node]],
                time_windows=[vroom.TimeWindow(*asked.windows[node])],
            )
        )
    found = model.solve(
        exploration_level=int(ask.setting or LEVELS[-1]),
        nb_threads=ask.cores,
        timeout=timedelta(seconds=ask.seconds),
    )
    routes = _routes(found.to_dict())
    if not routes:
        raise NoPlan("no routes")
    return asked.sequences(routes)


def _routes(document: dict[str, Any]) -> list[list[int]]:
    return [
        [step["id"] for step in route["steps"] if step["type"] == "job"]
        for route in document["routes"]
    ]
