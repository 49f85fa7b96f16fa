from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from api.http.settings import HttpSettings
from dispatch.people import second_factor
from dispatch.store.database import Database
from tests.api.http import serving
from tests.api.http.serving import World
from tests.dispatch.people import team


def sign_in(
    client: httpx.Client, name: str, password: str = team.PASSWORD, **more: object
) -> httpx.Response:
    return client.post("/api/v1/session", json={"name": name, "password": password, **more})


def test_sign_in_use_and_sign_out(world: World) -> None:
    team.add(world.db, "wang", "dispatcher")
    begun = sign_in(world.client(), "wang")
    client = world.client(begun.json()["token"])

    me = client.get("/api/v1/me").json()
    out = client.delete("/api/v1/session")

    assert begun.status_code == 201
    assert (me["name"], me["roles"]) == ("wang", ["dispatcher"])
    assert out.status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_wrong_password_tells_nothing_and_then_locks(world: World) -> None:
    team.add(world.db, "wang")
    client = world.client()

    wrong = [sign_in(client, "wang", "wrong password") for _ in range(5)]
    locked = sign_in(client, "wang")

    assert {(each.status_code, each.json()["code"]) for each in wrong} == {(401, "wrong_sign_in")}
    assert (locked.status_code, locked.json()["code"]) == (429, "locked_out")
    assert 0 < int(locked.headers["Retry-After"]) <= 901


def test_cookie_is_not_for_scripts_nor_for_pages_of_others(world: World) -> None:
    team.add(world.db, "wang")
    client = world.client()
    begun = sign_in(client, "wang", cookie=True)
    kept = begun.headers["Set-Cookie"].lower()

    own = client.delete("/api/v1/me/sessions", headers={"Origin": "http://elsewhere.example"})

    assert begun.json()["token"] is None
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert client.get("/api/v1/me").json()["name"] == "wang"
    assert (own.status_code, own.json()["code"]) == (403, "foreign_page")
    assert client.delete("/api/v1/session", headers={"Origin": world.url}).status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_second_factor_is_set_up_and_asked_for(world: World) -> None:
    team.add(world.db, "wang")
    client = world.client(sign_in(world.client(), "wang").json()["token"])
    secret = client.post("/api/v1/me/second-factor").json()["secret"]

    def code(ahead: int = 0) -> str:
        return second_factor.code(secret, int(time.time()) // 30 + ahead)

    confirmed = client.post("/api/v1/me/second-factor/confirm", json={"code": code()})

    assert confirmed.status_code == 204
    assert sign_in(world.client(), "wang").status_code == 401
    assert sign_in(world.client(), "wang", code=code(1)).status_code == 201


def test_password_is_changed_and_sessions_end(world: World) -> None:
    team.add(world.db, "wang")
    client = world.client(sign_in(world.client(), "wang").json()["token"])
    new = "another good sentence"

    wrong = client.post("/api/v1/me/password", json={"old": "wrong password", "new": new})
    done = client.post("/api/v1/me/password", json={"old": team.PASSWORD, "new": new})

    assert wrong.status_code == 401
    assert done.status_code == 204
    assert client.get("/api/v1/me").status_code == 401
    assert sign_in(world.client(), "wang").status_code == 401
    assert sign_in(world.client(), "wang", new).status_code == 201


def test_user_is_made_gets_a_password_and_is_disabled(world: World) -> None:
    new = {"name": "li", "full_name": "李", "roles": ["warehouse"], "depot_ids": []}
    user = world.admin.post("/api/v1/users", json=new).json()
    path = f"/api/v1/users/{user['id']}"
    kept = world.admin.post(f"{path}/password", json={"password": team.PASSWORD})
    client = world.client(sign_in(world.client(), "li").json()["token"])

    assert kept.status_code == 204
    assert client.get("/api/v1/me").json()["depot_ids"] == []
    assert world.admin.post(f"{path}/disable").json()["disabled_at"]
    assert client.get("/api/v1/me").status_code == 401


def test_change_of_roles_counts_from_the_next_request(world: World) -> None:
    user_id = team.add(world.db, "li", "driver")
    client = world.client(serving.signed_in(world.db, user_id))
    path = f"/api/v1/users/{user_id}"
    etag = world.admin.get(path).headers["ETag"]

    before = client.get("/api/v1/orders").status_code
    world.admin.patch(path, json={"roles": ["dispatcher"]}, headers={"If-Match": etag})

    assert (before, client.get("/api/v1/orders").status_code) == (403, 200)


def test_drivers_phone_signs_in_by_a_link_once(world: World) -> None:
    user_id = team.add(world.db, "driver1", "driver", depot_ids=[world.here.depot])
    dispatcher = world.as_role("dispatcher", bound=True)
    link = dispatcher.post(f"/api/v1/users/{user_id}/device-links").json()
    claim = {"token": link["token"], "device": "Xiaomi 14"}

    first = world.client().post("/api/v1/session/claim", json=claim)
    second = world.client().post("/api/v1/session/claim", json=claim)
    phone = world.client(first.json()["token"])

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (401, "bad_link")
    assert phone.get("/api/v1/me").json()["name"] == "driver1"
    assert dispatcher.delete(f"/api/v1/users/{user_id}/sessions").status_code == 204
    assert phone.get("/api/v1/me").status_code == 401


def test_key_is_shown_once_works_and_is_revoked(world: World) -> None:
    wanted = {"name": "ERP", "scopes": ["orders:read"], "depot_ids": [str(world.here.depot)]}
    headers = {"Idempotency-Key": "k"}
    made = world.admin.post("/api/v1/keys", json=wanted, headers=headers).json()
    again = world.admin.post("/api/v1/keys", json=wanted, headers=headers).json()
    client = world.client(made["secret"])

    assert again == {**made, "secret": None}
    assert made["secret"] not in world.admin.get("/api/v1/keys").text
    assert client.get("/api/v1/orders").status_code == 200
    assert client.get("/api/v1/events").status_code == 403
    assert client.post("/api/v1/me/second-factor").status_code == 403
    assert world.admin.delete(f"/api/v1/keys/{made['id']}").status_code == 204
    assert client.get("/api/v1/orders").status_code == 401


@pytest.fixture
def strict(db: Database) -> Iterator[World]:
    settings = HttpSettings(rate_per_caller=0.5, sign_ins_per_minute=3)
    with serving.served(db, settings) as world:
        yield world


def test_who_asks_too_often_is_told_to_wait(strict: World) -> None:
    answers = [strict.admin.get("/api/v1/me") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "too_many_requests"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert strict.as_role("driver").get("/api/v1/me").status_code == 200


def test_one_address_signs_in_so_often(strict: World) -> None:
    answers = [sign_in(strict.client(), f"user{n}", "wrong password") for n in range(4)]

    assert [answer.status_code for answer in answers] == [401] * 3 + [429]
