"""
A day as its dispatcher names it: depots, vehicles, orders, zones.

Times of day are *clock times*: seconds since local midnight as a clock on the wall shows them,
in the time zone of the depot; 26:00 is two in the morning of the next day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from dispatch.sheets.faults import RowFault

if TYPE_CHECKING:
    from maps.roads.congestion import Congestion
    from maps.roads.zones import Closure, Zone

CURRENCY = "CNY"
"""Money is in fen, a hundredth of a yuan."""


@dataclass(frozen=True, slots=True)
class Depot:
    """
    A place where routes begin and end; opening hours are clock times.

    ``load_s`` is how long it takes to load a vehicle that comes back on its way.
    """

    id: str
    lon: float
    lat: float
    opens: int
    closes: int
    timezone: str
    load_s: int = 0
    row: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone; the name was checked when the day was read."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """
    A vehicle with its driver's shift; None: no limit. Money is in fen.

    A pause of ``break_s`` begins between two clock times. ``max_trips`` is how often it may load,
    the start of its shift included.
    """

    id: str
    depot: str
    profile: str
    shift_start: int
    shift_end: int
    capacity_g: int | None = None
    capacity_ml: int | None = None
    skills: frozenset[str] = frozenset()
    cost_fixed: int = 0
    cost_per_km: int = 0
    cost_per_h: int = 0
    max_distance_m: int | None = None
    max_stops: int | None = None
    break_s: int = 0
    break_from: int = 0
    break_to: int = 0
    max_trips: int = 1
    co2_g_per_km: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """
    Goods for a place. ``earliest`` and ``latest`` are clock times that bound the start of service.

    ``windows``, where there are any, stand in their place: several pairs of clock times. ``depot``
    names the depot that must serve it; None: any. ``source`` names the depot where its goods lie;
    None: at each. ``ready`` is the clock time at which they can be loaded, None: when routes begin.
    Each hour until its service begins costs ``cost_per_late_h``. ``picked_g`` and ``picked_ml`` are
    collected there instead, on one vehicle for all that have the same ``together``, one of
    ``vehicles`` where any are named. ``address`` is the user's own text; ``found`` what the address
    index made of it, when the coordinates come from there.
    """

    id: str
    lon: float
    lat: float
    name: str = ""
    address: str = ""
    found: str = ""
    earliest: int | None = None
    latest: int | None = None
    service_s: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    skills: frozenset[str] = frozenset()
    priority: int = 0
    depot: str | None = None
    windows: tuple[tuple[int, int], ...] = ()
    source: str | None = None
    ready: int | None = None
    cost_per_late_h: int = 0
    picked_g: int = 0
    picked_ml: int = 0
    together: str = ""
    vehicles: frozenset[str] = frozenset()
    row: int = 0


@dataclass(frozen=True)
class Day:
    """What is to be planned; ``faults`` are of rows that were left aside.

    ``congestion`` replaces the usual speeds by hour of the week; None: the usual ones.
    """

    depots: tuple[Depot, ...]
    vehicles: tuple[VehicleRow, ...]
    orders: tuple[Order, ...]
    zones: tuple[Zone, ...] = ()
    closures: tuple[Closure, ...] = ()
    congestion: Congestion | None = None
    faults: tuple[RowFault, ...] = field(default=(), compare=False)
    halts: tuple[Order, ...] = ()
    """Where vehicles load again, as they are shown: stops that bring nothing."""

    @cached_property
    def depot_by_id(self) -> dict[str, Depot]:
        return {depot.id: depot for depot in self.depots}

    @cached_property
    def vehicle_by_id(self) -> dict[str, VehicleRow]:
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def order_by_id(self) -> dict[str, Order]:
        return {order.id: order for order in (*self.orders, *self.halts)}

    def depot_of(self, order: Order) -> Depot:
        """Return the depot in whose time zone the order's window is meant."""
        return self.depot_by_id.get(order.depot or order.source or "", self.depots[0])

    def without(self, faults: tuple[RowFault, ...]) -> Self:
        """Return the day less the rows that these faults name; the faults are kept."""
        bad = {(fault.table, fault.row) for fault in faults}
        return replace(
            self,
            depots=tuple(d for d in self.depots if ("depots", d.row) not in bad),
            vehicles=tuple(v for v in self.vehicles if ("vehicles", v.row) not in bad),
            orders=tuple(o for o in self.orders if ("orders", o.row) not in bad),
            faults=(*self.faults, *faults),
        )


def midnight(at: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local day."""
    return datetime.combine(at, time(), zone)


def seconds_at(clock: int, at: date, zone: ZoneInfo, start: datetime) -> int:
    """
    Return how long after ``start`` a clock on the wall shows this time on this day.

    On the day the clocks change the difference is not the clock time itself. A time that is
    skipped counts as if the clock had not been changed yet; of a doubled one the first is meant.
    """
    wall = datetime.combine(at, time(), zone) + timedelta(seconds=clock)
    # Both in UTC: the difference of two times of one zone would be that of their clocks.
    return round((wall.astimezone(UTC) - start.astimezone(UTC)).total_seconds())
