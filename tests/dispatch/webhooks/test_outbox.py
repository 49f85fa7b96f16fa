from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from random import Random
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.people import users
from dispatch.people.users import User
from dispatch.store import clock, events, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid, Outdated
from dispatch.webhooks import endpoints, outbox
from dispatch.webhooks.endpoints import NewWebhook, Webhook
from dispatch.webhooks.outbox import Claim, Letter, Result
from tests.dispatch import shop as shops
from tests.dispatch.people import team
from tests.dispatch.shop import Shop

LEASE_S = 60.0
URL = "https://erp.example.com/hook"
NOBODY: frozenset[UUID] = frozenset()


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


@pytest.fixture
def owner(db: Database, shop: Shop) -> UUID:
    return team.add(db, "boss", "admin")


def add(db: Database, owner: UUID, **what: Any) -> UUID:
    with transaction(db, actor="test") as session:
        return endpoints.add(session, owner, NewWebhook(URL, **what), private=False).id


def write(db: Database, webhook: UUID) -> int:
    with transaction(db, actor="test") as session:
        return outbox.write(session, webhook)


def letters(db: Database, webhook: UUID) -> list[Letter]:
    with reading(db) as session:
        query = select(Letter).where(Letter.webhook_id == webhook)
        return list(session.scalars(query.order_by(Letter.event_id)))


def kinds(db: Database, webhook: UUID) -> list[str]:
    return [letter.kind for letter in letters(db, webhook)]


def ping(db: Database, webhook: UUID) -> UUID:
    with transaction(db, actor="test") as session:
        return outbox.ping(session, rows.locked(session, Webhook, webhook)).id


def claim(db: Database, limit: int = 10) -> list[Claim]:
    with transaction(db, actor="test") as session:
        return outbox.claim(session, lease_s=LEASE_S, limit=limit, per_webhook=4, without=NOBODY)


def finish(db: Database, mine: Claim, **what: Any) -> None:
    with transaction(db, actor="test") as session:
        outbox.finish(session, mine, Result(clock.now(), 5, **what), Random(1))


def look(db: Database, letter: UUID) -> Letter:
    with reading(db) as session:
        return rows.get(session, Letter, letter)


def webhook_of(db: Database, webhook: UUID) -> Webhook:
    with reading(db) as session:
        return rows.get(session, Webhook, webhook)


def at(moment: datetime) -> AbstractContextManager[None]:
    return clock.replaced(lambda: moment)


def test_each_event_becomes_one_letter(db: Database, shop: Shop, owner: UUID) -> None:
    webhook = add(db, owner)
    shop.place(1)
    shop.order(1)

    while write(db, webhook):
        pass

    with reading(db) as session:
        wanted = [event.id for event in events.after(session, 0) if event.id > _made_at(session)]
    assert [letter.event_id for letter in letters(db, webhook)] == wanted
    assert {"order.placed", "order.accepted"} <= set(kinds(db, webhook))


def _made_at(session: Any) -> int:
    made = select(events.Event.id).where(events.Event.kind == "webhook.created")
    return int(session.scalars(made).one()) - 1


def test_several_who_write_at_once_write_each_letter_once(
    db: Database, shop: Shop, owner: UUID
) -> None:
    webhook = add(db, owner, kinds=["order.placed"])
    start = Barrier(6)

    def work(number: int) -> None:
        start.wait()
        for _ in range(5):
            if number < 3:
                shop.place(1)
            write(db, webhook)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    write(db, webhook)

    found = [letter.event_id for letter in letters(db, webhook)]
    assert len(found) == len(set(found)) == 15


def test_only_the_kinds_and_depots_that_are_wanted_are_told(db: Database, owner: UUID) -> None:
    here, there = shops.opened(db, suffix="-a"), shops.opened(db, suffix="-b")
    webhook = add(db, owner, kinds=["order.placed", "order.accepted"], depot_ids=[here.depot])
    here.place(1)
    there.order(1)

    write(db, webhook)

    assert kinds(db, webhook) == ["order.placed"]


