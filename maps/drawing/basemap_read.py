"""Reads from an OpenStreetMap file everything that a basemap draws, as geometries with a layer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from maps.drawing import basemap_classes
from maps.drawing.basemap_classes import Flag, Layer
from maps.errors import BadMap

Geometries = NDArray[np.object_]
"""Shapely geometries, lon, lat in degrees."""

Progress = Callable[[float], None]

_SHIFT = 1 << 40
"""Added to the absolute value of negative ids: above every id that OpenStreetMap has given out."""


@dataclass(slots=True)
class Sketch:
    """Geometries as text (WKB in hex), each with its layer, flags, name and rank."""

    shapes: list[str] = field(default_factory=list)
    layers: list[int] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    name_of: list[int] = field(default_factory=list)
    # By local name: its number, and what it is called in Chinese and in Latin letters.
    names: dict[str, tuple[int, str, str]] = field(default_factory=lambda: {"": (0, "", "")})
    coast: list[str] = field(default_factory=list)
    box: tuple[float, float, float, float] | None = None

    def add(self, shape: str, layer: Layer, flags: Flag, tags: basemap_classes.Tags) -> None:
        """Note one feature."""
        self.shapes.append(shape)
        self.layers.append(layer)
        self.flags.append(flags)
        self.name_of.append(self._name(tags))

    def _name(self, tags: basemap_classes.Tags) -> int:
        """Return the number of a name; pieces of a street may each tag other languages of it."""
        local, chinese, latin = basemap_classes.names(tags)
        number, known_chinese, known_latin = self.names.get(local, (len(self.names), "", ""))
        self.names[local] = (number, known_chinese or chinese, known_latin or latin)
        return number

    def geometries(self) -> Geometries:
        """Return the shapes as Shapely geometries, in the order in which they were added."""
        return cast(Geometries, np.atleast_1d(shapely.from_wkb(self.shapes)))

    def coastline(self) -> Geometries:
        """Return the pieces of coastline; land lies on their left."""
        return cast(Geometries, np.atleast_1d(shapely.from_wkb(self.coast)))


class _Disordered(Exception):
    """The file must be sorted, or its ids be made positive, before areas can be assembled."""


def read(path: Path, *, on_progress: Progress | None = None) -> Sketch:
    """
    Read what is to be drawn.

    Ways that lack some of their nodes are drawn as far as they go. Files that are not sorted, or
    that carry negative ids (drawn in an editor, never uploaded), are put in order first.

    Raises
    ------
    BadMap
        The file cannot be read to its end.
    """
    try:
        return _read_sorted(path, on_progress)
    except _Disordered:
        pass
    with tempfile.TemporaryDirectory(prefix="milkrun-") as folder:
        # Without progress: what was told so far must not be taken back.
        return _read_sorted(_put_in_order(path, Path(folder)), None)


def _read_sorted(path: Path, on_progress: Progress | None) -> Sketch:
    sketch = Sketch()
    gaps = 0
    wkb = osmium.geom.WKBFactory()
    try:
        for seen, thing in enumerate(_drawable(path)):
            if on_progress and seen % 4096 == 0:
                # The number of objects is not known beforehand: approach 0.9 without reaching it.
                on_progress(0.9 * seen / (seen + 40_000))
            if isinstance(thing, osmium.osm.Way):
                gaps += not _add_way(sketch, thing, wkb)
            elif isinstance(thing, osmium.osm.Area):
                _add_area(sketch, thing, wkb)
            elif isinstance(thing, osmium.osm.Node):
                _add_node(sketch, thing, wkb)
        if gaps and not _nodes_come_first(path):
            raise _Disordered
        sketch.box = _header_box(path)
    except (RuntimeError, OSError) as error:
        if "order" in str(error) or "twice" in str(error):
            raise _Disordered from error
        raise _unreadable(path, error) from error
    return sketch


def _drawable(path: Path) -> Iterator[osmium.osm.types.OSMEntity]:
    keys = osmium.filter.KeyFilter(*basemap_classes.KEYS)
    processor = osmium.FileProcessor(str(path)).with_areas(keys)
    return iter(processor.with_filter(osmium.filter.KeyFilter(*basemap_classes.KEYS)))


def _add_way(sketch: Sketch, way: osmium.osm.Way, wkb: osmium.geom.WKBFactory) -> bool:
    """Add a way that is drawn as a line; return False when places of its nodes are missing."""
    tags = {tag.k: tag.v for tag in way.tags}
    coast = tags.get("natural") == "coastline"
    drawn = basemap_classes.line_layer(tags)
    shapes, whole = _lines(way, wkb)
    if coast:
        sketch.coast.extend(shapes)
    if drawn is not None:
        for shape in shapes:
            sketch.add(shape, *drawn, tags)
    return whole


def _lines(way: osmium.osm.Way, wkb: osmium.geom.WKBFactory) -> tuple[list[str], bool]:
    """Return the lines of a way, cut where nodes are missing, and whether none is missing."""
    try:
        return [wkb.create_linestring(way)], True
    except osmium.InvalidLocationError:
        pass
    except RuntimeError:
        # Fewer than two different points: nothing to draw, unless their places are missing.
        if all(node.location.valid() for node in way.nodes):
            return [], True
    if any(node.ref < 0 for node in way.nodes):
        raise _Disordered  # Places of negative ids are not kept by the reader.
    return _runs(way), False


def _runs(way: osmium.osm.Way) -> list[str]:
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != (node.lon, node.lat):
            runs[-1].append((node.lon, node.lat))
    return [shapely.to_wkb(shapely.LineString(run), hex=True) for run in runs if len(run) > 1]


def _add_area(sketch: Sketch, area: osmium.osm.Area, wkb: osmium.geom.WKBFactory) -> None:
    tags = {tag.k: tag.v for tag in area.tags}
    layer = basemap_classes.area_layer(tags)
    if layer is None:
        return
    try:
        shape = wkb.create_multipolygon(area)
    except RuntimeError:
        return  # Rings that do not close, as at the edge of an extract.
    sketch.add(shape, layer, Flag.NONE, tags)


def _add_node(sketch: Sketch, node: osmium.osm.Node, wkb: osmium.geom.WKBFactory) -> None:
    tags = {tag.k: tag.v for tag in node.tags}
    layer = basemap_classes.point_layer(tags)
    if layer is not None and tags.get("name") and node.location.valid():
        sketch.add(wkb.create_point(node), layer, Flag.NONE, tags)


def _header_box(path: Path) -> tuple[float, float, float, float] | None:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return (low.lon, low.lat, high.lon, high.lat)


def _nodes_come_first(path: Path) -> bool:
    """Return whether every node stands before every way, as the reader of positions needs."""
    way_seen = False
    for thing in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
        if isinstance(thing, osmium.osm.Way):
            way_seen = True
        elif way_seen:
            return False
    return True


def _put_in_order(path: Path, folder: Path) -> Path:
    """Write the same map sorted, with each object once and positive ids only."""
    positive, ordered = folder / "positive.osm.pbf", folder / "ordered.osm.pbf"
    try:
        with osmium.SimpleWriter(str(positive)) as writer:
            for thing in osmium.FileProcessor(str(path)):
                _write_positive(writer, thing)
        merged = osmium.MergeInputReader()
        merged.add_file(str(positive))
        with osmium.SimpleWriter(str(ordered)) as writer:
            merged.apply(writer)
    except (RuntimeError, OSError) as error:
        raise _unreadable(path, error) from error
    return ordered


def _write_positive(writer: osmium.SimpleWriter, thing: osmium.osm.types.OSMEntity) -> None:
    if isinstance(thing, osmium.osm.Node):
        if thing.location.valid():
            writer.add_node(thing.replace(id=_positive(thing.id)))
    elif isinstance(thing, osmium.osm.Way):
        nodes = [_positive(node.ref) for node in thing.nodes]
        writer.add_way(thing.replace(id=_positive(thing.id), nodes=nodes))
    elif isinstance(thing, osmium.osm.Relation):
        members = [(part.type, _positive(part.ref), part.role) for part in thing.members]
        writer.add_relation(thing.replace(id=_positive(thing.id), members=members))


def _positive(number: int) -> int:
    return number if number >= 0 else _SHIFT - number


def _unreadable(path: Path, error: Exception) -> BadMap:
    return BadMap(
        "bad_map",
        cause=f"{path.name} cannot be read as an OpenStreetMap file: {error}",
        action="download the extract again; it may be cut short or of another format",
    )
