"""
A plan for people to look at, as JSON: routes with stops and times, what is left out, and why.

It is kept with each version of a plan, so that looking at one needs neither map nor solver. Money
is in minor units, loads in grams and millilitres, moments are ISO 8601 in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, timedelta
from itertools import groupby
from typing import Any

from dispatch.planning import wording
from dispatch.planning.day import Order
from dispatch.plans.decisions import Decisions
from dispatch.plans.gathering import Gathered, Inputs
from dispatch.plans.plans import Made
from routing import compare
from routing.solution import Reason, Route, Solution, Step, Unplanned, Violation

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"{_UUID}(?:@{_UUID})?")


def made(inputs: Inputs, solution: Solution, decided: Decisions | None = None) -> Made:
    """Return a solution as a version of a plan."""
    if decided is None:
        decided = inputs.gathered.decisions
    return Made(
        sequences=solution.sequences,
        inputs=inputs.digests,
        objective=solution.objective,
        num_unplanned=len(solution.unplanned) + len(inputs.gathered.impossible),
        decisions=decided.write(),
        outline=of(inputs, solution),
    )


def of(inputs: Inputs, solution: Solution) -> dict[str, Any]:
    """Return the outline of a plan."""
    return Outliner(inputs).outline(solution)


class Outliner:
    """Writes plans of one problem in the user's own words."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._gathered: Gathered = inputs.gathered
        self._orders: dict[str, Order] = inputs.gathered.day.order_by_id
        assert inputs.problem.start is not None  # `problems.build` says when it is
        self._start = inputs.problem.start.astimezone(UTC)

    def outline(self, solution: Solution) -> dict[str, Any]:
        """Return a plan, and its figures."""
        told = wording.in_users_units(solution)
        (figures,) = compare.compare({"": (self._inputs.problem, solution)}).values()
        left_out = (*told.unplanned, *self._gathered.impossible)
        return {
            "routes": [self.route(route) for route in solution.routes],
            "unplanned": [self._unplanned(one) for one in left_out],
            "violations": self.violations(solution.violations),
            "figures": {
                **asdict(figures),
                "num_unplanned": len(left_out),
                "num_orders": len(self._gathered.orders),
            },
        }

    def route(self, route: Route) -> dict[str, Any]:
        """Return one route; visits at one place, one after the other, are one stop."""
        row = self._gathered.day.vehicle_by_id[route.vehicle]
        vehicle_id, driver_id = self._gathered.duties[route.vehicle]
        halts = [list(steps) for _, steps in groupby(route.steps, key=self._halt)]
        return {
            "name": self.name(route.vehicle),
            "shift_id": route.vehicle,
            "vehicle_id": str(vehicle_id),
            "driver_id": str(driver_id),
            "depot_id": row.depot,
            "starts_at": self.moment(route.departure),
            "ends_at": self.moment(route.arrival),
            "distance_m": route.distance_m,
            "drive_s": route.drive_s,
            "cost": route.cost,
            "load": self._load(route.start_load),
            "capacity": {"weight_g": row.capacity_g, "volume_ml": row.capacity_ml},
            "pauses": [
                {"starts_at": self.moment(pause.start), "duration_s": pause.duration_s}
                for pause in route.pauses
            ],
            "stops": [self._stop(steps) for steps in halts],
        }

    def _halt(self, step: Step) -> tuple[int, bool, bool]:
        return step.place, step.is_reload, step.visit in self._gathered.collected

    def violations(self, found: Sequence[Violation]) -> list[dict[str, Any]]:
        """Return violations with the user's names and units."""
        return [
            {
                "code": one.code,
                "vehicle": one.vehicle and self.name(one.vehicle),
                "order": one.visit and self.name(one.visit),
                "shift_id": one.vehicle,
                "delivery_id": one.visit,
                "cause": self.words(wording.cause(one.cause)),
                "amount": one.amount,
            }
            for one in found
        ]

    def name(self, key: str) -> str:
        """Return what people call a vehicle, a depot or a delivery."""
        return self._gathered.names.get(key, key)

    def words(self, text: str) -> str:
        """Return a text with names in place of keys."""
        return _KEY.sub(lambda match: self.name(match[0]), text)

    def moment(self, second: int) -> str:
        """Return when a second of the plan is."""
        return (self._start + timedelta(seconds=second)).isoformat()

    def reasons(self, found: Sequence[Reason]) -> list[dict[str, str]]:
        """Return reasons in words."""
        return [
            {"code": why.code, "cause": self.words(why.cause), "action": self.words(why.action)}
            for why in found
        ]

    def _stop(self, steps: list[Step]) -> dict[str, Any]:
        first, last = steps[0], steps[-1]
        order = self._orders.get(first.visit)
        collected = self._gathered.collected.get(first.visit)
        lon, lat = self._inputs.ground.points[first.place]
        return {
            "name": order.name if order else self.words(first.visit),
            "address": order.address if order else "",
            "repair_point_id": self._gathered.points.get(first.visit),
            "supplier_id": str(collected.supplier_id) if collected else None,
            "milk_run_id": str(collected.milk_run_id) if collected else None,
            "is_reload": first.is_reload,
            "lon": float(lon),
            "lat": float(lat),
            "arrives_at": self.moment(first.arrival),
            "starts_at": self.moment(first.service_start),
            "leaves_at": self.moment(last.departure),
            "wait_s": sum(step.wait_s for step in steps),
            "drive_s": sum(step.drive_s for step in steps),
            "distance_m": sum(step.distance_m for step in steps),
            "load": self._load(last.load),
            "deliveries": list(self._deliveries(steps)),
        }

    def _deliveries(self, steps: list[Step]) -> Iterator[dict[str, str]]:
        for step in steps:
            if step.visit in self._gathered.orders:
                order_id = self._gathered.orders[step.visit]
                yield {
                    "id": step.visit,
                    "order_id": str(order_id),
                    "order": self.name(step.visit),
                    "starts_at": self.moment(step.service_start),
                }

    def _unplanned(self, one: Unplanned) -> dict[str, Any]:
        order_id = self._gathered.orders.get(one.visit)
        return {
            "id": one.visit,
            "order_id": str(order_id) if order_id else None,
            "order": self.name(one.visit),
            "reasons": self.reasons(one.reasons),
        }

    def _load(self, load: Sequence[int]) -> Mapping[str, int]:
        weight, volume = load
        return {"weight_g": weight, "volume_ml": volume}
