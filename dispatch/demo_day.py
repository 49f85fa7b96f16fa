"""
A made-up day of a parts wholesaler: two warehouses, six vans, 45 workshops, 120 orders.

Everything is drawn from one seed over the sites of the generated city. Three orders cannot be
served, each for another reason, so that a plan has reasons to show.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import Polygon

from maps.city import CitySummary, Site

NUM_ORDERS = 120
NUM_LINES = 310
WORKSHOPS_PER_DISTRICT = 15
DISTRICTS = ("N", "E", "S")

VAN_KG, VAN_L = 400, 2000


@dataclass(frozen=True, slots=True)
class _Part:
    """What a line of an order may be; weight and volume of one piece, as a parts shop packs it."""

    name: str
    kg: float
    litres: float
    share: float
    dangerous: bool = False


_PARTS = (
    _Part("刹车片 brake pads", 2.4, 4, 0.27),
    _Part("机油滤清器 oil filters", 1.5, 8, 0.245),
    _Part("机油 engine oil 4 × 4 l", 15.5, 20, 0.05),
    _Part("减震器 shock absorber", 4.5, 14, 0.10),
    _Part("发电机 alternator", 7.0, 9, 0.07),
    _Part("离合器套件 clutch kit", 9.0, 18, 0.07),
    _Part("大灯 headlamp", 3.2, 28, 0.07),
    _Part("轮胎 tyre", 10.0, 60, 0.07),
    _Part("保险杠 bumper", 6.0, 160, 0.03),
    _Part("变速箱 gearbox", 58.0, 110, 0.005),
    _Part("蓄电池 battery", 17.0, 12, 0.015, dangerous=True),
    _Part("安全气囊 airbag", 2.0, 10, 0.005, dangerous=True),
)

# From, to and how often: garages want parts before noon, or when they get to it.
_WINDOWS = (
    ("", "", 0.34),
    ("", "11:30", 0.16),
    ("08:30", "10:30", 0.13),
    ("09:30", "11:30", 0.13),
    ("13:30", "15:30", 0.12),
    ("13:30", "17:00", 0.12),
)

_ORDER_COLUMNS = (
    *("order", "name", "address", "lon", "lat", "earliest", "latest", "service_min"),
    *("weight_kg", "volume_l", "skills", "priority", "depot", "#parts"),
)

Row = dict[str, str]


def write(folder: Path, city: CitySummary, *, seed: int) -> None:
    """Write orders.csv, vehicles.csv, depots.csv and zones.geojson, as a user would have them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    tables = {
        "depots": _depots(city),
        "vehicles": _vehicles(),
        "orders": _orders(city, rng),
    }
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_bytes(_csv(rows))
    text = json.dumps(_zones(city), ensure_ascii=False, indent=1)
    (folder / "zones.geojson").write_text(text + "\n", encoding="utf-8")


