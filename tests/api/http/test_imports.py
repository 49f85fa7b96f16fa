from __future__ import annotations

import io
from typing import Any

import httpx
import openpyxl
import pytest

from api.http.settings import HttpSettings
from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.store.database import Database, reading
from tests.api.http import serving
from tests.api.http.serving import World
from tests.dispatch import shop as shops
from tests.dispatch.shop import Shop

IMPORTS = "/api/v1/imports"
HEADER = "order,customer,depot,repair_point,brand,part,quantity,notes"


def row(shop: Shop, number: str, **changes: str) -> str:
    """Return a line of a file of orders."""
    with reading(shop.db) as session:
        customer, depot = session.get(Customer, shop.customer), session.get(Depot, shop.depot)
        part = session.get(Part, shop.part)
    assert customer
    assert depot
    assert part
    cells = {
        "order": number,
        "customer": customer.number,
        "depot": depot.name,
        "repair_point": "本店",
        "brand": part.brand,
        "part": "1",
        "quantity": "1",
        "notes": "",
        **changes,
    }
    return ",".join(cells.values())


def upload(client: httpx.Client, *rows: str, name: str = "orders.csv", **how: Any) -> Any:
    """Import a file; return the answer."""
    content = "\n".join([HEADER, *rows, ""]).encode()
    told = send(client, content, name=name, **how)
    assert told.status_code == 200, told.text
    return told.json()


def send(client: httpx.Client, content: bytes, **how: Any) -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream"}
    return client.post(IMPORTS, params=how, content=content, headers=headers)


def fates(report: dict[str, Any]) -> dict[str, int]:
    return {fate: number for fate, number in report["fates"].items() if number}


def orders(client: httpx.Client) -> dict[str, dict[str, Any]]:
    rows = client.get("/api/v1/orders?limit=200").json()["rows"]
    return {order["number"]: order for order in rows}


def test_good_orders_are_accepted_and_bad_ones_wait_with_row_column_and_reason(
    world: World,
) -> None:
    client, shop = world.as_role("dispatcher"), world.here

    report = upload(
        client,
        row(shop, "N-1", notes="ring twice"),
        row(shop, "N-2", repair_point=""),
        row(shop, "N-3", quantity="-1"),
    )

    assert fates(report) == {"created": 1, "refused": 2}
    assert [(f["row"], f["column"], f["code"]) for f in report["faults"]] == [
        (3, "repair_point", "missing_value"),
        (4, "quantity", "negative_number"),
    ]
    (order,) = orders(client).values()
    assert (order["number"], order["status"], order["notes"]) == ("N-1", "accepted", "ring twice")
    told = client.get(f"{IMPORTS}/{report['import_id']}").json()
    assert (told["name"], told["num_waiting"], fates(told)) == ("orders.csv", 2, fates(report))


def test_quarantine_comes_page_by_page_from_the_top_of_the_file(world: World) -> None:
    client = world.as_role("dispatcher")
    report = upload(client, *[row(world.here, f"N-{n}", quantity="x") for n in range(5)])
    path, params = f"{IMPORTS}/{report['import_id']}/quarantine", {"limit": "2"}

    pages = [client.get(path, params=params).json()]
    while cursor := pages[-1]["next"]:
        pages.append(client.get(path, params={**params, "cursor": cursor}).json())

    assert [[entry["number"] for entry in page["rows"]] for page in pages] == [
        ["N-0", "N-1"],
        ["N-2", "N-3"],
        ["N-4"],
    ]
    assert [fault["row"] for page in pages for e in page["rows"] for fault in e["faults"]] == [
        *range(2, 7)
    ]