@pytest.mark.parametrize("narrowed", ["depot", "role"])
def test_nobody_is_told_what_the_owner_may_not_see(
    db: Database, owner: UUID, narrowed: str
) -> None:
    here, there = shops.opened(db, suffix="-a"), shops.opened(db, suffix="-b")
    webhook = add(db, owner)
    team.add(db, "second", "admin")
    with transaction(db, actor="test") as session:
        row = rows.locked(session, User, owner)
        change: dict[str, Any] = (
            {"depot_ids": [here.depot]} if narrowed == "depot" else {"roles": ["dispatcher"]}
        )
        users.change(session, row, change, version=None)
    here.place(1)
    there.place(1)

    write(db, webhook)

    if narrowed == "depot":
        assert [letter.kind for letter in letters(db, webhook)].count("order.placed") == 1
        return
    assert letters(db, webhook) == []
    found = webhook_of(db, webhook)
    assert (found.active, found.disabled_because) == (
        False,
        "its owner may have no webhooks any more",
    )


def test_of_many_senders_at_once_one_gets_the_letter(db: Database, shop: Shop, owner: UUID) -> None:
    ping(db, add(db, owner))
    start = Barrier(8)

    def take(_: int) -> list[Claim]:
        start.wait()
        return claim(db)

    with ThreadPoolExecutor(8) as pool:
        taken = [one for found in pool.map(take, range(8)) for one in found]
    assert len(taken) == 1


def test_one_endpoint_gets_only_so_many_at_a_time(db: Database, owner: UUID) -> None:
    busy, other = add(db, owner), add(db, owner)
    for _ in range(6):
        ping(db, busy)
    ping(db, other)

    taken = [one.webhook_id for one in claim(db)]

    assert sorted(taken) == sorted([busy] * 4 + [other])


def test_letter_of_a_sender_that_was_killed_is_taken_again(db: Database, owner: UUID) -> None:
    letter = ping(db, add(db, owner))
    (dead,) = claim(db)
    assert claim(db) == []

    with at(clock.now() + timedelta(seconds=LEASE_S + 1)):
        (again,) = claim(db)
        with pytest.raises(Conflict, match="letter_lost"):
            finish(db, dead, status=200)
        finish(db, again, status=200)

    assert (again.token, look(db, letter).state) == (2, "delivered")
    with pytest.raises(Conflict, match="letter_lost"):
        finish(db, again, status=200)


def test_letter_that_does_not_arrive_is_tried_later_and_later_then_given_up(
    db: Database, owner: UUID
) -> None:
    webhook = add(db, owner)
    letter = ping(db, webhook)
    now, pauses = clock.now(), []
    for _ in range(len(outbox.RETRIES_S) + 1):
        with at(now):
            (mine,) = claim(db)
            finish(db, mine, status=500)
            assert claim(db) == []
        due = look(db, letter).due_at
        pauses.append((due - now).total_seconds())
        now = max(due, now)

    assert look(db, letter).state == "failed"
    for pause, least in zip(pauses[:-1], outbox.RETRIES_S, strict=True):
        assert least <= pause <= least * (1 + outbox.JITTER)
    with reading(db) as session:
        tries = outbox.tries(session, rows.get(session, Letter, letter))
    assert [one.http_status for one in tries] == [500] * 10


@pytest.mark.parametrize(("asked", "least"), [(600, 600), (10**9, outbox.MOST_WAIT_S), (0, 5)])
def test_patience_that_is_asked_for_is_kept(
    db: Database, owner: UUID, asked: int, least: int
) -> None:
    letter, now = ping(db, add(db, owner)), clock.now()
    with at(now):
        (mine,) = claim(db)
        finish(db, mine, status=503, retry_after_s=asked)

    assert least <= (look(db, letter).due_at - now).total_seconds() <= least + 1


def test_endpoint_that_is_gone_is_told_nothing_more(db: Database, shop: Shop, owner: UUID) -> None:
    webhook = add(db, owner)
    ping(db, webhook)
    ping(db, webhook)
    first, _ = claim(db)
    finish(db, first, status=410)

    with at(clock.now() + timedelta(days=1)):
        assert claim(db) == []
    row = webhook_of(db, webhook)
    assert (row.active, row.disabled_because) == (False, "it answered 410: it is gone")
    with reading(db) as session:
        assert [each.kind for each in events.of(session, webhook)][-1] == "webhook.disabled"


def test_endpoint_that_fails_for_days_is_disabled_unless_one_letter_arrives(
    db: Database, owner: UUID
) -> None:
    webhook, begin = add(db, owner), clock.now()

    def send(day: float, status: int) -> None:
        with at(begin + timedelta(days=day)):
            ping(db, webhook)
            for mine in claim(db):
                finish(db, mine, status=status)

    for day, status in ((0, 500), (2, 500), (2.5, 200), (4, 500), (6.9, 500)):
        send(day, status)
    assert webhook_of(db, webhook).active
    send(7.1, 500)
    assert not webhook_of(db, webhook).active


