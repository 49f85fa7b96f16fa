from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch import demo_firm
from dispatch.firm import fill
from dispatch.plans.gathering import Gatherer
from dispatch.store.database import Database
from maps.store import RoadMap
from tests.dispatch import town as town_file

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("hour", "day"), [(0, date(2026, 3, 2)), (17, date(2026, 3, 2)), (18, date(2026, 3, 3))]
)
def test_today_is_planned_until_the_evening(hour: int, day: date) -> None:
    now = datetime(2026, 3, 2, hour, tzinfo=SHANGHAI).astimezone(UTC)
    assert demo_firm.day_of(now, SHANGHAI) == day


def test_the_first_wave_of_both_depots_is_planned(db: Database, town: RoadMap) -> None:
    firm = fill.fill(db, town_file.ground(), password_hash="-")
    told: list[float] = []

    planned = demo_firm.plan_first_wave(
        db, firm, Gatherer(town), seconds=2, on_progress=told.append
    )

    assert (planned.day, planned.wave) == (firm.day, "wave 1")
    assert planned.outline["figures"]["num_orders"] == 120
    (left_out,) = planned.outline["unplanned"]
    assert left_out["order"] == "SO-118"
    assert told == sorted(told)
    assert told[-1] <= 1.0


def test_a_search_that_is_told_to_stop_keeps_its_best_plan(db: Database, town: RoadMap) -> None:
    firm = fill.fill(db, town_file.ground(), password_hash="-")

    planned = demo_firm.plan_first_wave(db, firm, Gatherer(town), seconds=600, stop=lambda: True)

    assert planned.outline["routes"]
