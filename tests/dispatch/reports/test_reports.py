from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from io import BytesIO
from itertools import pairwise

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject, PdfObject

from dispatch.planning.planned import PlannedDay
from dispatch.reports import fonts, geojson, manifest, plan_json, workbook
from routing.formats import vroom
from tests.dispatch import sample


@pytest.fixture(scope="module")
def planned() -> PlannedDay:
    return sample.small()


def test_plan_json_names_things_as_the_user_does(planned: PlannedDay) -> None:
    document = plan_json.document(planned)
    first, second = document["routes"]
    assert (first["vehicle"], second["vehicle"]) == ("沪A·12345", "van 2")
    jobs = [step["id"] for step in first["steps"] if step["type"] == "job"]
    assert jobs == ["SO-0001", "SO-0003", "SO-0004"]
    (left_out,) = document["unassigned"]
    assert left_out["id"] == "SO-0006"
    assert left_out["reason"]


def test_plan_json_tells_wall_clock_times_with_their_offset(planned: PlannedDay) -> None:
    document = plan_json.document(planned)
    start = datetime.fromisoformat(document["plan"]["start"])
    for route in document["routes"]:
        for step in route["steps"]:
            at = datetime.fromisoformat(step["arrival_at"])
            assert at == start + timedelta(seconds=step["arrival"])
            assert at.utcoffset() == timedelta(hours=8)


def test_plan_json_is_read_back_as_the_same_solution(planned: PlannedDay) -> None:
    document = json.loads(json.dumps(plan_json.document(planned)))
    again = vroom.read_solution(planned.problem, document)
    assert again.routes == planned.solution.routes


def test_one_ended_windows_keep_their_open_end(planned: PlannedDay) -> None:
    jobs = [job for route in plan_json.document(planned)["routes"] for job in route["steps"]]
    windows = {job["id"]: job.get("window_at") for job in jobs}
    assert windows["SO-0005"] == ["2026-03-02T14:00:00+08:00", None]
    assert windows["SO-0004"] is None


def test_geojson_draws_each_route_from_depot_to_depot(planned: PlannedDay) -> None:
    features = geojson.document(planned)["features"]
    lines = [f for f in features if f["geometry"]["type"] == "LineString"]
    assert len(lines) == len(planned.routes)
    for line in lines:
        points = line["geometry"]["coordinates"]
        assert points[0] == points[-1] == [121.4, 31.2]
        assert all(here != there for here, there in pairwise(points))


def test_geojson_has_each_order_once(planned: PlannedDay) -> None:
    features = geojson.document(planned)["features"]
    named = [order for f in features for order in f["properties"].get("orders", ())]
    assert sorted(named) == sorted(planned.day.order_by_id)


def test_orders_at_one_place_are_one_stop(planned: PlannedDay) -> None:
    stops = planned.routes[0].stops
    assert [[order.id for order in stop.orders] for stop in stops] == [
        ["SO-0001"],
        ["SO-0003", "SO-0004"],
    ]
    assert len(planned.routes[0].legs) == 3


def sheet(planned: PlannedDay, name: str) -> Worksheet:
    found = openpyxl.load_workbook(BytesIO(workbook.workbook(planned)))[name]
    assert isinstance(found, Worksheet)
    return found


def column(page: Worksheet, title: str) -> list[object]:
    titles = [str(cell.value).partition("\n")[0] for cell in page[1]]
    place = titles.index(title)
    return [row[place] for row in page.iter_rows(min_row=2, values_only=True)]


def test_the_workbook_has_a_sheet_for_each_question(planned: PlannedDay) -> None:
    book = openpyxl.load_workbook(BytesIO(workbook.workbook(planned)))
    assert book.sheetnames == ["Summary", "Routes", "Stops", "Unplanned", "Left aside"]


def test_every_title_of_the_workbook_is_in_english_and_chinese(planned: PlannedDay) -> None:
    book = openpyxl.load_workbook(BytesIO(workbook.workbook(planned)))
    titles = [cell.value for page in book.worksheets[1:] for cell in page[1]]
    titles += [row[0] for row in book["Summary"].iter_rows(values_only=True)]
    plain = [title for title in titles if not re.search(r"[\u4e00-\u9fff]", str(title))]
    assert plain == ["Reason", "What helps"]  # Each has a column of its own in Chinese.
    assert all(len(row) == len(set(row)) for row in (([c.value for c in p[1]]) for p in book))


