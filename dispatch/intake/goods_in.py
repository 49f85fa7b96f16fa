"""Goods that arrive for orders that wait: booked, set aside, and put on deliveries at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.catalogue.depots import Depot
from dispatch.intake import orders
from dispatch.stock import receiving
from dispatch.stock.incoming import Purchase
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


def receive_against(
    session: Session,
    purchase_id: UUID,
    *,
    quantity: int,
    bin: str,
    document: str,
    lot: str | None = None,
    expires_on: date | None = None,
) -> list[Reservation]:
    """Book what came in of an expected purchase; return what it served of orders that waited."""
    purchase = rows.get(session, Purchase, purchase_id)
    goods = [Goods(purchase.part_id, quantity, bin, lot, expires_on)]
    served = receiving.take_in(
        session,
        purchase.depot_id,
        goods,
        supplier=purchase.supplier,
        document=document,
        against=purchase.id,
    )
    orders.carry(session, served)
    return served
