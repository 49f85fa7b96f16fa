"""Vehicles and drivers, and the papers without which neither may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.store import edits, rows
from dispatch.store.base import Document, Grams, Key, Millilitres, Money, Table, Versioned
from dispatch.store.errors import Invalid


class Vehicle(Versioned, Table):
    """A vehicle of a depot; None of its limits: it has none."""

    __tablename__ = "vehicles"
    __table_args__ = (CheckConstraint("cost_fixed >= 0 AND cost_per_km >= 0", name="costs"),)

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), index=True)
    plate: Mapped[str] = mapped_column(String(20), unique=True)
    profile: Mapped[str] = mapped_column(String(20))
    """How it uses roads, as `maps.roads.profiles` has it."""
    capacity_g: Mapped[Grams | None]
    capacity_ml: Mapped[Millilitres | None]
    skills: Mapped[list[str]] = mapped_column(Document, default=list)
    cost_fixed: Mapped[Money] = mapped_column(default=0)
    cost_per_km: Mapped[Money] = mapped_column(default=0)
    cost_per_h: Mapped[Money] = mapped_column(default=0)
    co2_g_per_km: Mapped[int] = mapped_column(default=0, server_default="0")
    max_distance_m: Mapped[int | None]
    max_stops: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


class Driver(Versioned, Table):
    """A person who drives; what only some may bring needs their skill."""

    __tablename__ = "drivers"

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40), default="")
    skills: Mapped[list[str]] = mapped_column(Document, default=list)
    active: Mapped[bool] = mapped_column(default=True)

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


class Paper(Versioned, Table):
    """A document of a vehicle or of a driver: an inspection, an insurance, a licence."""

    __tablename__ = "papers"
    __table_args__ = (CheckConstraint("(vehicle_id IS NULL) <> (driver_id IS NULL)", name="owner"),)

    id: Mapped[Key]
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"), index=True)
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(120), default="")
    expires_on: Mapped[date]
    """The last day on which it holds."""

    def concerns(self) -> Mapping[str, UUID]:
        owners = {"vehicle": self.vehicle_id, "driver": self.driver_id}
        return {noun: key for noun, key in owners.items() if key}


def add_vehicle(session: Session, vehicle: Vehicle) -> Vehicle:
    """Take a vehicle in; refused with what makes no sense (``bad_vehicle``)."""
    rows.get(session, Depot, vehicle.depot_id)
    _check(vehicle)
    edits.create(session, "vehicle", vehicle)
    return vehicle


def change_vehicle(session: Session, vehicle: Vehicle, **changes: Any) -> None:
    edits.change(session, "vehicle", vehicle, changes)
    _check(vehicle)


def add_driver(session: Session, driver: Driver) -> Driver:
    rows.get(session, Depot, driver.depot_id)
    edits.create(session, "driver", driver)
    return driver


def change_driver(session: Session, driver: Driver, **changes: Any) -> None:
    edits.change(session, "driver", driver, changes)


def add_paper(session: Session, paper: Paper) -> Paper:
    """Keep a document; of exactly one vehicle or driver (``paper_without_owner``)."""
    if (paper.vehicle_id is None) == (paper.driver_id is None):
        cause = f"{paper.kind} belongs to both a vehicle and a driver, or to neither"
        raise Invalid("paper_without_owner", cause=cause, action="name one of them")
    edits.create(session, "paper", paper)
    return paper


def expiring(session: Session, depot_id: UUID, on: date, *, days: int) -> Sequence[Paper]:
    """Return the papers of a depot that are over, or will be within so many days; soonest first."""
    vehicles = select(Vehicle.id).where(Vehicle.depot_id == depot_id, Vehicle.active)
    drivers = select(Driver.id).where(Driver.depot_id == depot_id, Driver.active)
    theirs = Paper.vehicle_id.in_(vehicles) | Paper.driver_id.in_(drivers)
    soon = Paper.expires_on <= on + timedelta(days=days)
    return session.scalars(select(Paper).where(theirs, soon).order_by(Paper.expires_on)).all()


def _check(vehicle: Vehicle) -> None:
    from maps.roads.profiles import PROFILES

    faults = []
    if vehicle.profile not in PROFILES:
        faults.append(f"{vehicle.profile!r} is no profile of {', '.join(PROFILES)}")
    faults += [
        f"{name} is {value}"
        for name in ("capacity_g", "capacity_ml", "max_distance_m", "max_stops")
        if (value := getattr(vehicle, name)) is not None and value < 0
    ]
    faults += [
        f"{name} is {value}"
        for name in ("cost_fixed", "cost_per_km", "cost_per_h", "co2_g_per_km")
        if (value := getattr(vehicle, name) or 0) < 0
    ]
    if faults:
        action = "correct what is named; limits and costs count from 0"
        raise Invalid("bad_vehicle", cause="; ".join(faults), action=action)