def test_the_workbook_says_in_chinese_why_an_order_is_not_planned(planned: PlannedDay) -> None:
    assert column(sheet(planned, "Unplanned"), "原因") == ["不在给定的路线顺序中"]
    assert column(sheet(planned, "Unplanned"), "解决办法") == ["把它排进一条路线"]


def test_the_workbook_keeps_times_as_times(planned: PlannedDay) -> None:
    arrivals = column(sheet(planned, "Stops"), "Arrival")
    assert len(arrivals) == 5
    assert arrivals[0] == planned.clock(planned.routes[0].stops[0].arrival).replace(tzinfo=None)
    assert column(sheet(planned, "Stops"), "Latest")[-1] is None


def test_no_text_of_the_workbook_is_a_formula(planned: PlannedDay) -> None:
    book = openpyxl.load_workbook(BytesIO(workbook.workbook(planned)))
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert "f" not in kinds
    assert '=HYPERLINK("http://x")' in column(sheet(planned, "Stops"), "Name")


def test_the_header_row_stays_in_sight(planned: PlannedDay) -> None:
    for name in ("Routes", "Stops", "Unplanned"):
        assert sheet(planned, name).freeze_panes == "A2"


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_can_be_written(name: str, address: str) -> None:
    day = sample.day(sample.order(1, name=name, address=address))
    planned = sample.planned(day, {sample.VAN.id: ["SO-0001"]})
    workbook.workbook(planned)
    manifest.manifest(planned, planned.routes[0])
    json.dumps(plan_json.document(planned))


def _fonts(page: PageObject) -> list[str]:
    resources = page["/Resources"]
    assert isinstance(resources, DictionaryObject)
    found = resources["/Font"]
    assert isinstance(found, DictionaryObject)
    return [str(font["/BaseFont"]) for font in map(_dictionary, found.values())]


def _dictionary(value: PdfObject) -> DictionaryObject:
    found = value.get_object()
    assert isinstance(found, DictionaryObject)
    return found


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_a_manifest_names_vehicle_stops_and_orders(planned: PlannedDay) -> None:
    (page,) = pages(manifest.manifest(planned, planned.routes[0]))
    for text in (
        "沪A·12345",
        "2026-03-02",
        "张三汽修 1 Garage",
        "中山北路 10 号",
        "SO-0003",
        "SO-0004",
    ):
        assert text in page
    assert "Page 1 of 1" in page


def test_a_manifest_writes_letters_that_the_chinese_font_lacks(planned: PlannedDay) -> None:
    (page,) = pages(manifest.manifest(planned, planned.routes[1]))
    assert "Łódź 1 <b>&" in page


def test_a_manifest_embeds_only_what_it_uses(planned: PlannedDay) -> None:
    content = manifest.manifest(planned, planned.routes[0])
    assert len(content) < 200_000
    fonts_used = {name for page in PdfReader(BytesIO(content)).pages for name in _fonts(page)}
    assert any("NotoSansSC" in name for name in fonts_used)


def test_a_long_route_fills_several_numbered_pages() -> None:
    orders = [sample.order(n, weight_g=1000, earliest=None, latest=None) for n in range(1, 61)]
    planned = sample.planned(sample.day(*orders), {sample.VAN.id: [o.id for o in orders]})
    found = pages(manifest.manifest(planned, planned.routes[0]))
    assert len(found) > 2
    assert f"Page 2 of {len(found)}" in found[1]
    assert all("签收" in page for page in found[:-1])


def test_markup_escapes_and_falls_back() -> None:
    assert fonts.markup("a<b>&中") == "a&lt;b&gt;&amp;中"
    assert fonts.markup("Ł") == '<font name="DejaVuSans">Ł</font>'
    assert fonts.markup("\U0001f69a") in ("□", '<font name="DejaVuSans">\U0001f69a</font>')
