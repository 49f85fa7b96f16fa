"""`milkrun map import`, `list` and `info`: the maps of this machine."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from api import faults, map_answers, opened, options, output, progress
from api.faults import BadInput
from routing.faults import Fault

if TYPE_CHECKING:
    from maps.store import MapInfo, RoadMap

app = typer.Typer(
    help="Import maps, and ask them for times, ways and places.", no_args_is_help=True
)
app.command("matrix")(map_answers.matrix)
app.command("route", context_settings=map_answers.NEGATIVE_NUMBERS)(map_answers.route)
app.command("geocode", context_settings=map_answers.NEGATIVE_NUMBERS)(map_answers.geocode)


@app.command("import")
def import_map(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="An .osm.pbf, .osm, .osm.gz or .osm.bz2 file."),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="NAME", help="Fetch a place by name, from the network."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="N", help="What to call the map.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Import a map, once: the same content again takes no time."""
    began = perf_counter()
    if (file is None) == (place is None):
        cause = "one of FILE and --place is needed, and not both"
        raise BadInput(Fault("FILE", "bad_arguments", cause, "name a map file, or a place"))
    info = _import_place(str(place), name) if file is None else _import_file(file, name)
    if json:
        _print_json(asdict(info))
        return
    size = f"{info.num_junctions:,} junctions, {info.num_edges:,} roads"
    typer.echo(f"{info.name}: {size}, {perf_counter() - began:.1f} s")


@app.command("list")
def list_maps(json: options.Json = False) -> None:
    """List the imported maps."""
    from maps import store

    found = store.list_maps()
    if json:
        _print_json([asdict(info) for info in found])
        return
    rows = [
        (info.name, info.version[:12], info.source, f"{info.num_junctions:,}", info.imported_at)
        for info in found
    ]
    faults.show(("name", "version", "file", "junctions", "imported"), rows)


@app.command("info")
def info(
    map_ref: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="An imported map, or a file.")
    ],
    inspect: Annotated[
        Path | None,
        typer.Option("--inspect", metavar="DIR", help="Look for faults of the network; pictures."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Tell what is known about a map, and with --inspect what looks wrong in it."""
    road_map = opened.road_map(map_ref)
    facts: dict[str, object] = asdict(road_map.info)
    if inspect is not None:
        facts["findings"] = _inspect(road_map, inspect)
    if json:
        _print_json(facts)
        return
    faults.show(("what", "value"), [(key, _shown(value)) for key, value in facts.items()])


def _import_file(file: Path, name: str | None) -> MapInfo:
    from maps import store

    with progress.fraction(f"importing {file.name}") as on_progress:
        return store.import_file(file, name=name, on_progress=on_progress)


def _import_place(place: str, name: str | None) -> MapInfo:
    from maps.place import fetch

    with TemporaryDirectory(prefix="milkrun-") as folder:
        file = fetch(place, Path(folder) / "place.osm.gz")
        return _import_file(file, name or place)


def _inspect(road_map: RoadMap, folder: Path) -> str:
    """Write a picture of the network and what looks wrong in it; return it in words."""
    from maps.inspect import draw, inspect

    output.check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    graph = road_map.network.to_networkx()
    findings = inspect(graph)
    draw(graph, findings, folder / "network.png")
    output.write_text(folder / "findings.txt", findings.summary() + "\n")
    return findings.summary()


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {count:,}" for key, count in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(f"{number:.5f}" for number in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _print_json(document: object) -> None:
    typer.echo(json_text.dumps(document, ensure_ascii=False, indent=1))
