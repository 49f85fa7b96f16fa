"""The sentences come from the solver itself: should it word one anew, a test here says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatch.planning import wording
from dispatch.reports import chinese
from routing.problem import NO_WAY, Matrix, Problem, Vehicle, Visit, Window
from routing.reasons import reasons
from routing.schedule import schedule
from routing.solution import Reason, Unplanned
from tests.routing.build import line, table, van, visit

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def told(
    matrix: Matrix, vehicles: list[Vehicle], *visits: Visit, planned: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    """The Chinese reasons of the first visit, when the first vehicle serves some others."""
    dimensions = ("weight", "volume")[: len(vehicles[0].capacity)]
    matrices = dict.fromkeys({vehicle.profile for vehicle in vehicles}, matrix)
    asked = Problem(
        vehicles=tuple(vehicles),
        visits=visits,
        matrices=matrices,
        dimensions=dimensions,
        start=START,
    )
    solution = schedule(asked, {vehicles[0].id: planned})
    found = (Unplanned(visits[0].id, reasons(asked, solution)[visits[0].id]),)
    (left_out,) = wording.in_users_units(replace(solution, unplanned=found)).unplanned
    said = [chinese.reason(reason) for reason in left_out.reasons]
    assert all(one.keys() == {"cause", "action"} for one in said), left_out
    return said


@pytest.mark.parametrize(
    ("vehicle", "asked", "cause", "action"),
    [
        (van(), visit("a", 1, skills=frozenset({"dg", "lift"})), "缺少技能 dg、lift", "dg、lift"),
        (
            van(capacity=(5_000,)),
            visit("a", 1, delivered=(8_500,)),
            "需要重量 8.5 千克，容量只有 5 千克",
            "拆分订单",
        ),
        (van(), visit("a", 1, (0, 300)), "最早 08:10 到达，时间窗 08:05 结束", "5 分钟"),
        (van(shift=Window(0, 900)), visit("a", 1), "最早 08:20 返回，班次 08:15 结束", "5 分钟"),
        (van(max_distance_m=1000), visit("a", 1), "里程 1.2 公里，超出上限 1 公里", "提高上限"),
        (van(max_drive_s=1080), visit("a", 1), "行驶时间 20 分钟，超出上限 18 分钟", "提高上限"),
        (van(max_duration_s=1080), visit("a", 1), "工作时间 20 分钟，超出上限 18 分钟", "提高"),
        (van(max_stops=0), visit("a", 1), "共 1 单，超出上限 0 单", "提高上限"),
    ],
)
def test_what_no_vehicle_can_do_is_said_in_chinese(
    vehicle: Vehicle, asked: Visit, cause: str, action: str
) -> None:
    (alone,) = told(line(0, 600), [vehicle], asked)
    assert alone["cause"].startswith("所有车辆都不行，以 van 为例：")
    assert cause in alone["cause"]
    assert action in alone["action"]
    (several,) = told(line(0, 600), [vehicle, replace(vehicle, id="沪B: 2")], asked)
    assert cause in several["cause"]


def test_a_place_without_a_way_is_said_in_chinese() -> None:
    for matrix in (table([[0, NO_WAY], [5, 0]]), table([[0, 5], [NO_WAY, 0]])):
        (reason,) = told(matrix, [van()], visit("a", 1))
        assert "没有道路" in reason["cause"]
        assert reason["action"] == "检查位置、禁行区和封闭道路"


def test_each_kind_of_vehicle_is_said_in_chinese() -> None:
    vans = [van(max_stops=0), van("big", skills=frozenset({"dg"}), max_distance_m=3)]
    found = told(line(0, 10), vans, visit("a", 1, skills=frozenset({"dg"})))
    assert len(found) == 2
    assert all(reason["cause"].startswith("2 辆车中有 1 辆不行，以 ") for reason in found)


def test_a_full_vehicle_is_said_in_chinese() -> None:
    a, b = visit("a", 1, delivered=(3_000,)), visit("b", 1, delivered=(4_000,))
    (reason,) = told(line(0, 10), [van(capacity=(5_000,))], a, b, planned=("b",))
    assert reason == {
        "cause": "若由 van 配送：重量超出 2 千克，容量为 5 千克",
        "action": "增加车辆，或使用更大的车辆",
    }


def test_lateness_and_overtime_are_said_in_chinese() -> None:
    a, b = visit("a", 1, (0, 60), service_s=250), visit("b", 2, (0, 300))
    found = told(line(0, 60, 120), [van()], a, b, planned=("b",))
    assert "最接近可行的是 van，但会使 b 晚到 2 分钟" in [reason["cause"] for reason in found]
    a, b = visit("a", 1, service_s=300), visit("b", 2, service_s=300)
    found = told(line(0, 60, 120), [van(shift=Window(0, 800))], a, b, planned=("b",))
    assert found == [{"cause": "van 将超出班次 40 秒", "action": "延长班次，或增加车辆"}]


def test_what_is_not_worth_it_or_not_tried_is_said_in_chinese() -> None:
    (reason,) = told(line(0, 10), [van()], visit("a", 1, price_unplanned=7))
    assert "多花" in reason["cause"]
    (reason,) = told(line(0, 10), [van()], visit("a", 1))
    assert reason == {"cause": "van 还能安排，但计算已结束", "action": "增加计算时间后重新计划"}


def test_no_vehicle_at_all_is_said_in_chinese() -> None:
    none = Reason("no_vehicle", "there are no vehicles", "add a vehicle")
    assert chinese.reason(none) == {"cause": "没有车辆", "action": "增加车辆"}


def test_a_sentence_that_is_not_known_is_left_to_the_original() -> None:
    assert chinese.reason(Reason("new", "something unheard of", "do this")) == {}
