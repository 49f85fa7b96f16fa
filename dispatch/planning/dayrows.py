"""One row of a day's tables as a depot, a vehicle or an order; what each column may hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from dispatch.planning.day import Depot, Order, VehicleRow
from dispatch.sheets import places
from dispatch.sheets.fields import DAY_S, clock_text
from dispatch.sheets.places import AddressIndex
from dispatch.sheets.rows import RowReader
from dispatch.sheets.tables import Columns

SERVICE_MIN = 4.0
"""Minutes at a stop when a row names none."""

COST_FIXED, COST_PER_KM, COST_PER_H = 80.0, 1.2, 45.0
"""Yuan: a van's day, a kilometre's fuel and wear, an hour's wage; when a row names none."""

MAX_PRIORITY = 100

_MOST_KG = _MOST_L = _MOST_YUAN = 1e6
_MOST_KM = 1e5

_PLACE_ALIASES = {
    "经度": "lon",
    "纬度": "lat",
    "lng": "lon",
    "long": "lon",
    "longitude": "lon",
    "latitude": "lat",
    "坐标系": "datum",
}

DEPOT_COLUMNS = Columns(
    ("depot", "lon", "lat", "timezone"),
    ("opens", "closes", "datum"),
    {"仓库": "depot", "开门": "opens", "关门": "closes", "时区": "timezone", **_PLACE_ALIASES},
)

VEHICLE_COLUMNS = Columns(
    ("vehicle", "depot", "profile", "shift_start", "shift_end"),
    (
        *("capacity_kg", "capacity_l", "skills", "cost_fixed", "cost_per_km", "cost_per_h"),
        *("max_km", "max_stops"),
    ),
    {
        **{"车辆": "vehicle", "仓库": "depot", "车型": "profile", "技能": "skills"},
        **{"班次开始": "shift_start", "班次结束": "shift_end"},
        **{"载重kg": "capacity_kg", "容积l": "capacity_l"},
    },
)

ORDER_COLUMNS = Columns(
    ("order",),
    (
        *("lon", "lat", "address", "name", "earliest", "latest", "service_min", "weight_kg"),
        *("volume_l", "skills", "priority", "depot", "datum"),
    ),
    {
        **{"订单": "order", "订单号": "order", "地址": "address", "名称": "name"},
        **{"客户": "name", "最早": "earliest", "最晚": "latest", "服务分钟": "service_min"},
        **{"重量kg": "weight_kg", "体积l": "volume_l", "技能": "skills", "优先级": "priority"},
        **{"仓库": "depot", **_PLACE_ALIASES},
    },
)


def depot(reader: RowReader) -> Depot:
    """Read a depot; the reader says whether it is sound."""
    name = reader.name("depot")
    place = places.of_coordinates(reader)
    opens = reader.clock("opens", 0)
    closes = reader.clock("closes", DAY_S)
    if opens is not None and closes is not None and opens >= closes:
        _refuse_reversed(reader, "closes", opens, closes)
    return Depot(
        id=name,
        lon=place.lon,
        lat=place.lat,
        opens=opens or 0,
        closes=closes or 0,
        timezone=_timezone(reader),
        row=reader.row.number,
    )


def _timezone(reader: RowReader) -> str:
    name = reader.name("timezone")
    try:
        if name:
            ZoneInfo(name)
    # An unknown name is a KeyError, an odd one (a folder, a path) a ValueError or an OSError.
    except (KeyError, ValueError, OSError):
        cause = f"{name!r} is no time zone"
        action = "write a name of the IANA list, such as Asia/Shanghai"
        reader.refuse("timezone", "unknown_timezone", cause, action)
        return "UTC"
    return name


