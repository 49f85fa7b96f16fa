"""Labels of parcels: 100 × 70 mm each, with the number as Code 128 and as QR code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.parts import Part
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import Order
from dispatch.reports import fonts
from dispatch.stock.reservations import Reservation
from dispatch.warehouse import parcels
from dispatch.warehouse.parcels import ParcelLine

_WIDTH, _HEIGHT, _EDGE = 100 * mm, 70 * mm, 4 * mm
_QR = 26 * mm
_BIG = ParagraphStyle("big", fontName=fonts.FONT, fontSize=13, leading=16, wordWrap="CJK")
_SMALL = ParagraphStyle("small", fontName=fonts.FONT, fontSize=8, leading=10, wordWrap="CJK")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label; ``hazards`` are UN numbers of dangerous goods inside."""

    number: str
    order: str
    customer: str
    address: str
    pieces: int
    route: str = ""
    hazards: tuple[str, ...] = ()


def of_deliveries(
    session: Session, delivery_ids: Collection[UUID], *, route: str = ""
) -> list[Label]:
    """Return the labels of all parcels of deliveries, by number."""
    found = []
    for parcel in parcels.of_deliveries(session, delivery_ids):
        query = (
            select(ParcelLine.quantity, Part.un_number)
            .join(Reservation, Reservation.id == ParcelLine.reservation_id)
            .join(Part, Part.id == Reservation.part_id)
            .where(ParcelLine.parcel_id == parcel.id)
        )
        inside = session.execute(query).all()
        order = session.get_one(Order, session.get_one(Delivery, parcel.delivery_id).order_id)
        point = session.get(RepairPoint, order.repair_point_id) if order.repair_point_id else None
        found.append(
            Label(
                number=parcel.number,
                order=order.number,
                customer=session.get_one(Customer, order.customer_id).name,
                address=f"{point.name} {point.address}" if point else "",
                pieces=sum(quantity for quantity, _ in inside),
                route=route,
                hazards=tuple(sorted({number for _, number in inside if number})),
            )
        )
    return found


def labels(found: Sequence[Label]) -> bytes:
    """Return a PDF with a page for each label."""
    fonts.register()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle("Milkrun labels")
    for label in found:
        _draw(canvas, label)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, label: Label) -> None:
    wide = _WIDTH - 2 * _EDGE
    top = _text(canvas, label.customer, _BIG, _HEIGHT - _EDGE, wide)
    top = _text(canvas, label.address, _SMALL, top, wide)
    narrow = wide - _QR - 2 * mm
    top = _text(canvas, f"订单 Order {label.order} · {label.pieces} 件 pcs", _SMALL, top, narrow)
    if label.route:
        top = _text(canvas, f"路线 Route {label.route}", _SMALL, top, narrow)
    if label.hazards:
        words = ", ".join(f"UN {number}" for number in label.hazards)
        _text(canvas, f"危险品 Dangerous goods: {words}", _SMALL, top, narrow)
    _code(canvas, label.number, narrow)


def _text(canvas: Canvas, text: str, style: ParagraphStyle, top: float, width: float) -> float:
    """Draw a text below a height; return the height below it."""
    paragraph = Paragraph(fonts.markup(text), style)
    _, height = paragraph.wrap(width, _HEIGHT)
    paragraph.drawOn(canvas, _EDGE, top - height)
    return float(top - height)


def _code(canvas: Canvas, number: str, width: float) -> None:
    bars = Code128(number, barHeight=12 * mm, barWidth=0.3 * mm, humanReadable=False, quiet=False)
    if bars.width > width:
        bars = Code128(
            number, barHeight=12 * mm, barWidth=0.3 * mm * width / bars.width, quiet=False
        )
    bars.drawOn(canvas, _EDGE, _EDGE + 5 * mm)
    canvas.setFont(fonts.FONT, 10)
    canvas.drawString(_EDGE, _EDGE + 1 * mm, number)
    code = QrCodeWidget(number, barLevel="M", barWidth=_QR, barHeight=_QR, barBorder=0)
    drawing = Drawing(_QR, _QR)
    drawing.add(code)
    renderPDF.draw(drawing, canvas, _WIDTH - _EDGE - _QR, _EDGE)
