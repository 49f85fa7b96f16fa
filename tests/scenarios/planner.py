"""What a dispatcher does with plans over HTTP, in one line each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from dispatch.firm.premises import FIRST_WAVE
from tests.scenarios.f1 import F1


@dataclass(frozen=True)
class Planner:
    """A dispatcher of F1 at the board."""

    client: httpx.Client
    f1: F1

    def post(self, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        answer = self.client.post(f"/api/v1{path}", json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def draft(self, wave: str = FIRST_WAVE) -> str:
        """Begin the plan of a wave, with the vans of both warehouses."""
        body = {
            "depot_id": str(self.f1.firm.depot(1)),
            "shared_with": [str(self.f1.firm.depot(2))],
            "day": self.f1.firm.day.isoformat(),
            "wave": wave,
        }
        return f"/plans/{self.post('/plans', body, status=201)['id']}"

    def solve(self, plan: str, seconds: float) -> list[dict[str, Any]]:
        """Have a plan searched for, and return all that is told until the search has ended."""
        run = self.post(f"{plan}/solve", {"seconds": seconds}, status=202)
        return list(self.watch(f"{plan}/runs/{run['id']}"))

    def watch(self, run: str) -> Iterator[dict[str, Any]]:
        """Yield what is told of a search."""
        with self.client.stream("GET", f"/api/v1{run}/progress", timeout=120) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def version(self, plan: str, number: int = 0) -> dict[str, Any]:
        """Return a version of a plan; 0: the current one."""
        found: dict[str, Any] = self.get(f"{plan}/versions/{number}")
        return found

    def edit(self, plan: str, base: int, note: str = "", **edit: Any) -> dict[str, Any]:
        """Make an edit, and return the version that it becomes."""
        body = {"edit": edit, "base": base, "note": note}
        made: dict[str, Any] = self.post(f"{plan}/edits", body)
        return made

    def order(self, number: int) -> str:
        """Return the number by which people know an order of F1."""
        found: str = self.get(f"/orders/{self.f1.firm.order(number)}")["number"]
        return found


def by_van(version: Mapping[str, Any], planner: Planner) -> dict[int, Mapping[str, Any]]:
    """Return the routes of a version by the number of their van."""
    vans = {str(planner.f1.firm.van(number)): number for number in range(1, 7)}
    return {vans[route["vehicle_id"]]: route for route in version["outline"]["routes"]}


def brought(version: Mapping[str, Any]) -> dict[str, str]:
    """Return the shift of each delivery that is on a route."""
    return {
        one["id"]: route["shift_id"]
        for route in version["outline"]["routes"]
        for stop in route["stops"]
        for one in stop["deliveries"]
    }
