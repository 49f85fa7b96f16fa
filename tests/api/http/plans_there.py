"""Requests to the routes of plans that concern another depot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx

from dispatch.plans import plans
from dispatch.store import keys
from dispatch.store.database import transaction
from tests.api.http.serving import World


def requests(world: World) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    """Return a request to each operation on a plan of another depot."""
    with transaction(world.db, actor="test") as session:
        plan_id = plans.draft(session, world.there.depot, date(2026, 3, 2)).id
    path, run = f"/api/v1/plans/{plan_id}", f"/api/v1/plans/{plan_id}/runs/{keys.new()}"
    new = {"depot_id": str(world.there.depot), "day": "2026-03-02"}
    edit = {"kind": "refresh"}
    posts = {
        "solve_plan": ("solve", {}),
        "preview_plan_edit": ("preview", edit),
        "edit_plan": ("edits", {"edit": edit, "base": 0}),
        "undo_plan": ("undo", None),
        "redo_plan": ("redo", None),
        "publish_plan": ("publish", {}),
        "copy_plan": ("copies", None),
        "begin_what_if": ("what-ifs", {}),
        "discard_plan": ("discard", None),
    }
    gets = {
        "list_plan_versions": "versions",
        "get_plan_version": "versions/0",
        "list_plan_routes": "routes",
        "list_plan_runs": "runs",
        "list_plan_changes": "changes",
        "explain_unplanned": f"unplanned/{keys.new()}",
        "quote_delivery": f"quotes/{keys.new()}",
        "export_plan": "export",
        "get_manifest": f"manifests/{keys.new()}",
    }

    def post(way: str, body: Any) -> Callable[[httpx.Client], httpx.Response]:
        return lambda client: client.post(f"{path}/{way}", json=body)

    def get(way: str) -> Callable[[httpx.Client], httpx.Response]:
        return lambda client: client.get(f"{path}/{way}")

    return {
        **{name: post(way, body) for name, (way, body) in posts.items()},
        **{name: get(way) for name, way in gets.items()},
        "draft_plan": lambda c: c.post("/api/v1/plans", json=new),
        "list_plans": lambda c: c.get("/api/v1/plans", params={"depot_id": new["depot_id"]}),
        "compare_plans": lambda c: c.get("/api/v1/plans/compare", params={"plan_id": plan_id}),
        "get_plan": lambda c: c.get(path),
        "get_plan_run": lambda c: c.get(run),
        "get_plan_run_curve": lambda c: c.get(f"{run}/curve"),
        "stream_plan_run": lambda c: c.get(f"{run}/progress"),
        "stop_plan_run": lambda c: c.post(f"{run}/stop"),
    }
