from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from dispatch.people import api_keys, device_links, permissions, replays, sight, users
from dispatch.people.api_keys import NewKey
from dispatch.people.permissions import BY_ROLE, Permission, Role, Who
from dispatch.people.replays import Answer
from dispatch.people.users import NewUser, User
from dispatch.store import clock, events, keys, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from tests.dispatch import shop as shops
from tests.dispatch.people import team


def test_name_is_one_name_however_it_is_typed(db: Database) -> None:
    team.add(db, "wang")

    with pytest.raises(Conflict, match="user_name_taken"):
        team.add(db, "Wang")


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewUser("a b", "x", ["admin"]), "bad_user_name"),
        (NewUser("ab", "x", []), "unknown_role"),
        (NewUser("ab", "x", ["king"]), "unknown_role"),
        (NewUser("ab", "x", ["admin", "customer"], None, keys.new()), "unknown_role"),
        (NewUser("ab", "x", ["customer"]), "customer_needed"),
        (NewUser("ab", "x", ["driver"], None, keys.new()), "customer_needed"),
    ],
)
def test_user_that_makes_no_sense_is_refused(db: Database, new: NewUser, code: str) -> None:
    with pytest.raises(Invalid, match=code), transaction(db, actor="test") as session:
        users.add(session, new, password_hash=None)


def test_depots_that_are_not_there_are_refused(db: Database) -> None:
    with pytest.raises(NotFound), transaction(db, actor="test") as session:
        users.add(session, NewUser("ab", "x", ["driver"], [keys.new()]), password_hash=None)


def test_last_administrator_stays(db: Database) -> None:
    user_id = team.add(db, "wang")
    with transaction(db, actor="test") as session:
        user = rows.get(session, User, user_id)
        with pytest.raises(Conflict, match="last_admin"):
            users.disable(session, user)
        with pytest.raises(Conflict, match="last_admin"):
            users.change(session, user, {"roles": ["driver"]})


def test_two_administrators_who_disable_each_other_leave_one(db: Database) -> None:
    ids = [team.add(db, "wang"), team.add(db, "li")]
    start = Barrier(2)

    def disable(user_id: UUID) -> str:
        start.wait()
        try:
            with transaction(db, actor="test") as session:
                users.disable(session, rows.locked(session, User, user_id))
        except Conflict as error:
            return error.code
        return "disabled"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(disable, ids))

    assert outcomes.count("disabled") == 1


def test_every_role_has_its_permissions_and_only_admin_manages() -> None:
    assert set(BY_ROLE) == set(Role)
    assert [role for role in Role if Permission.USERS_MANAGE in BY_ROLE[role]] == [Role.ADMIN]
    assert permissions.of_roles(["warehouse", "counter"]) >= {
        Permission.STOCK_RECEIVE,
        Permission.ORDERS_PLACE,
    }


def test_who_is_bound_to_depots_reaches_no_other() -> None:
    mine, other = keys.new(), keys.new()
    who = Who("user:x", frozenset(), frozenset({mine}))

    assert who.depots() == frozenset({mine})
    assert who.depots([mine]) == frozenset({mine})
    with pytest.raises(Forbidden, match="wrong_depot"):
        who.depots([mine, other])
    with pytest.raises(Forbidden, match="wrong_depot"):
        who.need_all_depots()


def test_change_is_in_the_log_with_what_was(db: Database) -> None:
    team.add(db, "boss")
    user_id = team.add(db, "wang", "driver")

    with transaction(db, actor="user:boss") as session:
        users.change(session, rows.get(session, User, user_id), {"roles": ["warehouse"]})

    with reading(db) as session:
        event = events.of(session, user_id)[-1]
    assert (event.kind, event.actor) == ("user.changed", "user:boss")
    assert event.data == {"roles": {"from": ["driver"], "to": ["warehouse"]}}


def test_key_is_kept_as_a_hash_and_does_what_its_scopes_say(db: Database) -> None:
    depot = shops.opened(db).depot
    with transaction(db, actor="test") as session:
        row, secret = api_keys.add(session, NewKey("ERP", ["orders:read"], [depot]))

    with reading(db) as session:
        found = api_keys.of_secret(session, secret)
        assert found is not None
        who = api_keys.who(found)
        assert secret.startswith(found.prefix)
        assert api_keys.of_secret(session, secret[:-1] + "x") is None
    assert secret not in str(vars(row))
    assert who.permissions == frozenset({Permission.ORDERS_READ})
    assert who.depot_ids == frozenset({depot})


