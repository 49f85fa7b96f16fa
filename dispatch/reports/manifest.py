"""One printable sheet per route, for the driver: A4, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from dispatch.planning.planned import PlannedDay, PlannedRoute, Stop
from dispatch.reports import fonts
from dispatch.sheets.fields import clock_text

_INK = colors.HexColor("#14242F")
_GREY = colors.HexColor("#5D6D78")
_LINE = colors.HexColor("#B9C5CD")
_BAND = colors.HexColor("#EEF2F5")
_HEAD = colors.HexColor("#1F3A4D")

_MARGIN = 12 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_FOOT = 9 * mm

_WEEKDAYS = ("周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun")


def manifest(planned: PlannedDay, route: PlannedRoute) -> bytes:
    """Return the PDF of a route."""
    fonts.register()
    buffer = BytesIO()
    document = _Document(buffer, planned, route)
    document.build(
        [
            _header(planned, route),
            Spacer(1, 4 * mm),
            _totals(planned, route),
            Spacer(1, 4 * mm),
            _stops(planned, route),
            Spacer(1, 6 * mm),
            KeepTogether(_sign_off()),
        ],
        canvasmaker=_NumberedCanvas,
    )
    return buffer.getvalue()


class _Document(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """An A4 document whose footer names the route on every page."""

    def __init__(self, buffer: BytesIO, planned: PlannedDay, route: PlannedRoute) -> None:
        super().__init__(
            buffer,
            pagesize=A4,
            title=f"Milkrun {route.id}",
            author="Milkrun",
            subject=f"{route.depot.id} {planned.at.isoformat()}",
            lang="zh-CN",
            invariant=1,
        )
        self._foot = f"{route.id}   ·   {planned.map_info.attribution}"
        frame = Frame(
            _MARGIN,
            _MARGIN + _FOOT,
            _WIDTH,
            A4[1] - 2 * _MARGIN - _FOOT,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._draw_foot))

    def _draw_foot(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.setFont(fonts.FONT, 7.5)
        canvas.setFillColor(_GREY)
        canvas.drawString(_MARGIN, _MARGIN, self._foot)


class _NumberedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Writes "page 1 / 3": the number of pages is known only when all of them are drawn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(fonts.FONT, 7.5)
            self.setFillColor(_GREY)
            text = f"第 {number} / {len(self._pages)} 页   Page {number} of {len(self._pages)}"
            self.drawRightString(A4[0] - _MARGIN, _MARGIN, text)
            super().showPage()
        super().save()


def _text(
    text: str, size: float = 9, *, color: Any = _INK, align: int = 0, lead: float = 1.3
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=fonts.FONT,
        fontSize=size,
        leading=size * lead,
        textColor=color,
        alignment=align,
        # Chinese breaks between any two letters, Latin only between words.
        wordWrap="CJK" if any(letter > "\u2e7f" for letter in text) else None,
    )
    return Paragraph(fonts.markup(text), style)


def _header(planned: PlannedDay, route: PlannedRoute) -> Table:
    day = f"{planned.at.isoformat()} {_WEEKDAYS[planned.at.weekday()]}"
    depot, start, end = route.depot, route.route.departure, route.route.arrival
    times = f"{_clock(planned, route, start)} – {_clock(planned, route, end)}"
    title = [
        _text("配送清单 · Delivery manifest", 9, color=_GREY),
        _text(f"车辆 {route.vehicle.id}", 20, lead=1.25),
        _text(f"{day}  ·  仓库 Depot {depot.id}  ·  {times}", 10.5),
    ]
    code = [_code(route.id), Spacer(1, 1 * mm), _text(route.id, 7, color=_GREY, align=TA_RIGHT)]
    table = Table([[title, code]], colWidths=[_WIDTH - 40 * mm, 40 * mm])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("ALIGN", (1, 0), (1, 0), "RIGHT"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("LINEBELOW", (0, 0), (-1, -1), 1.2, _HEAD),
            ]
        )
    )
    return table


def _code(text: str) -> Drawing:
    """Return the route's id as a QR code for a phone or a hand scanner."""
    side = 20 * mm
    widget = QrCodeWidget(text, barLevel="M", barBorder=0, barWidth=side, barHeight=side)
    drawing = Drawing(side, side)
    drawing.hAlign = "RIGHT"
    drawing.add(widget)
    return drawing


