"""Goods that are expected at a depot: bought from a supplier, or on a transfer from another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.stock import levels
from dispatch.stock.transfers import Transfer, TransferLine
from dispatch.store import events, keys, pages, rows
from dispatch.store.base import Key, Table
from dispatch.store.errors import Invalid
from dispatch.store.pages import Page


class Purchase(Table):
    """
    So many of a part that a supplier is to bring; ``received`` follows its delivery notes.

    ``supplier`` is a name, which `dispatch.catalogue.suppliers` may know more of.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND received >= 0", name="quantity"),
        Index(None, "part_id", "depot_id"),
        Index(None, "depot_id", "supplier"),
    )

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    supplier: Mapped[str] = mapped_column(String(120))
    document: Mapped[str] = mapped_column(String(120))
    expected_at: Mapped[datetime]


class By(StrEnum):
    """How goods come in."""

    PURCHASE = "purchase"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Incoming:
    """So many that are expected, and when; none that an order has set aside already."""

    depot_id: UUID
    quantity: int
    expected_at: datetime
    by: By


def expect(
    session: Session,
    depot_id: UUID,
    part_id: UUID,
    quantity: int,
    *,
    supplier: str,
    document: str,
    expected_at: datetime,
) -> Purchase:
    """Note what a supplier is to bring, on which order document."""
    rows.get(session, Depot, depot_id)
    part = rows.get(session, Part, part_id)
    if not 0 < quantity <= levels.MOST:
        cause = f"{part.title}: the quantity is {quantity}"
        raise Invalid("bad_quantity", cause=cause, action="give a whole number above 0")
    purchase = Purchase(
        id=keys.new(),
        depot_id=depot_id,
        part_id=part_id,
        quantity=quantity,
        received=0,
        supplier=supplier,
        document=document,
        expected_at=expected_at,
    )
    session.add(purchase)
    session.flush()
    subjects = {"depot": depot_id, "part": part_id}
    data = {"quantity": quantity, "document": document, "expected_at": expected_at.isoformat()}
    events.record(session, "purchase.expected", purchase.id, subjects=subjects, data=data)
    return purchase


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    part_id: UUID | None = None,
    open_only: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Purchase]:
    """Return what is or was expected from suppliers, the newest first."""
    query = select(Purchase)
    if depot_ids is not None:
        query = query.where(Purchase.depot_id.in_(depot_ids))
    if part_id is not None:
        query = query.where(Purchase.part_id == part_id)
    if open_only:
        query = query.where(Purchase.received < Purchase.quantity)
    return pages.newest(session, query, Purchase, cursor=cursor, limit=limit)


def came(
    session: Session,
    depot_id: UUID,
    part_id: UUID,
    quantity: int,
    supplier: str,
    *,
    against: UUID | None = None,
) -> None:
    """
    Strike what came in off what that supplier was to bring, the earliest first.

    What it came ``against`` goes before all others.
    """
    query = select(Purchase).where(
        Purchase.depot_id == depot_id,
        Purchase.part_id == part_id,
        Purchase.supplier == supplier,
        Purchase.received < Purchase.quantity,
    )
    in_turn = query.order_by(Purchase.expected_at, Purchase.id).with_for_update(key_share=True)
    found = session.scalars(in_turn.execution_options(populate_existing=True)).all()
    for purchase in sorted(found, key=lambda one: one.id != against):
        some = min(quantity, purchase.quantity - purchase.received)
        purchase.received += some
        quantity -= some
        if quantity == 0:
            break


def of_part(session: Session, part_id: UUID) -> list[Incoming]:
    """Return what is expected of a part at any depot, the earliest first."""
    bought = select(
        Purchase.depot_id, Purchase.quantity - Purchase.received, Purchase.expected_at
    ).where(Purchase.part_id == part_id, Purchase.received < Purchase.quantity)
    sent = (
        select(Transfer.to_depot_id, func.sum(TransferLine.quantity), Transfer.expected_at)
        .join(TransferLine, TransferLine.transfer_id == Transfer.id)
        .where(
            TransferLine.part_id == part_id,
            TransferLine.reservation_id.is_(None),
            Transfer.status.in_(["planned", "in_transit"]),
        )
        .group_by(Transfer.id, Transfer.to_depot_id, Transfer.expected_at)
    )
    found = [Incoming(d, int(n), at, By.PURCHASE) for d, n, at in session.execute(bought).all()]
    found += [Incoming(d, int(n), at, By.TRANSFER) for d, n, at in session.execute(sent).all()]
    return sorted(found, key=lambda one: (one.expected_at, one.depot_id))
