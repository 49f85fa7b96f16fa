"""The firm of the scenarios is served as it is in its database, to each role what it may see."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dispatch.catalogue.customers import Found
from dispatch.firm.people import SIGN_INS
from maps import sphere
from tests.dispatch.people import team
from tests.scenarios.f1 import F1, City

pytestmark = pytest.mark.xdist_group("f1")


def test_the_city_has_it_at_real_addresses_ten_kilometres_apart(city: City) -> None:
    shops = city.ground.workshops
    assert Counter(shop.zone for shop in shops) == {"N": 15, "E": 15, "S": 15}
    assert len({(shop.lon, shop.lat) for shop in shops}) == 45
    assert {shop.found for shop in shops} == {Found.GEOCODED}
    first, second = np.array(city.ground.warehouses)
    assert sphere.metres_between(first, second) == pytest.approx(10_000, abs=500)


def test_the_morning_is_there_for_the_dispatcher(f1: F1) -> None:
    with f1.client() as client:
        page = client.get("/api/v1/orders", params={"status": "accepted", "limit": 200}).json()
        gearbox = client.get(f"/api/v1/orders/{f1.firm.order(119)}").json()
    assert (len(page["rows"]), page["next"]) == (120, None)
    assert gearbox["number"] == "SO-119"
    assert gearbox["lines"][0]["part_id"] == str(f1.firm.parts["GB-1111"])


def test_everybody_signs_in_with_the_one_password(f1: F1) -> None:
    found = {}
    for role, name in SIGN_INS.items():
        with f1.client() as client:
            body = {"name": name, "password": team.PASSWORD}
            token = client.post("/api/v1/session", json=body).json()["token"]
        with f1.client(token) as client:
            found[role] = client.get("/api/v1/me").json()["actor"]
    assert found == {role: f"user:{name}" for role, name in SIGN_INS.items()}
