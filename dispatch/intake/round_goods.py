"""The goods of a round: collected, filled in for goods-in, and booked as they really came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import moments
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part, Tracking
from dispatch.catalogue.suppliers import Supplier
from dispatch.intake import collecting, goods_in, milk_runs, rounds
from dispatch.intake.milk_runs import MilkRun
from dispatch.intake.rounds import Collection, Round
from dispatch.stock import levels
from dispatch.stock.incoming import Purchase
from dispatch.stock.levels import Shelf
from dispatch.stock.receiving import Goods
from dispatch.stock.reservations import Reservation
from dispatch.store import clock, rows, states
from dispatch.store.errors import Conflict


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of a delivery note before it is looked at; a serial-tracked part has one for each."""

    supplier_id: UUID
    supplier: str
    document: str
    purchase_id: UUID
    part_id: UUID
    quantity: int
    tracking: str


@dataclass(frozen=True, slots=True)
class Note:
    """A supplier's delivery note, with what really came."""

    supplier_id: UUID
    document: str
    goods: Sequence[Goods]


def finish(session: Session, run: MilkRun, day: date) -> Round:
    """
    Note that a round is done and has what it was to collect; the milk run must be locked.

    Refused before its day (``not_yet``).
    """
    depot = rows.get(session, Depot, run.depot_id)
    if day > moments.day(clock.now(), depot.zone):
        cause = f"the round of {run.title} on {day} has not begun"
        raise Conflict("not_yet", cause=cause, action="report it on its day")
    row = rounds.plan(session, run, day)
    # Two rounds may want one purchase: the second waits here, and then sees what the first took.
    names = {rows.get(session, Supplier, halt.supplier_id).name for halt in milk_runs.halts(run)}
    here = select(Purchase.id).where(Purchase.depot_id == depot.id, Purchase.supplier.in_(names))
    still = here.where(Purchase.received < Purchase.quantity)
    in_turn = still.order_by(Purchase.expected_at, Purchase.id)
    session.execute(in_turn.with_for_update(key_share=True)).all()
    for stop in collecting.of_day(session, run, day).stops:
        for load in stop.loads:
            one = Collection(round_id=row.id, purchase_id=load.purchase_id, quantity=load.quantity)
            session.add(one)
    states.step(session, row, "finish")
    session.flush()
    return row


def expected(session: Session, run: MilkRun, day: date) -> list[Expected]:
    """Return the goods-in of a round, filled in from what it collected and is not booked yet."""
    row = rounds.of(session, run, day)
    if row is None or row.status != "finished":
        return []
    query = (
        select(Collection.quantity, Purchase, Supplier, Part.tracking)
        .join(Purchase, Purchase.id == Collection.purchase_id)
        .join(Supplier, Supplier.name == Purchase.supplier)
        .join(Part, Part.id == Purchase.part_id)
        .where(Collection.round_id == row.id)
        .order_by(Supplier.name, Purchase.document, Purchase.id)
    )
    return [
        Expected(s.id, s.name, p.document, p.id, p.part_id, of_each, tracking)
        for quantity, p, s, tracking in session.execute(query)
        for of_each in _lines(min(quantity, p.quantity - p.received), tracking)
    ]


def receive(
    session: Session, run: MilkRun, day: date, notes: Sequence[Note]
) -> tuple[Round, list[Reservation]]:
    """
    Book what a round brought, which ends it; return what that served of orders that waited.

    What did not come is due again on the next round. The milk run must be locked.
    """
    row = rounds.plan(session, run, day)
    states.step(session, row, "receive")
    session.flush()
    _lock(session, run.depot_id, notes)
    served = []
    for note in notes:
        name = rows.get(session, Supplier, note.supplier_id).name
        served += goods_in.receive(
            session, run.depot_id, note.goods, supplier=name, document=note.document
        )
    return row, served


def _lock(session: Session, depot_id: UUID, notes: Sequence[Note]) -> None:
    """Lock the levels of all notes in one order, since each note locks its own again."""
    part_ids = {goods.part_id for note in notes for goods in note.goods}
    shelves = sorted(Shelf(depot_id, rows.get(session, Part, key).id) for key in part_ids)
    for shelf in shelves:
        levels.ensure(session, shelf)
    levels.lock(session, shelves)


def _lines(quantity: int, tracking: str) -> Iterator[int]:
    """Return the quantities of the lines that so many units are written in."""
    if quantity > 0 and tracking != Tracking.SERIAL:
        yield quantity
    if tracking == Tracking.SERIAL:
        yield from [1] * quantity
