"""
Lots and bins: which units lie where, and what of them has passed its date.

What has expired is on hand until somebody takes it off the books, and is not available.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots
from dispatch.store import clock, rows
from dispatch.store.base import Key, Table
from dispatch.store.errors import Conflict

STAGING = "PICKED"
"""The bin where what is picked waits to be loaded; nothing else lies there."""


class Lot(Table):
    """Units of a part that came from one batch; a serial number is a lot of one."""

    __tablename__ = "lots"
    __table_args__ = (UniqueConstraint("part_id", "number"),)

    id: Mapped[Key]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    number: Mapped[str] = mapped_column(String(80), index=True)
    expires_on: Mapped[date | None]


class BinStock(Table):
    """How much of a part, and of which lot, lies in one bin."""

    __tablename__ = "bin_stock"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        # Two absent lots are not equal to SQL, so goods without a lot have an index of their own.
        Index(
            "uq_bin_stock_lot",
            "depot_id",
            "part_id",
            "bin",
            "lot_id",
            unique=True,
            sqlite_where=text("lot_id IS NOT NULL"),
            postgresql_where=text("lot_id IS NOT NULL"),
        ),
        Index(
            "uq_bin_stock_no_lot",
            "depot_id",
            "part_id",
            "bin",
            unique=True,
            sqlite_where=text("lot_id IS NULL"),
            postgresql_where=text("lot_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    bin: Mapped[str] = mapped_column(String(40))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lots.id"), index=True)
    on_hand: Mapped[int]


_DATED = (
    select(Lot.__table__.c.id)
    .where(Lot.__table__.c.part_id == bindparam("part"))
    .where(Lot.__table__.c.expires_on < bindparam("latest"))
    .limit(1)
)


def may_expire(session: Session, part_id: UUID) -> bool:
    """Tell whether any lot of a part has passed its date somewhere; made to be asked often."""
    values = {"part": part_id, "latest": _latest_day()}
    # On the connection: it is asked with each line that is set aside.
    return session.connection().execute(_DATED, values).first() is not None


def expired(
    session: Session, depot_ids: Collection[UUID], part_ids: Collection[UUID]
) -> Counter[tuple[UUID, UUID]]:
    """Return how much of what lies in bins has passed its date, by depot and part."""
    query = (
        select(BinStock.depot_id, BinStock.part_id, Lot.expires_on, BinStock.on_hand)
        .join(Lot, Lot.id == BinStock.lot_id)
        .where(
            BinStock.depot_id.in_(depot_ids),
            BinStock.part_id.in_(part_ids),
            # What is picked is reserved, and counts there.
            BinStock.bin != STAGING,
            BinStock.on_hand > 0,
            Lot.expires_on < _latest_day(),
        )
    )
    found: Counter[tuple[UUID, UUID]] = Counter()
    for depot_id, part_id, expires_on, on_hand in session.execute(query).all():
        if expires_on and expires_on < depots.today(session, depot_id):
            found[depot_id, part_id] += on_hand
    return found


def is_expired(session: Session, depot_id: UUID, lot_id: UUID | None) -> bool:
    """Tell whether a lot has passed its date, on the calendar of a depot."""
    if lot_id is None:
        return False
    expires_on = rows.get(session, Lot, lot_id).expires_on
    return expires_on is not None and expires_on < depots.today(session, depot_id)


def refuse_expired(session: Session, depot_id: UUID, lot_id: UUID | None) -> None:
    """Refuse (``lot_expired``) to have goods of a lot leave that has passed its date."""
    if lot_id is None or not is_expired(session, depot_id, lot_id):
        return
    lot = rows.get(session, Lot, lot_id)
    cause = f"lot {lot.number} expired on {lot.expires_on}"
    action = "put it into quarantine or scrap it, and take another lot"
    raise Conflict("lot_expired", cause=cause, action=action)


def _latest_day() -> date:
    """Return a day that is not before today anywhere."""
    return clock.now().date() + timedelta(days=1)
