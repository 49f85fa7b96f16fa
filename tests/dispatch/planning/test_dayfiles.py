from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.planning import dayfiles
from dispatch.planning.day import Day
from dispatch.sheets.faults import BadDay, RowFault
from tests.dispatch import files
from tests.dispatch.files import GOOD, orders


def read_faults(path: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(BadDay) as refused:
        dayfiles.read(path)
    for fault in refused.value.faults:
        assert fault.cause
        assert fault.action
    return [(fault.table, fault.row, fault.column, fault.code) for fault in refused.value.faults]


def test_a_good_folder_is_read_in_integers_of_small_units(tmp_path: Path) -> None:
    day = dayfiles.read(files.write(tmp_path))
    first, second, third = day.orders
    assert (first.weight_g, first.volume_ml, first.service_s) == (12_500, 40_000, 300)
    assert (first.earliest, first.latest) == (8 * 3600 + 1800, 10 * 3600)
    assert (second.name, second.priority, second.depot) == ("张三汽修", 3, "W1")
    assert second.skills == {"dg"}
    assert (third.latest, third.service_s) == (None, 240)
    van, bare = day.vehicles
    assert (van.cost_fixed, van.cost_per_km, van.cost_per_h) == (8000, 120, 4500)
    assert (van.max_distance_m, van.max_stops, van.capacity_g) == (200_000, 30, 400_000)
    assert (bare.capacity_g, bare.max_stops, bare.cost_fixed) == (None, None, 8000)
    assert day.depots[0].timezone == "Europe/Monaco"
    assert day.faults == ()


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("gb18030"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: ("sep=;\n" + text.replace(",", ";")).encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.translate(
            str.maketrans("0123456789:", "０１２３４５６７８９：")
        ).encode(),
    ],
)
def test_any_usual_encoding_and_delimiter_means_the_same(tmp_path: Path, encode: object) -> None:
    assert callable(encode)
    table = "order,lon,lat,name,earliest\nA,7.42,43.73,张三汽修厂,08:30\n"
    day = dayfiles.read(files.write(tmp_path, orders=encode(table)))
    only = day.orders[0]
    assert (only.lon, only.lat, only.name, only.earliest) == (7.42, 43.73, "张三汽修厂", 30600)


def test_chinese_headers_are_understood(tmp_path: Path) -> None:
    table = "订单号,经度,纬度,名称,最早,重量kg\nA,7.42,43.73,张三,8点半,5\n"
    day = dayfiles.read(files.write(tmp_path, orders=table))
    assert (day.orders[0].earliest, day.orders[0].weight_g) == (30600, 5000)


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, text in GOOD.items():
        sheet = book.create_sheet(name.removesuffix(".csv").title())
        for line in text.splitlines():
            sheet.append(line.split(","))
    sheet = book["Orders"]
    sheet["A2"], sheet["B2"], sheet["C2"] = 1001, 7.42, 43.73
    sheet["E2"], sheet["F2"] = time(8, 30), 10 / 24
    book.save(path)
    return path


def test_a_workbook_with_the_same_sheets_is_the_same_day(tmp_path: Path) -> None:
    day = dayfiles.read(workbook(tmp_path / "day.xlsx"))
    folder = dayfiles.read(files.write(tmp_path))
    assert day.orders[0].id == "1001"
    assert (day.orders[0].earliest, day.orders[0].latest) == (30600, 36000)
    assert day.orders[1:] == folder.orders[1:]
    assert day.vehicles == folder.vehicles


def test_a_formula_without_a_result_and_an_error_are_not_taken_for_empty(tmp_path: Path) -> None:
    path = workbook(tmp_path / "day.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Orders"]
    sheet["B2"], sheet["H3"] = "=7+0.42", "=H2*2"
    sheet["E4"] = "#N/A"
    sheet["E4"].data_type = "e"
    book.save(path)
    assert read_faults(path) == [
        ("orders", 2, "lon", "no_value"),
        ("orders", 3, "weight_kg", "no_value"),
        ("orders", 4, "earliest", "no_value"),
    ]
    with pytest.raises(BadDay) as refused:
        dayfiles.read(path, skip_bad=True)
    causes = [fault.cause for fault in refused.value.faults]
    assert causes[:3] == ["its formula has no saved result"] * 2 + ["it shows #N/A"]


