"""How many vehicles a benchmark file is solved with."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from routing.formats.ids import number_id
from routing.problem import Vehicle

FleetSize = int | Literal["unlimited"] | None
"""A number of vehicles, ``unlimited`` (one for each visit), or None: the file's own number."""


def fleet(
    vehicle: Vehicle, *, own_number: int, num_visits: int, wanted: FleetSize
) -> list[Vehicle]:
    """
    Return copies of one vehicle, numbered from 1.

    Parameters
    ----------
    vehicle
        The model of all of them.
    own_number
        What the file says.
    num_visits
        More vehicles than visits are of no use; ``unlimited`` means as many.
    wanted
        Replaces the file's number.
    """
    number = own_number if wanted is None else num_visits if wanted == "unlimited" else wanted
    return [replace(vehicle, id=number_id(index)) for index in range(1, number + 1)]
