"""Milk runs: a vehicle that collects at some suppliers, in a fixed order, on fixed weekdays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import hours, rhythms
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.rhythms import Repeats
from dispatch.catalogue.suppliers import Supplier
from dispatch.fleet.vehicles import Vehicle
from dispatch.store import edits, pages, rows, states
from dispatch.store.base import Document, Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page
from dispatch.store.states import Machine


class MilkRun(Repeats, Versioned, Table):
    """A template; its rounds are what is driven."""

    __tablename__ = "milk_runs"
    __table_args__ = (UniqueConstraint("depot_id", "name"),)
    machine: ClassVar[Machine] = states.MILK_RUN

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    name: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(10))
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"))
    """The one that drives it; None: any with the skills."""
    skills: Mapped[list[str]] = mapped_column(Document, default=list)
    stops: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    """In their order, each as `Halt` has it."""

    @property
    def title(self) -> str:
        return f"milk run {self.name}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


@dataclass(frozen=True, slots=True)
class Halt:
    """A supplier at a clock time of the depot, give or take ``tolerance_s``."""

    supplier_id: UUID
    at: int
    tolerance_s: int
    service_s: int


def begin(session: Session, values: Mapping[str, Any]) -> MilkRun:
    """Take a milk run in, by the names of its columns (``already_there``)."""
    _check(session, values)
    _check_name(session, values["depot_id"], values["name"])
    run = MilkRun(**values)
    states.step(session, run, "begin", data=edits.told(run))
    session.flush()
    return run


def change(
    session: Session, run: MilkRun, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change the template; what rounds have collected stays as it is (``wrong_state``)."""
    edits.expect(run, version, edits.differences(run, wanted))
    if run.status == "ended":
        raise Conflict("wrong_state", cause=f"{run.title} has ended", action="begin a new one")
    _check(session, {**edits.values(run), **wanted})
    if wanted.get("name", run.name) != run.name:
        _check_name(session, run.depot_id, wanted["name"])
    edits.change(session, "milk_run", run, wanted)


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[MilkRun]:
    """Return milk runs, the newest first; of some depots, in a state."""
    query = select(MilkRun)
    if depot_ids is not None:
        query = query.where(MilkRun.depot_id.in_(depot_ids))
    if status is not None:
        query = query.where(MilkRun.status == status)
    return pages.newest(session, query, MilkRun, cursor=cursor, limit=limit)


def halts(run: MilkRun) -> list[Halt]:
    """Return the stops in their order."""
    return _halts(run.stops)


def _halts(stops: Collection[Mapping[str, Any]]) -> list[Halt]:
    return [Halt(**{**stop, "supplier_id": UUID(stop["supplier_id"])}) for stop in stops]


def _check(session: Session, values: Mapping[str, Any]) -> None:
    rhythms.check(values)
    rows.get(session, Depot, values["depot_id"])
    found = _halts(values["stops"])
    for halt in found:
        rows.get(session, Supplier, halt.supplier_id)
    faults = list(_faults(found))
    if values["vehicle_id"] is not None:
        vehicle = rows.get(session, Vehicle, values["vehicle_id"])
        if vehicle.depot_id != values["depot_id"]:
            faults.append(f"{vehicle.plate} is another depot's")
    if faults:
        action = "name each supplier once, in the order of their times, before 24:00"
        raise Invalid("bad_milk_run", cause="; ".join(faults), action=action)


def _faults(found: list[Halt]) -> Iterator[str]:
    if not found:
        yield "it has no stops"
    if len({halt.supplier_id for halt in found}) < len(found):
        yield "it stops at a supplier twice"
    if [halt.at for halt in found] != sorted(halt.at for halt in found):
        yield "a stop is earlier than the one before it"
    for number, halt in enumerate(found, start=1):
        inside = 0 <= halt.at - halt.tolerance_s <= halt.at + halt.tolerance_s < hours.WHOLE_DAY
        if not inside or not 0 <= halt.service_s <= hours.WHOLE_DAY:
            yield f"stop {number} is at second {halt.at} ± {halt.tolerance_s}"


def _check_name(session: Session, depot_id: UUID, name: str) -> None:
    same = select(MilkRun.id).where(MilkRun.depot_id == depot_id, MilkRun.name == name)
    if session.scalar(same):
        cause = f"there is a milk run {name} already"
        raise Conflict("already_there", cause=cause, action="change that one, or rename")
