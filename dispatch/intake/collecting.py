"""What each round collects where and when, for who plans it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from dispatch.catalogue import hours, moments
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.hours import WHOLE_DAY
from dispatch.catalogue.parts import Part
from dispatch.catalogue.suppliers import Supplier
from dispatch.intake import milk_runs, rounds
from dispatch.intake.milk_runs import Halt, MilkRun
from dispatch.intake.rounds import Collection, Round, SkippedStop
from dispatch.stock.incoming import Purchase
from dispatch.store import clock, rows

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Load:
    """So many of a purchase, with what they weigh and take up together."""

    purchase_id: UUID
    document: str
    part_id: UUID
    quantity: int
    weight_g: int
    volume_ml: int
    dangerous: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """A halt at a supplier: when service may begin, and what is collected."""

    supplier_id: UUID
    name: str
    lon: float
    lat: float
    earliest_at: datetime
    latest_at: datetime
    service_s: int
    is_open: bool
    """The supplier hands goods out at some time within the window."""
    skipped_because: str | None
    loads: tuple[Load, ...]

    @property
    def weight_g(self) -> int:
        return sum(load.weight_g for load in self.loads)

    @property
    def volume_ml(self) -> int:
        return sum(load.volume_ml for load in self.loads)


@dataclass(frozen=True, slots=True)
class DrivenRound:
    """A round as it is to be driven, or was: its stops in their fixed order."""

    milk_run_id: UUID
    name: str
    on: date
    status: str
    vehicle_id: UUID | None
    skills: frozenset[str]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class _Visit:
    """A stop of one of a depot's rounds."""

    run: MilkRun
    on: date
    halt: Halt
    supplier: Supplier
    skipped_because: str | None

    @property
    def key(self) -> _Key:
        return self.run.id, self.on, self.supplier.id


_Key = tuple[UUID, date, UUID]
_Loads = Mapping[_Key, Sequence[Load]]


def collections_of(session: Session, depot: Depot, day: date) -> list[DrivenRound]:
    """
    Return the rounds of a day that are still to be driven, the earliest first, for the planner.

    Stops that are skipped are left out. A purchase that is due on a day, by the depot's calendar,
    is on the first round from that day on which stops at its supplier, and on no other.
    """
    visits = _visits(session, depot, day)
    loads = _assigned(session, depot, visits)
    by_run: dict[UUID, list[_Visit]] = defaultdict(list)
    for visit in visits:
        if visit.on == day:
            by_run[visit.run.id].append(visit)
    found = []
    for of_run in by_run.values():
        stops = [_stop(depot, each, loads) for each in of_run if each.skipped_because is None]
        if stops:
            found.append(_driven(of_run[0].run, day, "planned", stops))
    return sorted(found, key=lambda each: (each.stops[0].earliest_at, each.milk_run_id))


def of_day(session: Session, run: MilkRun, day: date) -> DrivenRound:
    """Return one round with all its stops, whatever became of it (``not_due``)."""
    depot = rows.get(session, Depot, run.depot_id)
    row = rounds.of(session, run, day)
    rounds.check_due(session, run, day, row)
    status = row.status if row else "planned"
    visits = _visits_of(session, run, day, row)
    if status == "planned":
        loads = _assigned(session, depot, _visits(session, depot, day))
    else:
        loads = _collected(session, row, visits) if row else {}
    return _driven(run, day, status, [_stop(depot, each, loads) for each in visits])


def _visits(session: Session, depot: Depot, day: date) -> list[_Visit]:
    """Return all stops that are still to be made from today, or from an earlier day, to a day."""
    first = min(day, moments.day(clock.now(), depot.zone))
    query = select(MilkRun).where(MilkRun.depot_id == depot.id, MilkRun.status == "active")
    runs = session.scalars(query.order_by(MilkRun.id)).all()
    between = select(Round).where(Round.depot_id == depot.id, Round.on.between(first, day))
    row_of = {(row.milk_run_id, row.on): row for row in session.scalars(between)}
    found = []
    for run in runs:
        for on in rounds.days(session, run, depot, first, day):
            row = row_of.get((run.id, on))
            if row is None or row.status == "planned":
                found += _visits_of(session, run, on, row)
    return sorted(found, key=lambda visit: (visit.on, visit.halt.at, visit.run.id))


