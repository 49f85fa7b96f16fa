"""
The folder or workbook of a day, with every fault by row and column.

Three tables: orders, vehicles, depots; beside them zones.geojson and congestion.csv, if wanted.
docs/day-files.md says what each column means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from dispatch.planning import dayrows
from dispatch.planning.day import Day
from dispatch.sheets import tables
from dispatch.sheets.faults import BadDay, RowFault, in_order
from dispatch.sheets.places import AddressIndex
from dispatch.sheets.rows import RowReader
from dispatch.sheets.tables import Table

if TYPE_CHECKING:
    from maps.faults import BadConditions
    from maps.roads.congestion import Congestion
    from maps.roads.zones import Closure, Zone

COLUMNS = {
    "depots": dayrows.DEPOT_COLUMNS,
    "vehicles": dayrows.VEHICLE_COLUMNS,
    "orders": dayrows.ORDER_COLUMNS,
}


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


Survey = Callable[[Day], Sequence[RowFault]]
"""Says what is wrong with a day's places; `dispatch.planning.planning.survey` asks the map."""


def read(
    path: Path,
    *,
    geocoder: AddressIndex | None = None,
    survey: Survey | None = None,
    skip_bad: bool = False,
) -> Day:
    """
    Read a day; addresses are looked up in ``geocoder``, the index of the map it is planned on.

    Every fault of every table is collected, then raised as `BadDay`. With ``skip_bad`` the good
    rows are returned, with the faults in ``Day.faults``, and `BadDay` is raised only when a table
    cannot be read at all, a zone is not understood, or nothing is left to plan.
    """
    faults: list[RowFault] = []
    found = tables.read(path, COLUMNS, faults)
    depots = _sound(found.get("depots"), "depot", dayrows.depot, faults)
    known = _ids(found.get("depots"), "depot")
    homes = {depot.id: depot for depot in depots}
    vehicles = _sound(
        found.get("vehicles"), "vehicle", lambda row: dayrows.vehicle(row, homes, known), faults
    )
    orders = _sound(
        found.get("orders"), "order", lambda row: dayrows.order(row, geocoder, homes, known), faults
    )
    faults.extend(_without_vehicle(found))
    num_others = len(faults)
    zones, closures, speeds = _roads(path, faults)
    # A ban that is not understood is not one that may be driven against.
    whole = len(found) == len(COLUMNS) and len(faults) == num_others
    day = Day(tuple(depots), tuple(vehicles), tuple(orders), zones, closures, speeds)
    if survey is not None:
        faults.extend(_surveyed(day, survey))
    if not faults:
        return day
    if not skip_bad or not whole:
        raise BadDay(in_order(faults))
    return good_rows(day, in_order(faults))


def _surveyed(day: Day, survey: Survey) -> Sequence[RowFault]:
    """Survey what can be placed: a vehicle or order whose depot was refused cannot."""
    rest = day.without(tuple(_orphans(day)))
    return survey(rest) if rest.depots and rest.vehicles else ()


def good_rows(day: Day, faults: Sequence[RowFault]) -> Day:
    """
    Return the day without the rows that have faults, nor those that hang on them.

    Raises `BadDay` when no depot, no vehicle or no order is left.
    """
    rest = day.without(tuple(faults))
    rest = rest.without(tuple(_orphans(rest)))
    for table, rows in (("depots", rest.depots), ("vehicles", rest.vehicles)):
        if not rows:
            raise BadDay((*rest.faults, _nothing_left(table)))
    if not rest.orders:
        raise BadDay((*rest.faults, _nothing_left("orders")))
    return rest


def _nothing_left(table: str) -> RowFault:
    cause = f"no good row is left in {table}"
    return RowFault(table, 0, "", "nothing_left", cause, "mend the rows named above")


def _orphans(day: Day) -> Iterator[RowFault]:
    """Name the vehicles and orders whose depot is left aside."""
    action = "mend the depot's row"
    for vehicle in day.vehicles:
        if vehicle.depot not in day.depot_by_id:
            cause = f"its depot {vehicle.depot} is left aside"
            yield RowFault("vehicles", vehicle.row, "depot", "depot_left_aside", cause, action)
    for order in day.orders:
        if order.depot and order.depot not in day.depot_by_id:
            cause = f"its depot {order.depot} is left aside"
            yield RowFault("orders", order.row, "depot", "depot_left_aside", cause, action)


def _sound(
    table: Table | None, key: str, build: Callable[[RowReader], _N], faults: list[RowFault]
) -> list[_N]:
    """Return what the sound rows say; of rows with the same name only the first is sound."""
    if table is None:
        return []
    first_row: dict[str, int] = {}
    built: list[_N] = []
    for row in table.rows:
        reader = RowReader(table, row, faults)
        thing = build(reader)
        first = first_row.setdefault(thing.id, row.number) if thing.id else row.number
        if first != row.number:
            cause = f"{thing.id} is in row {first} already"
            action = "delete one of the rows, or give it another name"
            reader.refuse(key, f"duplicate_{key}", cause, action)
        if reader.sound:
            built.append(thing)
    return built


def _ids(table: Table | None, column: str) -> dict[str, int] | None:
    """Return every name in a column, with its first row; None when the table is not there."""
    if table is None:
        return None
    names: dict[str, int] = {}
    for row in table.rows:
        name = RowReader(table, row, []).text(column)
        if name:
            names.setdefault(name, row.number)
    return names


def _without_vehicle(found: Mapping[str, Table]) -> Iterator[RowFault]:
    depots, homes = _ids(found.get("depots"), "depot"), _ids(found.get("vehicles"), "depot")
    if depots is None or homes is None:
        return
    header = found["depots"].headers["depot"]
    for name, row in depots.items():
        if name not in homes:
            cause = f"no vehicle starts at {name}"
            action = "add a vehicle with this depot, or delete the depot"
            yield RowFault("depots", row, header, "no_vehicle_for_depot", cause, action)


def _roads(
    path: Path, faults: list[RowFault]
) -> tuple[tuple[Zone, ...], tuple[Closure, ...], Congestion | None]:
    """Read zones.geojson and congestion.csv of the folder; beside a workbook they count too."""
    from maps.faults import BadConditions
    from maps.roads import congestion, zonefile

    folder = path if path.is_dir() else path.parent
    areas, week = folder / "zones.geojson", folder / "congestion.csv"
    zones: tuple[Zone, ...] = ()
    closures: tuple[Closure, ...] = ()
    speeds: Congestion | None = None
    try:
        if areas.is_file():
            zones, closures = zonefile.read_zones(areas), zonefile.read_closures(areas)
    except BadConditions as bad:
        faults.extend(_of_file(bad))
    try:
        if week.is_file():
            speeds = congestion.read_csv(week)
    except BadConditions as bad:
        faults.extend(_of_file(bad))
    return zones, closures, speeds


_COLUMN_OF = {"unknown_class": "class", "bad_hours": "hours", "bad_factor": "factor"}
_ROW_OF_CSV = re.compile(r"(?:.*[/\\])?([^/\\]+):(\d+)")


def _of_file(bad: BadConditions) -> Iterator[RowFault]:
    """Say the faults of a file of conditions as those of a table, where it has rows."""
    for one in bad.faults:
        place = _ROW_OF_CSV.fullmatch(one.where)
        if place is None:
            yield RowFault(one.where, 0, "", one.code, one.cause, one.action)
        else:
            column = _COLUMN_OF.get(one.code, "")
            yield RowFault(place[1], int(place[2]), column, one.code, one.cause, one.action)
