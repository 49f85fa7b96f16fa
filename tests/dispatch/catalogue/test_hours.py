from __future__ import annotations

from datetime import date

import pytest

from dispatch.catalogue import hours
from dispatch.catalogue.hours import Span
from dispatch.store.errors import Invalid

MONDAY = date(2026, 3, 2)
DOCUMENT = {
    "week": {"mon": ["08:00-12:00", "13:30-18:00"], "fri": ["20:00-26:00"]},
    "exceptions": {"2026-03-09": []},
}


def test_weekday_has_its_spans() -> None:
    read = hours.read(DOCUMENT)

    assert read is not None
    assert read.on(MONDAY) == (Span(28800, 43200), Span(48600, 64800))
    assert read.on(date(2026, 3, 3)) == ()


def test_exception_goes_before_the_weekday() -> None:
    read = hours.read(DOCUMENT)

    assert read is not None
    assert read.on(date(2026, 3, 9)) == ()


def test_what_is_written_is_read_again() -> None:
    read = hours.read(DOCUMENT)

    assert hours.read(hours.write(read)) == read
    assert hours.write(hours.read(None)) is None


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"weeks": {}}, "'weeks' has no meaning"),
        ({"week": []}, "week is no object"),
        ({"week": {"monday": []}}, "'monday' is no weekday"),
        ({"week": {"mon": "08:00-12:00"}}, "mon: not a list"),
        ({"week": {"mon": ["8-12"]}}, "'8' is no time of day"),
        ({"week": {"mon": ["12:00-08:00"]}}, "ends before it begins"),
        ({"week": {"mon": ["08:00-12:00", "11:00-13:00"]}}, "before the one before it ends"),
        ({"exceptions": {"1 May": []}}, "'1 May' is no date"),
    ],
)
def test_hours_without_sense_are_refused(document: dict[str, object], cause: str) -> None:
    with pytest.raises(Invalid, match="bad_hours") as refused:
        hours.read(document)

    assert cause in refused.value.cause


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        hours.read({"week": {"mon": ["x-y"], "zue": []}, "exceptions": {"never": []}})

    assert refused.value.cause.count(";") == 2
