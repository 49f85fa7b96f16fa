"""
What a plan is made from, out of the database: deliveries, who drives, and what was decided.

`read` makes a `Day` of it within one transaction; `measured` puts it on the map's roads, outside of
any. Visits are called by the id of their delivery, vehicles by that of their shift, depots by
theirs; `Gathered.names` has the user's words for each.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import depots
from dispatch.fleet import shifts
from dispatch.fleet.shifts import Duty
from dispatch.fleet.waves import Wave
from dispatch.intake import departures
from dispatch.intake.collecting import DrivenRound
from dispatch.intake.departures import Leaving
from dispatch.planning import ground, problems
from dispatch.planning.day import Day, Depot, Order, VehicleRow
from dispatch.planning.ground import Ground
from dispatch.plans import decisions, drops, edits, milk_rounds, plans, published
from dispatch.plans.decisions import Decisions
from dispatch.plans.milk_rounds import Collected
from dispatch.plans.plans import Plan, Sequences
from dispatch.store import database, rows
from dispatch.store.database import Database
from dispatch.store.errors import Conflict, NotFound
from maps import store
from maps.road_map import RoadMap
from routing.problem import Problem
from routing.solution import Reason, Unplanned

THE_MAP = "the map"


@dataclass(frozen=True, slots=True)
class Gathered:
    """
    What a plan is made from, as it was read at one moment.

    ``names`` are the user's words by id; ``orders`` and ``points`` are the order and repair point
    by delivery, ``collected`` the halts of milk runs, ``duties`` the vehicle and driver by shift.
    ``impossible`` is left out whatever the routes are.
    """

    plan_id: UUID
    at: date
    day: Day
    names: Mapping[str, str]
    orders: Mapping[str, UUID]
    points: Mapping[str, str]
    collected: Mapping[str, Collected]
    duties: Mapping[str, tuple[UUID, UUID]]
    impossible: tuple[Unplanned, ...]
    number: int
    """Of the version whose decisions and routes these are; 0: there is none yet."""
    decisions: Decisions
    routes: Sequences


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    What a plan is made from: the problem, and a digest of each thing that it was made of.

    ``plain`` is the problem without what a person decided, ``problem`` with it.
    """

    plain: Problem
    problem: Problem
    digests: Mapping[str, str]
    gathered: Gathered
    ground: Ground

    def under(self, decided: Decisions, routes: Sequences) -> Inputs:
        """Return the same under other decisions, for routes that keep to its locks."""
        problem = decisions.under(self.plain, decided, routes)
        gathered = replace(self.gathered, decisions=decided, routes=routes)
        return replace(self, problem=problem, gathered=gathered)


class Gatherer:
    """Gathers what plans are made from, on the roads of one map."""

    def __init__(self, road_map: RoadMap) -> None:
        self.road_map = road_map

    def __call__(self, base: Database, plan_id: UUID, decided: Decisions | None = None) -> Inputs:
        """
        Return what a plan is made from.

        Parameters
        ----------
        decided
            In place of what was decided for the current version.
        """
        with database.reading(base) as session:
            found = read(session, plans.get(session, plan_id), decided)
        return measured(found, self.road_map)


def read(session: Session, plan: Plan, decided: Decisions | None = None) -> Gathered:
    """Return what there is of a plan's depots, day and wave; refused (``no_vehicles``) without."""
    now = plans.version(session, plan)
    if decided is None:
        decided = Decisions.read(now.decisions) if now else Decisions()
    names: dict[str, str] = {}
    duties: dict[str, tuple[UUID, UUID]] = {}
    taken = published.elsewhere(session, plan)
    day_depots, vehicles, leaving, rounds = [], [], [], []
    for depot in (rows.get(session, depots.Depot, key) for key in plan.depot_ids):
        wave = _wave(session, depot, plan.wave)
        names[str(depot.id)] = depot.name
        day_depots.append(_depot(session, depot, plan.day))
        for duty in shifts.on(session, depot, plan.day):
            row = _vehicle(duty, depot, wave, plan, taken)
            if row is not None and row.id not in plan.assumptions.get("without", ()):
                vehicles.append(row)
                names[row.id] = duty.vehicle.plate
                duties[row.id] = (duty.vehicle.id, duty.driver.id)
        driven = milk_rounds.rounds_of(session, depot, wave, plan, taken.milk_run_ids)
        rounds += [(depot, one) for one in driven]
        leaving += _leaving(session, depot, wave, plan, decided, taken)
    if not vehicles:
        raise _nobody(plan)
    _tell_apart(names, vehicles)
    orders, impossible = drops.orders_of(session, plan, leaving, tuple(day_depots), decided.extra)
    names |= dict(drops.names_of(leaving))
    halts, off = _halts(plan, rounds, duties)
    names |= {order.id: name for name, order, _ in halts}
    return Gathered(
        plan_id=plan.id,
        at=plan.day,
        day=Day(tuple(day_depots), tuple(vehicles), (*orders, *_driven(halts, off))),
        names=names,
        orders={str(one.delivery.id): one.order.id for one in leaving},
        points={str(one.delivery.id): str(one.point.id) for one in leaving},
        collected={order.id: what for _, order, what in halts},
        duties=duties,
        impossible=(*impossible, *off),
        number=plan.current,
        decisions=decided,
        routes=now.sequences if now else {},
    )


