"""A day on the warehouse floor, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from dispatch.fleet import shifts, vehicles, waves
from dispatch.fleet.shifts import Shift
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.fleet.waves import Wave
from dispatch.plans import plans
from dispatch.plans.published import Route, Stop, StopDelivery
from dispatch.store import clock, keys, states
from dispatch.store.database import transaction
from tests.api.http.serving import World
from tests.dispatch import shop as shops

API = "/api/v1"


def ask(client: httpx.Client, method: str, path: str, body: Any = None, **params: Any) -> Any:
    """Return the answer to a request that must not be refused; each has a key of its own."""
    headers = {"Idempotency-Key": str(keys.new()), "If-Match": "*"}
    answer = client.request(method, f"{API}/{path}", json=body, params=params, headers=headers)
    assert answer.status_code in {200, 201, 204}, answer.text
    return answer.json() if answer.content else None


def refused(client: httpx.Client, path: str, body: Any, key: str | None = None) -> tuple[int, str]:
    """Return status and code of a request that is refused."""
    headers = {"Idempotency-Key": key or str(keys.new())}
    answer = client.post(f"{API}/{path}", json=body, headers=headers)
    return answer.status_code, answer.json()["code"]


def receive(world: World, quantity: int, bin: str = "A-01", **more: Any) -> None:
    goods = {"part_id": str(world.here.part), "quantity": quantity, "bin": bin, **more}
    body = {
        "depot_id": str(world.here.depot),
        "supplier": "Bosch",
        "document": "DN-1",
        "goods": [goods],
    }
    ask(world.admin, "POST", "goods-in", body)


def listed(world: World, *orders: Any) -> dict[str, Any]:
    body = {
        "depot_id": str(world.here.depot),
        "wave": "1",
        "route": "van 2",
        "order_ids": [str(order) for order in orders],
    }
    found: dict[str, Any] = ask(world.as_role("warehouse"), "POST", "pick-lists", body)
    return found


def delivery_of(world: World, order: Any) -> dict[str, Any]:
    found = ask(world.as_role("warehouse"), "GET", "deliveries", depot_id=str(world.here.depot))
    return next(each for each in found["rows"] if each["order_id"] == str(order))


def picked(world: World, quantity: int) -> tuple[UUID, str]:
    """Return an order of which all is picked, and its delivery."""
    world.here.receive(quantity)
    order = world.here.order(quantity)
    (task,) = listed(world, order)["tasks"]
    scan = {"number": "1", "quantity": quantity}
    ask(world.as_role("warehouse"), "POST", f"pick-tasks/{task['id']}/scan", scan)
    return order, delivery_of(world, order)["id"]


def packed(world: World, delivery: str, *quantities: int) -> list[str]:
    """Pack what is picked for a delivery into parcels; return their numbers."""
    client = world.as_role("warehouse")
    numbers = []
    for quantity in quantities:
        (one, *_) = ask(client, "GET", f"deliveries/{delivery}/parcels")["to_pack"]
        contents = [{"reservation_id": one["id"], "quantity": quantity}]
        parcel = ask(client, "POST", f"deliveries/{delivery}/parcels", {"contents": contents})
        numbers.append(parcel["number"])
    return numbers


def test_order_is_picked_packed_checked_and_loaded(world: World) -> None:
    client = world.as_role("warehouse", bound=True)
    receive(world, 5, "B-01")
    order = world.here.order(3)
    (task,) = listed(world, order)["tasks"]
    assert (task["bin"], task["quantity"], task["part_number"]) == ("B-01", 3, "1")

    scanned = ask(client, "POST", f"pick-tasks/{task['id']}/scan", {"number": "1", "quantity": 3})
    delivery = delivery_of(world, order)["id"]
    number, *_ = packed(world, delivery, 3)
    check = {"delivery_ids": [delivery], "scanned": [number]}
    right = ask(client, "POST", "load-checks", check)
    loaded = ask(client, "POST", "loads", {**check, "van": "van 2"})

    assert (scanned["picked"], scanned["open"]) == (3, False)
    assert right == {"right": True, "found": [number], "missing": [], "strange": []}
    assert loaded == {"loaded": [delivery], "left_behind": [], "to_bring_later": []}
    assert delivery_of(world, order)["status"] == "loaded"
    kinds = [each["kind"] for each in ask(client, "GET", "stock/movements")["rows"]]
    assert kinds == ["ship", "pick", "pick", "receipt"]
    shops.assert_books_right(world.db)


def test_scan_that_is_sent_again_picks_once(world: World) -> None:
    client = world.as_role("warehouse")
    world.here.receive(5)
    order = world.here.order(3)
    (task,) = listed(world, order)["tasks"]
    path = f"{API}/pick-tasks/{task['id']}/scan"

    def scan(_: int) -> httpx.Response:
        return client.post(path, json={"number": "1"}, headers={"Idempotency-Key": "scan-1"})

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(scan, range(6)))

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["picked"] for answer in answers} == {1}
    assert world.here.of(order) == {"picked": 1, "reserved": 2}
    assert client.post(path, json={"number": "1"}).status_code == 422


def test_two_who_scan_one_task_pick_no_more_than_is_wanted(world: World) -> None:
    client = world.as_role("warehouse")
    world.here.receive(9)
    order = world.here.order(3)
    (task,) = listed(world, order)["tasks"]
    path = f"{API}/pick-tasks/{task['id']}/scan"

    def scan(n: int) -> int:
        headers = {"Idempotency-Key": f"scan-{n}"}
        return client.post(path, json={"number": "1"}, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(scan, range(6)))

    assert statuses == [200, 200, 200, 409, 409, 409]
    assert world.here.of(order) == {"picked": 3}
    shops.assert_books_right(world.db)


def test_short_pick_goes_to_another_bin_then_waits(world: World) -> None:
    client = world.as_role("warehouse")
    receive(world, 2, "A-01")
    receive(world, 1, "A-02")
    order = world.here.order(2)
    (task,) = listed(world, order)["tasks"]

    short = ask(client, "POST", f"pick-tasks/{task['id']}/short", {"document": "short"})

    assert short["lost"] == 1
    tasks = [(each["bin"], each["quantity"], each["open"]) for each in short["list"]["tasks"]]
    assert tasks == [("A-01", 2, False), ("A-02", 1, True)]
    assert world.here.of(order) == {"reserved": 1, "waiting": 1}


def test_goods_of_a_cancelled_order_are_on_the_next_list(world: World) -> None:
    world.here.receive(2)
    first = world.here.order(2)
    (task,) = listed(world, first)["tasks"]
    world.here.cancel(first)
    second = world.here.order(2)

    (again,) = listed(world, second)["tasks"]

    assert (again["quantity"], again["bin"]) == (2, "A-01")
    old = ask(world.as_role("warehouse"), "GET", "pick-lists", open=True)["rows"]
    assert len(old) == 1
    scan = refused(world.as_role("warehouse"), f"pick-tasks/{task['id']}/scan", {"number": "1"})
    assert scan == (409, "task_done")


def make_list(world: World, **by: Any) -> list[int]:
    """Return the quantities on a list that is made by something else than orders."""
    body = {"depot_id": str(world.here.depot), "wave": "1", "route": "R", **by}
    found = ask(world.as_role("dispatcher"), "POST", "pick-lists", body)
    return sorted(task["quantity"] for task in found["tasks"])


def test_list_is_made_for_a_wave_of_a_day(world: World) -> None:
    world.here.receive(9)
    world.here.order(2)
    world.here.order(3)
    with transaction(world.db, actor="test") as session:
        depot = world.here.depot
        wave = Wave(depot_id=depot, name="1", cut_off=86_399, weekdays=list(range(7)))
        wave_id = str(waves.add(session, wave).id)
    # Wherever the depot is, both reach the wave of that day at the latest.
    later = (clock.now() + timedelta(days=3)).date().isoformat()

    assert make_list(world, wave_id=wave_id, on=later) == [2, 3]
    elsewhere = {"depot_id": str(world.there.depot), "wave": "1", "route": "R"}
    answer = refused(world.admin, "pick-lists", {**elsewhere, "wave_id": wave_id})
    assert answer == (422, "wrong_wave")


def test_list_is_made_for_a_published_route(world: World) -> None:
    world.here.receive(9)
    order = world.here.order(2)
    world.here.order(3)
    delivery = UUID(delivery_of(world, order)["id"])
    with transaction(world.db, actor="test") as session:
        route_id = route_with(session, world, delivery)

    assert make_list(world, route_id=str(route_id)) == [2]


def route_with(session: Session, world: World, delivery: UUID) -> UUID:
    """Write a published route with one delivery."""
    depot, now = world.here.depot, clock.now()
    van = vehicles.add_vehicle(
        session, Vehicle(depot_id=depot, plate="A-1", profile="van", capacity_g=400_000)
    )
    driver = vehicles.add_driver(session, Driver(depot_id=depot, number="Li", name="Li"))
    times = {"weekday": 0, "starts": 8 * 3600, "ends": 63_000, "valid_from": now.date()}
    shift = shifts.add(
        session, Shift(depot_id=depot, vehicle_id=van.id, driver_id=driver.id, **times)
    )
    plan = plans.draft(session, depot, now.date(), "1")
    session.flush()
    figures = {"starts_at": now, "ends_at": now, "distance_m": 0, "drive_s": 0, "cost": 0}
    route = Route(
        plan_id=plan.id,
        depot_id=depot,
        day=now.date(),
        shift_id=shift.id,
        vehicle_id=van.id,
        driver_id=driver.id,
        name="van 1",
        **figures,
    )
    states.step(session, route, "publish")
    session.flush()
    halt = {"planned_arrival": now, "planned_start": now, "planned_departure": now}
    stop = Stop(id=keys.new(), route_id=route.id, position=1, lon=121.4, lat=31.2, **halt)
    session.add(stop)
    session.flush()
    session.add(StopDelivery(stop_id=stop.id, delivery_id=delivery, position=1))
    return route.id


def test_missing_parcel_stays_and_another_delivery_brings_it(world: World) -> None:
    client = world.as_role("warehouse")
    order, delivery = picked(world, 3)
    first, second = packed(world, delivery, 2, 1)
    load = {"delivery_ids": [delivery], "scanned": [first], "van": "van 2"}

    loaded = ask(client, "POST", "loads", load)

    (later,) = loaded["to_bring_later"]
    assert (loaded["loaded"], loaded["left_behind"]) == ([delivery], [second])
    assert world.here.of(order) == {"shipped": 2, "picked": 1}
    assert [
        each["number"] for each in ask(client, "GET", f"deliveries/{later}/parcels")["rows"]
    ] == [second]
    events = ask(world.as_role("dispatcher"), "GET", "events", limit=200)["rows"]
    (told,) = [each for each in events if each["kind"] == "parcel.left_behind"]
    assert told["subjects"]["order"] == str(order)
    assert told["data"] == {"number": second, "van": "van 2"}
    again = ask(
        client,
        "POST",
        "loads",
        {"delivery_ids": [later], "scanned": [second.lower()], "van": "van 3"},
    )
    assert again["loaded"] == [later]
    assert world.here.level() == (0, 0)
    shops.assert_books_right(world.db)


def test_delivery_none_of_whose_parcels_is_there_stays_as_it_is(world: World) -> None:
    client = world.as_role("warehouse")
    order, delivery = picked(world, 3)
    packed(world, delivery, 2, 1)

    loaded = ask(
        client, "POST", "loads", {"delivery_ids": [delivery], "scanned": [], "van": "van 2"}
    )

    assert (loaded["loaded"], loaded["to_bring_later"]) == ([], [delivery])
    assert delivery_of(world, order)["status"] == "pending"
    assert world.here.level() == (3, 3)


def test_parcel_of_another_delivery_stops_the_load(world: World) -> None:
    client = world.as_role("warehouse")
    _, first = picked(world, 1)
    _, second = picked(world, 1)
    (mine,), (other,) = packed(world, first, 1), packed(world, second, 1)

    load = {"delivery_ids": [first], "scanned": [mine, other], "van": "van 2"}

    assert refused(client, "loads", load) == (409, "strange_parcel")
    assert world.here.level() == (2, 2)


def test_labels_are_a_pdf_with_a_page_for_each_parcel(world: World) -> None:
    client = world.as_role("warehouse")
    _, delivery = picked(world, 3)
    numbers = packed(world, delivery, 2, 1)

    answer = client.get(f"{API}/parcel-labels", params={"delivery_id": delivery, "route": "R-7"})

    assert answer.headers["Content-Type"] == "application/pdf"
    pages = [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]
    assert len(pages) == 2
    assert all(number in page for number, page in zip(numbers, pages, strict=True))
    assert "R-7" in pages[0]


def test_order_that_was_handed_over_is_not_cancelled_until_it_is_back(world: World) -> None:
    counter = world.as_role("counter")
    world.here.receive(2)
    order = world.here.place(2, pickup=True)
    world.here.accept(order)
    (task,) = listed(world, order)["tasks"]
    ask(counter, "POST", f"pick-tasks/{task['id']}/scan", {"number": "1", "quantity": 2})

    (gone,) = ask(counter, "POST", f"orders/{order}/hand-over")["rows"]
    why = {"reason": "wrong"}
    assert refused(counter, f"orders/{order}/cancel", why) == (409, "goods_left")
    back = {"quantity": 2, "bin": "R-01", "document": "slip"}
    returned = ask(counter, "POST", f"reservations/{gone['id']}/returns", back)

    assert returned["status"] == "returned"
    assert world.here.level() == (2, 0)
    assert ask(counter, "POST", f"orders/{order}/cancel", why)["status"] == "cancelled"
    shops.assert_books_right(world.db)


def test_order_to_be_delivered_is_not_handed_over(world: World) -> None:
    order, _ = picked(world, 1)

    assert refused(world.as_role("counter"), f"orders/{order}/hand-over", None) == (
        409,
        "not_collected",
    )


def place(world: World, bin: str = "A-01", **more: Any) -> dict[str, Any]:
    return {
        "depot_id": str(world.here.depot),
        "part_id": str(world.here.part),
        "bin": bin,
        **more,
    }


def test_count_sheet_is_booked_with_a_reason_and_takes_from_who_came_last(world: World) -> None:
    client = world.as_role("warehouse")
    receive(world, 5, "A-01")
    receive(world, 2, "A-02")
    order = world.here.order(7)
    found = ask(client, "GET", "stock/count-list", depot_id=str(world.here.depot), to_bin="A-02")
    rows = [
        {"part_id": each["part_id"], "bin": each["bin"], "counted": n}
        for each, n in zip(found["rows"], (4, 2), strict=True)
    ]
    sheet = {
        "depot_id": str(world.here.depot),
        "document": "Z-1",
        "counted_at": found["counted_at"],
        "rows": rows,
    }

    assert refused(client, "stock/counts", sheet) == (422, "reason_needed")
    counted = ask(client, "POST", "stock/counts", {**sheet, "reason": "cycle count"})["rows"]

    assert [(one["expected"], one["booked"]) for one in counted] == [(5, -1), (2, 0)]
    assert [one["quantity"] for one in counted[0]["lost"]] == [1]
    assert world.here.of(order) == {"reserved": 6, "waiting": 1}
    shops.assert_books_right(world.db)


def test_correction_that_is_sent_again_is_booked_once(world: World) -> None:
    client = world.as_role("warehouse")
    receive(world, 5)
    key = {"Idempotency-Key": "once"}
    body = place(world, difference=-2, reason="lost")

    answers = [client.post(f"{API}/stock/adjustments", json=body, headers=key) for _ in range(3)]

    assert {answer.json()["booked"] for answer in answers} == {-2}
    assert world.here.level() == (3, 0)


def test_goods_are_moved_scrapped_and_held_until_they_are_judged(world: World) -> None:
    client = world.as_role("warehouse")
    receive(world, 9)
    some = place(world, quantity=2)

    ask(client, "POST", "stock/moves", {**some, "to_bin": "A-09"})
    ask(client, "POST", "stock/scrap", {**some, "reason": "broken"})
    first = ask(client, "POST", "quarantine", {**some, "reason": "wet"})
    second = ask(client, "POST", "quarantine", {**some, "reason": "wet"})
    ask(client, "POST", f"quarantine/{first['id']}/release", {"bin": "A-02"})
    ask(client, "POST", f"quarantine/{second['id']}/scrap", {"reason": "rusted"})

    again = refused(client, f"quarantine/{first['id']}/scrap", {"reason": "x"})
    assert again == (409, "wrong_state")
    lying = ask(client, "GET", "stock/bins", part_id=str(world.here.part))["rows"]
    assert [(each["bin"], each["on_hand"]) for each in lying] == [
        ("A-01", 1),
        ("A-02", 2),
        ("A-09", 2),
    ]
    held = ask(client, "GET", "quarantine", status="scrapped")["rows"]
    assert [each["id"] for each in held] == [second["id"]]
    shops.assert_books_right(world.db)


def test_goods_go_from_depot_to_depot(world: World) -> None:
    client = world.as_role("warehouse")
    receive(world, 5)
    there = str(world.there.depot)
    transfer = ask(
        client,
        "POST",
        "transfers",
        {
            "from_depot_id": str(world.here.depot),
            "to_depot_id": there,
            "expected_at": "2030-03-02T12:00:00Z",
            "document": "T-1",
            "lines": [{"part_id": str(world.here.part), "quantity": 4}],
        },
    )
    path = f"transfers/{transfer['id']}"

    sent = ask(client, "POST", f"{path}/send", {"van": "van 2"})
    differing = [{"line_id": sent["lines"][0]["id"], "received": 3}]
    came = ask(client, "POST", f"{path}/receive", {"bin": "B-01", "differing": differing})

    assert (sent["status"], came["status"]) == ("in_transit", "received")
    levels = ask(client, "GET", "stock/levels", part_id=str(world.here.part))["rows"]
    assert {each["depot_id"]: each["on_hand"] for each in levels} == {
        str(world.here.depot): 1,
        there: 3,
    }
    assert refused(client, f"{path}/cancel", {}) == (409, "wrong_state")
    shops.assert_books_right(world.db)


def test_transfer_that_changed_since_it_was_looked_at_is_not_sent(world: World) -> None:
    client = world.as_role("dispatcher")
    body = {
        "from_depot_id": str(world.here.depot),
        "to_depot_id": str(world.there.depot),
        "expected_at": "2030-03-02T12:00:00Z",
        "document": "T-1",
        "lines": [{"part_id": str(world.here.part), "quantity": 4}],
    }
    transfer = client.post(f"{API}/transfers", json=body)
    path = f"{API}/transfers/{transfer.json()['id']}"
    looked_at = {"If-Match": transfer.headers["ETag"]}

    client.post(f"{path}/cancel")
    answer = client.post(f"{path}/send", json={"van": "V"}, headers=looked_at)

    assert (answer.status_code, answer.json()["code"]) == (412, "changed_since")


def test_what_comes_is_struck_off_the_purchase_that_it_is_for(world: World) -> None:
    client = world.as_role("warehouse")
    order = world.here.order(2)
    bought = {
        "depot_id": str(world.here.depot),
        "part_id": str(world.here.part),
        "quantity": 5,
        "supplier": "Bosch",
        "document": "PO-1",
    }
    first = ask(client, "POST", "purchases", {**bought, "expected_at": "2030-03-02T12:00:00Z"})
    later = ask(client, "POST", "purchases", {**bought, "expected_at": "2030-03-09T12:00:00Z"})

    came = {"quantity": 3, "bin": "A-01", "document": "DN-9"}
    served = ask(client, "POST", f"purchases/{later['id']}/receive", came)["served"]

    assert [one["quantity"] for one in served] == [2]
    assert world.here.of(order) == {"reserved": 2}
    left = {
        one["id"]: one["received"] for one in ask(client, "GET", "purchases", open=True)["rows"]
    }
    assert left == {first["id"]: 0, later["id"]: 3}
    (row,) = ask(client, "GET", f"parts/{world.here.part}/availability")["rows"]
    assert [each["quantity"] for each in row["incoming"]] == [5, 2]


def test_lane_and_terms_of_a_depot_are_set_and_read(world: World) -> None:
    path = f"depots/{world.here.depot}"
    lane = {"price": 400, "duration_s": 3600, "departures": [50_000, 30_000]}

    ask(world.admin, "PUT", f"{path}/lanes/{world.there.depot}", lane)
    ask(world.admin, "PUT", f"{path}/sourcing-terms", {"split_price": 260, "handling_s": 600})

    clerk = world.as_role("dispatcher")
    (found,) = ask(clerk, "GET", f"{path}/lanes")["rows"]
    assert (found["price"], found["departures"]) == (400, [30_000, 50_000])
    assert ask(clerk, "GET", f"{path}/sourcing-terms")["split_price"] == 260
    ask(world.admin, "DELETE", f"{path}/lanes/{world.there.depot}")
    assert ask(clerk, "GET", f"{path}/lanes")["rows"] == []


def test_lot_is_traced_to_its_customer_and_back_to_its_supplier(world: World) -> None:
    client = world.as_role("warehouse")
    receive(world, 3, part_id=str(world.here.lot_part), lot="L7")
    order = world.here.order(0, 0, 2)
    (task,) = listed(world, order)["tasks"]
    scan = {"number": "3", "lot": "L7", "quantity": 2}
    ask(client, "POST", f"pick-tasks/{task['id']}/scan", scan)
    delivery = delivery_of(world, order)["id"]
    ask(client, "POST", "loads", {"delivery_ids": [delivery], "scanned": [], "van": "van 2"})

    (lot,) = ask(client, "GET", "trace/lots", number="L7")["rows"]

    assert [(one["supplier"], one["document"]) for one in lot["came_from"]] == [("Bosch", "DN-1")]
    assert [(one["bin"], one["quantity"]) for one in lot["lies"]] == [("A-01", 1)]
    assert (lot["went"][-1]["van"], lot["went"][-1]["customer_name"]) == ("van 2", "王记汽修")
    behind = ask(client, "GET", f"trace/orders/{order}")["rows"]
    assert [one["lot"] for one in behind] == ["L7"]
    elsewhere = ask(world.as_role("warehouse", bound=True), "GET", "trace/lots", number="L7")
    assert len(elsewhere["rows"]) == 1


def test_trace_leaves_out_what_lies_at_depots_of_others(world: World) -> None:
    world.there.receive(3, part=world.there.lot_part, lot="L8")
    bound = world.as_role("warehouse", bound=True)

    assert ask(bound, "GET", "trace/lots", number="L8")["rows"] == []
    assert len(ask(world.admin, "GET", "trace/lots", number="L8")["rows"]) == 1


def test_expired_goods_are_told_and_not_promised(world: World) -> None:
    gone = (date.today() - timedelta(days=3)).isoformat()  # noqa: DTZ011  the depot's or the day before
    receive(world, 4, part_id=str(world.here.lot_part), lot="old", expires_on=gone)

    client = world.as_role("warehouse")
    (row,) = ask(client, "GET", f"parts/{world.here.lot_part}/availability")["rows"]
    (level,) = ask(client, "GET", "stock/levels", part_id=str(world.here.lot_part))["rows"]

    assert (row["on_hand"], row["expired"], row["available"]) == (4, 4, 0)
    assert (level["expired"], level["available"]) == (4, 0)


@pytest.mark.parametrize("path", ["stock/bins", "stock/movements", "stock/levels"])
def test_books_are_read_page_by_page(world: World, path: str) -> None:
    client = world.as_role("warehouse")
    for n in range(5):
        receive(world, 1 + n, f"A-{n}", part_id=str(world.here.part))
    world.there.receive(1)
    whole = ask(client, "GET", path, limit=200)["rows"]

    seen: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(client, "GET", path, limit=2, **cursor)
        seen += page["rows"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert seen == whole
    assert len(whole) == (2 if path == "stock/levels" else 6)


@pytest.mark.parametrize("cursor", ["W10", "WyJhIl0", "bm8", "WzEsMiwzXQ", "WyJcdTAwMDAiLCIiXQ"])
def test_cursor_that_no_page_gave_is_refused(world: World, cursor: str) -> None:
    answer = world.admin.get(f"{API}/stock/bins", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


def test_parts_are_found_by_other_numbers_and_offered_with_their_successors(world: World) -> None:
    client = world.as_role("dispatcher")
    old, new = str(world.here.part), str(world.here.other_part)
    ask(client, "POST", f"parts/{old}/numbers", {"maker": "VW", "number": "5Q0 615 301"})
    ask(client, "PUT", f"parts/{old}/successor", {"successor_id": new})
    world.here.receive(3, part=world.here.other_part)

    found = ask(client, "GET", "parts/search", text="5q0-615301")["rows"]
    offered = ask(client, "GET", f"parts/{old}/substitutes")
    instead = ask(client, "GET", f"parts/{old}/instead")["rows"]

    assert [(each["part"]["id"], each["by"]) for each in found] == [(old, "cross_number")]
    assert [each["id"] for each in offered["substitutes"]] == [new]
    assert [(each["part_id"], each["depots"][0]["available"]) for each in instead] == [(new, 3)]
    ask(client, "DELETE", f"parts/{old}/successor")
    assert ask(client, "GET", f"parts/{old}/substitutes")["replaced_by"] == []


def test_price_holds_until_the_next_one_begins(world: World) -> None:
    client, path = world.as_role("dispatcher"), f"parts/{world.here.part}"
    for amount, since in ((42_000, "2026-01-01T00:00:00Z"), (45_000, "2026-07-01T00:00:00Z")):
        price = {"amount": amount, "core_deposit": 30_000, "valid_from": since}
        ask(client, "POST", f"{path}/prices", price)

    june = ask(client, "GET", f"{path}/price", at="2026-06-30T00:00:00Z")
    july = ask(client, "GET", f"{path}/price", at="2026-07-02T00:00:00Z")
    before = client.get(f"{API}/{path}/price", params={"at": "2025-01-01T00:00:00Z"})

    assert (june["amount"], july["amount"], june["core_deposit"]) == (42_000, 45_000, 30_000)
    assert before.status_code == 404
    assert len(ask(client, "GET", f"{path}/prices")["rows"]) == 2


def test_dangerous_part_says_what_it_is(world: World) -> None:
    hazard = {"un_number": "3268", "hazard_class": "9"}

    ask(world.admin, "PUT", f"parts/{world.here.part}/hazard", hazard)

    part = ask(world.admin, "GET", f"parts/{world.here.part}")
    assert (part["dangerous"], part["un_number"], part["hazard_class"]) == (True, "3268", "9")