def test_order_is_repaired_in_place_and_the_whole_file_does_not_double_it(world: World) -> None:
    client, shop = world.as_role("dispatcher"), world.here
    report = upload(client, row(shop, "N-1"), row(shop, "N-2", quantity="x"))
    quarantine = f"{IMPORTS}/{report['import_id']}/quarantine"
    (entry,) = client.get(quarantine).json()["rows"]
    repair = f"{quarantine}/{entry['id']}/repair"

    still = client.post(repair, json={"cells": {"3": {"quantity": "?"}}}).json()
    taken = client.post(repair, json={"cells": {"3": {"quantity": "2"}}}).json()
    again = client.post(repair, json={"cells": {"3": {"quantity": "3"}}})

    assert [fault["code"] for fault in still["faults"]] == ["bad_number"]
    assert still["order_id"] is None
    assert taken["faults"] == []
    assert taken["order_id"] == orders(client)["N-2"]["id"]
    assert (again.status_code, again.json()["code"]) == (409, "already_repaired")
    assert client.get(quarantine).json()["rows"] == []
    whole = upload(client, row(shop, "N-1"), row(shop, "N-2", quantity="2"))
    assert fates(whole) == {"unchanged": 2}


@pytest.mark.parametrize(
    "cells", [{"9": {"quantity": "1"}}, {"2": {"quantity": "1", "colour": "red"}}]
)
def test_repair_of_what_the_order_does_not_have_is_refused(
    world: World, cells: dict[str, dict[str, str]]
) -> None:
    client = world.as_role("dispatcher")
    report = upload(client, row(world.here, "N-1", quantity="x"))
    quarantine = f"{IMPORTS}/{report['import_id']}/quarantine"
    (entry,) = client.get(quarantine).json()["rows"]

    answer = client.post(f"{quarantine}/{entry['id']}/repair", json={"cells": cells})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_cell")
    assert orders(client) == {}


def test_entry_is_repaired_only_through_its_own_import(world: World) -> None:
    client = world.as_role("dispatcher")
    first = upload(client, row(world.here, "N-1", quantity="x"))
    second = upload(client, row(world.here, "N-2"))
    (entry,) = client.get(f"{IMPORTS}/{first['import_id']}/quarantine").json()["rows"]

    path = f"{IMPORTS}/{second['import_id']}/quarantine/{entry['id']}/repair"
    answer = client.post(path, json={"cells": {"2": {"quantity": "1"}}})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_dry_run_tells_what_would_be_done(world: World) -> None:
    client = world.as_role("dispatcher")

    report = upload(client, row(world.here, "N-1"), row(world.here, "N-2", part="9"), dry_run=True)

    assert (report["import_id"], fates(report)) == (None, {"created": 1, "refused": 1})
    assert orders(client) == {}
    assert client.get(IMPORTS).json()["rows"] == []


def test_modes_say_what_may_be_done_with_numbers(world: World) -> None:
    client, shop = world.as_role("dispatcher"), world.here
    upload(client, row(shop, "N-1"))

    created = upload(client, row(shop, "N-1", quantity="5"))
    merged = upload(client, row(shop, "N-1", quantity="5"), mode="merge")

    assert [fault["code"] for fault in created["faults"]] == ["order_differs"]
    assert fates(merged) == {"updated": 1}
    assert [line["quantity"] for line in orders(client)["N-1"]["lines"]] == [5]


