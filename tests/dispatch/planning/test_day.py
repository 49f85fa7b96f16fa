from __future__ import annotations

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dispatch.planning.day import midnight, seconds_at

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")

SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


def test_on_a_usual_day_seconds_are_those_of_the_clock() -> None:
    at = date(2026, 3, 2)
    assert seconds_at(8 * 3600, at, SHANGHAI, midnight(at, SHANGHAI)) == 8 * 3600


def test_a_morning_comes_an_hour_sooner_when_summer_time_begins() -> None:
    start = midnight(SPRING, BERLIN)
    assert seconds_at(8 * 3600, SPRING, BERLIN, start) == 7 * 3600


def test_a_morning_comes_an_hour_later_when_summer_time_ends() -> None:
    start = midnight(AUTUMN, BERLIN)
    assert seconds_at(8 * 3600, AUTUMN, BERLIN, start) == 9 * 3600


def test_a_depot_in_another_zone_keeps_its_own_clock() -> None:
    start = midnight(date(2026, 3, 2), SHANGHAI)
    assert seconds_at(8 * 3600, date(2026, 3, 2), LONDON, start) == 16 * 3600


def test_after_midnight_belongs_to_the_next_day() -> None:
    at = SPRING - timedelta(days=1)
    assert seconds_at(32 * 3600, at, BERLIN, midnight(at, BERLIN)) == 31 * 3600


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(4 * 3600, 24 * 3600 - 1),
    st.sampled_from([BERLIN, SHANGHAI, LONDON, ZoneInfo("America/Sao_Paulo")]),
)
def test_the_clock_on_the_wall_shows_what_was_asked_for(
    at: date, clock: int, zone: ZoneInfo
) -> None:
    start = midnight(at, zone)
    moment = start.astimezone(UTC) + timedelta(seconds=seconds_at(clock, at, zone, start))
    shown = moment.astimezone(zone)
    assert shown.date() == at
    assert shown.hour * 3600 + shown.minute * 60 + shown.second == clock
