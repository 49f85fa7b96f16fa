"""`milkrun map matrix`, `route` and `geocode`: questions to a map."""

from __future__ import annotations

import json as json_text
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api import faults, opened, options, output
from api.faults import BadInput
from routing.faults import Fault

if TYPE_CHECKING:
    from maps.addresses.geocode import Candidate
    from maps.store import RoadMap
    from maps.travel import Leg, Travel

NEGATIVE_NUMBERS = {"ignore_unknown_options": True}
"""So that -8.61,41.15 is a place west of Greenwich and no option."""

_LON_LAT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,\s]\s*(-?\d+(?:\.\d+)?)\s*")
_LEAST_QUALITY = 0.5

_PLACE = "LON,LAT or an address on the map."
_ENDS = ("FROM", "TO")


def matrix(
    points: Annotated[
        Path,
        typer.Argument(metavar="POINTS.csv", show_default=False, help="A table with lon and lat."),
    ],
    map_ref: options.MapOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.npz", help="What to write.")],
    profile: options.Profile = "car",
    at: options.AtHour = options.TYPICAL_HOUR,
    zones: options.Zones = None,
    congestion: options.CongestionFile = None,
    datum: options.DatumOption = "wgs84",
    json: options.Json = False,
) -> None:
    """
    Write durations (s), distances (m) and snapped_m between all points of a table.

    Pairs without a way hold 2147483647.
    """
    import numpy as np

    from dispatch.sheets import points as point_tables
    from maps.errors import OffRoad

    output.check_writable(out)
    hour = options.hour_of_week(at)
    table = point_tables.read(points, datum=datum)
    travel = opened.travel(opened.road_map(map_ref), zones=zones, congestion=congestion)
    try:
        found = travel.matrix(table.points, profile=profile, hour=hour)
    except OffRoad as error:
        raise table.off_road(error) from error
    with output.new_file(out) as stream:
        np.savez(
            stream,
            durations=found.durations,
            distances=found.distances,
            snapped_m=found.snapped_m,
        )
    size = len(table.points)
    if json:
        _print_json({"points": size, "out": str(out)})
    else:
        typer.echo(f"{size} x {size} -> {out}")


def route(
    origin: Annotated[str, typer.Argument(metavar="FROM", show_default=False, help=_PLACE)],
    destination: Annotated[str, typer.Argument(metavar="TO", show_default=False, help=_PLACE)],
    map_ref: options.MapOption,
    profile: options.Profile = "car",
    at: options.AtHour = options.TYPICAL_HOUR,
    zones: options.Zones = None,
    congestion: options.CongestionFile = None,
    datum: options.DatumOption = "wgs84",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.geojson", help="Where to put the line.")
    ] = None,
    json: options.Json = False,
) -> None:
    """
    Tell length and time of the fastest way between two places.

    With --out or --json its line is written as a GeoJSON feature.
    """
    if out is not None:
        output.check_writable(out)
    hour = options.hour_of_week(at)
    road_map = opened.road_map(map_ref)
    ends = _ends(road_map, (origin, destination), datum)
    travel = opened.travel(road_map, zones=zones, congestion=congestion)
    leg = _leg(travel, ends, profile=profile, hour=hour)
    feature = _feature(leg, datum)
    if out is not None:
        output.write_text(out, json_text.dumps(feature, ensure_ascii=False) + "\n")
    if json:
        _print_json(feature)
        return
    for name, end in zip(("from", "to"), ends, strict=True):
        typer.echo(f"{name:<6}{_shown(end[:2], datum)}  {end[2]}".rstrip())
    typer.echo(f"{leg.distance_m / 1000:.2f} km, {_minutes(leg.duration_s)}, {profile}, {at}")


