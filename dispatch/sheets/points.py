"""A table of points, for questions to a map that have nothing to do with a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch.sheets import places, tables
from dispatch.sheets.faults import BadDay, RowFault, in_order
from dispatch.sheets.rows import RowReader
from dispatch.sheets.tables import Columns, Row, Table
from maps import coords
from maps.coords import Datum
from maps.errors import OffRoad
from maps.travel import Points

COLUMNS = Columns(
    ("lon", "lat"),
    ("point", "id", "name", "address", "order", "datum"),
    {"经度": "lon", "纬度": "lat", "lng": "lon", "longitude": "lon", "latitude": "lat"},
)


@dataclass(frozen=True, slots=True)
class PointTable:
    """Points in WGS84, ``(n, 2)`` lon, lat, each with its row in the file."""

    name: str
    points: Points
    rows: tuple[int, ...]

    def off_road(self, error: OffRoad) -> BadDay:
        """Return the map's refusal in words of this table."""
        return BadDay([self._off_road(index, error) for index in error.indices])

    def _off_road(self, index: int, error: OffRoad) -> RowFault:
        lon, lat = self.points[index]
        cause = f"no usable road near {lon:.5f}, {lat:.5f}"
        return RowFault(self.name, self.rows[index], "lon", error.code, cause, error.action)


def read(path: Path, *, datum: Datum = "wgs84") -> PointTable:
    """
    Read a CSV file with the columns ``lon`` and ``lat``.

    ``datum`` is that of rows which name none themselves. Raises `BadDay` with every fault.
    """
    faults: list[RowFault] = []
    table = tables.read_csv(path, COLUMNS, faults)
    found = list(_points(table, datum, faults)) if table else []
    if faults or table is None:
        raise BadDay(in_order(faults))
    points = np.array([point for _, point in found], dtype=np.float64)
    return PointTable(table.name, points, tuple(row.number for row, _ in found))


def _points(
    table: Table, datum: Datum, faults: list[RowFault]
) -> Iterator[tuple[Row, tuple[float, float]]]:
    for row in table.rows:
        reader = RowReader(table, row, faults)
        place = places.of_coordinates(reader)
        point = (place.lon, place.lat)
        if reader.sound and not reader.has("datum"):
            lon, lat = coords.to_wgs84(np.array([point]), datum=datum)[0]
            point = (float(lon), float(lat))
        yield row, point
