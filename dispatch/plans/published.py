"""
Routes that are to be driven: what publishing a plan writes, and takes back when another follows.

A stop has no status: when it is reached and left says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.intake.deliveries import Delivery
from dispatch.plans.plans import Plan
from dispatch.store import keys, states
from dispatch.store.base import Key, Money, Table, Versioned
from dispatch.store.states import Machine

OPEN = ("published",)
"""The states of a route that keep its vehicle and its deliveries from other plans."""


class Route(Versioned, Table):
    """What one vehicle and its driver do for a plan; ``name`` is for people."""

    __tablename__ = "routes"
    __table_args__ = (Index(None, "depot_id", "day", "status"),)
    machine: ClassVar[Machine] = states.ROUTE

    id: Mapped[Key]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    day: Mapped[date]
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"))
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"))
    name: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    distance_m: Mapped[int]
    drive_s: Mapped[int]
    cost: Mapped[Money]

    @property
    def title(self) -> str:
        return f"route {self.name}"

    def concerns(self) -> Mapping[str, UUID]:
        return {
            "depot": self.depot_id,
            "plan": self.plan_id,
            "vehicle": self.vehicle_id,
            "driver": self.driver_id,
        }


class Stop(Table):
    """
    One halt of a route, counted from 1: at a repair point, or at a supplier of a milk run.

    Without either its vehicle loads again there.
    """

    __tablename__ = "stops"
    __table_args__ = (UniqueConstraint("route_id", "position"),)

    id: Mapped[Key]
    route_id: Mapped[UUID] = mapped_column(ForeignKey("routes.id"))
    position: Mapped[int]
    repair_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("repair_points.id"))
    supplier_id: Mapped[UUID | None] = mapped_column(ForeignKey("suppliers.id"))
    milk_run_id: Mapped[UUID | None] = mapped_column(ForeignKey("milk_runs.id"))
    lon: Mapped[float]
    lat: Mapped[float]
    planned_arrival: Mapped[datetime]
    planned_start: Mapped[datetime]
    planned_departure: Mapped[datetime]


class StopDelivery(Table):
    """A delivery that is handed over at a stop, in the order of ``position``."""

    __tablename__ = "stop_deliveries"

    stop_id: Mapped[UUID] = mapped_column(ForeignKey("stops.id"), primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(
        ForeignKey("deliveries.id"), primary_key=True, index=True
    )
    position: Mapped[int]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other plans have taken: deliveries, milk runs, and from when to when who is away."""

    delivery_ids: frozenset[UUID]
    milk_run_ids: frozenset[UUID]
    routes: Sequence[Route]

    def busy(self, vehicle_id: UUID, driver_id: UUID) -> list[tuple[datetime, datetime]]:
        """Return when a vehicle or a driver is away, the earliest first."""
        theirs = [
            (route.starts_at, route.ends_at)
            for route in self.routes
            if route.vehicle_id == vehicle_id or route.driver_id == driver_id
        ]
        return sorted(theirs)


def elsewhere(session: Session, plan: Plan) -> Elsewhere:
    """Return what plans of other waves have taken; one of the same wave would be superseded."""
    same = (Plan.depot_id == plan.depot_id) & (Plan.day == plan.day) & (Plan.wave == plan.wave)
    others = select(Route).join(Plan, Plan.id == Route.plan_id).where(Route.status.in_(OPEN), ~same)
    found = session.scalars(others).all()
    query = select(StopDelivery.delivery_id).join(Stop, Stop.id == StopDelivery.stop_id)
    ids = session.scalars(query.where(Stop.route_id.in_([route.id for route in found]))).all()
    today = [route for route in found if route.day == plan.day]
    runs = select(Stop.milk_run_id).where(Stop.route_id.in_([route.id for route in today]))
    return Elsewhere(frozenset(ids), frozenset(run for run in session.scalars(runs) if run), today)


