"""`plan.xlsx`: the plan as a workbook, for people who work on in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import chain

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from dispatch.planning.day import Order
from dispatch.planning.planned import PlannedDay, PlannedRoute, Stop
from dispatch.reports import chinese, workbook_titles

_Value = str | int | float | datetime | timedelta | None

_TIME = "hh:mm"
_SPAN = "[h]:mm"
_DATE = "yyyy-mm-dd"
_TENTHS = "#,##0.0"
_MONEY = '"¥"#,##0.00'
_PERCENT = "0%"

_HEADER_FILL = PatternFill("solid", fgColor="1F3A4D")
_HEADER_FONT = Font(bold=True, color="FFFFFF")
_BAND = PatternFill("solid", fgColor="F3F6F8")
_LINE = Border(bottom=Side("hair", color="B8C4CC"))

# Control characters other than tab and newline are no part of XML.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column; its title stands in English, below it in Chinese."""

    title: str
    width: float
    format: str = ""
    wrap: bool = False


MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(planned: PlannedDay) -> bytes:
    """Return the workbook: Summary, Routes, Stops, Unplanned; times are local to each depot."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Summary"
    _write_summary(first, planned)
    _write(book.create_sheet("Routes"), _ROUTES, (_route(planned, r) for r in planned.routes))
    stops = ((route, stop) for route in planned.routes for stop in route.stops)
    rows = chain.from_iterable(_stop(planned, route, stop) for route, stop in stops)
    _write(book.create_sheet("Stops"), _STOPS, rows)
    _write(book.create_sheet("Unplanned"), _UNPLANNED, _unplanned(planned))
    if planned.day.faults:
        _write(book.create_sheet("Left aside"), _LEFT_ASIDE, _left_aside(planned))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


_ROUTES = (
    _Column("Route", 20),
    _Column("Vehicle", 14),
    _Column("Depot", 12),
    _Column("Profile", 9),
    _Column("Departs", 9, _TIME),
    _Column("Returns", 9, _TIME),
    _Column("Stops", 7),
    _Column("Orders", 8),
    _Column("Distance km", 12, _TENTHS),
    _Column("Driving", 9, _SPAN),
    _Column("Waiting", 9, _SPAN),
    _Column("Service", 9, _SPAN),
    _Column("Load kg", 10, _TENTHS),
    _Column("Load kg share", 13, _PERCENT),
    _Column("Load l", 10, _TENTHS),
    _Column("Load l share", 12, _PERCENT),
    _Column("Cost", 11, _MONEY),
)


def _route(planned: PlannedDay, route: PlannedRoute) -> Sequence[_Value]:
    weight, volume = route.route.start_load
    vehicle = route.vehicle
    return (
        route.id,
        vehicle.id,
        route.depot.id,
        vehicle.profile,
        _local(planned, route, route.route.departure),
        _local(planned, route, route.route.arrival),
        len(route.stops),
        len(route.orders),
        route.route.distance_m / 1000,
        timedelta(seconds=route.route.drive_s),
        timedelta(seconds=route.wait_s),
        timedelta(seconds=route.service_s),
        weight / 1000,
        _share(weight, vehicle.capacity_g),
        volume / 1000,
        _share(volume, vehicle.capacity_ml),
        route.route.cost / 100,
    )


def _share(load: int, capacity: int | None) -> float | None:
    return load / capacity if capacity else None


_STOPS = (
    _Column("Vehicle", 14),
    _Column("Stop", 6),
    _Column("Arrival", 9, _TIME),
    _Column("Service starts", 13, _TIME),
    _Column("Leaves", 9, _TIME),
    _Column("Order", 14),
    _Column("Name", 30, wrap=True),
    _Column("Address", 34, wrap=True),
    _Column("Earliest", 9, _TIME),
    _Column("Latest", 9, _TIME),
    _Column("Weight kg", 10, _TENTHS),
    _Column("Volume l", 10, _TENTHS),
    _Column("Driven km", 10, _TENTHS),
    _Column("Drive", 8, _SPAN),
    _Column("Wait", 8, _SPAN),
    _Column("Load kg after", 13, _TENTHS),
    _Column("Longitude", 11, "0.000000"),
    _Column("Latitude", 11, "0.000000"),
)


def _stop(planned: PlannedDay, route: PlannedRoute, stop: Stop) -> Iterable[Sequence[_Value]]:
    for step, order in zip(stop.steps, stop.orders, strict=True):
        yield (
            route.vehicle.id,
            stop.number,
            _local(planned, route, step.arrival),
            _local(planned, route, step.service_start),
            _local(planned, route, step.departure),
            order.id,
            order.name,
            order.address or stop.address,
            *_window(planned, order),
            order.weight_g / 1000,
            order.volume_ml / 1000,
            step.distance_m / 1000,
            timedelta(seconds=step.drive_s),
            timedelta(seconds=step.wait_s),
            step.load[0] / 1000,
            order.lon,
            order.lat,
        )


_UNPLANNED = (
    _Column("Order", 14),
    _Column("Name", 30, wrap=True),
    _Column("Address", 34, wrap=True),
    _Column("Earliest", 9, _TIME),
    _Column("Latest", 9, _TIME),
    _Column("Weight kg", 10, _TENTHS),
    _Column("Volume l", 10, _TENTHS),
    _Column("Priority", 9),
    _Column("Reason", 60, wrap=True),
    _Column("What helps", 44, wrap=True),
    _Column("原因", 50, wrap=True),
    _Column("解决办法", 36, wrap=True),
)


def _unplanned(planned: PlannedDay) -> Iterable[Sequence[_Value]]:
    for left_out in planned.left_out:
        order = left_out.order
        said = [chinese.reason(reason) for reason in left_out.reasons]
        yield (
            order.id,
            order.name,
            order.address,
            *_window(planned, order),
            order.weight_g / 1000,
            order.volume_ml / 1000,
            order.priority,
            _lines(reason.cause for reason in left_out.reasons),
            _lines(reason.action for reason in left_out.reasons),
            _lines(why.get("cause", "") for why in said),
            _lines(why.get("action", "") for why in said),
        )


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(filter(None, texts)))


_LEFT_ASIDE = (
    _Column("Table", 12),
    _Column("Row", 6),
    _Column("Column", 16),
    _Column("Code", 22),
    _Column("Cause", 60, wrap=True),
    _Column("What to do", 60, wrap=True),
)


def _left_aside(planned: PlannedDay) -> Iterable[Sequence[_Value]]:
    for fault in planned.day.faults:
        row = fault.row or None
        yield (fault.table, row, fault.column, fault.code, fault.cause, fault.action)


def _write_summary(sheet: Worksheet, planned: PlannedDay) -> None:
    routes = planned.routes
    drive_s = sum(route.route.drive_s for route in routes)
    rows: list[tuple[str, _Value, str]] = [
        ("Day", datetime.combine(planned.at, datetime.min.time()), _DATE),
        ("Time zone", planned.day.depots[0].timezone, ""),
        ("Orders planned", len(planned.day.orders) - len(planned.left_out), ""),
        ("Orders not planned", len(planned.left_out), ""),
        ("Rows left aside", len(planned.day.faults), ""),
        ("Vehicles used", len(routes), ""),
        ("Vehicles available", len(planned.day.vehicles), ""),
        ("Stops", sum(len(route.stops) for route in routes), ""),
        ("Distance km", sum(route.route.distance_m for route in routes) / 1000, _TENTHS),
        ("Driving", timedelta(seconds=drive_s), _SPAN),
        ("Waiting", timedelta(seconds=sum(route.wait_s for route in routes)), _SPAN),
        ("Service", timedelta(seconds=sum(route.service_s for route in routes)), _SPAN),
        ("Cost", planned.cost / 100, _MONEY),
        ("Map", planned.map_info.name, ""),
        ("Map data", planned.map_info.attribution, ""),
    ]
    for number, (title, value, style) in enumerate(rows, start=1):
        name = sheet.cell(number, 1, _in_both(title, " "))
        name.font = Font(bold=True, color="1F3A4D")
        cell = _fill(sheet, number, 2, value, style)
        cell.alignment = Alignment(horizontal="left")
        name.border = cell.border = _LINE
    sheet.column_dimensions["A"].width = 32
    sheet.column_dimensions["B"].width = 46
    sheet.sheet_view.showGridLines = False


def _write(sheet: Worksheet, columns: Sequence[_Column], rows: Iterable[Sequence[_Value]]) -> None:
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(1, place, _in_both(column.title, "\n"))
        cell.font, cell.fill = _HEADER_FONT, _HEADER_FILL
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.row_dimensions[1].height = 32
    last = 1
    for last, row in enumerate(rows, start=2):
        for place, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
            cell = _fill(sheet, last, place, value, column.format)
            cell.alignment = Alignment(vertical="top", wrap_text=column.wrap)
            cell.border = _LINE
            if last % 2:
                cell.fill = _BAND
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _in_both(title: str, between: str) -> str:
    """Return a title in English and Chinese; one that is Chinese already has nothing to add."""
    chinese_title = workbook_titles.CHINESE.get(title)
    return f"{title}{between}{chinese_title}" if chinese_title else title


def _fill(sheet: Worksheet, row: int, place: int, value: _Value, style: str) -> Cell:
    cell = sheet.cell(row, place)
    # Only a merged cell is none, and nothing is merged here.
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.value = _UNPRINTABLE.sub("�", value)
        # A text that begins with = + - @ stays a text: never a formula that somebody smuggled in.
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "\t")
        return cell
    cell.value = value
    if style:
        cell.number_format = style
    return cell


def _window(planned: PlannedDay, order: Order) -> tuple[datetime | None, datetime | None]:
    """Return a window's ends as the order names them, without a zone; None where it names none."""
    depot = planned.day.depot_of(order)
    earliest, latest = (
        None if second is None else planned.clock(second, depot).replace(tzinfo=None)
        for second in planned.window_of(order)
    )
    return earliest, latest


def _local(planned: PlannedDay, route: PlannedRoute, second: int) -> datetime:
    """Return local time as a spreadsheet knows it, without a zone."""
    return planned.clock(second, route.depot).replace(tzinfo=None)
