"""A depot with one van and two drivers, of whom the first has the Monday shift."""

from __future__ import annotations

from datetime import date
from typing import Any

from dispatch.catalogue import depots
from dispatch.fleet import shifts, vehicles
from dispatch.fleet.shifts import Duty, Shift, ShiftChange
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.store.database import Database, reading, transaction
from tests.dispatch.shop import ACTOR

MONDAY = date(2026, 3, 2)


class Yard:
    """The rows, and the usual acts, each committed."""

    def __init__(self, db: Database, zone: str = "Asia/Shanghai", name: str = "W1") -> None:
        self.db = db
        self.name = name
        with transaction(db, actor=ACTOR) as session:
            self.depot = depots.add(session, name=name, lon=121.5, lat=31.2, time_zone=zone)
            self.van = vehicles.add_vehicle(session, self.vehicle())
            self.li, self.wang = (
                vehicles.add_driver(
                    session, Driver(depot_id=self.depot.id, number=f"{who}-{name}", name=who)
                )
                for who in ("Li", "Wang")
            )
            self.shift = shifts.add(session, self.new_shift())

    def vehicle(self, **known: Any) -> Vehicle:
        usual = {"depot_id": self.depot.id, "plate": f"A-1-{self.name}", "profile": "van"}
        return Vehicle(**{**usual, "capacity_g": 400_000, **known})

    def new_shift(self, **known: Any) -> Shift:
        usual = {"depot_id": self.depot.id, "vehicle_id": self.van.id, "driver_id": self.li.id}
        times = {"weekday": 0, "starts": 8 * 3600, "ends": 63_000, "valid_from": MONDAY}
        return Shift(**{**usual, **times, **known})

    def add_van(self, plate: str) -> Vehicle:
        with transaction(self.db, actor=ACTOR) as session:
            return vehicles.add_vehicle(session, self.vehicle(plate=plate))

    def add_shift(self, **known: Any) -> Shift:
        with transaction(self.db, actor=ACTOR) as session:
            return shifts.add(session, self.new_shift(**known))

    def change_on(self, shift: Shift, day: date, **known: Any) -> None:
        with transaction(self.db, actor=ACTOR) as session:
            shifts.change_on(session, ShiftChange(shift_id=shift.id, on=day, **known))

    def on(self, day: date) -> list[Duty]:
        with reading(self.db) as session:
            return shifts.on(session, self.depot, day)
