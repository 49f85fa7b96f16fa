"""A firm in the town of `tests.dispatch.town`, whose deliveries are to be planned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part, Tracking
from dispatch.fleet import shifts, vehicles, waves
from dispatch.fleet.shifts import Shift
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.fleet.waves import Wave
from dispatch.intake import goods_in, orders
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import NewOrder, Wanted
from dispatch.stock.receiving import Goods
from dispatch.store import clock
from dispatch.store.database import Database, transaction
from tests.dispatch.town import point

DAY = date(2026, 3, 2)
ZONE = ZoneInfo("Europe/Monaco")
ACTOR = "user:li"
EIGHT, SEVENTEEN = 8 * 3600, 17 * 3600


@dataclass
class Round:
    """A depot with vans, a wave without end, and a part of 10 kg."""

    db: Database
    depot: UUID
    part: UUID
    battery: UUID
    customer: UUID
    numbers: count[int] = field(default_factory=lambda: count(1))
    shifts: list[str] = field(default_factory=list)

    def van(self, **changes: Any) -> str:
        """Add a van with its driver and its shift on `DAY`; return the shift's key."""
        n = len(self.shifts) + 1
        timed = [key for key in changes if key.startswith(("starts", "ends", "break"))]
        own = {key: changes.pop(key) for key in timed}
        with transaction(self.db, actor=ACTOR) as session:
            vehicle = Vehicle(
                depot_id=self.depot,
                plate=f"V-{n}",
                profile="van",
                **{
                    "capacity_g": 400_000,
                    "cost_fixed": 8000,
                    "cost_per_km": 120,
                    "cost_per_h": 4500,
                    "co2_g_per_km": 190,
                    **changes,
                },
            )
            vehicles.add_vehicle(session, vehicle)
            driver = Driver(depot_id=self.depot, number=f"D-{n}", name=f"司机{n}")
            vehicles.add_driver(session, driver)
            shift = Shift(
                depot_id=self.depot,
                vehicle_id=vehicle.id,
                driver_id=driver.id,
                weekday=DAY.weekday(),
                valid_from=date(2026, 1, 1),
                **{"starts": EIGHT, "ends": SEVENTEEN, **own},
            )
            shifts.add(session, shift)
            self.shifts.append(str(shift.id))
            return str(shift.id)

    def wave(self, name: str, cut_off: int) -> None:
        with transaction(self.db, actor=ACTOR) as session:
            wave = Wave(depot_id=self.depot, name=name, cut_off=cut_off, weekdays=list(range(7)))
            waves.add(session, wave)

    def order(
        self,
        east: float,
        north: float,
        *,
        kg: int = 10,
        window: tuple[int, int] | None = None,
        battery: bool = False,
        **changes: Any,
    ) -> str:
        """Have an accepted order for a place, by default at eight; return its delivery's key."""
        n = next(self.numbers)
        hours = changes.pop("hours", None)
        at = moment(changes.pop("at", 8 * 3600))
        lon, lat = point(east, north)
        with clock.replaced(lambda: at), transaction(self.db, actor=ACTOR) as session:
            place = RepairPoint(
                customer_id=self.customer,
                name=f"店{n}",
                address="",
                lon=lon,
                lat=lat,
                service_s=240,
                hours=hours,
            )
            session.add(place)
            session.flush()
            part = self.battery if battery else self.part
            new = NewOrder(
                number=f"A-{n}",
                customer_id=self.customer,
                depot_id=self.depot,
                repair_point_id=place.id,
                lines=[Wanted(part, kg // 10)],
                earliest_at=moment(window[0]) if window else None,
                latest_at=moment(window[1]) if window else None,
                **changes,
            )
            order = orders.place(session, new)
            orders.accept(session, orders.get(session, order.id))
            return str(session.query(Delivery.id).filter_by(order_id=order.id).one()[0])


def moment(second: int) -> datetime:
    """Return when a clock on the wall shows so many seconds after midnight of `DAY`."""
    return datetime.combine(DAY, time(second // 3600, second % 3600 // 60), ZONE)


def opened(db: Database) -> Round:
    """Return a new firm with stock and without vans."""
    lon, lat = point(0, 3)
    with transaction(db, actor=ACTOR) as session:
        depot = Depot(name="W1", lon=lon, lat=lat, time_zone="Europe/Monaco")
        customer = Customer(number="K-1", name="王记汽修")
        part, battery = (
            Part(
                brand="B",
                number=str(n),
                name="变速箱",
                weight_g=10_000,
                volume_ml=9_000,
                tracking=Tracking.NONE,
                dangerous=bool(n),
            )
            for n in (0, 1)
        )
        session.add_all([depot, customer, part, battery])
        session.flush()
        goods = [Goods(one.id, 10_000, "A-01", None) for one in (part, battery)]
        goods_in.receive(session, depot.id, goods, supplier="S", document="D")
        waves.add(
            session, Wave(depot_id=depot.id, name="1", cut_off=9 * 3600, weekdays=list(range(7)))
        )
        return Round(db, depot.id, part.id, battery.id, customer.id)