def test_a_formula_with_a_saved_result_is_its_result(tmp_path: Path) -> None:
    path = workbook(tmp_path / "day.xlsx")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    (part,) = (name for name, content in parts.items() if b"<v>7.42</v>" in content)
    sheet = parts[part].replace(b"<v>7.42</v>", b"<f>7+0.42</f><v>7.42</v>", 1)
    empty = b'<c r="D2" t="str"><f>IF(1,"","x")</f><v></v></c>'
    parts[part] = re.sub(rb'<c r="D2".*?</c>', empty, sheet)
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    first = dayfiles.read(path).orders[0]
    assert (first.lon, first.lat, first.name) == (7.42, 43.73, "")


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write(tmp_path)

    def locked(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", locked)
    assert read_faults(tmp_path) == [
        ("depots", 0, "", "unreadable"),
        ("orders", 0, "", "unreadable"),
        ("vehicles", 0, "", "unreadable"),
    ]


def test_a_file_that_is_no_text_is_told_by_its_first_bad_row(tmp_path: Path) -> None:
    table = "order,lon,lat,name\nA,7,43,ok\nB,7,43,Café 1\n".encode("latin-1")
    with pytest.raises(BadDay) as refused:
        dayfiles.read(files.write(tmp_path, orders=table))
    (fault,) = refused.value.faults
    assert (fault.row, fault.code) == (3, "bad_encoding")


BAD_ORDERS: list[tuple[str, list[tuple[int, str, str]]]] = [
    ("A1,abc,43.73,,,,,,,,,", [(2, "lon", "bad_number")]),
    ("A1,7.42,43.73,,,,,-1,,,,", [(2, "weight_kg", "negative_number")]),
    ("A1,7.42,43.73,,,,,1e9,,,,", [(2, "weight_kg", "number_too_large")]),
    ("A1,7.42,43.73,,10:00,09:00,,,,,,", [(2, "latest", "window_reversed")]),
    ("A1,7.42,43.73,,soon,,,,,,,", [(2, "earliest", "bad_time")]),
    ("A1,43.73,107.42,,,,,,,,,", [(2, "lat", "swapped_coordinates")]),
    ("A1,7.42,,,,,,,,,,", [(2, "lat", "missing_value")]),
    ("A1,,,,,,,,,,,", [(2, "address", "missing_value")]),
    (",7.42,43.73,,,,,,,,,", [(2, "order", "missing_value")]),
    ("A1,7.42,43.73,,,,,,,,,W9", [(2, "depot", "unknown_depot")]),
    ("A1,7.42,43.73,,,,,,,,2.5,", [(2, "priority", "bad_number")]),
    ("A1,7.42,43.73,,,,,,,,101,", [(2, "priority", "number_too_large")]),
    ("A1,7.42,43.73,a,b,c,d,e,f,g,h,i,j", [(2, "", "too_many_values")]),
    ("A1,x,y,,z,,,-1,,,,", [(2, "lon", "bad_number"), (2, "lat", "bad_number")]),
]


@pytest.mark.parametrize(("row", "faults"), BAD_ORDERS)
def test_a_bad_order_is_named_by_row_and_column(
    tmp_path: Path, row: str, faults: list[tuple[int, str, str]]
) -> None:
    found = read_faults(files.write(tmp_path, orders=orders(row)))
    assert {("orders", *fault) for fault in faults} <= set(found)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"orders": None}, ("orders", 0, "", "missing_file")),
        ({"orders": ""}, ("orders", 0, "", "empty_file")),
        ({"orders": "order,lon,lat\n\n"}, ("orders", 0, "", "empty_file")),
        ({"orders": 'order,lon,lat\nA,1,"2\n'}, ("orders", 2, "", "damaged_file")),
        ({"orders": b"order\n\xff\xff\xff"}, ("orders", 2, "", "bad_encoding")),
        ({"orders": b"PK\x03\x04\x00\x00"}, ("orders", 0, "", "bad_encoding")),
        ({"orders": "ordr,lon,lat\nA,7,43\n"}, ("orders", 1, "order", "missing_column")),
        (
            {"orders": "order,lon,lat,wieght_kg\nA,7,43,1\n"},
            ("orders", 1, "wieght_kg", "unknown_column"),
        ),
        ({"orders": "order,lon,lat,lat\nA,7,43,1\n"}, ("orders", 1, "lat", "duplicate_column")),
        ({"orders": "order,lon,lat\nA,7,43\nA,7,43\n"}, ("orders", 3, "order", "duplicate_order")),
        ({"orders": "order,lon,lat,datum\nA,7,43,mars\n"}, ("orders", 2, "datum", "unknown_datum")),
        ({"orders": "order,address\nA,Rue X\n"}, ("orders", 2, "address", "no_address_index")),
        (
            {"depots": "depot,lon,lat,timezone\nW1,7,43,Mars/Base\n"},
            ("depots", 2, "timezone", "unknown_timezone"),
        ),
        (
            {"depots": GOOD["depots.csv"] + "W2,7,43,,,UTC\n"},
            ("depots", 3, "depot", "no_vehicle_for_depot"),
        ),
        (
            {"depots": "depot,lon,lat,opens,closes,timezone\nW1,7,43,18:00,20:00,UTC\n"},
            ("vehicles", 2, "shift_start", "shift_outside_hours"),
        ),
        (
            {"vehicles": "vehicle,depot,profile,shift_start,shift_end\nv,W1,tank,08:00,17:00\n"},
            ("vehicles", 2, "profile", "unknown_profile"),
        ),
        (
            {"vehicles": "vehicle,depot,profile,shift_start,shift_end\nv,W1,van,17:00,08:00\n"},
            ("vehicles", 2, "shift_end", "window_reversed"),
        ),
        (
            {"vehicles": "vehicle,depot,profile,shift_start,shift_end\nv,W7,van,08:00,17:00\n"},
            ("vehicles", 2, "depot", "unknown_depot"),
        ),
    ],
)
def test_a_bad_file_is_named_with_its_fault(
    tmp_path: Path, changes: dict[str, str | bytes | None], fault: tuple[str, int, str, str]
) -> None:
    assert fault in read_faults(files.write(tmp_path, **changes))


