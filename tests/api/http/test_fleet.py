"""The fleet over HTTP: vehicles, drivers, papers, shifts, zones, waves, calendar and settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from dispatch.fleet import papers
from dispatch.fleet.papers import Paper
from dispatch.store import clock
from dispatch.store.database import Database, transaction
from tests.api.command import wait_until
from tests.api.http import fleet_there, serving
from tests.api.http.fleet_there import AREA
from tests.api.http.serving import World
from tests.dispatch import shop as shops

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


@pytest.fixture
def monday() -> Iterator[None]:
    """It is Monday, 10:00 in Shanghai; time goes on with each look, as keys are in its order."""
    looks = count()
    ten = datetime(2026, 3, 2, 2, tzinfo=UTC)
    with clock.replaced(lambda: ten + timedelta(milliseconds=next(looks))):
        yield


@pytest.fixture
def client(monday: None, world: World) -> httpx.Client:
    return world.as_role("dispatcher", bound=True)


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    made: dict[str, Any] = answer.json()
    return made


def patch(client: httpx.Client, path: str, body: dict[str, Any], etag: str = "*") -> httpx.Response:
    return client.patch(f"/api/v1/{path}", json=body, headers={"If-Match": etag})


def rows(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def van(client: httpx.Client, world: World, plate: str = "A-1", **more: Any) -> dict[str, Any]:
    of = {"depot_id": str(world.here.depot), "plate": plate, "profile": "van"}
    return post(client, "vehicles", {**of, **more})


def driver(client: httpx.Client, world: World, name: str = "Li") -> dict[str, Any]:
    of = {"depot_id": str(world.here.depot)}
    return post(client, "drivers", {**of, "number": name, "name": name, "skills": ["dg"]})


def shift(client: httpx.Client, vehicle: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    people = {"vehicle_id": vehicle["id"], "driver_id": who["id"]}
    week = {"weekday": 0, "starts": 28_800, "ends": 63_000, "valid_from": MONDAY}
    lunch = {"break_s": 2700, "break_from": 41_400, "break_to": 45_900}
    return post(client, "shifts", {"depot_id": vehicle["depot_id"], **people, **week, **lunch})


def duties(client: httpx.Client, world: World, day: str = MONDAY) -> list[dict[str, Any]]:
    return rows(client, f"depots/{world.here.depot}/duties", day=day)


def test_vehicle_is_added_changed_and_found(client: httpx.Client, world: World) -> None:
    made = client.post(
        "/api/v1/vehicles",
        json={
            **{"depot_id": str(world.here.depot), "plate": "A-1", "profile": "van"},
            **{"capacity_g": 400_000, "max_stops": 20, "skills": ["dg"], "cost_per_km": 120},
        },
    )
    path = made.headers["Location"].removeprefix("/api/v1/")

    changed = patch(client, path, {"max_stops": None, "cost_fixed": 900}, made.headers["ETag"])
    late = patch(client, path, {"plate": "A-9"}, made.headers["ETag"])

    found = client.get(f"/api/v1/{path}").json()
    assert changed.json() == found
    assert (found["max_stops"], found["capacity_g"], found["cost_fixed"]) == (None, 400_000, 900)
    assert found["skills"] == ["dg"]
    assert (late.status_code, late.json()["code"]) == (412, "changed_since")
    assert late.json()["differences"] == [{"field": "plate", "wanted": "A-9", "now": "A-1"}]


def test_plate_is_taken_once_in_the_firm(client: httpx.Client, world: World) -> None:
    van(client, world)
    other = van(client, world, "A-2")

    again = client.post(
        "/api/v1/vehicles",
        json={"depot_id": str(world.here.depot), "plate": "A-1", "profile": "van"},
    )
    renamed = patch(client, f"vehicles/{other['id']}", {"plate": "A-1"})

    assert (again.status_code, again.json()["code"]) == (409, "already_there")
    assert (renamed.status_code, renamed.json()["code"]) == (409, "already_there")


def test_list_has_those_of_ones_depots_in_service(client: httpx.Client, world: World) -> None:
    first, _ = van(client, world), van(client, world, "A-2")
    there = {"depot_id": str(world.there.depot), "plate": "B-1", "profile": "van"}
    post(world.admin, "vehicles", there)
    patch(client, f"vehicles/{first['id']}", {"active": False})

    assert [one["plate"] for one in rows(client, "vehicles")] == ["A-2", "A-1"]
    assert [one["plate"] for one in rows(client, "vehicles", active=True)] == ["A-2"]
    assert [one["plate"] for one in rows(world.admin, "vehicles")] == ["B-1", "A-2", "A-1"]
    page = client.get("/api/v1/vehicles", params={"limit": 1}).json()
    assert [one["plate"] for one in rows(client, "vehicles", cursor=page["next"])] == ["A-1"]


def test_deactivated_vehicle_and_absent_driver_are_in_the_duties_with_why(
    client: httpx.Client, world: World
) -> None:
    vehicle, who = van(client, world), driver(client, world)
    shift(client, vehicle, who)
    (duty,) = duties(client, world)
    assert (duty["plate"], duty["driver"], duty["why_not"]) == ("A-1", "Li", None)
    assert (duty["starts_at"], duty["break_s"]) == ("2026-03-02T00:00:00Z", 2700)

    away = {"driver_id": who["id"], "first_day": MONDAY, "last_day": MONDAY, "reason": "ill"}
    absence = post(client, "absences", away)
    assert [one["why_not"] for one in duties(client, world)] == ["Li is away: ill"]
    assert patch(client, f"absences/{absence['id']}", {"last_day": "2026-03-01"}).status_code == 422
    assert client.delete(f"/api/v1/absences/{absence['id']}").status_code == 204
    assert rows(client, f"drivers/{who['id']}/absences") == []

    patch(client, f"vehicles/{vehicle['id']}", {"active": False})
    assert [one["why_not"] for one in duties(client, world)] == ["A-1 is out of service"]


def test_shift_is_changed_for_a_day_restored_and_ended(client: httpx.Client, world: World) -> None:
    made = shift(client, van(client, world), driver(client, world))
    path = f"shifts/{made['id']}"

    post(client, f"{path}/changes", {"on": MONDAY, "ends": 45_000})
    assert [one["ends_at"] for one in duties(client, world)] == ["2026-03-02T04:30:00Z"]
    post(client, f"{path}/changes", {"on": MONDAY, "cancelled": True})
    assert duties(client, world) == []
    changes = rows(client, f"{path}/changes")
    assert [(one["on"], one["cancelled"], one["ends"]) for one in changes] == [(MONDAY, True, None)]
    assert client.delete(f"/api/v1/{path}/changes/{MONDAY}").status_code == 204
    assert [one["ends_at"] for one in duties(client, world)] == ["2026-03-02T09:30:00Z"]

    assert patch(client, path, {"valid_to": MONDAY}).json()["valid_to"] == MONDAY
    assert duties(client, world, "2026-03-09") == []
    assert rows(client, "shifts", valid_on="2026-03-09") == []
    assert [one["id"] for one in rows(client, "shifts", valid_on=MONDAY)] == [made["id"]]


def test_driver_in_two_shifts_and_break_outside_are_refused(
    client: httpx.Client, world: World
) -> None:
    who = driver(client, world)
    shift(client, van(client, world), who)
    other = van(client, world, "A-2")
    week = {"weekday": 0, "starts": 28_800, "ends": 63_000, "valid_from": MONDAY}
    body = {"depot_id": other["depot_id"], "vehicle_id": other["id"], "driver_id": who["id"]}

    twice = client.post("/api/v1/shifts", json={**body, **week})
    lunch = {"weekday": 1, "break_s": 3600, "break_from": 60_000, "break_to": 63_000}
    outside = client.post("/api/v1/shifts", json={**body, **week, **lunch})

    assert (twice.status_code, twice.json()["code"]) == (409, "shift_overlap")
    assert (outside.status_code, outside.json()["code"]) == (422, "bad_shift")


def test_papers_that_expire_are_listed_by_what_the_depot_wants(
    client: httpx.Client, world: World
) -> None:
    depot, who = str(world.here.depot), driver(client, world)
    for kind, last in (("licence", "2026-03-10"), ("training", "2026-03-01"), ("x", "2026-05-01")):
        post(client, "papers", {"driver_id": who["id"], "kind": kind, "expires_on": last})
    patch(client, f"depots/{depot}/settings", {"warn_days": 8})

    def soon(**params: Any) -> list[tuple[str, int]]:
        found = rows(client, "papers/expiring", depot_id=depot, **params)
        return [(one["paper"]["kind"], one["days_left"]) for one in found]

    assert soon() == [("training", -1), ("licence", 8)]
    assert soon(days=7) == [("training", -1)]
    assert soon(days=60) == [("training", -1), ("licence", 8), ("x", 60)]
    neither = client.post("/api/v1/papers", json={"kind": "x", "expires_on": MONDAY})
    assert (neither.status_code, neither.json()["code"]) == (422, "paper_without_owner")
    renewed = rows(client, "papers", driver_id=who["id"])[0]
    patch(client, f"papers/{renewed['id']}", {"expires_on": MONDAY})
    assert [kind for kind, _ in soon(days=0)] == ["training", "x"]
    assert client.delete(f"/api/v1/papers/{renewed['id']}").status_code == 204
    assert [kind for kind, _ in soon(days=0)] == ["training"]


def test_server_tells_of_papers_by_itself(db: Database, monday: None) -> None:
    made = fleet_there.filled(db, shops.opened(db).depot)
    with transaction(db, actor="test") as session:
        paper = Paper(driver_id=made["driver"], kind="licence", expires_on=date(2026, 3, 9))
        papers.add(session, paper)

    with serving.served(db) as world:

        def told() -> list[tuple[str, str]]:
            events = rows(world.admin, "events", limit=200)
            kinds = [one for one in events if one["kind"].startswith("paper.expir")]
            return sorted((one["kind"], one["data"]["kind"]) for one in kinds)

        wait_until(lambda: len(told()) > 0)
        assert told() == [("paper.expiring", "licence"), ("paper.expiring", "test")]


def test_zone_is_drawn_found_by_a_point_and_removed(client: httpx.Client, world: World) -> None:
    depot = str(world.here.depot)
    east = post(client, "zones", {"depot_id": depot, "name": "E", "area": AREA})
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]}

    def at(lon: float) -> Any:
        params = {"lon": lon, "lat": 31.5}
        return client.get(f"/api/v1/depots/{depot}/zones/at", params=params).json()["zone"]

    refused = patch(client, f"zones/{east['id']}", {"area": crossed})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_area")
    assert at(121.5)["name"] == "E"
    assert at(120.9) is None
    assert east["area"] == AREA
    assert client.delete(f"/api/v1/zones/{east['id']}").status_code == 204
    assert at(121.5) is None


def test_zone_with_a_cut_off_is_kept(client: httpx.Client, world: World) -> None:
    of = {"depot_id": str(world.here.depot)}
    east = post(client, "zones", {**of, "name": "E", "area": AREA})
    first = post(client, "waves", {**of, "name": "1", "cut_off": 32_400, "weekdays": [0, 1]})
    cut_offs = f"waves/{first['id']}/cut-offs"
    post(client, cut_offs, {"zone_id": east["id"], "cut_off": 30_600})

    kept = client.delete(f"/api/v1/zones/{east['id']}")
    assert (kept.status_code, kept.json()["code"]) == (409, "zone_in_use")
    assert rows(client, cut_offs) == [{"zone_id": east["id"], "cut_off": 30_600}]
    assert client.delete(f"/api/v1/{cut_offs}/{east['id']}").status_code == 204
    assert client.delete(f"/api/v1/{cut_offs}/{east['id']}").status_code == 404
    assert client.delete(f"/api/v1/zones/{east['id']}").status_code == 204

    changed = patch(client, f"waves/{first['id']}", {"weekdays": [5], "cut_off": 0}).json()
    assert (changed["weekdays"], changed["cut_off"], changed["name"]) == ([5], 0, "1")
    assert client.delete(f"/api/v1/waves/{first['id']}").status_code == 204
    assert rows(client, "waves") == []


def test_calendar_decides_who_works(client: httpx.Client, world: World) -> None:
    shift(client, van(client, world), driver(client, world))
    calendar = f"depots/{world.here.depot}/calendar"
    post(client, calendar, {"on": MONDAY, "name": "holiday"})
    post(client, calendar, {"on": TUESDAY, "name": "worked", "weekday": 0})

    assert duties(client, world) == []
    assert [one["plate"] for one in duties(client, world, TUESDAY)] == ["A-1"]
    assert rows(client, calendar, year=2026) == [
        {"on": MONDAY, "name": "holiday", "weekday": None},
        {"on": TUESDAY, "name": "worked", "weekday": 0},
    ]
    assert rows(client, calendar, year=2025) == []
    assert client.delete(f"/api/v1/{calendar}/{MONDAY}").status_code == 204
    assert client.delete(f"/api/v1/{calendar}/{MONDAY}").status_code == 404
    assert [one["plate"] for one in duties(client, world)] == ["A-1"]


def test_settings_are_changed_by_who_saw_them(client: httpx.Client, world: World) -> None:
    path = f"depots/{world.here.depot}/settings"
    seen = client.get(f"/api/v1/{path}")

    changed = patch(client, path, {"load_s": 600}, seen.headers["ETag"])
    late = patch(client, path, {"load_s": 1200}, seen.headers["ETag"])

    assert (seen.json()["load_s"], seen.json()["warn_days"]) == (900, 30)
    assert changed.json() == {**seen.json(), "load_s": 600, "version": 2}
    assert (late.status_code, late.json()["differences"]) == (
        412,
        [{"field": "load_s", "wanted": 1200, "now": 600}],
    )


@pytest.mark.parametrize("role", ["warehouse", "counter"])
def test_others_look_and_change_nothing(monday: None, world: World, role: str) -> None:
    van(world.as_role("dispatcher", bound=True), world)
    looking = world.as_role(role, bound=True)

    assert [one["plate"] for one in rows(looking, "vehicles")] == ["A-1"]
    body = {"depot_id": str(world.here.depot), "plate": "A-2", "profile": "van"}
    assert looking.post("/api/v1/vehicles", json=body).status_code == 403