def _visits_of(session: Session, run: MilkRun, on: date, row: Round | None) -> list[_Visit]:
    reason: dict[UUID, str] = {}
    if row is not None:
        skips = select(SkippedStop).where(SkippedStop.round_id == row.id)
        reason = {skip.supplier_id: skip.reason for skip in session.scalars(skips)}
    return [
        _Visit(
            run,
            on,
            halt,
            rows.get(session, Supplier, halt.supplier_id),
            reason.get(halt.supplier_id),
        )
        for halt in milk_runs.halts(run)
    ]


def _assigned(session: Session, depot: Depot, visits: Sequence[_Visit]) -> _Loads:
    """Return what each visit collects; ``visits`` in the order of time."""
    names = {visit.supplier.name for visit in visits}
    taken = exists().where(
        Collection.purchase_id == Purchase.id,
        Collection.round_id == Round.id,
        Round.status == "finished",
    )
    query = (
        select(Purchase, Part)
        .join(Part, Part.id == Purchase.part_id)
        .where(
            Purchase.depot_id == depot.id,
            Purchase.supplier.in_(names),
            Purchase.received < Purchase.quantity,
            ~taken,
        )
        .order_by(Purchase.expected_at, Purchase.id)
    )
    found: dict[_Key, list[Load]] = defaultdict(list)
    for purchase, part in session.execute(query):
        visit = _first(visits, purchase, moments.day(purchase.expected_at, depot.zone))
        if visit is not None:
            rest = purchase.quantity - purchase.received
            found[visit.key].append(_load(purchase, part, rest))
    return found


def _first(visits: Iterable[_Visit], purchase: Purchase, due_on: date) -> _Visit | None:
    return next(
        (
            visit
            for visit in visits
            if visit.supplier.name == purchase.supplier
            and visit.on >= due_on
            and visit.skipped_because is None
        ),
        None,
    )


def _collected(session: Session, row: Round, visits: Sequence[_Visit]) -> _Loads:
    """Return what a round that is done collected."""
    key_of = {visit.supplier.name: visit.key for visit in visits}
    query = (
        select(Collection.quantity, Purchase, Part)
        .join(Purchase, Purchase.id == Collection.purchase_id)
        .join(Part, Part.id == Purchase.part_id)
        .where(Collection.round_id == row.id)
        .order_by(Purchase.expected_at, Purchase.id)
    )
    found: dict[_Key, list[Load]] = defaultdict(list)
    for quantity, purchase, part in session.execute(query):
        if purchase.supplier in key_of:
            found[key_of[purchase.supplier]].append(_load(purchase, part, quantity))
    return found


def _load(purchase: Purchase, part: Part, quantity: int) -> Load:
    return Load(
        purchase_id=purchase.id,
        document=purchase.document,
        part_id=part.id,
        quantity=quantity,
        weight_g=part.weight_g * quantity,
        volume_ml=part.volume_ml * quantity,
        dangerous=part.dangerous,
    )


def _driven(run: MilkRun, on: date, status: str, stops: Sequence[Stop]) -> DrivenRound:
    skills = frozenset(run.skills)
    return DrivenRound(run.id, run.name, on, status, run.vehicle_id, skills, tuple(stops))


def _stop(depot: Depot, visit: _Visit, loads: _Loads) -> Stop:
    halt, supplier = visit.halt, visit.supplier
    opens, closes = halt.at - halt.tolerance_s, halt.at + halt.tolerance_s
    earliest_at = moments.moment(visit.on, opens, depot.zone)
    return Stop(
        supplier_id=supplier.id,
        name=supplier.name,
        lon=supplier.lon,
        lat=supplier.lat,
        earliest_at=earliest_at,
        # Where clocks are put forward within the window, it is never turned.
        latest_at=max(earliest_at, moments.moment(visit.on, closes, depot.zone)),
        service_s=halt.service_s,
        is_open=_is_open(supplier, visit.on, opens, closes),
        skipped_because=visit.skipped_because,
        loads=tuple(loads.get(visit.key, ())),
    )


def _is_open(supplier: Supplier, on: date, opens: int, closes: int) -> bool:
    found = hours.read(supplier.hours)
    if found is None:
        return True
    spans = [(span.opens, span.closes) for span in found.on(on)]
    # Some are open beyond midnight.
    spans += [(s.opens - WHOLE_DAY, s.closes - WHOLE_DAY) for s in found.on(on - _DAY)]
    return any(opens <= until and since <= closes for since, until in spans)
