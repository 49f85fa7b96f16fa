"""A plan from its draft to its routes, over HTTP, with a worker beside."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import openpyxl
import pypdf
import pytest

from dispatch.plans import worker
from dispatch.plans.gathering import Gatherer
from dispatch.store.database import Database
from maps.store import RoadMap
from tests.api.http import serving
from tests.api.http.serving import World
from tests.dispatch.plans import round as rounds
from tests.dispatch.plans.round import DAY, Round

pytestmark = pytest.mark.xdist_group("town")


@pytest.fixture
def world(db: Database, town: RoadMap) -> Iterator[World]:
    """A server of a firm on the town's roads, and a worker on a thread."""
    gatherer = Gatherer(town)
    over = threading.Event()
    foreman = worker.made(db, gatherer)
    work = threading.Thread(target=lambda: foreman.work(until=over.is_set))
    with serving.served(db, gatherer=gatherer) as world:
        work.start()
        try:
            yield world
        finally:
            over.set()
            work.join()


@pytest.fixture
def firm(db: Database) -> Round:
    return rounds.opened(db)


def post(client: httpx.Client, path: str, body: Any = None, *, status: int = 200) -> Any:
    answer = client.post(f"/api/v1/plans{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(f"/api/v1/plans{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def draft(client: httpx.Client, firm: Round, wave: str = "") -> str:
    body = {"depot_id": str(firm.depot), "day": DAY.isoformat(), "wave": wave}
    return str(post(client, "", body, status=201)["id"])


def watch(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Return all that is told of a search, until it has ended."""
    with client.stream("GET", f"/api/v1/plans{path}/progress") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        data = (line for line in stream.iter_lines() if line.startswith("data: "))
        return [json.loads(line.removeprefix("data: ")) for line in data]


def test_progress_is_told_until_the_search_is_stopped(world: World, firm: Round) -> None:
    client = world.as_role("dispatcher")
    firm.van()
    ids = {firm.order(1 + n % 5, 1 + n // 5) for n in range(12)}
    plan = draft(client, firm)
    run = post(client, f"/{plan}/solve", {"seconds": 600}, status=202)
    path = f"/{plan}/runs/{run['id']}"

    def stop_once_there_is_a_plan() -> None:
        while get(client, path)["objective"] is None:
            pass
        post(client, f"{path}/stop")

    stopping = threading.Thread(target=stop_once_there_is_a_plan)
    stopping.start()
    told = watch(client, path)
    stopping.join()

    assert told[-1]["state"] == "done"
    assert told[-1]["objective"] is not None
    costs = [point["objective"] for point in get(client, f"{path}/curve")["rows"]]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == told[-1]["objective"]
    outline = get(client, f"/{plan}/versions/0")["outline"]
    brought = [
        one["id"]
        for route in outline["routes"]
        for stop in route["stops"]
        for one in stop["deliveries"]
    ]
    assert sorted(brought) == sorted(ids)
    assert [row["id"] for row in get(client, f"/{plan}/runs")["rows"]] == [run["id"]]


def test_a_search_of_another_plan_is_not_found(world: World, firm: Round) -> None:
    client = world.as_role("dispatcher")
    firm.van()
    firm.order(1, 1)
    plan, other = draft(client, firm), draft(client, firm)
    run = post(client, f"/{plan}/solve", {"seconds": 1}, status=202)
    assert client.get(f"/api/v1/plans/{other}/runs/{run['id']}").status_code == 404
    watch(client, f"/{plan}/runs/{run['id']}")


def test_routes_by_hand_from_the_price_of_each_place_to_publishing(
    world: World, firm: Round
) -> None:
    client = world.as_role("dispatcher")
    van, other = firm.van(), firm.van(skills=["dg"])
    first, battery = firm.order(1, 3), firm.order(2, 3, battery=True)
    plan = draft(client, firm)
    edit = {"kind": "move", "stops": [first], "vehicle": van}
    seen = post(client, f"/{plan}/preview", edit)
    version = post(client, f"/{plan}/edits", {"edit": edit, "base": 0})
    assert version["objective"] == version["outline"]["figures"]["objective"]
    assert seen["base"] == 0
    assert [route["name"] for route in seen["routes"]] == ["V-1"]

    offers = get(client, f"/{plan}/quotes/{battery}")["rows"]
    assert [(one["name"], one["violations"]) for one in offers] == [("V-2", [])]
    wrong = {"kind": "move", "stops": [battery], "vehicle": van}
    (violation,) = post(client, f"/{plan}/preview", wrong)["violations"]
    assert (violation["code"], violation["order"]) == ("skills", "A-2")
    right = {"kind": "move", "stops": [battery], "vehicle": other}
    better = post(client, f"/{plan}/edits", {"edit": right, "base": 1})
    cost = better["outline"]["figures"]["cost"] - version["outline"]["figures"]["cost"]
    assert cost == offers[0]["price"]

    assert get(client, f"/{plan}/changes")["changed"] == []
    published = post(client, f"/{plan}/publish", {})
    assert (published["plan"]["status"], published["superseded"]) == ("published", [])
    assert [route["name"] for route in get(client, f"/{plan}/routes")["rows"]] == ["V-1", "V-2"]
    compared = get(client, f"/compare?plan_id={plan}")["rows"]
    assert compared[0]["figures"] == better["outline"]["figures"]


def test_routes_leave_as_files_of_every_kind(world: World, firm: Round) -> None:
    client = world.as_role("dispatcher")
    van = firm.van()
    order = firm.order(1, 3)
    plan = draft(client, firm)
    edit = {"kind": "move", "stops": [order], "vehicle": van}
    post(client, f"/{plan}/edits", {"edit": edit, "base": 0})

    def file(path: str) -> bytes:
        answer = client.get(f"/api/v1/plans/{plan}/{path}")
        assert answer.status_code == 200, answer.text
        assert "attachment" in answer.headers["content-disposition"]
        return answer.content

    (route,) = json.loads(file("export"))["routes"]
    assert route["vehicle"] == "V-1"
    assert "A-1" in str(route["steps"][1])
    assert json.loads(file("export?form=geojson"))["type"] == "FeatureCollection"
    book = openpyxl.load_workbook(io.BytesIO(file("export?form=xlsx")))
    texts = {cell.value for sheet in book for row in sheet for cell in row}
    assert {"V-1", "A-1", "店1"} <= texts
    page = file("export?form=html").decode()
    assert "店1" in page
    assert order not in page
    assert "V-1" in "".join(
        each.extract_text() for each in pypdf.PdfReader(io.BytesIO(file(f"manifests/{van}"))).pages
    )
    assert client.get(f"/api/v1/plans/{plan}/manifests/{order}").status_code == 404


def test_what_cannot_be_done_is_said(world: World, firm: Round) -> None:
    client = world.as_role("dispatcher")
    van = firm.van()
    order = firm.order(1, 3)
    plan = draft(client, firm)
    post(client, f"/{plan}/undo", status=409)
    post(client, f"/{plan}/publish", {}, status=409)
    move = {"kind": "move", "stops": [order], "vehicle": van}
    strange = post(client, f"/{plan}/preview", {**move, "vehicle": "van"}, status=422)
    assert strange["code"] == "not_in_the_plan"
    for half in (
        {"kind": "grant"},
        {"kind": "swap", "vehicle": van},
        {**move, "vehicle": ""},
        {"kind": "lock"},
        {"kind": "take_along", "stops": [order]},
    ):
        assert post(client, f"/{plan}/preview", half, status=422)["code"] == "half_an_edit"
    nobody = {"kind": "lock", "vehicle": "nobody"}
    assert post(client, f"/{plan}/preview", nobody, status=422)["code"] == "not_in_the_plan"
    far = post(client, f"/{plan}/preview", {**move, "position": 7}, status=422)
    assert far["code"] == "bad_position"
    refused = client.get(f"/api/v1/plans/{plan}/unplanned/{van}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_left_out")
    post(client, f"/{plan}/discard")
    gone = post(client, f"/{plan}/edits", {"edit": move, "base": 0}, status=409)
    assert gone["code"] == "wrong_state"


def test_a_server_without_a_map_says_so(db: Database) -> None:
    firm = rounds.opened(db)
    with serving.served(db) as world:
        client = world.as_role("dispatcher")
        refused = post(client, f"/{draft(client, firm)}/solve", {}, status=503)
    assert refused["code"] == "no_map"
