"""
Reasons in Chinese: the sentences of `routing.reasons` and `dispatch.planning.wording`, said anew.

A sentence that is not known here stays as it is; the tests have the solver say each of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from routing.solution import Reason

_TIME = r"\d\d:\d\d(?: \(day \+\d+\))?"
_SPAN = r"\d+ (?:s|min)"
_LOAD = r"[\d,.]+ (?:kg|l)"

_WORDS = {"weight": "重量", "volume": "体积", "kg": "千克", "l": "升", "s": "秒", "min": "分钟"}

Say = Callable[[Mapping[str, str]], str]


def reason(given: Reason) -> dict[str, str]:
    """Return ``cause`` and ``action`` in Chinese, each only where all of it can be said."""
    said = {"cause": _said(given.cause, _CAUSES), "action": _said(given.action, _ACTIONS)}
    return {key: text for key, text in said.items() if text is not None}


def _said(text: str, sentences: Mapping[str, Say]) -> str | None:
    for pattern, say in sentences.items():
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            return say(found.groupdict())
    return None


def _plain(chinese: str) -> Say:
    """Return a sentence whose places are filled with what the English one had there."""
    return lambda parts: chinese.format_map({name: _part(name, parts[name]) for name in parts})


def _part(name: str, text: str) -> str:
    if name == "skills":
        return "、".join(text.split(", "))
    if name in ("vehicle", "visit"):
        return text
    return re.sub(r"\(day \+(\d+)\)", r"（后第 \1 天）", _units(text))


def _units(text: str) -> str:
    return re.sub(r"\b(weight|volume|kg|l|s|min)\b", lambda word: _WORDS[word[1]], text)


def _about(lead: str) -> Say:
    """Return a sentence about a vehicle that goes on with a sentence of its own, in ``rest``."""

    def say(parts: Mapping[str, str]) -> str:
        rest = _said(parts["rest"], _ABOUT_ONE)
        return lead.format_map(parts) + (parts["rest"] if rest is None else rest)

    return say


def _over(unit: str, each: float, name: str) -> Say:
    def say(parts: Mapping[str, str]) -> str:
        used, over, limit = (f"{int(parts[key]) / each:,.10g}" for key in ("used", "over", "limit"))
        return f"{name} {used} {unit}，超出上限 {limit} {unit}，多 {over} {unit}"

    return say


_LIMIT = r"(?P<used>\d+) {unit}, (?P<over>\d+) over the limit of (?P<limit>\d+)"

_ABOUT_ONE: dict[str, Say] = {
    r"(?:the vehicle )?lacks (?P<skills>.+)": _plain("缺少技能 {skills}"),
    rf"(?P<what>weight|volume) (?P<needed>{_LOAD}) needed, (?P<most>{_LOAD}) is the capacity": (
        _plain("需要{what} {needed}，容量只有 {most}")
    ),
    rf"(?P<what>weight|volume) (?P<over>{_LOAD}) over the capacity of (?P<most>{_LOAD})": (
        _plain("{what}超出 {over}，容量为 {most}")
    ),
    rf"arrives at (?P<at>{_TIME}) at the earliest, the window ends at (?P<last>{_TIME})": (
        _plain("最早 {at} 到达，时间窗 {last} 结束")
    ),
    rf"is back at (?P<at>{_TIME}) at the earliest, the shift ends at (?P<last>{_TIME})": (
        _plain("最早 {at} 返回，班次 {last} 结束")
    ),
    r"no way leads there from its start": _plain("从出发地没有道路可达"),
    r"no way leads from there to its end": _plain("从该处没有道路返回"),
    r"no way from the start to the end": _plain("从出发地到终点没有道路"),
    r"no way from the start to (?P<visit>.+)": _plain("从出发地到 {visit} 没有道路"),
    r"no way from (?P<visit>.+) to the end": _plain("从 {visit} 到终点没有道路"),
    _LIMIT.format(unit="m"): _over("公里", 1000, "里程"),
    _LIMIT.format(unit="s"): _over("分钟", 60, "工作时间"),
    _LIMIT.format(unit="s of driving"): _over("分钟", 60, "行驶时间"),
    _LIMIT.format(unit="visits"): _over("单", 1, "共"),
}

_NEAREST = "on (?P<vehicle>.+), the nearest to fit"

_CAUSES: dict[str, Say] = {
    r"it is in none of the given sequences": _plain("不在给定的路线顺序中"),
    r"there are no vehicles": _plain("没有车辆"),
    r"every vehicle(?:; | \()(?P<vehicle>.+?)\)?: (?P<rest>.+)": (
        _about("所有车辆都不行，以 {vehicle} 为例：")
    ),
    r"(?P<number>\d+) of (?P<total>\d+) vehicles(?:; | \()(?P<vehicle>.+?)\)?: (?P<rest>.+)": (
        _about("{total} 辆车中有 {number} 辆不行，以 {vehicle} 为例：")
    ),
    rf"{_NEAREST}, it would be (?P<late>{_SPAN}) late": (
        _plain("最接近可行的是 {vehicle}，但会晚到 {late}")
    ),
    rf"{_NEAREST}, visit (?P<visit>.+) would be (?P<late>{_SPAN}) late": (
        _plain("最接近可行的是 {vehicle}，但会使 {visit} 晚到 {late}")
    ),
    rf"(?P<vehicle>.+) would end (?P<late>{_SPAN}) after its shift": (
        _plain("{vehicle} 将超出班次 {late}")
    ),
    r"on (?P<vehicle>.+?): (?P<rest>.+)": _about("若由 {vehicle} 配送："),
    r"it would fit on (?P<vehicle>.+), but the search had ended": (
        _plain("{vehicle} 还能安排，但计算已结束")
    ),
    r"no way leads between it and the stops of the vehicles that could serve it": (
        _plain("与可用车辆的其他站点之间没有道路")
    ),
    r"the cheapest way costs (?P<cost>[¥\d,.]+) more, leaving it out (?P<price>[¥\d,.]+)": (
        _plain("最省的走法要多花 {cost}，不送只计 {price}")
    ),
}

_ACTIONS: dict[str, Say] = {
    r"put it in a sequence": _plain("把它排进一条路线"),
    r"add a vehicle": _plain("增加车辆"),
    r"add a vehicle with (?P<skills>.+), or drop the skill": (
        _plain("增加具备 {skills} 的车辆，或取消该技能要求")
    ),
    r"split it, or add a larger vehicle": _plain("拆分订单，或增加更大的车辆"),
    r"check the position, the zones and the closures": _plain("检查位置、禁行区和封闭道路"),
    rf"a window (?P<late>{_SPAN}) longer, or an earlier shift": (
        _plain("时间窗延长 {late}，或提早出车")
    ),
    rf"a shift (?P<late>{_SPAN}) longer": _plain("班次延长 {late}"),
    r"raise the limit, or add a vehicle": _plain("提高上限，或增加车辆"),
    r"widen a window, or add a vehicle": _plain("放宽时间窗，或增加车辆"),
    r"lengthen the shift, or add a vehicle": _plain("延长班次，或增加车辆"),
    r"add a vehicle, or a larger one": _plain("增加车辆，或使用更大的车辆"),
    r"raise its price, or accept that it waits": _plain("提高优先级，或接受延后"),
    r"plan again with more time": _plain("增加计算时间后重新计划"),
}
