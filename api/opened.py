"""A map that a command was given by name or file, opened, and asked under its conditions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from api import progress

if TYPE_CHECKING:
    from dispatch.plans.gathering import Gatherer
    from maps.store import RoadMap
    from maps.travel import Travel


def road_map(map_ref: str) -> RoadMap:
    """Open a map; a file that was never imported is imported first, which takes a while."""
    from maps import store

    with progress.fraction("opening the map") as on_progress:
        return store.open_map(map_ref, on_progress=on_progress)


def travel(opened: RoadMap, *, zones: Path | None = None, congestion: Path | None = None) -> Travel:
    """Return what answers for a usual week, with the user's own zones, closures and congestion."""
    from maps import store
    from maps.roads import congestion as rush_hours
    from maps.roads import zonefile
    from maps.roads.zones import Conditions

    usual = rush_hours.DEFAULT if congestion is None else rush_hours.read_csv(congestion)
    if zones is None:
        conditions = Conditions(congestion=usual)
    else:
        areas, closures = zonefile.read_zones(zones), zonefile.read_closures(zones)
        conditions = Conditions(zones=areas, closures=closures, congestion=usual)
    return store.travel_from_settings(opened, conditions)


def planner(map_ref: str | None, *, needed: bool) -> Gatherer | None:
    """
    Return what plans of a database are made from, on a map that is named or the only one there is.

    Without one it is None, or refused when it is ``needed``.
    """
    from dispatch.plans.gathering import Gatherer
    from maps import store
    from maps.errors import MapNotFound

    ref = map_ref or os.environ.get("MILKRUN_MAP", "")
    if not ref:
        known = {info.version: info.name for info in store.list_maps()}
        ref = next(iter(known.values())) if len(known) == 1 else ""
    if ref:
        return Gatherer(road_map(ref))
    if not needed:
        return None
    raise MapNotFound(
        "map_not_found",
        cause="no map is named, and there is not just one",
        action="name one with --map or MILKRUN_MAP; `milkrun map list` shows them",
    )
