"""City days with rich constraints: each kind alone, and all together; seeded by their size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from routing.problem import Break, Problem, Reload, Vehicle, Visit, Window

ORDERS_PER_VAN = 15
"""Vans are not short: which of them are used is part of what is asked."""

LUNCH = Break("lunch", Window(11 * 3600 + 1800, 13 * 3600 + 1800), 45 * 60)
LOADING_S = 20 * 60
MAX_TRIPS = 3


class _Kind(NamedTuple):
    """A kind of van: part of the usual capacity, and prices in fen."""

    share: float
    cost_fixed: int
    cost_per_km: int
    cost_per_h: int


_KINDS = (
    _Kind(0.6, 5000, 95, 4200),
    _Kind(1.0, 8000, 120, 4500),
    _Kind(1.6, 12_500, 165, 4800),
)

Make = Callable[[Problem, np.random.Generator], Problem]


def day(base: Problem, family: str, *, seed: int) -> Problem:
    """
    Return a city day with the constraints of a family.

    Parameters
    ----------
    base
        Orders with windows, weights and volumes, and vans at two depots. Here the vans are of
        three kinds, and every order must be planned.
    family
        A name in `FAMILIES`.
    """
    vehicles = [_of_kind(vehicle, k) for k, vehicle in enumerate(base.vehicles)]
    visits = [replace(visit, skills=frozenset(), price_unplanned=None) for visit in base.visits]
    made = replace(base, vehicles=tuple(vehicles), visits=tuple(visits))
    for number, make in enumerate(FAMILIES[family]):
        made = make(made, np.random.default_rng([seed, number]))
    return made


def _of_kind(vehicle: Vehicle, number: int) -> Vehicle:
    # The depots take turns, so each gets every kind.
    kind = _KINDS[number // 2 % len(_KINDS)]
    return replace(
        vehicle,
        capacity=tuple(round(kind.share * most) for most in vehicle.capacity),
        skills=frozenset(),
        cost_fixed=kind.cost_fixed,
        cost_per_km=kind.cost_per_km,
        cost_per_h=kind.cost_per_h,
    )


def _breaks(base: Problem, _: np.random.Generator) -> Problem:
    """Every driver has a lunch break."""
    return _with(base, vehicles=[replace(each, breaks=(LUNCH,)) for each in base.vehicles])


def _skills(base: Problem, rng: np.random.Generator) -> Problem:
    """One visit in eight is of dangerous goods, for which one van in four is fit."""
    dangerous = frozenset({"dg"})
    vehicles = [
        replace(each, skills=dangerous) if k % 4 == 1 else each
        for k, each in enumerate(base.vehicles)
    ]
    visits = [
        replace(each, skills=dangerous) if chosen else each
        for each, chosen in zip(base.visits, rng.random(len(base.visits)) < 1 / 8, strict=True)
    ]
    return _with(base, vehicles=vehicles, visits=visits)


def _reloads(base: Problem, _: np.random.Generator) -> Problem:
    """Vans carry a third of a day's work, and load again at their depot."""
    vehicles = [
        replace(
            each,
            capacity=tuple(most // 4 for most in each.capacity),
            reloads=(Reload("again", each.start or 0, LOADING_S),),
            max_trips=MAX_TRIPS,
        )
        for each in base.vehicles
    ]
    return _with(base, vehicles=vehicles)


def _returns(base: Problem, rng: np.random.Generator) -> Problem:
    """One visit in four gives back goods, one in four an old part for each new one."""
    visits = []
    for visit, drawn in zip(base.visits, rng.random(len(base.visits)), strict=True):
        out = visit.delivered
        if drawn < 0.25:
            visits.append(replace(visit, delivered=(), picked_up=out))
        else:
            visits.append(replace(visit, picked_up=out) if drawn < 0.5 else visit)
    return _with(base, visits=visits)


def _tight(base: Problem, _: np.random.Generator) -> Problem:
    """Vans are half as large, so that what is on board decides."""
    vehicles = [
        replace(each, capacity=tuple(most // 2 for most in each.capacity)) for each in base.vehicles
    ]
    return _with(base, vehicles=vehicles)


def _pins(base: Problem, rng: np.random.Generator) -> Problem:
    """One visit in ten is for one or two vans that can serve it, one in ten is kept from some."""
    visits = []
    for visit, drawn in zip(base.visits, rng.random(len(base.visits)), strict=True):
        able = [vehicle.id for vehicle in base.vehicles if _can_serve(vehicle, visit)]
        some = rng.permutation(able)[: min(3, len(able) - 1)].tolist()
        if drawn < 0.1:
            visits.append(replace(visit, vehicles=frozenset(some[:2])))
        elif drawn < 0.2:
            visits.append(replace(visit, not_vehicles=frozenset(some)))
        else:
            visits.append(visit)
    return _with(base, visits=visits)


def _can_serve(vehicle: Vehicle, visit: Visit) -> bool:
    load = visit.delivered or visit.picked_up
    fits = all(asked <= most for asked, most in zip(load, vehicle.capacity, strict=True))
    return fits and visit.skills <= vehicle.skills


def _optional(base: Problem, rng: np.random.Generator) -> Problem:
    """One visit in four may be left out for 4 to 30 yuan, about what serving one costs."""
    visits = [
        replace(each, price_unplanned=int(rng.integers(400, 3000))) if rng.random() < 0.25 else each
        for each in base.visits
    ]
    return _with(base, visits=visits)


FAMILIES: dict[str, tuple[Make, ...]] = {
    "breaks": (_breaks,),
    "skills": (_skills,),
    "reloads": (_reloads,),
    "returns": (_tight, _returns),
    "pins": (_pins,),
    "optional": (_optional,),
    "all": (_breaks, _skills, _reloads, _returns, _pins, _optional),
}
"""What is done to a day, by the name of the family."""


def _with(
    base: Problem,
    *,
    vehicles: Sequence[Vehicle] | None = None,
    visits: Sequence[Visit] | None = None,
) -> Problem:
    return replace(
        base,
        vehicles=base.vehicles if vehicles is None else tuple(vehicles),
        visits=base.visits if visits is None else tuple(visits),
    )
