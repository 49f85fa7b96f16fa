"""Milk runs as orders of a day: a supplier each, one after the other, on one vehicle."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.hazards import SKILL
from dispatch.fleet.waves import Departure, Timetable, Wave
from dispatch.intake import collecting
from dispatch.intake.collecting import DrivenRound, Stop
from dispatch.planning.day import Order
from dispatch.plans.drops import clock_at
from dispatch.plans.plans import Plan
from routing.solution import Reason, Unplanned


@dataclass(frozen=True, slots=True)
class Collected:
    """A halt of a milk run in a plan: the run and the supplier."""

    milk_run_id: UUID
    supplier_id: UUID


def rounds_of(
    session: Session, depot: Depot, wave: Wave | None, plan: Plan, taken: Collection[UUID]
) -> list[DrivenRound]:
    """
    Return the milk runs that a plan of a depot and wave drives.

    Each is in the last wave that leaves before its first supplier expects it, or in the first one.

    Parameters
    ----------
    taken
        The milk runs that another plan of the day drives.
    """
    found = [
        one
        for one in collecting.collections_of(session, depot, plan.day)
        if one.milk_run_id not in taken
    ]
    if wave is None:
        return found if not plan.wave else []
    waves = Timetable(session, depot).on(plan.day)
    return [one for one in found if _wave_of(one, waves, depot) == wave.id]


def orders_of(
    found: DrivenRound, depot: Depot, plan: Plan, shifts_of: Mapping[UUID, Collection[str]]
) -> list[tuple[Order, Collected]]:
    """
    Return the halts of a milk run as orders of a day.

    Where their windows overlap, each ends halfway to the next: so they are in their order.

    Parameters
    ----------
    shifts_of
        The shifts of each vehicle that can drive; without its own a run has none, and is left out.
    """
    clocks = [_window(stop, plan, depot.zone) for stop in found.stops]
    middles = [(first + last) // 2 for first, last in clocks]
    bounds = [(a + b) // 2 for a, b in pairwise(middles)]
    vehicles = shifts_of.get(found.vehicle_id, ()) if found.vehicle_id else ()
    made: list[tuple[Order, Collected]] = []
    for number, (stop, (first, last)) in enumerate(zip(found.stops, clocks, strict=True)):
        if number > 0:
            first = max(first, bounds[number - 1] + 1)
        if number < len(bounds):
            last = min(last, bounds[number])
        order = _order(found, stop, (first, max(first, last)), vehicles)
        made.append((order, Collected(found.milk_run_id, stop.supplier_id)))
    return made


def without_its_vehicle(found: DrivenRound) -> list[Unplanned]:
    """Return the halts of a milk run as left out, since its vehicle does not drive."""
    reason = Reason(
        "NO_VEHICLE",
        f"the vehicle of {found.name} does not drive on {found.on}",
        "look at its shifts, or let the milk run have another vehicle",
    )
    return [Unplanned(_key(found, stop), (reason,)) for stop in found.stops]


def _key(found: DrivenRound, stop: Stop) -> str:
    return f"{found.milk_run_id}@{stop.supplier_id}"


def _order(
    found: DrivenRound, stop: Stop, window: tuple[int, int], vehicles: Collection[str]
) -> Order:
    dangerous = any(load.dangerous for load in stop.loads)
    return Order(
        id=_key(found, stop),
        lon=stop.lon,
        lat=stop.lat,
        name=stop.name,
        service_s=stop.service_s,
        skills=found.skills | (frozenset({SKILL}) if dangerous else frozenset()),
        windows=(window,),
        picked_g=stop.weight_g,
        picked_ml=stop.volume_ml,
        together=f"milk run {found.milk_run_id}",
        vehicles=frozenset(vehicles),
    )


def _window(stop: Stop, plan: Plan, zone: ZoneInfo) -> tuple[int, int]:
    return clock_at(stop.earliest_at, plan.day, zone), clock_at(stop.latest_at, plan.day, zone)


def _wave_of(found: DrivenRound, waves: Sequence[Departure], depot: Depot) -> UUID | None:
    load_s = timedelta(seconds=depots.settings(depot).load_s)
    first = found.stops[0].earliest_at
    in_time = [one for one in waves if one.cut_off_at + load_s <= first]
    chosen = in_time[-1] if in_time else next(iter(waves), None)
    return chosen.wave.id if chosen else None
