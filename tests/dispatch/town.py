"""A small town as an OpenStreetMap file: a grid of named streets with houses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dispatch.firm.ground import WORKSHOPS_PER_ZONE, ZONES, Ground, Workshop

WEST, SOUTH = 7.40, 43.70
STEP = 0.003
SIZE = 7


def point(column: float, row: float) -> tuple[float, float]:
    """Return the place of a crossing, or of a spot between crossings, as lon, lat."""
    return WEST + column * STEP, SOUTH + row * STEP


def write(path: Path) -> Path:
    """Write the town: ``Street r`` runs east, ``Avenue c`` runs north; a house at each crossing."""
    path.write_text("\n".join(_lines()), encoding="utf-8")
    return path


def _lines() -> Iterator[str]:
    crossings = [(column, row) for row in range(SIZE) for column in range(SIZE)]
    yield '<osm version="0.6">'
    for column, row in crossings:
        lon, lat = point(column, row)
        yield f'<node id="{_node(column, row)}" lon="{lon:.7f}" lat="{lat:.7f}"/>'
    for column, row in crossings:
        lon, lat = point(column, row)
        yield f'<node id="{1000 + _node(column, row)}" lon="{lon:.7f}" lat="{lat + 1e-4:.7f}">'
        yield f'<tag k="addr:street" v="Street {row}"/>'
        yield f'<tag k="addr:housenumber" v="{column + 1}"/></node>'
    for line in range(SIZE):
        yield from _way(1 + line, f"Street {line}", [_node(c, line) for c in range(SIZE)])
    for line in range(SIZE):
        yield from _way(101 + line, f"Avenue {line}", [_node(line, r) for r in range(SIZE)])
    yield "</osm>"


def _node(column: int, row: int) -> int:
    return 1 + row * SIZE + column


def _way(number: int, name: str, nodes: list[int]) -> Iterator[str]:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    tags = f'<tag k="highway" v="residential"/><tag k="name" v="{name}"/>'
    yield f'<way id="{number}">{refs}{tags}</way>'


def ground(*, time_zone: str = "Europe/Paris") -> Ground:
    """Return a firm's ground: a workshop at 45 of the houses, warehouses at two far corners."""
    corners = ((0, SIZE - 1), (SIZE - 1, 0))
    houses = [(c, r) for r in reversed(range(SIZE)) for c in range(SIZE) if (c, r) not in corners]
    shops = [
        _workshop(number, column, row)
        for number, (column, row) in enumerate(houses[: len(ZONES) * WORKSHOPS_PER_ZONE])
    ]
    first, second = (point(*corner) for corner in corners)
    return Ground((first, second), tuple(shops), time_zone)


def _workshop(number: int, column: int, row: int) -> Workshop:
    lon, lat = point(column, row)
    return Workshop(
        name=f"修理厂{number + 1}",
        name_en=f"Garage {number + 1}",
        address=f"Street {row} {column + 1}",
        zone=ZONES[number // WORKSHOPS_PER_ZONE],
        lon=lon,
        lat=lat + 1e-4,
    )
