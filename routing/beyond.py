"""
What a problem asks beyond the usual: vehicles with loads, skills and shifts, visits with windows.

Engines of others know the usual; each says for itself what else it has words for.
"""

from __future__ import annotations

from collections.abc import Iterator

from routing.problem import Balance, Problem, Vehicle, Visit, Window

_VEHICLE = (
    "load",
    "breaks",
    "rest",
    "cost_per_overtime_h",
    "reloads",
    "prefix",
    "suffix",
    "locked",
)
_VISIT = (
    "service_s_by_type",
    "due",
    "ready",
    "sources",
    "vehicles",
    "not_vehicles",
    "together",
    "apart",
    "was",
    "promised",
)

_USUAL_VEHICLE = Vehicle("", "", None, None, Window(0, 0))
_USUAL_VISIT = Visit("", 0)


def the_usual(problem: Problem) -> Iterator[tuple[str, str]]:
    """Yield the name of each thing that is asked beyond the usual, and where it is asked."""
    for k, vehicle in enumerate(problem.vehicles):
        yield from _differing(vehicle, _USUAL_VEHICLE, _VEHICLE, f"vehicles[{k}] {vehicle.id!r}")
    for k, visit in enumerate(problem.visits):
        yield from _differing(visit, _USUAL_VISIT, _VISIT, f"visits[{k}] {visit.id!r}")
    if problem.shipments:
        yield "shipments", "shipments"
    if problem.choices:
        yield "choices", "choices"
    if problem.balance != Balance():
        yield "balance", "balance"
    if any(matrix.hours for matrix in problem.matrices.values()):
        yield "hours", "hours"


def _differing(
    asked: object, usual: object, names: tuple[str, ...], where: str
) -> Iterator[tuple[str, str]]:
    for name in names:
        if getattr(asked, name) != getattr(usual, name):
            yield name, f"{where}.{name}"
