"""
Pick lists: what to take from which bin for a wave and route, scanned piece by piece.

A list proposes lots; the scan fixes them. Two lists never propose the same goods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import numbers
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.numbers import CrossNumber
from dispatch.catalogue.parts import Part
from dispatch.fleet.waves import Wave
from dispatch.intake import deliveries, departures, orders
from dispatch.intake.orders import Order, OrderLine
from dispatch.stock import corrections, levels, movements, picking, reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import Lot, Place
from dispatch.stock.picking import Grab
from dispatch.stock.reservations import Lost, Reservation
from dispatch.store import clock, events, keys, pages, rows
from dispatch.store.base import Key, Table
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page


class PickList(Table):
    """What is picked in one round."""

    __tablename__ = "pick_lists"
    __table_args__ = (Index(None, "depot_id", "made_at"),)

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    wave: Mapped[str] = mapped_column(String(60))
    route: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]


class PickTask(Table):
    """So many of a part from one bin, of one lot, for one order line; ``open`` ones are to do."""

    __tablename__ = "pick_tasks"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND picked >= 0 AND picked <= quantity", name="quantity"),
        Index(None, "depot_id", "part_id", "open"),
    )

    id: Mapped[Key]
    list_id: Mapped[UUID] = mapped_column(ForeignKey("pick_lists.id"), index=True)
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    bin: Mapped[str] = mapped_column(String(40))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lots.id"))
    quantity: Mapped[int]
    picked: Mapped[int] = mapped_column(default=0)
    open: Mapped[bool] = mapped_column(default=True)

    @property
    def place(self) -> Place:
        return Place(Shelf(self.depot_id, self.part_id), self.bin, self.lot_id)

    @property
    def left(self) -> int:
        return self.quantity - self.picked


@dataclass(frozen=True, slots=True)
class Scan:
    """What the reader saw: a number of the part, the lot or serial number, and how many."""

    number: str
    lot: str | None = None
    quantity: int = 1


def make(
    session: Session,
    depot_id: UUID,
    order_ids: Collection[UUID],
    *,
    wave: str,
    route: str,
    today: date,
) -> PickList:
    """Make the list for these orders, of what is set aside and on no other open list."""
    rows.get(session, Depot, depot_id)
    found = PickList(id=keys.new(), depot_id=depot_id, wave=wave, route=route, made_at=clock.now())
    session.add(found)
    session.flush()
    query = select(Reservation).where(
        Reservation.depot_id == depot_id,
        Reservation.order_id.in_(order_ids),
        Reservation.status == "reserved",
    )
    # Locked before it is counted: of two lists made at once, the second sees the first one's tasks.
    levels.lock(session, {one.shelf for one in session.scalars(query).all()})
    wanted: Counter[tuple[UUID, UUID]] = Counter()
    for one in session.scalars(query.execution_options(populate_existing=True)).all():
        wanted[one.part_id, one.order_line_id] += one.quantity
    for (part_id, line_id), quantity in sorted(wanted.items()):
        shelf = Shelf(depot_id, part_id)
        missing = quantity - _listed(session, line_id, depot_id)
        _add_tasks(session, found.id, shelf, line_id, missing, today)
    data = {"wave": wave, "route": route}
    subjects = {"depot": depot_id}
    events.record(session, "pick_list.made", found.id, subjects=subjects, data=data)
    return found


def tasks(session: Session, list_id: UUID) -> list[PickTask]:
    """Return the tasks of a list, in the order of the bins."""
    query = select(PickTask).where(PickTask.list_id == list_id)
    return list(session.scalars(query.order_by(PickTask.bin, PickTask.part_id, PickTask.id)))


@dataclass(frozen=True, slots=True)
class Detail:
    """A task with what a picker reads of it."""

    task: PickTask
    part: Part
    lot: Lot | None
    order_number: str


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    open_only: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PickList]:
    """Return pick lists, the newest first."""
    query = select(PickList)
    if depot_ids is not None:
        query = query.where(PickList.depot_id.in_(depot_ids))
    if open_only:
        query = query.where(PickList.id.in_(select(PickTask.list_id).where(PickTask.open)))
    return pages.newest(session, query, PickList, cursor=cursor, limit=limit)


def details(session: Session, list_id: UUID) -> list[Detail]:
    """Return the tasks of a list in the order of the bins, with parts, lots and orders."""
    query = (
        select(PickTask, Part, Lot, Order.number)
        .join(Part, Part.id == PickTask.part_id)
        .outerjoin(Lot, Lot.id == PickTask.lot_id)
        .join(OrderLine, OrderLine.id == PickTask.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(PickTask.list_id == list_id)
        .order_by(PickTask.bin, PickTask.part_id, PickTask.id)
    )
    return [Detail(*row) for row in session.execute(query).all()]


def of_wave(session: Session, depot_id: UUID, wave_id: UUID, on: date) -> list[UUID]:
    """Return the orders whose deliveries leave with a wave of a day."""
    depot, wave = rows.get(session, Depot, depot_id), rows.get(session, Wave, wave_id)
    if wave.depot_id != depot_id:
        cause = f"{wave.name} is no wave of {depot.name}"
        raise Invalid("wrong_wave", cause=cause, action="choose one of the depot's waves")
    return sorted({one.order.id for one in departures.of_wave(session, depot, wave, on)})


def scan(session: Session, task_id: UUID, seen: Scan) -> PickTask:
    """
    Pick what was scanned, or refuse it: ``wrong_part``, ``wrong_lot``, ``too_many``.

    Nothing is changed by what is refused.
    """
    task = _open(session, task_id)
    _check(session, task, seen)
    quantity = seen.quantity
    while quantity:
        one = _set_aside(session, task)
        some = min(quantity, one.quantity)
        picking.pick(session, one.id, Grab(task.place, some))
        session.flush()
        quantity -= some
    task.picked += seen.quantity
    task.open = task.left > 0
    session.flush()
    return task


def short(session: Session, task_id: UUID, *, document: str, today: date) -> int:
    """
    Book that no more lies in the bin than was picked; return how much the order lost by it.

    The bin is counted, the line goes to another lot where there is one, and else waits for goods;
    deliveries are lowered by what it lost.
    """
    task = _open(session, task_id)
    missing = task.left
    lost = _requeue(session, task, missing)
    counted = max(0, movements.in_bin(session, task.place) - missing)
    outcome = corrections.count(session, task.place, counted, document=document)
    served = reservations.fill(session, [task.place.shelf])
    again = [one for one in served if one.order_line_id == task.order_line_id]
    refilled = min(missing, sum(one.quantity for one in again))
    _close(session, task)
    deliveries.lower(session, [*_net(lost, refilled), *outcome.lost])
    orders.carry(session, [one for one in served if one not in again])
    if refilled:
        shelf, line_id = task.place.shelf, task.order_line_id
        _add_tasks(session, task.list_id, shelf, line_id, refilled, today)
    data = {"bin": task.bin, "missing": missing, "from_elsewhere": refilled}
    subjects = {"depot": task.depot_id, "part": task.part_id}
    events.record(session, "pick_task.short", task.id, subjects=subjects, data=data)
    return missing - refilled


def _open(session: Session, task_id: UUID) -> PickTask:
    task = rows.locked(session, PickTask, task_id)
    if not task.open:
        cause = f"all {task.picked} are picked, or the bin was short"
        raise Conflict("task_done", cause=cause, action="go on with the next one")
    return task


def _check(session: Session, task: PickTask, seen: Scan) -> None:
    part = rows.get(session, Part, task.part_id)
    if numbers.normal(seen.number) not in _numbers(session, part):
        cause = f"{seen.number} is not {part.title}"
        raise Invalid("wrong_part", cause=cause, action=f"take {part.title} from {task.bin}")
    wanted = rows.get(session, Lot, task.lot_id).number if task.lot_id else None
    if seen.lot != wanted and (wanted or seen.lot):
        cause = f"{seen.lot or 'no lot'} was scanned, {wanted or 'no lot'} is wanted"
        raise Invalid("wrong_lot", cause=cause, action="take that lot, or book it as short")
    if not 0 < seen.quantity <= task.left:
        cause = f"{seen.quantity} are scanned, {task.left} are wanted"
        raise Invalid("too_many", cause=cause, action=f"take up to {task.left}")


def _numbers(session: Session, part: Part) -> set[str]:
    crossed = select(CrossNumber.number_key).where(CrossNumber.part_id == part.id)
    return {numbers.normal(part.number), *session.scalars(crossed)}


def _set_aside(session: Session, task: PickTask) -> Reservation:
    """Return a reservation of the task's line, or refuse when the order has none any more."""
    query = select(Reservation).where(
        Reservation.order_line_id == task.order_line_id,
        Reservation.depot_id == task.depot_id,
        Reservation.status == "reserved",
    )
    one = session.scalars(query.order_by(Reservation.id)).first()
    if one is None:
        cause = "the order no longer has these goods set aside"
        raise Conflict("not_set_aside", cause=cause, action="leave them in the bin")
    return one


