"""
The ledger: every change of what is on hand, append-only, down to bin and lot.

``on_hand`` of a level, and of a bin, is the sum of its movements; a test recounts both. From a lot
the ledger leads back to its receipt and forward to wherever it went.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.stock import levels
from dispatch.stock.levels import Shelf
from dispatch.stock.lots import STAGING as STAGING
from dispatch.stock.lots import BinStock as BinStock
from dispatch.stock.lots import Lot as Lot
from dispatch.store import clock, events, keys
from dispatch.store.base import Serial, Table
from dispatch.store.errors import Conflict
from dispatch.store.statements import changed, insert_unless_there


class Kind(StrEnum):
    """Why something moved; every kind there is."""

    RECEIPT = "receipt"
    PICK = "pick"
    SHIP = "ship"
    RETURN = "return"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    ADJUST = "adjust"
    COUNT = "count"
    SCRAP = "scrap"
    QUARANTINE = "quarantine"


class Movement(Table):
    """One line of the ledger; ``quantity`` is what it adds to the bin, negative when it leaves."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity"),
        Index(None, "depot_id", "part_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    bin: Mapped[str] = mapped_column(String(40))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lots.id"), index=True)
    quantity: Mapped[int]
    supplier: Mapped[str | None] = mapped_column(String(120))
    document: Mapped[str | None] = mapped_column(String(120))
    """The delivery note or count sheet that it stands on."""
    order_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_lines.id"), index=True)
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliveries.id"), index=True)
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.id"), index=True)
    van: Mapped[str | None] = mapped_column(String(80))
    """The vehicle that took it along."""
    actor: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a depot something lies."""

    shelf: Shelf
    bin: str
    lot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a movement stands on."""

    supplier: str | None = None
    document: str | None = None
    order_line_id: UUID | None = None
    delivery_id: UUID | None = None
    transfer_id: UUID | None = None
    van: str | None = None


NO_BASIS = Basis()


def record(
    session: Session, kind: Kind, place: Place, quantity: int, basis: Basis = NO_BASIS
) -> None:
    """Bring goods in, or take out what is available: ledger, bin and level change together."""
    levels.change(session, place.shelf, quantity)
    _enter(session, kind, place, quantity, basis)


def leave(session: Session, kind: Kind, place: Place, quantity: int, basis: Basis) -> None:
    """Take out what was set aside."""
    levels.leave(session, place.shelf, quantity)
    _enter(session, kind, place, -quantity, basis)


def shift(
    session: Session,
    kind: Kind,
    place: Place,
    to_bin: str,
    quantity: int,
    basis: Basis = NO_BASIS,
) -> None:
    """Move goods to another bin of the depot (``bin_short``); the level stays what it is."""
    levels.lock(session, [place.shelf])
    _enter(session, kind, place, -quantity, basis)
    _enter(session, kind, Place(place.shelf, to_bin, place.lot_id), quantity, basis)


def in_bin(session: Session, place: Place) -> int:
    """Return how much lies in a bin, of that lot."""
    return session.scalar(select(BinStock.on_hand).where(_at(place))) or 0


def lot(session: Session, part_id: UUID, number: str, expires_on: date | None = None) -> Lot:
    """Return the lot of that number, made if it is new, and locked."""
    row = {"id": keys.new(), "part_id": part_id, "number": number, "expires_on": expires_on}
    insert_unless_there(session, Lot, row)
    query = select(Lot).where(Lot.part_id == part_id, Lot.number == number)
    return session.scalars(query.with_for_update(key_share=True)).one()


def on_hand_of(session: Session, lot_id: UUID) -> int:
    """Return how much of a lot lies in any bin of any depot."""
    query = select(func.sum(BinStock.on_hand)).where(BinStock.lot_id == lot_id)
    return session.scalar(query) or 0


def _enter(session: Session, kind: Kind, place: Place, quantity: int, basis: Basis) -> None:
    _change_bin(session, place, quantity)
    session.add(
        Movement(
            at=clock.now(),
            kind=kind,
            depot_id=place.shelf.depot_id,
            part_id=place.shelf.part_id,
            bin=place.bin,
            lot_id=place.lot_id,
            quantity=quantity,
            actor=session.info[events.ACTOR],
            **asdict(basis),
        )
    )


def _change_bin(session: Session, place: Place, quantity: int) -> None:
    """Change a bin; the level that was changed before it keeps others away."""
    enough = _at(place) & (BinStock.on_hand + quantity >= 0)
    wanted = update(BinStock).where(enough).values(on_hand=BinStock.on_hand + quantity)
    if changed(session, wanted) == 1:
        return
    if quantity < 0:
        raise Conflict(
            "bin_short",
            cause=f"{-quantity} are to leave {place.bin}, {in_bin(session, place)} lie there",
            action="take what is there, and the rest from another bin; count this one",
        )
    session.add(
        BinStock(
            depot_id=place.shelf.depot_id,
            part_id=place.shelf.part_id,
            bin=place.bin,
            lot_id=place.lot_id,
            on_hand=quantity,
        )
    )
    session.flush()


def _at(place: Place) -> ColumnElement[bool]:
    return (
        (BinStock.depot_id == place.shelf.depot_id)
        & (BinStock.part_id == place.shelf.part_id)
        & (BinStock.bin == place.bin)
        & (BinStock.lot_id.is_(None) if place.lot_id is None else BinStock.lot_id == place.lot_id)
    )