def test_key_that_was_revoked_or_has_expired_is_nobody(db: Database) -> None:
    soon = clock.now() + timedelta(minutes=1)
    with transaction(db, actor="test") as session:
        first, revoked = api_keys.add(session, NewKey("a", ["orders:read"]))
        _, expiring = api_keys.add(session, NewKey("b", ["orders:read"], expires_at=soon))
        api_keys.revoke(session, first)

    with reading(db) as session:
        assert api_keys.of_secret(session, revoked) is None
        assert api_keys.of_secret(session, expiring) is not None
        with clock.replaced(lambda: soon):
            assert api_keys.of_secret(session, expiring) is None


@pytest.mark.parametrize("scopes", [[], ["users:manage"], ["all"]])
def test_no_key_manages_users(db: Database, scopes: list[str]) -> None:
    with pytest.raises(Invalid, match="unknown_scope"), transaction(db, actor="test") as session:
        api_keys.add(session, NewKey("a", scopes))


def test_device_link_is_good_for_the_first_who_comes(db: Database) -> None:
    user_id = team.add(db, "driver", "driver")
    with transaction(db, actor="test") as session:
        _, token = device_links.add(session, rows.get(session, User, user_id))
    start = Barrier(4)

    def claim(_: int) -> bool:
        start.wait()
        try:
            with transaction(db, actor="test") as session:
                device_links.claim(session, token, title="phone")
        except Unauthenticated:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(claim, range(4))) == 1


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled"])
def test_device_link_that_is_over_lets_nobody_in(db: Database, end: str) -> None:
    user_id = team.add(db, "driver", "driver")
    with transaction(db, actor="test") as session:
        user = rows.get(session, User, user_id)
        link, token = device_links.add(session, user)
        if end == "revoked":
            device_links.revoke(session, link)
        if end == "disabled":
            users.disable(session, user)
    at = clock.now() + (device_links.LASTS if end == "expired" else timedelta())

    with (
        clock.replaced(lambda: at),
        pytest.raises(Unauthenticated, match="bad_link"),
        transaction(db, actor="test") as session,
    ):
        device_links.claim(session, token, title="phone")


def test_device_links_are_for_drivers_alone(db: Database) -> None:
    user_id = team.add(db, "boss", "admin", "driver")
    with pytest.raises(Invalid, match="not_a_driver"), transaction(db, actor="test") as session:
        device_links.add(session, rows.get(session, User, user_id))


def test_dispatcher_reaches_the_drivers_of_its_depots(db: Database) -> None:
    here, there = shops.opened(db).depot, shops.opened(db).depot
    who = Who("user:d", BY_ROLE[Role.DISPATCHER], frozenset({here}))
    ids = [
        team.add(db, "near", "driver", depot_ids=[here]),
        team.add(db, "far", "driver", depot_ids=[there]),
        team.add(db, "all", "driver"),
        team.add(db, "boss", "admin", depot_ids=[here]),
    ]

    with reading(db) as session:
        near, *others = (rows.get(session, User, user_id) for user_id in ids)
        users.need_reach(who, near)
        for other in others:
            with pytest.raises(Forbidden):
                users.need_reach(who, other)


def test_who_is_bound_to_a_depot_sees_its_events_alone(db: Database) -> None:
    shop, other = shops.opened(db), shops.opened(db, suffix="x")
    shop.place(1)
    other.place(1)
    team.add(db, "wang")
    bound = Who("user:d", BY_ROLE[Role.DISPATCHER], frozenset({shop.depot}))

    with reading(db) as session:
        everything = events.after(session, 0)
        page = events.after(session, 0, depot_ids=bound.depot_ids, without=sight.hidden(bound))

    assert [event.id for event in page] == [e.id for e in everything if sight.of(bound).sees(e)]
    assert [event.kind for event in page] == ["order.placed"]


def test_answer_is_kept_for_the_same_request_of_the_same_caller(db: Database) -> None:
    with transaction(db, actor="test") as session:
        assert replays.take(session, "user:a", "k", "hash") is None
        replays.keep(session, "user:a", "k", Answer(201, {"id": 1}))

    with transaction(db, actor="test") as session:
        assert replays.take(session, "user:a", "k", "hash") == Answer(201, {"id": 1})
        assert replays.take(session, "user:b", "k", "hash") is None
        with pytest.raises(Invalid, match="idempotency_key_reused"):
            replays.take(session, "user:a", "k", "other")
        replays.keep(session, "user:b", "k", Answer(201, {}))


def test_key_of_work_that_failed_may_be_used_again(db: Database) -> None:
    def fail() -> None:
        with transaction(db, actor="test") as session:
            replays.take(session, "user:a", "k", "hash")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with transaction(db, actor="test") as session:
        assert replays.take(session, "user:a", "k", "hash") is None
        replays.keep(session, "user:a", "k", Answer(200, {}))