def vehicle(
    reader: RowReader, depots: Mapping[str, Depot], known: Collection[str] | None
) -> VehicleRow:
    """
    Read a vehicle.

    ``known`` names every depot of the other table, sound or not; None: that table is not there.
    """
    home = reader.name("depot")
    _refuse_unknown_depot(reader, home, known)
    start, end = reader.needed_clock("shift_start"), reader.needed_clock("shift_end")
    if reader.sound and start >= end:
        _refuse_reversed(reader, "shift_end", start, end)
    elif reader.sound and home in depots:
        _refuse_closed(reader, depots[home], start, end)
    return VehicleRow(
        id=reader.name("vehicle"),
        depot=home,
        profile=_profile(reader),
        shift_start=start,
        shift_end=end,
        capacity_g=reader.scaled("capacity_kg", 1000, most=_MOST_KG),
        capacity_ml=reader.scaled("capacity_l", 1000, most=_MOST_L),
        skills=reader.skills("skills"),
        cost_fixed=reader.scaled("cost_fixed", 100, COST_FIXED, most=_MOST_YUAN) or 0,
        cost_per_km=reader.scaled("cost_per_km", 100, COST_PER_KM, most=_MOST_YUAN) or 0,
        cost_per_h=reader.scaled("cost_per_h", 100, COST_PER_H, most=_MOST_YUAN) or 0,
        max_distance_m=reader.scaled("max_km", 1000, most=_MOST_KM),
        max_stops=reader.whole("max_stops", most=10_000),
        row=reader.row.number,
    )


def _profile(reader: RowReader) -> str:
    from maps.roads.profiles import PROFILES

    name = reader.name("profile").casefold()
    if name and name not in PROFILES:
        cause = f"{reader.text('profile')!r} is no profile"
        reader.refuse("profile", "unknown_profile", cause, f"write {', '.join(PROFILES)}")
    return name


def _refuse_closed(reader: RowReader, home: Depot, start: int, end: int) -> None:
    if max(start, home.opens) >= min(end, home.closes):
        hours = f"{clock_text(home.opens)}–{clock_text(home.closes)}"
        cause = f"the shift lies outside the opening hours of {home.id}, {hours}"
        reader.refuse("shift_start", "shift_outside_hours", cause, "change the shift or the hours")


def order(
    reader: RowReader,
    index: AddressIndex | None,
    depots: Mapping[str, Depot],
    known: Collection[str] | None,
) -> Order:
    """Read an order; an address is looked up near its depot. ``known``: as for `vehicle`."""
    home = reader.text("depot") or None
    if home:
        _refuse_unknown_depot(reader, home, known)
    earliest, latest = reader.clock("earliest"), reader.clock("latest")
    if earliest is not None and latest is not None and latest < earliest:
        _refuse_reversed(reader, "latest", earliest, latest)
    near = depots.get(home) if home else next(iter(depots.values()), None)
    place = _order_place(reader, index, (near.lon, near.lat) if near else None)
    return Order(
        id=reader.name("order"),
        lon=place.lon,
        lat=place.lat,
        name=reader.text("name"),
        address=reader.text("address"),
        found=place.found,
        earliest=earliest,
        latest=latest,
        service_s=reader.scaled("service_min", 60, SERVICE_MIN, most=24 * 60) or 0,
        weight_g=reader.scaled("weight_kg", 1000, 0, most=_MOST_KG) or 0,
        volume_ml=reader.scaled("volume_l", 1000, 0, most=_MOST_L) or 0,
        skills=reader.skills("skills"),
        priority=reader.whole("priority", 0, most=MAX_PRIORITY) or 0,
        depot=home,
        row=reader.row.number,
    )


def _order_place(
    reader: RowReader, index: AddressIndex | None, near: tuple[float, float] | None
) -> places.Place:
    if reader.has("lon") or reader.has("lat"):
        return places.of_coordinates(reader)
    if reader.has("address"):
        return places.of_address(reader, index, near)
    cause = "there are neither coordinates nor an address"
    reader.refuse("address", "missing_value", cause, "fill in lon and lat, or address")
    return places.NOWHERE


def _refuse_unknown_depot(reader: RowReader, home: str, known: Collection[str] | None) -> None:
    if home and known is not None and home not in known:
        cause = f"no depot is called {home!r}"
        reader.refuse("depot", "unknown_depot", cause, f"write one of {', '.join(known)}")


def _refuse_reversed(reader: RowReader, column: str, start: int, end: int) -> None:
    cause = f"it ends at {clock_text(end)}, before it starts at {clock_text(start)}"
    action = "swap the times; for one that ends after midnight write 26:00 for 02:00"
    reader.refuse(column, "window_reversed", cause, action)
