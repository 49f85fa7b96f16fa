"""Where the tasks are and the vehicles begin and end: indices into matrices, or points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.formats.faults import Faults
from routing.formats.vroom.models import Task, Vehicle

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Places:
    """
    The place of each task, by its JSON path, and of each vehicle's start and end, by its row.

    ``points`` is ``(n, 2)`` lon, lat, or None where some place has no coordinates.
    """

    tasks: dict[str, int]
    starts: dict[int, int | None]
    ends: dict[int, int | None]
    points: NDArray[np.float64] | None


def check_ends(vehicles: Mapping[int, Vehicle], faults: Faults) -> None:
    """Note every vehicle that neither begins nor ends anywhere."""
    for row, vehicle in vehicles.items():
        given = (vehicle.start, vehicle.start_index, vehicle.end, vehicle.end_index)
        if all(value is None for value in given):
            cause = "neither start nor end is given"
            faults.add(f"vehicles[{row}]", "missing_key", cause, "give start, end, or both")


def given_places(
    tasks: Mapping[str, Task], vehicles: Mapping[int, Vehicle], size: int, faults: Faults
) -> Places:
    """Return the places by the file's own indices; each must lie within the matrices."""
    reader = _Indices(size, faults)
    places = Places(
        tasks={
            path: reader.take(f"{path}.location", task.location_index, task.location) or 0
            for path, task in tasks.items()
        },
        starts={
            row: reader.end(f"vehicles[{row}].start", vehicle.start_index, vehicle.start)
            for row, vehicle in vehicles.items()
        },
        ends={
            row: reader.end(f"vehicles[{row}].end", vehicle.end_index, vehicle.end)
            for row, vehicle in vehicles.items()
        },
        points=None,
    )
    return places if len(reader.points) < size else _with_points(places, reader.points)


class _Indices:
    """Checks indices and gathers the points that go with them."""

    def __init__(self, size: int, faults: Faults) -> None:
        self._size = size
        self._faults = faults
        self.points: dict[int, Point] = {}

    def end(self, where: str, index: int | None, point: Point | None) -> int | None:
        """Return a vehicle's place, or None where it has none."""
        return None if index is None and point is None else self.take(where, index, point)

    def take(self, where: str, index: int | None, point: Point | None) -> int | None:
        """Return the index if it is good; note a fault if it is not."""
        if index is None:
            cause = "the file has matrices, so an index is needed"
            self._faults.add(f"{where}_index", "missing_key", cause, "give the matrix's row")
            return None
        if index >= self._size:
            cause = f"{index} is not in the matrices, which cover {self._size} places from 0"
            action = "give a row that the matrices have"
            self._faults.add(f"{where}_index", "place_out_of_range", cause, action)
            return None
        if point is not None:
            self.points.setdefault(index, point)
        return index


def located_places(
    tasks: Mapping[str, Task], vehicles: Mapping[int, Vehicle], faults: Faults
) -> Places:
    """Return one place for each distinct point; every task needs one."""
    index_by_point: dict[Point, int] = {}

    def place(point: Point | None) -> int | None:
        return None if point is None else index_by_point.setdefault(point, len(index_by_point))

    for path, task in tasks.items():
        if task.location is None:
            cause = "the file has no matrices, so a location is needed"
            faults.add(f"{path}.location", "missing_key", cause, "give [lon, lat]")
    for row, vehicle in vehicles.items():
        for end in ("start", "end"):
            if getattr(vehicle, f"{end}_index") is not None and getattr(vehicle, end) is None:
                cause = "the file has no matrices, so an index leads nowhere"
                faults.add(f"vehicles[{row}].{end}", "missing_key", cause, "give [lon, lat]")
    return _with_points(
        Places(
            starts={row: place(vehicle.start) for row, vehicle in vehicles.items()},
            ends={row: place(vehicle.end) for row, vehicle in vehicles.items()},
            tasks={path: place(task.location) or 0 for path, task in tasks.items()},
            points=None,
        ),
        {index: point for point, index in index_by_point.items()},
    )


def _with_points(places: Places, points: Mapping[int, Point]) -> Places:
    rows = [points[index] for index in range(len(points))]
    array = np.array(rows, dtype=np.float64).reshape(len(rows), 2)
    return Places(places.tasks, places.starts, places.ends, array)