def test_import_is_undone_but_for_what_was_touched_since(world: World) -> None:
    client, shop = world.as_role("dispatcher"), world.here
    report = upload(client, row(shop, "N-1"), row(shop, "N-2"), row(shop, "N-3", quantity="x"))
    touched = orders(client)["N-2"]["id"]
    changed = client.patch(
        f"/api/v1/orders/{touched}", json={"priority": 5}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200
    path = f"{IMPORTS}/{report['import_id']}"

    undone = client.post(f"{path}/undo")
    again = client.post(f"{path}/undo")

    assert undone.json() == {
        "num_undone": 1,
        "kept": [{"number": "N-2", "why_kept": "it was changed since"}],
    }
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")
    assert client.get(path).json()["num_waiting"] == 0
    assert fates(upload(client, row(shop, "N-1"))) == {"created": 1}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_template_that_is_filled_in_is_imported(world: World, language: str, form: str) -> None:
    client = world.as_role("dispatcher")
    template = client.get(f"{IMPORTS}/template", params={"language": language, "form": form})
    assert template.status_code == 200
    assert f"orders-{language}.{form}" in template.headers["Content-Disposition"]

    report = send(client, template.content, name=f"mine.{form}", dry_run=True).json()

    # Its example names a firm that is not there; its columns are understood.
    assert {fault["code"] for fault in report["faults"]} == {
        "unknown_depot",
        "unknown_customer",
        "unknown_part",
    }


def test_workbook_is_told_by_the_name_of_the_file(world: World) -> None:
    client = world.as_role("dispatcher")
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        sheet.title = "orders"
        for line in (HEADER, row(world.here, "N-1")):
            sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)

    told = send(client, out.getvalue(), name="March.XLSX")
    wrong = send(client, out.getvalue(), name="March.csv")

    assert fates(told.json()) == {"created": 1}
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_file")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"order,part\nN-1,1\n", "the column customer is missing"),
        (b"\n", "is empty"),
        (b"\x00\x01", "no text"),
    ],
)
def test_file_that_cannot_be_read_is_refused_as_a_whole(
    world: World, content: bytes, cause: str
) -> None:
    answer = send(world.as_role("dispatcher"), content, name="orders.csv")

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_file")
    assert cause in answer.json()["detail"]


def test_who_is_bound_to_a_depot_imports_for_it_alone_and_sees_its_own_imports(
    world: World,
) -> None:
    boss, client = world.as_role("dispatcher"), world.as_role("dispatcher", bound=True)
    others = upload(boss, row(world.there, "T-1"), row(world.there, "T-2", quantity="x"))

    mine = upload(client, row(world.here, "N-1"), row(world.there, "N-2"))
    foreign = client.get(f"{IMPORTS}/{others['import_id']}")

    assert fates(mine) == {"created": 1, "refused": 1}
    assert [fault["code"] for fault in mine["faults"]] == ["unknown_depot"]
    assert (foreign.status_code, foreign.json()["code"]) == (403, "wrong_depot")
    assert [one["id"] for one in client.get(IMPORTS).json()["rows"]] == [mine["import_id"]]
    assert len(boss.get(IMPORTS).json()["rows"]) == 2
    (entry,) = client.get(f"{IMPORTS}/{mine['import_id']}/quarantine").json()["rows"]
    repair = f"{IMPORTS}/{mine['import_id']}/quarantine/{entry['id']}/repair"
    told = client.post(repair, json={"cells": {"3": {"part": "1"}}}).json()
    assert [fault["code"] for fault in told["faults"]] == ["unknown_depot"]


def test_only_files_may_be_larger_than_other_bodies(db: Database) -> None:
    small = HttpSettings(body_bytes=2_000, upload_bytes=20_000, rate_per_caller=1e5)
    with serving.served(db, small) as world:
        client = world.as_role("dispatcher")
        line = row(world.here, "N-1")

        as_file = send(client, "\n".join([HEADER, line, *[","] * 3_000]).encode(), name="a.csv")
        too_large = send(client, b"x" * 20_001, name="a.csv")
        as_order = client.post("/api/v1/orders", content=b" " * 2_001)

    assert (as_file.status_code, fates(as_file.json())) == (200, {"created": 1})
    assert (too_large.status_code, too_large.json()["code"]) == (413, "body_too_large")
    assert (as_order.status_code, as_order.json()["code"]) == (413, "body_too_large")


def test_ten_thousand_orders_go_through_one_request(world: World) -> None:
    client = world.as_role("dispatcher")
    lines = [row(world.here, "N-{}")] * 10_000

    report = upload(client, *[line.format(n) for n, line in enumerate(lines)])

    assert fates(report) == {"created": 10_000}
    shops.assert_books_right(world.db)


def test_customer_has_no_imports(world: World) -> None:
    answer = world.as_role("customer").get(IMPORTS)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