def replace(session: Session, plan: Plan, outline: Mapping[str, Any], old: Iterable[Plan]) -> None:
    """
    Write the routes of a plan, in place of those of the plans that it supersedes.

    Deliveries that are on both stay planned; the others are planned, or wait again.
    """
    withdrawn = _routes_of(session, [one.id for one in old])
    before = _deliveries_of(session, [route.id for route in withdrawn])
    after = {
        UUID(delivery["id"])
        for route in outline["routes"]
        for stop in route["stops"]
        for delivery in stop["deliveries"]
    }
    for route in withdrawn:
        states.step(session, route, "withdraw", data={"by": str(plan.id)})
    _step_all(session, before - after, "unplan")
    _step_all(session, after - before, "plan")
    for route in outline["routes"]:
        _write(session, plan, route)
    session.flush()


def routes_of(session: Session, plan: Plan) -> Sequence[Route]:
    """Return the routes of a plan that was published, by name."""
    query = select(Route).where(Route.plan_id == plan.id).order_by(Route.name, Route.id)
    return session.scalars(query).all()


def orders_of(session: Session, route_id: UUID) -> list[UUID]:
    """Return the orders whose deliveries are on a route."""
    query = select(Delivery.order_id).where(Delivery.id.in_(_deliveries_of(session, [route_id])))
    return sorted(set(session.scalars(query)))


def _routes_of(session: Session, plan_ids: Sequence[UUID]) -> Sequence[Route]:
    query = select(Route).where(Route.plan_id.in_(plan_ids), Route.status.in_(OPEN))
    return session.scalars(query.order_by(Route.id).with_for_update(key_share=True)).all()


def _deliveries_of(session: Session, route_ids: Sequence[UUID]) -> set[UUID]:
    query = select(StopDelivery.delivery_id).join(Stop, Stop.id == StopDelivery.stop_id)
    return set(session.scalars(query.where(Stop.route_id.in_(route_ids))))


def _step_all(session: Session, delivery_ids: set[UUID], action: str) -> None:
    """Take deliveries a step further; one that was cancelled meanwhile is let be by `unplan`."""
    before = states.DELIVERY.steps[action].before
    query = select(Delivery).where(Delivery.id.in_(delivery_ids)).order_by(Delivery.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    for delivery in session.scalars(locked).all():
        if action == "unplan" and delivery.status not in before:
            continue
        if action == "plan" and delivery.status == states.DELIVERY.steps[action].after:
            continue
        states.step(session, delivery, action)


def _write(session: Session, plan: Plan, route: Mapping[str, Any]) -> None:
    row = Route(
        id=keys.new(),
        plan_id=plan.id,
        depot_id=UUID(route["depot_id"]),
        day=plan.day,
        shift_id=UUID(route["shift_id"]),
        vehicle_id=UUID(route["vehicle_id"]),
        driver_id=UUID(route["driver_id"]),
        name=route["name"],
        starts_at=datetime.fromisoformat(route["starts_at"]),
        ends_at=datetime.fromisoformat(route["ends_at"]),
        distance_m=route["distance_m"],
        drive_s=route["drive_s"],
        cost=route["cost"],
    )
    states.step(session, row, "publish")
    session.flush()
    for position, stop in enumerate(route["stops"], start=1):
        made = Stop(
            id=keys.new(),
            route_id=row.id,
            position=position,
            repair_point_id=UUID(stop["repair_point_id"]) if stop["repair_point_id"] else None,
            supplier_id=UUID(stop["supplier_id"]) if stop["supplier_id"] else None,
            milk_run_id=UUID(stop["milk_run_id"]) if stop["milk_run_id"] else None,
            lon=stop["lon"],
            lat=stop["lat"],
            planned_arrival=datetime.fromisoformat(stop["arrives_at"]),
            planned_start=datetime.fromisoformat(stop["starts_at"]),
            planned_departure=datetime.fromisoformat(stop["leaves_at"]),
        )
        session.add(made)
        session.flush()
        session.add_all(
            StopDelivery(stop_id=made.id, delivery_id=UUID(one["id"]), position=number)
            for number, one in enumerate(stop["deliveries"], start=1)
        )