def test_faults_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    found = read_faults(
        files.write(
            tmp_path,
            orders=orders("A1,x,43.73,,,,,,,,,", "A1,7.42,43.73,,9:00,8:00,,,,,,"),
            vehicles="vehicle,depot,profile,shift_start,shift_end\nv,W1,tank,8h,17:00\n",
            depots="depot,lon,lat,timezone\nW1,7,43,Mars\n",
        )
    )
    assert [fault[3] for fault in found] == [
        "unknown_timezone",
        "bad_number",
        "window_reversed",
        "duplicate_order",
        "bad_time",
        "unknown_profile",
    ]


def test_a_header_with_a_typing_error_is_told_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(BadDay) as refused:
        dayfiles.read(files.write(tmp_path, orders="order,lon,lat,wieght_kg\nA,7,43,1\n"))
    assert refused.value.faults[0].action == "rename it to weight_kg"


def test_a_file_with_a_wrong_name_is_told_which(tmp_path: Path) -> None:
    files.write(tmp_path, orders=None)
    (tmp_path / "order.csv").write_text("order\n")
    with pytest.raises(BadDay) as refused:
        dayfiles.read(tmp_path)
    assert refused.value.faults[0].action == "rename order.csv to orders.csv"


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    table = 'order,lon,lat,name\nA,7,43,"two\nlines"\n\nB,7,43,x\nC,7,y,z\n'
    assert read_faults(files.write(tmp_path, orders=table)) == [("orders", 5, "lat", "bad_number")]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\x00" * 64])
def test_a_damaged_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "day.xlsx"
    path.write_bytes(content)
    assert read_faults(path)[0] == ("", 0, "", "damaged_file")


def test_a_workbook_without_a_sheet_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "day.xlsx")
    found = read_faults(tmp_path / "day.xlsx")
    assert [fault[3] for fault in found] == ["missing_sheet"] * 3


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    assert read_faults(tmp_path / "none") == [("", 0, "", "missing_file")]


def test_good_rows_are_kept_when_bad_ones_may_be_skipped(tmp_path: Path) -> None:
    table = orders("A1,7.42,43.73,,,,,,,,,", "A2,x,43.73,,,,,,,,,", "A1,7.42,43.73,,,,,,,,,")
    day = dayfiles.read(files.write(tmp_path, orders=table), skip_bad=True)
    assert [order.id for order in day.orders] == ["A1"]
    assert [(fault.row, fault.code) for fault in day.faults] == [
        (3, "bad_number"),
        (4, "duplicate_order"),
    ]