def _requeue(session: Session, task: PickTask, missing: int) -> list[Lost]:
    lost: list[Lost] = []
    while missing:
        one = reservations.locked(session, _set_aside(session, task).id)
        some = min(missing, one.quantity)
        lost.append(reservations.lose(session, one, some))
        session.flush()
        missing -= some
    return lost


def _net(lost: Collection[Lost], refilled: int) -> list[Lost]:
    """Return what was lost and not made good from another bin."""
    left: list[Lost] = []
    for one in lost:
        good = min(refilled, one.quantity)
        refilled -= good
        if one.quantity > good:
            left.append(Lost(one.order_id, one.order_line_id, one.depot_id, one.quantity - good))
    return left


def _close(session: Session, task: PickTask) -> None:
    task.open = False
    session.flush()


def _close_given_up(session: Session, shelf: Shelf) -> None:
    """Close tasks of lines that have nothing set aside here any more: nobody speaks for those."""
    still = select(Reservation.order_line_id).where(
        Reservation.depot_id == shelf.depot_id,
        Reservation.part_id == shelf.part_id,
        Reservation.status == "reserved",
    )
    query = select(PickTask).where(
        PickTask.depot_id == shelf.depot_id,
        PickTask.part_id == shelf.part_id,
        PickTask.open,
        PickTask.order_line_id.not_in(still),
    )
    for task in session.scalars(query).all():
        task.open = False
    session.flush()


def _listed(session: Session, order_line_id: UUID, depot_id: UUID) -> int:
    query = select(PickTask).where(
        PickTask.order_line_id == order_line_id, PickTask.depot_id == depot_id, PickTask.open
    )
    return sum(task.left for task in session.scalars(query))


def _add_tasks(
    session: Session, list_id: UUID, shelf: Shelf, line_id: UUID, quantity: int, today: date
) -> None:
    if quantity <= 0:
        return
    levels.lock(session, [shelf])
    _close_given_up(session, shelf)
    open_here = select(PickTask).where(
        PickTask.depot_id == shelf.depot_id, PickTask.part_id == shelf.part_id, PickTask.open
    )
    taken: Counter[Place] = Counter()
    for task in session.scalars(open_here):
        taken[task.place] += task.left
    for grab in picking.propose(session, shelf, quantity, today=today, spoken_for=taken):
        task = PickTask(
            id=keys.new(),
            list_id=list_id,
            depot_id=shelf.depot_id,
            part_id=shelf.part_id,
            order_line_id=line_id,
            bin=grab.place.bin,
            lot_id=grab.place.lot_id,
            quantity=grab.quantity,
            picked=0,
            open=True,
        )
        session.add(task)
    session.flush()
