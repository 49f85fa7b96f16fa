"""Small OpenStreetMap files, written as XML by the tests that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

LON, LAT = 2.0, 48.0
METRES_PER_DEGREE_LAT = 111_320.0
METRES_PER_DEGREE_LON = 74_488.0  # at 48 degrees north

Tags = Mapping[str, str]


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """Return lon, lat of a spot given in metres from the middle of the test town."""
    return LON + east_m / METRES_PER_DEGREE_LON, LAT + north_m / METRES_PER_DEGREE_LAT


class OsmText:
    """Collects nodes, ways and relations; ids count from 1, or from -1 downwards."""

    def __init__(self, *, step: int = 1) -> None:
        self._step = step
        self._num = 0
        self._nodes: list[str] = []
        self._ways: list[str] = []
        self._relations: list[str] = []

    def node(self, east_m: float, north_m: float, tags: Tags | None = None) -> int:
        lon, lat = at(east_m, north_m)
        number = self._next()
        inner = _tags(tags)
        self._nodes.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}">{inner}</node>')
        return number

    def way(self, spots: Iterable[tuple[float, float]], tags: Tags, *, closed: bool = False) -> int:
        refs = [self.node(*spot) for spot in spots]
        refs += refs[:1] if closed else []
        return self.way_of(refs, tags)

    def way_of(self, refs: Iterable[int], tags: Tags) -> int:
        number = self._next()
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs) + _tags(tags)
        self._ways.append(f'<way id="{number}">{inner}</way>')
        return number

    def relation(self, members: Iterable[tuple[str, int, str]], tags: Tags) -> int:
        number = self._next()
        inner = "".join(
            f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members
        )
        self._relations.append(f'<relation id="{number}">{inner}{_tags(tags)}</relation>')
        return number

    def write(self, path: Path) -> Path:
        body = "\n".join([*self._nodes, *self._ways, *self._relations])
        path.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}\n</osm>\n',
            encoding="utf-8",
        )
        return path

    def _next(self) -> int:
        self._num += 1
        return self._num * self._step


def _tags(tags: Tags | None) -> str:
    pairs = (tags or {}).items()
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in pairs)