def _csv(rows: Sequence[Row]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    # With the mark at its start Excel takes the file for what it is.
    return buffer.getvalue().encode("utf-8-sig")


def _depots(city: CitySummary) -> list[Row]:
    return [
        {
            "depot": name,
            **_degrees(site),
            "opens": "07:00",
            "closes": "19:00",
            "timezone": city.timezone,
        }
        for name, site in zip(("W1", "W2"), city.warehouses, strict=True)
    ]


def _vehicles() -> list[Row]:
    return [
        {
            "vehicle": f"van {number}",
            "depot": "W1" if number <= 4 else "W2",
            "profile": "van",
            "capacity_kg": str(VAN_KG),
            "capacity_l": str(VAN_L),
            "shift_start": "08:00",
            "shift_end": "17:30",
            "skills": "dg" if number == 6 else "",
            "cost_fixed": "80",
            "cost_per_km": "1.2",
            "cost_per_h": "45",
            "max_km": "",
            "max_stops": "",
        }
        for number in range(1, 7)
    ]


def _orders(city: CitySummary, rng: np.random.Generator) -> list[Row]:
    shops = _workshops(city, rng)
    rows = [
        _order(number, shops[rng.integers(len(shops))], num_lines, rng)
        for number, num_lines in enumerate(_lines(rng), start=1)
    ]
    for row in rows[::10]:
        # Some customers are known by their address alone: the map's own index finds them.
        row.update(lon="", lat="")
    _spoil(rows, _farthest(city, shops))
    return rows


def _workshops(city: CitySummary, rng: np.random.Generator) -> list[Site]:
    shops: list[Site] = []
    for district in DISTRICTS:
        there = [shop for shop in city.workshops if shop.district == district]
        chosen = rng.choice(len(there), WORKSHOPS_PER_DISTRICT, replace=False)
        shops += [there[index] for index in sorted(chosen)]
    return shops


def _lines(rng: np.random.Generator) -> list[int]:
    """Return how many lines each order has; most have few, and all together `NUM_LINES`."""
    spread = rng.dirichlet(np.full(NUM_ORDERS, 1.4))
    return [1 + int(extra) for extra in rng.multinomial(NUM_LINES - NUM_ORDERS, spread)]


def _order(number: int, shop: Site, num_lines: int, rng: np.random.Generator) -> Row:
    chosen = rng.choice(len(_PARTS), num_lines, p=[part.share for part in _PARTS])
    pieces = rng.choice([1, 2, 4], num_lines, p=[0.86, 0.12, 0.02])
    lines = [(_PARTS[part], int(count)) for part, count in zip(chosen, pieces, strict=True)]
    dangerous = any(part.dangerous for part, _ in lines)
    earliest, latest, _ = _WINDOWS[rng.choice(len(_WINDOWS), p=[share for *_, share in _WINDOWS])]
    if dangerous:
        # One van goes for all of these, when it can.
        earliest, latest = "", ""
    values = {
        "order": f"SO-{number:03d}",
        "name": f"{shop.name} {shop.name_en}",
        "address": shop.address,
        **_degrees(shop),
        "earliest": earliest,
        "latest": latest,
        # Four minutes at the door, and one for every five lines that are counted out.
        "service_min": f"{4 + num_lines / 5:g}",
        "weight_kg": f"{sum(part.kg * count for part, count in lines):.1f}",
        "volume_l": f"{sum(part.litres * count for part, count in lines):.0f}",
        "skills": "dg" if dangerous else "",
        "priority": str(rng.choice([0, 1, 3], p=[0.8, 0.15, 0.05])),
        "#parts": "; ".join(f"{count} × {part.name}" for part, count in lines),
    }
    return {column: values.get(column, "") for column in _ORDER_COLUMNS}


def _spoil(rows: list[Row], far: Site) -> None:
    """Make three orders that no van can serve: too early, too heavy, not at its depot."""
    early, heavy, odd = rows[NUM_ORDERS - 3 :]
    early.update(name=f"{far.name} {far.name_en}", address=far.address, **_degrees(far))
    early.update(earliest="08:00", latest="08:10", skills="")
    heavy.update(weight_kg="486", volume_l="900", skills="", earliest="", latest="")
    heavy["#parts"] = "发动机总成 engine, complete, on a pallet"
    odd.update(weight_kg="34", volume_l="24", skills="dg", depot="W1", earliest="", latest="")
    odd["#parts"] = "2 × 蓄电池 battery, from the stock of W1"


def _farthest(city: CitySummary, shops: Iterable[Site]) -> Site:
    """Return the workshop that is farthest from both warehouses."""

    def metres(shop: Site) -> float:
        return min(
            float(np.hypot((shop.lon - depot.lon) * 0.866, shop.lat - depot.lat))
            for depot in city.warehouses
        )

    return max(shops, key=metres)


def _degrees(site: Site) -> Row:
    return {"lon": f"{site.lon:.6f}", "lat": f"{site.lat:.6f}"}


def _zones(city: CitySummary) -> dict[str, object]:
    """Return a daytime truck ban, a shopping street without vans, and a stretch of roadworks."""
    ring = Polygon(city.truck_ban)
    centre = shapely.Point(city.centre)
    works = shapely.Point(city.warehouses[1].lon, city.warehouses[1].lat)
    return {
        "type": "FeatureCollection",
        "features": [
            _zone(ring, "货车限行 truck ban", profiles=["truck"], hours="Mo-Sa 07:00-20:00"),
            _zone(
                centre.buffer(0.0025),
                "步行街 shopping street",
                profiles=["van", "truck"],
                hours="Mo-Su 10:00-22:00",
            ),
            _zone(works.buffer(0.004), "施工 roadworks", action="slow", factor=0.6),
        ],
    }


def _zone(area: Polygon, name: str, **rule: object) -> Mapping[str, object]:
    geometry = shapely.geometry.mapping(area)
    return {"type": "Feature", "properties": {"name": name, **rule}, "geometry": geometry}