def test_letter_is_sent_again_under_its_id(db: Database, owner: UUID) -> None:
    letter = ping(db, add(db, owner))
    (mine,) = claim(db)
    finish(db, mine, status=200)

    with transaction(db, actor="test") as session:
        outbox.replay(session, rows.get(session, Letter, letter))

    (again,) = claim(db)
    assert (again.letter_id, look(db, letter).state) == (letter, "waiting")


def test_replay_since_brings_what_was_sent_and_what_never_was(
    db: Database, shop: Shop, owner: UUID
) -> None:
    webhook = add(db, owner, kinds=["order.placed"])
    begin = webhook_of(db, webhook).cursor
    shop.place(1)
    write(db, webhook)
    (mine,) = claim(db)
    finish(db, mine, status=200)
    _set_active(db, webhook, active=False)
    shop.place(1)
    _set_active(db, webhook, active=True)
    write(db, webhook)
    assert len(letters(db, webhook)) == 1

    with transaction(db, actor="test") as session:
        outbox.replay_since(session, rows.locked(session, Webhook, webhook), begin)
    write(db, webhook)

    assert [letter.state for letter in letters(db, webhook)] == ["waiting", "waiting"]
    assert len(claim(db)) == 2


def _set_active(db: Database, webhook: UUID, *, active: bool) -> None:
    with transaction(db, actor="test") as session:
        row = rows.locked(session, Webhook, webhook)
        endpoints.change(session, row, {"active": active}, version=None, private=False)


def test_moment_is_found_in_the_log(db: Database, shop: Shop) -> None:
    shop.place(1)
    between = clock.now()
    with reading(db) as session:
        last = events.newest(session)
    shop.place(1)

    with reading(db) as session:
        assert outbox.last_before(session, between) == last
        assert outbox.last_before(session, clock.now()) == events.newest(session)


def test_letters_that_came_to_an_end_are_forgotten_after_a_month(db: Database, owner: UUID) -> None:
    webhook = add(db, owner)
    ping(db, webhook)
    (mine,) = claim(db)
    finish(db, mine, status=200)
    waits = ping(db, webhook)

    with at(clock.now() + outbox.KEPT + timedelta(days=1)), transaction(db, actor="t") as session:
        outbox.forget_old(session)

    assert [letter.id for letter in letters(db, webhook)] == [waits]


@pytest.mark.parametrize(
    "url",
    [
        *("http://erp.example.com/", "ftp://erp.example.com/", "https://", "https://[::1", "erp"),
        *("https://u:p@erp.example.com/", "https://erp.example.com/#a", "https://10.0.0.1/"),
        *("https://erp.example.com:0/", "https://erp.example.com:99999/", "https://例子.cn/"),
    ],
)
def test_url_that_may_not_be_called_is_refused(db: Database, owner: UUID, url: str) -> None:
    with pytest.raises(Invalid, match="bad_webhook_url"), transaction(db, actor="t") as session:
        endpoints.add(session, owner, NewWebhook(url), private=False)


def test_kind_that_is_none_is_refused(db: Database, owner: UUID) -> None:
    for kinds_ in (["order.eaten"], []):
        with pytest.raises(Invalid, match="unknown_kind"):
            add(db, owner, kinds=kinds_)


def test_second_of_two_editors_is_refused_but_letters_are_no_editors(
    db: Database, shop: Shop, owner: UUID
) -> None:
    webhook = add(db, owner)
    seen = webhook_of(db, webhook).version
    shop.place(1)
    write(db, webhook)
    for mine in claim(db):
        finish(db, mine, status=500)

    for outcome in (None, Outdated):
        with transaction(db, actor="test") as session:
            row = rows.locked(session, Webhook, webhook)
            change = {"description": "x"}
            if outcome is None:
                endpoints.change(session, row, change, version=seen, private=False)
                continue
            with pytest.raises(outcome):
                endpoints.change(session, row, change, version=seen, private=False)


def test_secrets_are_in_no_event(db: Database, owner: UUID) -> None:
    webhook = add(db, owner)
    with transaction(db, actor="test") as session:
        row = rows.locked(session, Webhook, webhook)
        former, new = row.secret, endpoints.rotate(session, row)
        assert endpoints.secrets(row) == [new, former]

    with reading(db) as session:
        said = str([event.data for event in events.of(session, webhook)])
    assert former not in said
    assert new not in said
    with at(clock.now() + timedelta(hours=25)):
        assert endpoints.secrets(webhook_of(db, webhook)) == [new]
