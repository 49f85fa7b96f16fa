"""Goods that arrive for orders that wait: booked, set aside, and put on deliveries at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.catalogue.depots import Depot
from dispatch.intake import orders
from dispatch.stock import receiving
from dispatch.stock.receiving import Goods
from dispatch.stock.reservations import Reservation
from dispatch.store import rows


def receive(
    session: Session, depot_id: UUID, goods: Sequence[Goods], *, supplier: str, document: str
) -> list[Reservation]:
    """Book a delivery note; return what it served of orders that waited."""
    rows.get(session, Depot, depot_id)
    served = receiving.take_in(session, depot_id, goods, supplier=supplier, document=document)
    orders.carry(session, served)
    return served
