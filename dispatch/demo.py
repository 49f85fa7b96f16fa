"""The demo: a whole day planned in the generated city, with nothing but this package."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from dispatch import demo_day
from dispatch.planning import dayfiles, planning
from dispatch.planning.planned import PlannedDay
from dispatch.reports import write
from maps import city, store
from maps.city import CitySummary, Site
from maps.errors import NotStored
from maps.store import RoadMap
from routing.solve import Budget, Progress

AT = date(2026, 3, 2)
"""A Monday; any day would do."""

MAP_NAME = "lanchuan"
"""What the city's map is called in ``milkrun map list``."""

_SEED = 7


@dataclass(frozen=True, slots=True)
class Demo:
    """A planned demo day; ``day_folder`` has its tables, as a user's own would look."""

    planned: PlannedDay
    road_map: RoadMap
    day_folder: Path
    reports: tuple[Path, ...]


def run(
    folder: Path,
    *,
    budget: Budget,
    seed: int = 0,
    cores: int = 1,
    at: date = AT,
    on_map: Callable[[float], None] | None = None,
    on_best: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Demo:
    """
    Plan the demo day and write its reports into ``folder``, its tables into ``folder/day``.

    The city is drawn and imported once and kept with the other maps. ``on_map`` is told how much
    of that is done, 0 … 1.
    """
    summary, road_map = open_city(on_progress=on_map)
    day_folder = folder / "day"
    with write.refusing(folder):
        demo_day.write(day_folder, summary, seed=_SEED)
    day = dayfiles.read(
        day_folder, geocoder=road_map.geocoder, survey=planning.survey(road_map, at)
    )
    planned = planning.plan(
        day,
        road_map,
        at=at,
        budget=budget,
        seed=seed,
        cores=cores,
        on_best=on_best,
        stop=stop,
    )
    reports = write.write(planned, folder, basemap=road_map.basemap)
    return Demo(planned, road_map, day_folder, reports)


def open_city(*, on_progress: Callable[[float], None] | None = None) -> tuple[CitySummary, RoadMap]:
    """
    Return the demo's city and its map, drawn and imported when they are not there yet.

    Raises `NotStored` where there is no room for them, or no right to write.
    """
    tell = on_progress or (lambda _: None)
    kept = store.home() / "demo" / f"city-{_stamp()}.json"
    summary = _read_summary(kept)
    if summary is None:
        tell(_OPENED)
        try:
            summary = _draw(kept)
        except OSError as error:
            raise NotStored(store.home(), error) from error
    tell(_DRAWN)
    store.import_file(
        summary.path,
        name=MAP_NAME,
        on_progress=lambda done: tell(_DRAWN + (1 - _DRAWN) * done),
    )
    return summary, store.open_map(MAP_NAME)


# Shares of the time that it takes: a bar should not stand still at nothing.
_OPENED, _DRAWN = 0.05, 0.5


def _draw(kept: Path) -> CitySummary:
    """Draw the city and keep it; whoever does so at the same time keeps the same."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as workshop:
        drawn = city.write(Path(workshop) / "city.osm.pbf", seed=_SEED)
        summary = replace(drawn, path=kept.with_suffix(".osm.pbf"))
        os.replace(drawn.path, summary.path)
        draft = Path(workshop) / "city.json"
        known = {**asdict(summary), "path": str(summary.path)}
        draft.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        os.replace(draft, kept)
    return summary


def _stamp() -> str:
    """Return what changes whenever the city could: the code that draws it, and its seed."""
    digest = hashlib.sha256(str(_SEED).encode())
    for file in sorted(files(city).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _read_summary(kept: Path) -> CitySummary | None:
    """Return a city that was drawn before; None when it was not, or not to its end."""
    try:
        known: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    path = Path(known["path"])
    if not path.is_file():
        return None
    sites = {
        name: tuple(Site(**site) for site in known[name])
        for name in ("warehouses", "workshops", "counters")
    }
    pairs = tuple((lon, lat) for lon, lat in known["truck_ban"])
    whole = {**known, **sites, "path": path, "truck_ban": pairs}
    return CitySummary(**{**whole, "centre": tuple(known["centre"]), "bbox": tuple(known["bbox"])})
