from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.reports import packing, plan_html
from maps.drawing import basemap
from maps.drawing.basemap import Basemap
from maps.roads.profiles import PROFILES
from maps.roads.zones import Zone
from tests.dispatch import sample, town

ASSETS = files("dispatch.reports").joinpath("assets")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Basemap:
    folder = tmp_path_factory.mktemp("basemap")
    basemap.build(town.write(folder / "town.osm"), folder / "town.npz")
    return Basemap.load(folder / "town.npz")


@pytest.fixture(scope="module")
def page(ground: Basemap) -> str:
    return plan_html.render(sample.small(), ground)


class Page(HTMLParser):
    """Collects every tag with its attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data


def data_of(page: str) -> Any:
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert text
    return json.loads(text[1])


def test_page_asks_for_nothing_from_anywhere(page: str) -> None:
    loading = {"src", "srcset", "poster", "action", "background", "ping", "formaction"}
    for tag, attributes in Page(page).tags:
        assert not loading & attributes.keys()
        if tag == "link":
            assert attributes["href"] == "data:,"
    code = "".join(ASSETS.joinpath(name).read_text() for name in [*plan_html.SCRIPTS, "plan.css"])
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon", code)
    assert not re.search(r"\bimport\(|importScripts|new Worker|@import|url\(", code)


def policy_of(page: str) -> dict[str, list[str]]:
    (content,) = [
        attributes["content"] or ""
        for tag, attributes in Page(page).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    return {name: values for name, *values in (part.split() for part in content.split(";"))}


def test_browser_is_told_to_let_no_request_out(page: str) -> None:
    """Every kind of request that is not named falls back to default-src: none."""
    policy = policy_of(page)
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert policy["img-src"] == ["data:"]
    assert policy.keys() == {
        *("default-src", "base-uri", "form-action", "img-src", "style-src", "script-src")
    }
    assert page.index("Content-Security-Policy") < page.index("<link")


def test_policy_admits_the_page_s_own_script_and_styles_and_nothing_else(page: str) -> None:
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        (own,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert policy_of(page)[name] == [f"'sha256-{digest}'"]


def test_no_element_has_styles_or_code_in_its_attributes(page: str) -> None:
    """The policy would not let them work."""
    for _, attributes in Page(page).tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    code = "".join(ASSETS.joinpath(name).read_text() for name in plan_html.SCRIPTS)
    assert not re.search(r"setAttribute\(\s*[\"']style", code)


def test_only_addresses_are_names_of_formats_and_the_link_of_the_licence(page: str) -> None:
    head, tail = page.split('<script type="application/json" id="data">')
    without_data = head + tail.split("</script>", 1)[1]
    addresses = set(re.findall(r"\w+://[^\s\"'<)]+", without_data))
    namespace = "http://www.w3.org/2000/svg"  # A name, never fetched.
    assert addresses == {namespace, "https://www.openstreetmap.org/copyright"}
    links = [attributes for tag, attributes in Page(page).tags if tag == "a"]
    assert {link["href"] for link in links} == {"#panel", "https://www.openstreetmap.org/copyright"}


def test_text_of_the_user_never_becomes_markup_or_code(ground: Basemap) -> None:
    evil = '</script><!--<script>alert(1)</script>\u2028"@@DATA@@'
    orders = [sample.order(1, name=evil, address="<img src=x onerror=alert(1)>")]
    planned = sample.planned(sample.day(*orders), {sample.VAN.id: ["SO-0001"]})

    page = plan_html.render(planned, ground)

    assert page.count("<script") == 3
    assert page.count("</script") == 3
    assert data_of(page)["routes"][0]["stops"][0]["name"] == evil
    code = "".join(ASSETS.joinpath(name).read_text() for name in plan_html.SCRIPTS)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", code)
    assert not re.search(r"\beval\(|new Function|setTimeout\(\s*[\"'`]", code)


def test_name_of_the_map_is_escaped_in_the_title(ground: Basemap) -> None:
    planned = sample.small()
    named = replace(planned, map_info=replace(planned.map_info, name="</title><script>x"))
    assert "</title><script>" not in plan_html.render(named, ground)


def test_every_number_of_the_plan_is_on_the_page(page: str) -> None:
    planned, data = sample.small(), data_of(page)
    assert [route["vehicle"] for route in data["routes"]] == ["沪A·12345", "van 2"]
    for shown, route in zip(data["routes"], planned.routes, strict=True):
        assert shown["cost"] == route.route.cost
        assert shown["distance"] == route.route.distance_m
        assert shown["load"] == list(route.route.start_load)
        for stop, wanted in zip(shown["stops"], route.stops, strict=True):
            assert stop["arrival"] == wanted.arrival
            assert stop["departure"] == wanted.departure
            assert [visit["order"] for visit in stop["visits"]] == [o.id for o in wanted.orders]
    assert data["totals"]["planned"] == 5
    assert data["totals"]["orders"] == 6
    assert data["totals"]["cost"] == planned.cost


def test_what_is_not_planned_comes_with_its_reasons(page: str) -> None:
    planned, data = sample.small(), data_of(page)
    wanted = [reason.cause for reason in planned.left_out[0].reasons]
    assert [order["order"] for order in data["unplanned"]] == ["SO-0006"]
    assert [reason["cause"] for reason in data["unplanned"][0]["reasons"]] == wanted
    assert [reason["zh"]["cause"] for reason in data["unplanned"][0]["reasons"]] == [
        "不在给定的路线顺序中"
    ]
    assert data["faults"][0]["cause"] == "'x' is no number"


def test_window_keeps_its_open_end(ground: Basemap) -> None:
    orders = [
        sample.order(1, earliest=None, latest=12 * 3600),
        sample.order(2, earliest=9 * 3600, latest=None),
        sample.order(3, earliest=None, latest=None),
        sample.order(4, earliest=None, latest=9 * 3600, weight_g=10**6),
    ]
    planned = sample.planned(
        sample.day(*orders), {sample.VAN.id: ["SO-0001", "SO-0002", "SO-0003"]}
    )
    data = data_of(plan_html.render(planned, ground))
    visits = [visit for stop in data["routes"][0]["stops"] for visit in stop["visits"]]
    assert [visit["windows"] for visit in visits] == [
        [[None, 12 * 3600]],
        [[9 * 3600, None]],
        [],
    ]
    assert data["unplanned"][0]["windows"] == [[None, 9 * 3600]]


def test_late_order_does_not_count_as_on_time(ground: Basemap) -> None:
    orders = [sample.order(1), sample.order(2, earliest=8 * 3600, latest=8 * 3600)]
    planned = sample.planned(sample.day(*orders), {sample.VAN.id: ["SO-0001", "SO-0002"]})
    totals = data_of(plan_html.render(planned, ground))["totals"]
    assert (totals["onTime"], totals["planned"]) == (1, 2)


def test_zone_with_a_hole_keeps_both_outlines(ground: Basemap) -> None:
    planned = sample.small()
    around = shapely.Point(121.41, 31.21)
    area = around.buffer(0.01).difference(around.buffer(0.005))
    zone = Zone(area, name="内环", profiles=frozenset({"truck"}))
    zoned = replace(planned, day=replace(planned.day, zones=(zone,)))
    (shown,) = data_of(plan_html.render(zoned, ground))["zones"]
    assert (shown["name"], shown["profiles"], len(shown["rings"])) == ("内环", ["truck"], 2)


def test_paths_of_the_page_end_where_the_stops_are(page: str) -> None:
    planned, data = sample.small(), data_of(page)
    counts = unpacked(data["paths"]["points"])
    lines = np.split(unpacked_steps(data["paths"]["xy"]), np.cumsum(counts)[:-1])
    stops = [stop["xy"] for route in data["routes"] for stop in [*route["stops"], None] if stop]
    ends = [line[-1].tolist() for line in lines]
    assert len(lines) == sum(len(route.legs) for route in planned.routes)
    for stop in stops:
        assert min(abs(x - stop[0]) + abs(y - stop[1]) for x, y in ends) <= 2


def test_day_without_any_route_still_makes_a_page(ground: Basemap) -> None:
    planned = sample.planned(sample.day(sample.order(1)), {})
    data = data_of(plan_html.render(planned, ground))
    assert (data["routes"], data["unused"]) == ([], [sample.VAN.id])


def test_page_stays_small(page: str) -> None:
    assert len(page.encode()) < 400_000


def words() -> Any:
    text = ASSETS.joinpath("words.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_both_languages_say_everything_with_the_same_places_to_fill() -> None:
    english, chinese = words()["en"], words()["zh"]
    assert english.keys() == chinese.keys()
    assert all(english.values())
    assert all(chinese.values())
    places = re.compile(r"\{\w+\}")
    for key in english:
        assert sorted(places.findall(english[key])) == sorted(places.findall(chinese[key])), key


def test_every_word_that_the_scripts_say_exists() -> None:
    code = "".join(ASSETS.joinpath(name).read_text() for name in [*plan_html.SCRIPTS, "plan.html"])
    said = set(re.findall(r'\bsay\("([\w.]+)"', code)) | set(
        re.findall(r'data-label="(\w+)"', code)
    )
    counted = {
        f"{key}.{n}" for key in re.findall(r'\bcount\("(\w+)"', code) for n in ("one", "many")
    }
    assert (said | counted) - words()["en"].keys() == set()


def test_every_word_is_said() -> None:
    """A word that no part of the page says is one that a change forgot."""
    code = "".join(ASSETS.joinpath(name).read_text() for name in [*plan_html.SCRIPTS, "plan.html"])
    quoted = set(re.findall(r"[\"'`]([\w.-]+)[\"'`]", code))
    made = {f"{key}.{n}" for key in re.findall(r'\bcount\("(\w+)"', code) for n in ("one", "many")}
    families = tuple(re.findall(r"\bkey = `(\w+\.)\$\{", code))
    assert set(families) == {"who.", "profile.", "reason.", "table."}
    unsaid = {
        word for word in words()["en"].keys() - quoted - made if not word.startswith(families)
    }
    assert unsaid == set()


def test_every_profile_has_its_names() -> None:
    for profile in PROFILES:
        assert {f"profile.{profile}", f"who.{profile}"} <= words()["en"].keys()


def test_every_code_of_a_reason_has_words_in_both_languages() -> None:
    text = Path("routing/reasons.py")
    source = (Path(__file__).resolve().parents[3] / text).read_text(encoding="utf-8")
    listed = re.search(r"Codes: (.*?)when the search ended", source, re.S)
    assert listed
    codes = set(re.findall(r"``(\w+)``", listed[1])) | {"max_distance", "max_stops"}
    assert {f"reason.{code}" for code in codes} <= words()["en"].keys()
    assert codes <= words()["help"]["zh"].keys()


def test_every_fault_of_a_row_is_said_in_chinese() -> None:
    listed = Path(__file__).resolve().parents[3].joinpath("docs", "errors.md").read_text("utf-8")
    section = listed.split("## A day's files")[1].split("\n## ")[0]
    codes = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert codes
    elsewhere = {"off_road", "unknown_profile", "unreadable"}  # told in other sections
    assert codes | elsewhere == words()["faults"]["zh"].keys()


@given(st.lists(st.integers(0, 2**45)))
def test_packed_integers_come_out_again(numbers: list[int]) -> None:
    assert unpacked(packing.packed(np.array(numbers, dtype=np.int64))).tolist() == numbers


@given(st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1))))
def test_packed_points_come_out_again(points: list[tuple[int, int]]) -> None:
    array = np.array(points, dtype=np.int32).reshape(-1, 2)
    assert unpacked_steps(packing.packed_steps(array)).tolist() == array.tolist()


@pytest.mark.parametrize("colours", [plan_html.LIGHT, plan_html.DARK])
def test_colours_differ_for_every_kind_of_sight(colours: tuple[str, ...]) -> None:
    for kind, matrix in SIGHT.items():
        seen = [perceived(colour, matrix) for colour in colours]
        closest = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
        assert closest > 0.07, kind  # A step of 0.02 in Oklab is about the least that is noticed.


def unpacked(text: str) -> NDArray[np.int64]:
    numbers, value, shift = [], 0, 0
    for byte in base64.b64decode(text):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value, shift = 0, 0
    return np.array(numbers, dtype=np.int64)


def unpacked_steps(text: str) -> NDArray[np.int64]:
    numbers = unpacked(text)
    steps = np.where(numbers % 2, -(numbers + 1) // 2, numbers // 2).reshape(-1, 2)
    points: NDArray[np.int64] = np.cumsum(steps, axis=0)
    return points


# Machado, Oliveira and Fernandes 2009, A Physiologically-based Model for Simulation of Color
# Vision Deficiency, table of matrices for severity 1.0; linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def perceived(colour: str, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a colour, seen through a matrix, in Oklab (B. Ottosson 2020, linear RGB to Oklab)."""
    rgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    lab: NDArray[np.float64] = to_lab @ np.cbrt(to_lms @ np.clip(matrix @ linear, 0, 1))
    return lab
