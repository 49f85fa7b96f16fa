from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from dispatch import demo
from dispatch.demo import Demo
from dispatch.planning import dayfiles
from maps import store
from maps.errors import NotStored
from routing.check import check
from routing.solve import Budget

# One worker draws the city, and all of these look at it.
pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def shown(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo, run once into a folder of its own."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("MILKRUN_HOME", str(home))
        return demo.run(tmp_path_factory.mktemp("demo"), budget=Budget(iterations=300))


def rows(shown: Demo, table: str) -> list[dict[str, str]]:
    text = (shown.day_folder / f"{table}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_the_day_is_as_it_should_be(shown: Demo) -> None:
    orders, vehicles = rows(shown, "orders"), rows(shown, "vehicles")
    assert len(orders) == 120
    assert [row["depot"] for row in vehicles] == ["W1"] * 4 + ["W2"] * 2
    assert [row["vehicle"] for row in vehicles if row["skills"] == "dg"] == ["van 6"]
    assert len({row["name"] for row in orders}) <= 46
    assert sum(not row["lon"] for row in orders) == 12


def test_all_that_can_be_served_is_planned_and_the_rest_has_its_reason(shown: Demo) -> None:
    reasons = {out.order.id: out.reasons[0].code for out in shown.planned.left_out}
    assert reasons == {
        "SO-118": "window_unreachable",
        "SO-119": "over_capacity",
        "SO-120": "no_vehicle_skill",
    }


def test_the_plan_is_sound(shown: Demo) -> None:
    assert check(shown.planned.problem, shown.planned.solution) == []


def test_customers_with_an_address_alone_are_found_at_their_door(shown: Demo) -> None:
    known = {row["name"]: row for row in rows(shown, "orders") if row["lon"]}
    found = [order for order in shown.planned.day.orders if order.found and order.name in known]
    assert len(found) >= 8
    for order in found:
        row = known[order.name]
        assert order.lon == pytest.approx(float(row["lon"]), abs=1e-3)
        assert order.lat == pytest.approx(float(row["lat"]), abs=1e-3)


def test_every_report_is_there(shown: Demo) -> None:
    folder = shown.day_folder.parent
    names = {path.name for path in folder.iterdir()}
    assert {"plan.html", "plan.json", "plan.xlsx", "routes.geojson", "day"} <= names
    document = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert document["summary"]["unassigned"] == 3
    assert len(list(folder.glob("manifest-*.pdf"))) == len(shown.planned.routes)


def test_the_tables_can_be_planned_as_ones_own(shown: Demo) -> None:
    day = dayfiles.read(shown.day_folder, geocoder=shown.road_map.geocoder)
    assert len(day.orders) == 120
    assert {zone.name for zone in day.zones} >= {"货车限行 truck ban", "施工 roadworks"}


def test_every_address_of_the_readme_is_in_the_city(shown: Demo) -> None:
    readme = Path(__file__).resolve().parents[2].joinpath("README.md").read_text(encoding="utf-8")
    commands = re.findall(r"milkrun map (?:geocode|route) (.*) --map lanchuan", readme)
    addresses = [address for words in commands for address in re.findall(r'"([^"]+)"', words)]
    assert len(addresses) >= 4
    for address in addresses:
        (best,) = shown.road_map.geocoder.search(address, limit=1)
        assert best.quality >= 0.7, address  # Less would not be taken for a place of a route.


def test_the_city_is_drawn_and_imported_once(
    shown: Demo, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILKRUN_HOME", str(home))
    before = {path: path.stat().st_mtime_ns for path in (home / "demo").iterdir()}
    summary, road_map = demo.open_city()
    assert {path: path.stat().st_mtime_ns for path in (home / "demo").iterdir()} == before
    assert road_map.info.version == shown.road_map.info.version
    assert summary.workshops[0].address
    assert [info.name for info in store.list_maps()] == [demo.MAP_NAME]


def test_a_home_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MILKRUN_HOME", str(tmp_path / "file"))
    with pytest.raises(NotStored, match="home_not_writable"):
        demo.open_city()