def test_what_hangs_on_a_bad_depot_is_left_aside_with_it(tmp_path: Path) -> None:
    day = dayfiles.read(
        files.write(
            tmp_path,
            depots=GOOD["depots.csv"] + "W2,x,43,,,UTC\n",
            vehicles=GOOD["vehicles.csv"] + "van 3,W2,van,,,08:00,17:30,,,,,,\n",
            orders=orders("A1,7.42,43.73,,,,,,,,,", "A2,7.42,43.73,,,,,,,,,W2"),
        ),
        skip_bad=True,
    )
    assert [depot.id for depot in day.depots] == ["W1"]
    assert [vehicle.id for vehicle in day.vehicles] == ["van 1", "van 2"]
    assert [order.id for order in day.orders] == ["A1"]
    assert [fault.code for fault in day.faults] == [
        "bad_number",
        "depot_left_aside",
        "depot_left_aside",
    ]


def test_nothing_is_skipped_when_nothing_would_be_left(tmp_path: Path) -> None:
    files.write(tmp_path, orders=orders("A1,x,43.73,,,,,,,,,"))
    with pytest.raises(BadDay) as refused:
        dayfiles.read(tmp_path, skip_bad=True)
    assert refused.value.faults[-1].code == "nothing_left"


def test_coordinates_of_a_chinese_map_service_are_shifted_back(tmp_path: Path) -> None:
    table = "order,lon,lat,datum\nA,121.4737,31.2304,GCJ-02\nB,121.4737,31.2304,\n"
    shifted, plain = dayfiles.read(files.write(tmp_path, orders=table)).orders
    assert (plain.lon, plain.lat) == (121.4737, 31.2304)
    assert 300 < abs(shifted.lon - plain.lon) * 95_000 < 700


@dataclass(frozen=True)
class Found:
    lon: float
    lat: float
    label: str
    quality: float


class Index:
    """Knows two streets of the same name far apart, and one house."""

    def search(
        self, text: str, *, near: tuple[float, float] | None = None, limit: int = 5
    ) -> Sequence[Found]:
        known = {
            "Rue Grimaldi 12": [Found(7.421, 43.737, "12 Rue Grimaldi", 1.0)],
            "Rue Grimaldi": [Found(7.421, 43.737, "Rue Grimaldi", 0.6)],
            "Main Street 1": [
                Found(7.1, 43.1, "1 Main Street, A", 1.0),
                Found(7.9, 43.9, "1 Main Street, B", 1.0),
            ],
        }
        return known.get(text, [])


def test_an_address_is_looked_up(tmp_path: Path) -> None:
    folder = files.write(tmp_path, orders="order,address\nA,Rue Grimaldi 12\n")
    (order,) = dayfiles.read(folder, geocoder=Index()).orders
    assert (order.lon, order.lat, order.found) == (7.421, 43.737, "12 Rue Grimaldi")


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("Rue Grimaldi", "address_not_found", "Rue Grimaldi (0.60)"),
        ("Nowhere 5", "address_not_found", "Nowhere 5"),
        ("Main Street 1", "address_ambiguous", "1 Main Street, B (1.00)"),
    ],
)
def test_an_address_that_is_not_certain_is_refused_with_what_was_found(
    tmp_path: Path, address: str, code: str, said: str
) -> None:
    folder = files.write(tmp_path, orders=f"order,address\nA,{address}\n")
    with pytest.raises(BadDay) as refused:
        dayfiles.read(folder, geocoder=Index())
    (fault,) = refused.value.faults
    assert fault.code == code
    assert said in fault.cause


def test_what_a_survey_of_the_map_finds_is_told_with_the_rest(tmp_path: Path) -> None:
    folder = files.write(tmp_path, orders=orders("A1,7.42,43.73,,,,,,,,,", "A2,x,43.73,,,,,,,,,"))

    def survey(day: Day) -> Sequence[RowFault]:
        return [RowFault("orders", row.row, "lon", "off_road", "far", "move") for row in day.orders]

    with pytest.raises(BadDay) as refused:
        dayfiles.read(folder, survey=survey)
    assert [(fault.row, fault.code) for fault in refused.value.faults] == [
        (2, "off_road"),
        (3, "bad_number"),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=4).map(
            lambda rows: "\n".join(",".join(row) for row in rows).encode()
        ),
        st.text(alphabet='order,lonlat\n"7;4.\t3A-:', max_size=80).map(
            lambda text: f"order,lon,lat\n{text}".encode()
        ),
    )
)
def test_no_file_of_orders_fails_otherwise_than_by_faults(tmp_path: Path, content: bytes) -> None:
    faults: tuple[RowFault, ...] = ()
    try:
        day = dayfiles.read(files.write(tmp_path, orders=content))
    except BadDay as refused:
        faults = refused.faults
    else:
        assert day.orders
    assert all(fault.code and fault.cause and fault.action for fault in faults)