def refuse_unknown_wave(session: Session, depot_id: UUID, name: str) -> None:
    """Refuse (``unknown_wave``) the name of a wave that a depot does not have."""
    query = select(Wave.name).where(Wave.depot_id == depot_id).order_by(Wave.cut_off)
    names = session.scalars(query).all()
    if name and name not in names:
        raise NotFound(
            "unknown_wave",
            cause=f"the depot has no wave {name!r}",
            action=f"name one of {', '.join(names)}"
            if names
            else "add the wave first, or name none",
        )


def measured(gathered: Gathered, road_map: RoadMap) -> Inputs:
    """
    Return the problem on a map's roads, and what of the routes is still there.

    Places off its roads are left out, with the reason.
    """
    digests = digests_of(gathered)
    travel = store.travel_from_settings(road_map, ground.conditions(gathered.day, gathered.at))
    found = ground.measure(gathered.day, travel, gathered.at)
    off = {
        gathered.day.orders[fault.row].id: Reason("OFF_ROAD", fault.cause, fault.action)
        for fault in ground.off_road_faults(_numbered(gathered.day), found, road_map.info.bbox)
        if fault.table == "orders"
    }
    if off:
        rest = tuple(order for order in gathered.day.orders if order.id not in off)
        left_out = tuple(Unplanned(key, (reason,)) for key, reason in off.items())
        gathered = replace(
            gathered,
            day=replace(gathered.day, orders=rest),
            impossible=(*gathered.impossible, *left_out),
        )
    problem = problems.build(gathered.day, found, gathered.at)
    digests[THE_MAP] = _digest([road_map.info.version, travel.version])
    gathered = replace(gathered, routes=edits.still_there(problem, gathered.routes))
    decided = decisions.under(problem, gathered.decisions, gathered.routes)
    return Inputs(problem, decided, digests, gathered, found)


def _wave(session: Session, depot: depots.Depot, name: str) -> Wave | None:
    if not name:
        return None
    query = select(Wave).where(Wave.depot_id == depot.id, Wave.name == name)
    return session.scalars(query).first()


def _depot(session: Session, depot: depots.Depot, day: date) -> Depot:
    spans = depots.opening(session, depot, day)
    return Depot(
        id=str(depot.id),
        lon=depot.lon,
        lat=depot.lat,
        opens=min((span.opens for span in spans), default=0),
        closes=max((span.closes for span in spans), default=0),
        timezone=depot.time_zone,
        load_s=depots.settings(depot).load_s,
    )


