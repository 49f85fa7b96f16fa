from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.people import users
from dispatch.people.users import User
from dispatch.store import clock, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.webhooks import endpoints, outbox
from dispatch.webhooks.endpoints import NewWebhook, Webhook
from dispatch.webhooks.outbox import Letter, Try
from dispatch.webhooks.sender import Sender
from tests.api.command import wait_until
from tests.dispatch import shop as shops
from tests.dispatch.people import team
from tests.dispatch.shop import Shop
from tests.dispatch.webhooks.receiver import Receiver, answering, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


@pytest.fixture
def owner(db: Database, shop: Shop) -> UUID:
    return team.add(db, "boss", "admin")


@contextmanager
def sending(db: Database, *, private: bool = True, **how: Any) -> Iterator[None]:
    """Send on a thread, as a server does."""
    over = threading.Event()
    sender = Sender(db, private=private, **how)
    thread = threading.Thread(target=sender.work, kwargs={"until": over.is_set}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


def add(db: Database, owner: UUID, url: str, *kinds: str, secret: str | None = None) -> UUID:
    new = NewWebhook(url, kinds=kinds or ("order.placed",), secret=secret)
    with transaction(db, actor="test") as session:
        return endpoints.add(session, owner, new, private=True).id


def webhook_of(db: Database, webhook: UUID) -> Webhook:
    with reading(db) as session:
        return rows.get(session, Webhook, webhook)


def letters(db: Database) -> list[Letter]:
    with reading(db) as session:
        return list(session.scalars(select(Letter).order_by(Letter.event_id)))


def tries(db: Database) -> list[Try]:
    with reading(db) as session:
        return list(session.scalars(select(Try).order_by(Try.at)))


def all_delivered(db: Database, many: int) -> bool:
    found = letters(db)
    return len(found) == many and all(one.state == "delivered" for one in found)


def make_due(db: Database) -> None:
    """Let the pauses of all letters be over."""
    with transaction(db, actor="test") as session:
        for letter in session.scalars(select(Letter).where(Letter.state == "waiting")):
            letter.due_at = clock.now() - timedelta(seconds=1)


def test_event_arrives_signed_and_in_the_form_of_the_standard(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    webhook = add(db, owner, receiver.url)
    order = shop.place(1)

    with sending(db):
        wait_until(lambda: all_delivered(db, 1))

    (got,), (letter,) = receiver.got, letters(db)
    got.verify(webhook_of(db, webhook).secret)
    assert got.id == f"msg_{letter.id.hex}"
    assert set(got.document) == {"type", "timestamp", "data"}
    assert got.document["type"] == "order.placed"
    assert got.document["data"]["subject_id"] == str(order)
    assert got.document["data"]["subjects"]["depot"] == str(shop.depot)
    assert [(one.http_status, one.error) for one in tries(db)] == [(204, None)]


def test_both_secrets_sign_while_one_takes_the_others_place(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    webhook = add(db, owner, receiver.url)
    former = webhook_of(db, webhook).secret
    with transaction(db, actor="test") as session:
        new = endpoints.rotate(session, rows.locked(session, Webhook, webhook))
    shop.place(1)

    with sending(db):
        wait_until(lambda: bool(receiver.got))

    for secret in (former, new):
        receiver.got[0].verify(secret)


def test_letter_that_failed_comes_again_under_its_id_with_the_same_body(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    webhook = add(db, owner, receiver.url)
    receiver.behave = answering(503, "忙\x00".encode(), Retry_After="3600")
    shop.place(1)

    with sending(db):
        wait_until(lambda: len(tries(db)) == 1)
        waits = (letters(db)[0].due_at - clock.now()).total_seconds()
        receiver.behave = answering(200)
        make_due(db)
        wait_until(lambda: all_delivered(db, 1))

    first, second = receiver.got
    assert 3500 < waits <= 3600
    assert (first.id, first.body) == (second.id, second.body)
    assert [(one.http_status, one.answer) for one in tries(db)] == [(503, "忙�"), (200, "")]
    second.verify(webhook_of(db, webhook).secret)


@pytest.mark.parametrize("behaviour", ["redirects", "dies", "gone", "hangs"])
def test_what_did_not_arrive_is_written_down(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver, behaviour: str
) -> None:
    behaviours = {
        "redirects": (answering(307, Location=receiver.url), 307, None),
        "dies": (lambda request: None, None, "the connection ended before an answer"),
        "gone": (answering(410), 410, None),
        "hangs": (receiver.hang, None, "no answer within 1 s"),
    }
    receiver.behave, status, error = behaviours[behaviour]
    webhook = add(db, owner, receiver.url)
    shop.place(1)

    with sending(db, total_s=1.0):
        wait_until(lambda: bool(tries(db)))

    (one,), (letter,) = tries(db), letters(db)
    assert (one.http_status, one.error, letter.state) == (status, error, "waiting")
    assert webhook_of(db, webhook).active == (behaviour != "gone")
    assert len(receiver.got) == 1


def test_private_address_is_not_called_unless_it_is_allowed(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    add(db, owner, receiver.url)
    shop.place(1)

    with sending(db, private=False):
        wait_until(lambda: bool(tries(db)))

    assert "private network" in str(tries(db)[0].error)
    assert receiver.got == []


def test_endpoint_that_hangs_holds_up_no_other(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    receiver.behave = receiver.hang
    with receiving() as quick:
        add(db, owner, receiver.url)
        add(db, owner, quick.url)
        for _ in range(12):
            shop.place(1)

        with sending(db):
            wait_until(lambda: len(quick.got) == 12)

            assert 1 <= len(receiver.got) <= 4


def test_two_senders_send_each_letter_once(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    add(db, owner, receiver.url)

    with sending(db), sending(db):
        for _ in range(30):
            shop.place(1)
        wait_until(lambda: all_delivered(db, 30))

    assert set(Counter(got.id for got in receiver.got).values()) == {1}
    assert len(receiver.got) == 30


def test_sender_that_ends_in_the_middle_leaves_the_letter_to_the_next(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    add(db, owner, receiver.url)
    shop.place(1)
    receiver.behave = receiver.hang
    with sending(db, lease_s=1.0):
        wait_until(lambda: bool(receiver.got))
    assert tries(db) == []
    receiver.behave = answering(204)

    with sending(db):
        wait_until(lambda: all_delivered(db, 1))

    assert len({got.id for got in receiver.got}) == 1


def test_letters_that_the_owner_may_not_see_any_more_are_not_sent(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    elsewhere = shops.opened(db, suffix="-there").depot
    webhook = add(db, owner, receiver.url)
    shop.place(1)
    team.add(db, "second", "admin")
    with transaction(db, actor="test") as session:
        outbox.write(session, webhook)
        bound = {"depot_ids": [elsewhere]}
        users.change(session, rows.locked(session, User, owner), bound, version=None)

    with sending(db):
        wait_until(lambda: bool(tries(db)))

    assert tries(db)[0].error == "its owner may not see the event any more"
    assert receiver.got == []


def test_slow_answer_is_an_answer(
    db: Database, shop: Shop, owner: UUID, receiver: Receiver
) -> None:
    go_on = threading.Event()

    def slowly(request: BaseHTTPRequestHandler) -> None:
        go_on.wait(20)
        answering(200)(request)

    receiver.behave = slowly
    add(db, owner, receiver.url)
    shop.place(1)

    with sending(db):
        wait_until(lambda: bool(receiver.got))
        assert tries(db) == []
        go_on.set()
        wait_until(lambda: all_delivered(db, 1))
