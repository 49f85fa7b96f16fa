"""Vehicles and drivers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.store import edits, pages, rows
from dispatch.store.base import Document, Grams, Key, Millilitres, Money, Table, Versioned
from dispatch.store.errors import Invalid
from dispatch.store.pages import Page

_COUNTS = (
    *("capacity_g", "capacity_ml", "max_distance_m", "max_stops"),
    *("cost_fixed", "cost_per_km", "cost_per_h", "co2_g_per_km"),
)


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

    @property
    def title(self) -> str:
        return f"vehicle {self.plate}"

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

    @property
    def title(self) -> str:
        return f"driver {self.name}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


R = TypeVar("R", Vehicle, Driver)


def add_vehicle(session: Session, vehicle: Vehicle) -> Vehicle:
    """Take a vehicle in; refused with what makes no sense (``bad_vehicle``)."""
    rows.get(session, Depot, vehicle.depot_id)
    _check(edits.values(vehicle))
    rows.refuse_taken(session, Vehicle, plate=vehicle.plate)
    edits.create(session, "vehicle", vehicle)
    return vehicle


def change_vehicle(
    session: Session, vehicle: Vehicle, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a vehicle; ``version`` is the one that was looked at."""
    edits.expect(vehicle, version, edits.differences(vehicle, wanted))
    _check({**edits.values(vehicle), **wanted})
    if "plate" in wanted:
        rows.refuse_taken(session, Vehicle, but=vehicle.id, plate=wanted["plate"])
    edits.change(session, "vehicle", vehicle, wanted)


def add_driver(session: Session, driver: Driver) -> Driver:
    """Take a driver in."""
    rows.get(session, Depot, driver.depot_id)
    rows.refuse_taken(session, Driver, number=driver.number)
    edits.create(session, "driver", driver)
    return driver


def change_driver(
    session: Session, driver: Driver, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a driver; ``version`` is the one that was looked at."""
    edits.expect(driver, version, edits.differences(driver, wanted))
    if "number" in wanted:
        rows.refuse_taken(session, Driver, but=driver.id, number=wanted["number"])
    edits.change(session, "driver", driver, wanted)


def page(
    session: Session,
    table: type[R],
    *,
    depot_ids: Collection[UUID] | None = None,
    active: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[R]:
    """Return vehicles, or drivers, the newest first; those of some depots, those in service."""
    columns: Any = table
    query = select(table)
    if depot_ids is not None:
        query = query.where(columns.depot_id.in_(depot_ids))
    if active is not None:
        query = query.where(columns.active.is_(active))
    return pages.newest(session, query, table, cursor=cursor, limit=limit)


def _check(values: Mapping[str, Any]) -> None:
    from maps.roads.profiles import PROFILES

    faults = []
    if values["profile"] not in PROFILES:
        faults.append(f"{values['profile']!r} is no profile of {', '.join(PROFILES)}")
    faults += [f"{name} is {values[name]}" for name in _COUNTS if (values[name] or 0) < 0]
    if faults:
        action = "correct what is named; limits and costs count from 0"
        raise Invalid("bad_vehicle", cause="; ".join(faults), action=action)
