"""What VROOM calls the visits of a problem: a job, a pickup, or a delivery, and its number."""

from __future__ import annotations

from routing.formats.ids import task_id, written
from routing.problem import Problem, Visit


class Tasks:
    """Kinds, names and loads of a problem's visits."""

    def __init__(self, problem: Problem) -> None:
        self._kinds = {shipment.pickup: "pickup" for shipment in problem.shipments}
        self._kinds |= {shipment.delivery: "delivery" for shipment in problem.shipments}
        self._loads = {shipment.pickup: shipment.load for shipment in problem.shipments}
        self._loads |= {shipment.delivery: shipment.load for shipment in problem.shipments}
        self._ids = {(self.kind(v.id), written(v.id)): v.id for v in problem.visits}

    def kind(self, visit: str) -> str:
        """Return what a visit is in VROOM."""
        return self._kinds.get(visit, "job")

    def visit(self, kind: str, identifier: str) -> str:
        """Return the id of the visit that a plan names; of one that there is not, some id."""
        found = self._ids.get((kind, written(identifier)))
        if found is not None:
            return found
        return identifier if kind == "job" else task_id(kind, identifier)

    def delivered(self, visit: Visit) -> tuple[int, ...]:
        """Return what leaves the vehicle at a visit."""
        return self._load(visit, "delivery") or visit.delivered

    def picked_up(self, visit: Visit) -> tuple[int, ...]:
        """Return what enters the vehicle at a visit."""
        return self._load(visit, "pickup") or visit.picked_up

    def _load(self, visit: Visit, kind: str) -> tuple[int, ...]:
        return self._loads[visit.id] if self._kinds.get(visit.id) == kind else ()