def _totals(planned: PlannedDay, route: PlannedRoute) -> Table:
    weight, volume = route.route.start_load
    vehicle = route.vehicle
    cells = (
        ("站点 Stops", str(len(route.stops))),
        ("订单 Orders", str(len(route.orders))),
        ("重量 Weight", _of(weight, vehicle.capacity_g, "kg")),
        ("体积 Volume", _of(volume, vehicle.capacity_ml, "l")),
        ("里程 Distance", f"{route.route.distance_m / 1000:.1f} km"),
        ("行驶 Driving", _span(route.route.drive_s)),
    )
    row = [[_text(name, 7, color=_GREY), _text(value, 11)] for name, value in cells]
    widths = [0.12, 0.12, 0.22, 0.22, 0.16, 0.16]
    table = Table([row], colWidths=[width * _WIDTH for width in widths])
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), _BAND),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEAFTER", (0, 0), (-2, -1), 0.5, colors.white),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return table


def _of(load: int, capacity: int | None, unit: str) -> str:
    limit = "" if capacity is None else f" / {capacity / 1000:,.10g}"
    return f"{load / 1000:,.1f}{limit} {unit}"


_COLUMNS = (
    ("#", 8 * mm),
    ("到达\nArrive", 21 * mm),
    ("时间窗\nWindow", 21 * mm),
    ("客户与地址\nCustomer and address", 60 * mm),
    ("订单\nOrders", 25 * mm),
    ("重量 体积\nkg · l", 17 * mm),
    ("签收\nSignature", 34 * mm),
)


def _stops(planned: PlannedDay, route: PlannedRoute) -> Table:
    head = [_text(title, 7.5, color=colors.white) for title, _ in _COLUMNS]
    rows = [_stop(planned, route, stop) for stop in route.stops]
    back = _clock(planned, route, route.route.arrival)
    way = f"{route.route.end_distance_m / 1000:.1f} km · {_minutes(route.route.end_drive_s)}"
    home = [
        "",
        _text(back, 11),
        "",
        [_text(f"返回 {route.depot.id}  Return", 9.5), _text(way, 7.5, color=_GREY)],
        *("", "", ""),
    ]
    table = Table([head, *rows, home], colWidths=[width for _, width in _COLUMNS], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("BACKGROUND", (0, -1), (-1, -1), _BAND),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("VALIGN", (0, 0), (-1, 0), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
                ("BOX", (-1, 1), (-1, -2), 0.5, _LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 1), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 1), (-1, -1), 6),
            ]
        )
    )
    return table


def _stop(planned: PlannedDay, route: PlannedRoute, stop: Stop) -> list[Any]:
    arrival = [_text(_clock(planned, route, stop.arrival), 11)]
    if stop.wait_s >= 60:
        arrival.append(_text(f"等 wait {_minutes(stop.wait_s)}", 7, color=_GREY))
    arrival.append(_text(f"停 stay {_minutes(stop.service_s)}", 7, color=_GREY))
    way = f"{stop.distance_m / 1000:.1f} km · {_minutes(stop.drive_s)}"
    customer: list[Flowable] = [
        _text(stop.name or stop.address or f"{stop.lat:.5f}, {stop.lon:.5f}", 9.5)
    ]
    if stop.name and stop.address:
        customer.append(_text(stop.address, 8))
    customer.append(_text(way, 7, color=_GREY))
    goods = f"{stop.weight_g / 1000:.1f} kg\n{stop.volume_ml / 1000:.1f} l"
    return [
        _text(str(stop.number), 11, align=TA_CENTER),
        arrival,
        list(_windows(stop)),
        customer,
        _text("\n".join(order.id for order in stop.orders), 8.5),
        _text(goods, 8.5),
        _text("时间 Time   ____ : ____", 7, color=_GREY),
    ]


def _windows(stop: Stop) -> Iterator[Paragraph]:
    """Return each window of the stop's orders once, as the orders name them."""
    texts = []
    for order in stop.orders:
        earliest = "" if order.earliest is None else clock_text(order.earliest)
        latest = "" if order.latest is None else clock_text(order.latest)
        texts.append(f"{earliest}–{latest}" if earliest or latest else "任意 any")
    for text in dict.fromkeys(texts):
        yield _text(text, 8)


def _sign_off() -> list[Flowable]:
    labels = (
        ("司机签字 Driver", "出发里程 Odometer out", "返回里程 Odometer in"),
        ("仓库签字 Depot", "退货件数 Parcels brought back", "备注 Notes"),
    )
    rows = [[_text(label, 7.5, color=_GREY) for label in row] for row in labels]
    table = Table(rows, colWidths=[_WIDTH / 3] * 3, rowHeights=[15 * mm] * 2)
    table.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 0.5, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )
    return [table]


def _clock(planned: PlannedDay, route: PlannedRoute, second: int) -> str:
    """Return local time to the minute, as people round it."""
    moment = planned.clock(second, route.depot) + timedelta(seconds=30)
    return f"{moment:%H:%M}"


def _minutes(seconds: int) -> str:
    return f"{round(seconds / 60)} min"


def _span(seconds: int) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