def _vehicle(
    duty: Duty, depot: depots.Depot, wave: Wave | None, plan: Plan, taken: published.Elsewhere
) -> VehicleRow | None:
    """Return who can drive, from when the wave is loaded and the vehicle is back from another."""
    if duty.why_not:
        return None
    load_s = depots.settings(depot).load_s
    starts, ends = duty.starts, duty.ends
    if wave is not None:
        starts = max(starts, wave.cut_off + plan.assumptions.get("cut_off_later_s", 0) + load_s)
    for away in taken.busy(duty.vehicle.id, duty.driver.id):
        leaves, back = (drops.clock_at(moment, plan.day, depot.zone) for moment in away)
        if leaves <= starts:
            starts = max(starts, back + load_s)
        else:
            ends = min(ends, leaves - load_s)
    if starts >= ends:
        return None
    shift, vehicle = duty.shift, duty.vehicle
    return VehicleRow(
        id=str(shift.id),
        depot=str(depot.id),
        profile=vehicle.profile,
        shift_start=starts,
        shift_end=ends,
        capacity_g=vehicle.capacity_g,
        capacity_ml=vehicle.capacity_ml,
        skills=frozenset(vehicle.skills) | frozenset(duty.driver.skills),
        cost_fixed=vehicle.cost_fixed,
        cost_per_km=vehicle.cost_per_km,
        cost_per_h=vehicle.cost_per_h,
        max_distance_m=vehicle.max_distance_m,
        max_stops=vehicle.max_stops,
        break_s=duty.break_s,
        break_from=shift.break_from or 0,
        break_to=shift.break_to or 0,
        max_trips=len(plan.depot_ids),
        co2_g_per_km=vehicle.co2_g_per_km,
    )


_Halt = tuple[str, Order, Collected]
"""A halt of a milk run: what people call it, the order that it is, and what it is."""


def _halts(
    plan: Plan,
    rounds: Sequence[tuple[depots.Depot, DrivenRound]],
    duties: Mapping[str, tuple[UUID, UUID]],
) -> tuple[list[_Halt], list[Unplanned]]:
    """Return the halts of milk runs, and those whose own vehicle does not drive."""
    shifts_of: dict[UUID, list[str]] = defaultdict(list)
    for shift, (vehicle_id, _) in duties.items():
        shifts_of[vehicle_id].append(shift)
    halts: list[_Halt] = []
    off: list[Unplanned] = []
    for depot, one in rounds:
        made = milk_rounds.orders_of(one, depot, plan, shifts_of)
        halts += [(f"{one.name}: {order.name}", order, what) for order, what in made]
        if one.vehicle_id and one.vehicle_id not in shifts_of:
            off += milk_rounds.without_its_vehicle(one)
    return halts, off


def _driven(halts: Sequence[_Halt], off: Sequence[Unplanned]) -> list[Order]:
    left_out = {one.visit for one in off}
    return [order for _, order, _ in halts if order.id not in left_out]


def _leaving(
    session: Session,
    depot: depots.Depot,
    wave: Wave | None,
    plan: Plan,
    decided: Decisions,
    taken: published.Elsewhere,
) -> list[Leaving]:
    later_s = plan.assumptions.get("cut_off_later_s", 0)
    if wave is not None:
        found = list(departures.of_wave(session, depot, wave, plan.day, later_s=later_s))
    elif plan.wave:
        found = []
    else:
        found = departures.of_day(session, depot, plan.day)
    if decided.extra:
        known = {one.delivery.id for one in found}
        found += [
            one
            for one in departures.here(session, depot)
            if str(one.delivery.id) in decided.extra and one.delivery.id not in known
        ]
    return [one for one in found if one.delivery.id not in taken.delivery_ids]


def _tell_apart(names: dict[str, str], vehicles: Sequence[VehicleRow]) -> None:
    """Number the shifts of a vehicle that has several on a day."""
    count: Counter[str] = Counter()
    for row in vehicles:
        plate = names[row.id]
        count[plate] += 1
        if count[plate] > 1:
            names[row.id] = f"{plate} #{count[plate]}"


def _nobody(plan: Plan) -> Conflict:
    return Conflict(
        "no_vehicles",
        cause=f"nobody can drive for {plan.title}",
        action="look at the shifts, absences, papers and the calendar of that day",
    )


def _numbered(day: Day) -> Day:
    orders = tuple(replace(order, row=number) for number, order in enumerate(day.orders))
    return replace(day, orders=orders)


def digests_of(gathered: Gathered) -> dict[str, str]:
    """Return a digest of each thing that a plan is made from, by its name; without the map."""
    return dict(_digests(gathered))


def _digests(gathered: Gathered) -> Iterator[tuple[str, str]]:
    for kind, things in (
        ("depot", gathered.day.depots),
        ("vehicle", gathered.day.vehicles),
        ("order", gathered.day.orders),
    ):
        for thing in things:
            yield f"{kind} {gathered.names[thing.id]}", _digest(asdict(thing))
    for one in gathered.impossible:
        yield f"order {gathered.names[one.visit]}", "impossible"


def _digest(thing: Any) -> str:
    text = json.dumps(thing, sort_keys=True, default=sorted)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
