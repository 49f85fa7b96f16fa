"""Rounds: a milk run on one day, with the suppliers that it leaves out and what it collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, rhythms
from dispatch.catalogue.depots import Depot
from dispatch.intake import milk_runs
from dispatch.intake.milk_runs import MilkRun
from dispatch.store import events, pages, rows, states
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page
from dispatch.store.states import Machine


class Round(Versioned, Table):
    """One day of a milk run; it has a row once there is something to say of it."""

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("milk_run_id", "on_date"),)
    machine: ClassVar[Machine] = states.ROUND

    id: Mapped[Key]
    milk_run_id: Mapped[UUID] = mapped_column(ForeignKey("milk_runs.id"))
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    on: Mapped[date] = mapped_column("on_date")
    status: Mapped[str] = mapped_column(String(10))

    @property
    def title(self) -> str:
        return f"the round of {self.on}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"milk_run": self.milk_run_id, "depot": self.depot_id}


class SkippedStop(Table):
    """A supplier that a round leaves out."""

    __tablename__ = "skipped_stops"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(400))


class Collection(Table):
    """What a round brought of a purchase, as far as its papers say; goods-in counts it."""

    __tablename__ = "collections"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    purchase_id: Mapped[UUID] = mapped_column(
        ForeignKey("purchases.id"), primary_key=True, index=True
    )
    quantity: Mapped[int]


def of(session: Session, run: MilkRun, on: date) -> Round | None:
    """Return the row of a round, where it has one."""
    return session.scalar(select(Round).where(Round.milk_run_id == run.id, Round.on == on))


def page(
    session: Session,
    *,
    depot_ids: Iterable[UUID] | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Round]:
    """Return rounds that have a row, the newest first; of some depots, in a state."""
    query = select(Round)
    if depot_ids is not None:
        query = query.where(Round.depot_id.in_(depot_ids))
    if status is not None:
        query = query.where(Round.status == status)
    return pages.newest(session, query, Round, cursor=cursor, limit=limit)


def days(session: Session, run: MilkRun, depot: Depot, first: date, last: date) -> list[date]:
    """Return the days on which a milk run is driven by its rhythm, both ends included."""
    if run.status != "active":
        return []
    works = depots.working_days(session, depot, *rhythms.around(first, last))
    return [due.on for due in rhythms.dates(run.rhythm, works.__contains__, first, last)]


def plan(session: Session, run: MilkRun, on: date) -> Round:
    """Return the round of a day, which gets its row (``not_due``); the milk run must be locked."""
    found = of(session, run, on)
    check_due(session, run, on, found)
    if found is not None:
        return found
    made = Round(milk_run_id=run.id, depot_id=run.depot_id, on=on)
    states.step(session, made, "plan")
    session.flush()
    return made


def check_due(session: Session, run: MilkRun, on: date, found: Round | None) -> None:
    """Refuse (``not_due``) a day on which a milk run neither was nor is to be driven."""
    if found is not None and found.status != "planned":
        return
    depot = rows.get(session, Depot, run.depot_id)
    if not days(session, run, depot, on, on):
        cause = f"{run.title} is not driven on {on}"
        raise Invalid("not_due", cause=cause, action="choose one of its days")


def cancel(session: Session, run: MilkRun, on: date, *, reason: str) -> Round:
    """Leave a whole round out; what is due goes to the next one."""
    found = plan(session, run, on)
    states.step(session, found, "cancel", data={"reason": reason})
    session.flush()
    return found


def skip_stop(session: Session, run: MilkRun, on: date, supplier_id: UUID, *, reason: str) -> Round:
    """Leave a supplier out of a round (``not_a_stop``); what is due there goes to the next one."""
    found = _changeable(session, run, on, supplier_id)
    session.merge(SkippedStop(round_id=found.id, supplier_id=supplier_id, reason=reason))
    session.flush()
    _record(session, "round.stop_skipped", found, supplier_id, {"reason": reason})
    return found


def restore_stop(session: Session, run: MilkRun, on: date, supplier_id: UUID) -> Round:
    """Take a supplier back in that was left out (``not_skipped``)."""
    found = _changeable(session, run, on, supplier_id)
    row = session.get(SkippedStop, (found.id, supplier_id))
    if row is None:
        cause = f"that stop of {run.title} is not skipped on {on}"
        raise Invalid("not_skipped", cause=cause, action="choose one that is")
    session.delete(row)
    session.flush()
    _record(session, "round.stop_restored", found, supplier_id, {})
    return found


def _changeable(session: Session, run: MilkRun, on: date, supplier_id: UUID) -> Round:
    if supplier_id not in {halt.supplier_id for halt in milk_runs.halts(run)}:
        cause = f"{run.title} does not stop at supplier {supplier_id}"
        raise Invalid("not_a_stop", cause=cause, action="choose one of its stops")
    found = plan(session, run, on)
    if found.status != "planned":
        cause = f"{found.title} of {run.title} is {found.status}"
        raise Conflict("wrong_state", cause=cause, action="change the next one")
    return found


def _record(
    session: Session, kind: str, found: Round, supplier_id: UUID, data: Mapping[str, str]
) -> None:
    subjects = {**found.concerns(), "supplier": supplier_id}
    data = {"on": found.on.isoformat(), **data}
    events.record(session, kind, found.id, subjects=subjects, data=data)
