"""Vehicles, drivers and what belongs to them, at another depot than one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.fleet import absences, papers, shifts, vehicles, waves, zones
from dispatch.fleet.absences import Absence
from dispatch.fleet.papers import Paper
from dispatch.fleet.shifts import Shift, ShiftChange
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.fleet.waves import Wave
from dispatch.fleet.zones import Zone
from dispatch.store import keys, rows
from dispatch.store.database import Database, transaction

MONDAY = date(2026, 3, 2)
RING = [[121.0, 31.0], [122.0, 31.0], [122.0, 32.0], [121.0, 32.0], [121.0, 31.0]]
AREA: dict[str, Any] = {"type": "Polygon", "coordinates": [RING]}

Request = Callable[[httpx.Client], httpx.Response]


def filled(db: Database, depot_id: UUID) -> dict[str, UUID]:
    """Give a depot one of each, and return their keys."""
    mark = keys.new().hex[-12:]
    with transaction(db, actor="test") as session:
        van = vehicles.add_vehicle(
            session, Vehicle(depot_id=depot_id, plate=mark, profile="van", capacity_g=400_000)
        )
        driver = vehicles.add_driver(session, Driver(depot_id=depot_id, number=mark, name="Li"))
        paper = papers.add(session, Paper(vehicle_id=van.id, kind="test", expires_on=MONDAY))
        shift = shifts.add(
            session,
            Shift(
                **{"depot_id": depot_id, "vehicle_id": van.id, "driver_id": driver.id},
                **{"weekday": 0, "starts": 28_800, "ends": 63_000, "valid_from": MONDAY},
            ),
        )
        shifts.change_on(session, ShiftChange(shift_id=shift.id, on=MONDAY, ends=50_000))
        away = Absence(driver_id=driver.id, first_day=MONDAY, last_day=MONDAY, reason="ill")
        absence = absences.report(session, away)
        zone = zones.add(session, Zone(depot_id=depot_id, name="E", area=AREA))
        wave = waves.add(
            session, Wave(depot_id=depot_id, name="1", cut_off=32_400, weekdays=[0, 1, 2, 3, 4])
        )
        waves.set_cut_off(session, wave, zone.id, 30_000)
        depots.declare(session, rows.get(session, Depot, depot_id), date(2026, 10, 1), "holiday")
        return {
            **{"depot": depot_id, "vehicle": van.id, "driver": driver.id, "paper": paper.id},
            **{"shift": shift.id, "absence": absence.id, "zone": zone.id, "wave": wave.id},
        }


def elsewhere(db: Database, depot_id: UUID) -> dict[str, Request]:
    """Return a request to each operation of the fleet, about that depot."""
    made = filled(db, depot_id)
    return {**_shown(made), **_made(made), **_changed(made)}


def _shown(made: dict[str, UUID]) -> dict[str, Request]:
    depot, of = f"/api/v1/depots/{made['depot']}", {"depot_id": str(made["depot"])}
    day = {"day": MONDAY.isoformat()}
    paths = {
        "get_vehicle": f"/api/v1/vehicles/{made['vehicle']}",
        "get_driver": f"/api/v1/drivers/{made['driver']}",
        "list_absences": f"/api/v1/drivers/{made['driver']}/absences",
        "get_absence": f"/api/v1/absences/{made['absence']}",
        "get_paper": f"/api/v1/papers/{made['paper']}",
        "get_shift": f"/api/v1/shifts/{made['shift']}",
        "list_shift_changes": f"/api/v1/shifts/{made['shift']}/changes",
        "get_zone": f"/api/v1/zones/{made['zone']}",
        "get_wave": f"/api/v1/waves/{made['wave']}",
        "list_cut_offs": f"/api/v1/waves/{made['wave']}/cut-offs",
        "get_settings": f"{depot}/settings",
    }
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "list_vehicles": ("/api/v1/vehicles", of),
        "list_drivers": ("/api/v1/drivers", of),
        "list_papers": ("/api/v1/papers", of),
        "list_expiring_papers": ("/api/v1/papers/expiring", of),
        "list_shifts": ("/api/v1/shifts", of),
        "list_zones": ("/api/v1/zones", of),
        "list_waves": ("/api/v1/waves", of),
        "list_duties": (f"{depot}/duties", day),
        "list_departures": (f"{depot}/waves", day),
        "list_wave_deliveries": (f"{depot}/waves/{made['wave']}/deliveries", day),
        "get_zone_at": (f"{depot}/zones/at", {"lon": 121.4, "lat": 31.2}),
        "get_calendar": (f"{depot}/calendar", {"year": 2026}),
        **{name: (path, {}) for name, path in paths.items()},
    }
    return {name: _get(path, params) for name, (path, params) in asked.items()}


def _made(made: dict[str, UUID]) -> dict[str, Request]:
    of = {"depot_id": str(made["depot"])}
    driver, vehicle = str(made["driver"]), str(made["vehicle"])
    week = {"weekday": 1, "starts": 0, "ends": 60, "valid_from": MONDAY.isoformat()}
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "add_vehicle": ("vehicles", {**of, "plate": "X", "profile": "van"}),
        "add_driver": ("drivers", {**of, "number": "X", "name": "X"}),
        "add_absence": (
            "absences",
            {
                **{"driver_id": driver, "first_day": "2026-03-02", "last_day": "2026-03-02"},
                "reason": "ill",
            },
        ),
        "add_paper": ("papers", {"driver_id": driver, "kind": "x", "expires_on": "2026-03-02"}),
        "add_shift": ("shifts", {**of, **week, "vehicle_id": vehicle, "driver_id": driver}),
        "change_shift_on": (f"shifts/{made['shift']}/changes", {"on": "2026-03-02"}),
        "add_zone": ("zones", {**of, "name": "X", "area": AREA}),
        "add_wave": ("waves", {**of, "name": "X", "cut_off": 0, "weekdays": [0]}),
        "set_cut_off": (
            f"waves/{made['wave']}/cut-offs",
            {"zone_id": str(made["zone"]), "cut_off": 1},
        ),
        "declare_special_day": (
            f"depots/{made['depot']}/calendar",
            {"on": "2026-05-01", "name": "x"},
        ),
    }
    return {name: _post(path, body) for name, (path, body) in bodies.items()}


def _changed(made: dict[str, UUID]) -> dict[str, Request]:
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "change_vehicle": (f"vehicles/{made['vehicle']}", {"active": False}),
        "change_driver": (f"drivers/{made['driver']}", {"name": "X"}),
        "change_absence": (f"absences/{made['absence']}", {"reason": "x"}),
        "change_paper": (f"papers/{made['paper']}", {"kind": "x"}),
        "change_shift": (f"shifts/{made['shift']}", {"ends": 50_000}),
        "change_zone": (f"zones/{made['zone']}", {"rank": 1}),
        "change_wave": (f"waves/{made['wave']}", {"cut_off": 1}),
        "change_settings": (f"depots/{made['depot']}/settings", {"load_s": 1}),
    }
    removed = {
        "remove_absence": f"absences/{made['absence']}",
        "remove_paper": f"papers/{made['paper']}",
        "restore_shift_on": f"shifts/{made['shift']}/changes/2026-03-02",
        "remove_zone": f"zones/{made['zone']}",
        "remove_wave": f"waves/{made['wave']}",
        "remove_cut_off": f"waves/{made['wave']}/cut-offs/{made['zone']}",
        "remove_special_day": f"depots/{made['depot']}/calendar/2026-10-01",
    }
    return {
        **{name: _patch(path, body) for name, (path, body) in changes.items()},
        **{name: _delete(path) for name, path in removed.items()},
    }


def _get(path: str, params: dict[str, Any]) -> Request:
    return lambda c: c.get(path, params=params)


def _post(path: str, body: dict[str, Any]) -> Request:
    return lambda c: c.post(f"/api/v1/{path}", json=body)


def _patch(path: str, body: dict[str, Any]) -> Request:
    return lambda c: c.patch(f"/api/v1/{path}", json=body, headers={"If-Match": "*"})


def _delete(path: str) -> Request:
    return lambda c: c.delete(f"/api/v1/{path}")
