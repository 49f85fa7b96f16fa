from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.sheets import fields
from dispatch.sheets.cells import Cell
from dispatch.sheets.fields import BadField

FULL_WIDTH = str.maketrans("0123456789:.-", "０１２３４５６７８９：．－")

NINE = 9 * 3600


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        ("8:30", 30600),
        ("08:30:00", 30600),
        (" 08：30 ", 30600),
        ("０８：３０", 30600),
        ("8点半", 30600),
        ("8点", 28800),
        ("14时05分", 50700),
        ("8:30 PM", 73800),
        ("12:15 am", 900),
        ("24:00", 86400),
        ("26:00", 93600),
        ("0.375", NINE),
        (time(9), NINE),
        (timedelta(hours=26), 93600),
        (datetime.fromisoformat("1899-12-30T09:00"), NINE),
        (0.375, NINE),
    ],
)
def test_a_time_of_day_is_read_however_it_is_written(cell: Cell, clock: int) -> None:
    assert fields.clock(cell) == clock


@pytest.mark.parametrize(
    "cell",
    ["", "8", "25:61", "8:3", "-1:00", "49:00", "noon", "13:00 pm", 8, 1.5, True, "nan"],
)
def test_what_is_no_time_is_refused(cell: Cell) -> None:
    with pytest.raises(BadField) as refused:
        fields.clock(cell)
    assert refused.value.code == "bad_time"


@pytest.mark.parametrize("cell", [date(2026, 3, 2), datetime.fromisoformat("2026-03-02T08:30")])
def test_a_time_with_a_date_is_refused(cell: Cell) -> None:
    with pytest.raises(BadField, match="has a date"):
        fields.clock(cell)


@given(st.integers(0, fields.MAX_CLOCK))
def test_every_clock_time_that_is_written_is_read_back(second: int) -> None:
    assert fields.clock(fields.clock_text(second)) == second
    assert fields.clock(fields.clock_text(second).translate(FULL_WIDTH)) == second


@given(st.floats(-1e9, 1e9))
def test_every_number_is_read_in_all_its_digits(value: float) -> None:
    assert fields.number(repr(value)) == value
    assert fields.number(repr(value).translate(FULL_WIDTH)) == value
    assert fields.number(value) == value


@given(st.one_of(st.text(max_size=12), st.floats(), st.booleans(), st.integers(), st.times()))
def test_no_cell_makes_a_parser_fail_otherwise_than_by_refusing(cell: Cell) -> None:
    for parse in (fields.number, fields.clock, fields.skills):
        refused = None
        try:
            parse(cell)
        except BadField as error:
            refused = error
        assert refused is None or (refused.cause.isprintable() and refused.action)


@pytest.mark.parametrize(
    ("written", "value"), [("3,5", 3.5), ("12", 12.0), ("−7,25", -7.25), ("1.5", 1.5)]
)
def test_a_comma_is_decimal_where_it_does_not_part_values(written: str, value: float) -> None:
    assert fields.number(written, decimal_comma=True) == value


def test_thousands_may_be_parted_where_a_comma_is_not_decimal() -> None:
    assert fields.number("1,200.5") == 1200.5


@pytest.mark.parametrize("cell", ["", "abc", "12 kg", "nan", "inf", "1,5", "0x10", "1_000", True])
def test_what_is_no_number_is_refused(cell: Cell) -> None:
    with pytest.raises(BadField, match="is no number"):
        fields.number(cell)


@pytest.mark.parametrize(
    "written", ["dg heavy", "DG;heavy", "dg|heavy", "dg/heavy", "ｄｇ、heavy", "heavy,dg, dg"]
)
def test_skills_are_parted_in_any_usual_way(written: str) -> None:
    assert fields.skills(written) == {"dg", "heavy"}


def test_a_whole_number_of_a_spreadsheet_has_no_decimals_as_a_name() -> None:
    assert fields.text(1001.0) == "1001"
