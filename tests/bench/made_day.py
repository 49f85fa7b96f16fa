"""A seeded day on any map, as the tables that a user would write: orders, vehicles, depots."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from maps.roads.network import RoadNetwork

_WINDOWS = (("08:00", "10:00"), ("09:00", "12:00"), ("10:00", "12:30"), ("13:00", "17:00"))


def write(folder: Path, network: RoadNetwork, *, orders: int, vehicles: int, seed: int = 1) -> Path:
    """Write a day whose places are junctions of ordinary streets; two depots share the vans."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    places = _places(network, orders + 2, rng)
    depots = [(f"W{k + 1}", *places[k], "07:30", "18:30", "Asia/Shanghai") for k in range(2)]
    _table(folder / "depots.csv", "depot,lon,lat,opens,closes,timezone", depots)
    vans = [
        (f"van {k + 1}", f"W{k % 2 + 1}", "van", 900, 4000, "08:00", "17:30", 80, 1.2, 45)
        for k in range(vehicles)
    ]
    heads = "vehicle,depot,profile,capacity_kg,capacity_l,shift_start,shift_end"
    _table(folder / "vehicles.csv", f"{heads},cost_fixed,cost_per_km,cost_per_h", vans)
    rows = [
        (f"A{k + 1:04}", *place, f"修理厂 {k + 1}", *_window(rng), 5, *_load(rng))
        for k, place in enumerate(places[2:])
    ]
    heads = "order,lon,lat,name,earliest,latest,service_min,weight_kg,volume_l"
    _table(folder / "orders.csv", heads, rows)
    return folder


def _places(
    network: RoadNetwork, number: int, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Return places drawn where streets of the middle classes meet; no place twice."""
    ordinary = np.isin(network.edge_class, np.bincount(network.edge_class).argsort()[-4:])
    junctions = np.unique(network.edge_from[ordinary])
    drawn = rng.choice(junctions, size=number, replace=junctions.size < number)
    return [(round(lon, 6), round(lat, 6)) for lon, lat in network.junction_lonlat[drawn].tolist()]


def _window(rng: np.random.Generator) -> tuple[str, str]:
    if rng.random() < 0.4:
        return ("", "")
    return _WINDOWS[int(rng.integers(len(_WINDOWS)))]


def _load(rng: np.random.Generator) -> tuple[float, float]:
    return round(float(rng.gamma(2.0, 8.0)) + 0.5, 1), round(float(rng.gamma(2.0, 25.0)) + 1, 1)


def _table(path: Path, heads: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads.split(","))
        writer.writerows(rows)
