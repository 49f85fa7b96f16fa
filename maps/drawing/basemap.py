"""
What to draw under a plan: made once from an OpenStreetMap file, cut out for each picture.

A basemap file is a compressed ``.npz`` without pickled objects. Coordinates are int32 in 1e-7
degrees, the precision of OpenStreetMap itself, each stored as the difference to the one before.
The same map gives the same bytes.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import shapely
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from maps.drawing import basemap_drawing, basemap_features, basemap_read
from maps.drawing.basemap_drawing import Drawing
from maps.drawing.basemap_features import Box, Features
from maps.drawing.basemap_read import Geometries
from maps.errors import BadMap

FORMAT = 1
"""Changes when files written before can no longer be read."""

ATTRIBUTION = "© OpenStreetMap contributors"

_DEGREE = 10_000_000
_KINDS = {
    "point": shapely.GeometryType.POINT,
    "line": shapely.GeometryType.LINESTRING,
    "area": shapely.GeometryType.POLYGON,
}


def build(
    osm_path: Path, out_path: Path, *, on_progress: Callable[[float], None] | None = None
) -> None:
    """
    Read what can be drawn from an OpenStreetMap file, and write it as a basemap.

    Parameters
    ----------
    osm_path
        Any file that pyosmium reads: ``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``.
    out_path
        Replaced in one step when everything is written.
    on_progress
        Told the share of the work that is done, 0 … 1.

    Raises
    ------
    BadMap
        The file cannot be read, or holds nothing that could be drawn.
    """
    sketch = basemap_read.read(osm_path, on_progress=on_progress)
    if not sketch.shapes:
        raise BadMap(
            "bad_map",
            cause=f"{osm_path.name} holds no road, water, building or place",
            action="use an extract that covers the places of the plan",
        )
    features, bounds = basemap_features.assemble(sketch)
    _write(out_path, features, bounds)
    if on_progress:
        on_progress(1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Basemap:
    """
    A map's drawable features.

    Attributes
    ----------
    features
        Areas, lines and points with their layers, in painting order.
    bounds
        What the file covers: west, south, east, north in degrees.
    """

    features: Features
    bounds: Box
    attribution: str = ATTRIBUTION

    @classmethod
    def load(cls, path: Path) -> Self:
        """
        Read a basemap that `build` wrote.

        Raises
        ------
        BadMap
            The file is damaged, or of another format.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                head = json.loads(arrays["head"].tobytes())
                if head["format"] != FORMAT:
                    raise _unreadable(path, f"format {head['format']}, {FORMAT} is needed")
                features = _unpack(arrays, head)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise _unreadable(path, str(error)) from error
        west, south, east, north = head["bounds"]
        return cls(features=features, bounds=(west, south, east, north))

    def clip(self, bbox: Box, *, budget_points: int = 250_000) -> Drawing:
        """
        Cut out what lies in a box, in as few points as the picture can bear.

        Parameters
        ----------
        bbox
            West, south, east, north in degrees.
        budget_points
            No more than this many points are kept. First shapes are simplified (Douglas and
            Peucker), the more coarsely the larger the box; then the least important features go:
            footpaths, small buildings, service roads.
        """
        return basemap_drawing.draw(self.features, bbox, budget_points=budget_points)


def _write(path: Path, features: Features, bounds: Box) -> None:
    head = {"format": FORMAT, "bounds": bounds, "names": features.names}
    arrays: dict[str, NDArray[Any]] = {
        "head": np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8),
        "layer": features.layer,
        "flags": features.flags,
        "name": features.name,
        "size_m": features.size_m,
    }
    dimension = shapely.get_dimensions(features.geometries)
    arrays["dimension"] = dimension.astype(np.uint8)
    for number, kind in enumerate(_KINDS):
        chosen = features.geometries[dimension == number]
        if len(chosen):
            arrays |= _packed(kind, chosen)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # names are no options
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _packed(kind: str, geometries: Geometries) -> dict[str, NDArray[Any]]:
    _, coordinates, offsets = shapely.to_ragged_array(geometries)
    whole = np.rint(coordinates * _DEGREE).astype(np.int32)
    packed: dict[str, NDArray[Any]] = {f"{kind}_xy": np.diff(whole, axis=0, prepend=whole[:1] * 0)}
    for number, offset in enumerate(offsets):
        packed[f"{kind}_offset{number}"] = np.diff(offset).astype(np.int32)
    return packed


def _unpack(arrays: NpzFile, head: dict[str, Any]) -> Features:
    dimension = arrays["dimension"]
    geometries = np.empty(len(dimension), dtype=np.object_)
    for number, (kind, geometry_type) in enumerate(_KINDS.items()):
        if f"{kind}_xy" not in arrays:
            continue
        xy = np.cumsum(arrays[f"{kind}_xy"], axis=0, dtype=np.int32) / _DEGREE
        lengths = [arrays[key] for key in (f"{kind}_offset0", f"{kind}_offset1") if key in arrays]
        offsets = tuple(np.append(0, np.cumsum(length)) for length in lengths)
        geometries[dimension == number] = shapely.from_ragged_array(geometry_type, xy, offsets)
    return Features(
        geometries=cast(Geometries, geometries),
        layer=arrays["layer"],
        flags=arrays["flags"],
        name=arrays["name"],
        size_m=arrays["size_m"],
        names=tuple((local, chinese, latin) for local, chinese, latin in head["names"]),
    )


def _unreadable(path: Path, cause: str) -> BadMap:
    return BadMap(
        "bad_map",
        cause=f"the basemap {path.name} cannot be read: {cause}",
        action=f"delete {path.parent} and import the map again",
    )