def geocode(
    map_ref: options.MapOption,
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="An address or a name, as people write it.")
    ] = "",
    reverse: Annotated[
        str | None,
        typer.Option("--reverse", metavar="LON,LAT", help="What is at this place instead."),
    ] = None,
    near: Annotated[
        str | None, typer.Option("--near", metavar="LON,LAT", help="Prefer what is close to it.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100)] = 5,
    datum: options.DatumOption = "wgs84",
    json: options.Json = False,
) -> None:
    """Find an address or a name on the map, or the address of a place; exit status 1: none."""
    if bool(text) == (reverse is not None):
        cause = "one of TEXT and --reverse is needed, and not both"
        raise BadInput(Fault("TEXT", "bad_arguments", cause, "write an address, or --reverse"))
    geocoder = opened.road_map(map_ref).geocoder
    if reverse is not None:
        found = geocoder.reverse(*_point("--reverse", reverse, datum), limit=limit)
    else:
        close = None if near is None else _point("--near", near, datum)
        found = geocoder.search(text, near=close, limit=limit)
    answers = [_answer(candidate, datum) for candidate in found]
    if json:
        _print_json(answers)
    else:
        rows = [
            ["" if value is None else str(value) for value in answer.values()] for answer in answers
        ]
        faults.show(("quality", "kind", "lon", "lat", "distance", "label"), rows)
    if not answers:
        raise typer.Exit(faults.FAILED)


def _leg(travel: Travel, ends: list[tuple[float, float, str]], *, profile: str, hour: int) -> Leg:
    import numpy as np

    from maps.errors import OffRoad

    points = np.array([end[:2] for end in ends], dtype=np.float64)
    try:
        # Asked first because it tells which of the two is off the roads.
        travel.matrix(points, profile=profile, hour=hour)
        leg = travel.legs(points[:1], points[1:], profile=profile, hour=hour)[0]
    except OffRoad as error:
        wrong = (
            Fault(_ENDS[index], error.code, _far(ends[index]), error.action)
            for index in error.indices
        )
        raise BadInput(*wrong) from error
    if leg is None:
        cause = f"no way leads there for {profile} at that hour"
        raise BadInput(Fault("TO", "no_way", cause, "try another place, profile or hour"))
    return leg


def _ends(
    road_map: RoadMap, texts: tuple[str, str], datum: options.Datum
) -> list[tuple[float, float, str]]:
    """Return lon, lat and what was found for both ends, or every reason why not."""
    found: list[tuple[float, float, str]] = []
    wrong: list[Fault] = []
    for where, text in zip(_ENDS, texts, strict=True):
        try:
            found.append(_end(road_map, where, text, datum))
        except BadInput as error:
            wrong.extend(error.faults)
    if wrong:
        raise BadInput(*wrong)
    return found


def _end(
    road_map: RoadMap, where: str, text: str, datum: options.Datum
) -> tuple[float, float, str]:
    if _LON_LAT.fullmatch(text):
        return (*_point(where, text, datum), "")
    candidates = road_map.geocoder.search(text, limit=3)
    if candidates and candidates[0].quality >= _LEAST_QUALITY:
        best = candidates[0]
        return best.lon, best.lat, f"{best.label} (quality {best.quality:.2f})"
    known = "; ".join(f"{one.label} ({one.quality:.2f})" for one in candidates) or "nothing like it"
    cause = f"{text!r} is not certain on this map: {known}"
    raise BadInput(Fault(where, "address_not_found", cause, "write LON,LAT or more of the address"))


def _point(where: str, text: str, datum: options.Datum) -> tuple[float, float]:
    """Return a written place in WGS84."""
    from maps import coords

    match = _LON_LAT.fullmatch(text)
    if match is None:
        cause = f"{text!r} is no place"
        raise BadInput(Fault(where, "bad_place", cause, "write LON,LAT such as 121.4903,31.2417"))
    lon, lat = float(match[1]), float(match[2])
    if abs(lon) > 180 or abs(lat) > 90:
        cause = f"{text} lies nowhere on earth"
        raise BadInput(Fault(where, "bad_place", cause, "write the longitude first, in degrees"))
    ((east, north),) = coords.to_wgs84([[lon, lat]], datum=datum)
    return float(east), float(north)


def _far(end: tuple[float, float, str]) -> str:
    return f"no usable road near {end[0]:.6f},{end[1]:.6f}"


def _shown(point: tuple[float, float], datum: options.Datum) -> str:
    from maps import coords

    ((lon, lat),) = coords.from_wgs84([point], datum=datum)
    return f"{lon:.6f},{lat:.6f}"


def _feature(leg: Leg, datum: options.Datum) -> dict[str, Any]:
    from maps import coords

    line = coords.from_wgs84(leg.line, datum=datum).round(7).tolist()
    properties = {"duration_s": leg.duration_s, "distance_m": leg.distance_m, "datum": datum}
    geometry = {"type": "LineString", "coordinates": line}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _answer(candidate: Candidate, datum: options.Datum) -> dict[str, Any]:
    from maps import coords

    ((lon, lat),) = coords.from_wgs84([[candidate.lon, candidate.lat]], datum=datum)
    distance = candidate.distance_m
    return {
        "quality": round(candidate.quality, 2),
        "kind": candidate.kind,
        "lon": round(float(lon), 7),
        "lat": round(float(lat), 7),
        "distance_m": None if distance is None else round(distance, 1),
        "label": candidate.label,
    }


def _minutes(seconds: int) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _print_json(document: object) -> None:
    typer.echo(json_text.dumps(document, ensure_ascii=False))
