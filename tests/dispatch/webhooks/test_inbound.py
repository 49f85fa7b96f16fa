from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count, permutations
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake.orders import Order
from dispatch.intake.upserts import Mode
from dispatch.store import clock, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid, NotFound, Unauthenticated
from dispatch.webhooks import inbound, signatures, sources
from dispatch.webhooks.inbound import Sent
from dispatch.webhooks.signatures import Signed
from dispatch.webhooks.sources import NewSource, OrderSource
from tests.dispatch import shop as shops
from tests.dispatch.shop import Shop

SECRET = signatures.new_secret()
IDS = count(1)


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


@pytest.fixture
def source(db: Database, shop: Shop) -> UUID:
    with transaction(db, actor="test") as session:
        part = rows.get(session, Part, shop.part)
        new = NewSource(
            "erp",
            shop.depot,
            customers={"4711": rows.get(session, Customer, shop.customer).number},
            parts={"PAD": {"part": part.number, "brand": part.brand}},
            secret=SECRET,
        )
        return sources.add(session, new).id


def order(quantity: int = 1, **more: Any) -> dict[str, Any]:
    lines = [{"part": "PAD", "quantity": quantity}]
    return {"order": "N-1", "customer": "4711", "repair_point": "本店", "lines": lines, **more}


def signed(body: bytes, letter_id: str = "", secret: str = SECRET) -> Signed:
    letter_id, at = letter_id or f"msg_{next(IDS)}", clock.now()
    signature = signatures.sign(secret, letter_id, at, body)
    return Signed(letter_id, str(int(at.timestamp())), signature, body)


def send(
    db: Database, source: UUID, what: dict[str, Any], *, letter: Signed | None = None, **how: Any
) -> dict[str, Any]:
    letter = letter or signed(json.dumps(what).encode())
    with transaction(db, actor="key:erp") as session:
        row = rows.get(session, OrderSource, source)
        return inbound.take_in(session, row, letter, Sent(what, **how))


def num_orders(db: Database) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0


def test_order_in_the_words_of_its_source_is_taken_in(
    db: Database, shop: Shop, source: UUID
) -> None:
    shop.receive(5)

    assert send(db, source, order(2))["fate"] == "created"
    assert send(db, source, order(2))["fate"] == "unchanged"
    assert send(db, source, order(3))["fate"] == "updated"
    assert shop.level() == (5, 3)


def test_letter_that_comes_twice_gets_the_first_answer(
    db: Database, shop: Shop, source: UUID
) -> None:
    letter = signed(b"{}")
    first = send(db, source, order(2), letter=letter)
    send(db, source, order(3))

    assert send(db, source, order(2), letter=letter) == first

    assert first["fate"] == "created"
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        send(db, source, order(2), letter=signed(b"{ }", letter.id))


def test_same_letter_many_times_at_once_makes_one_order(
    db: Database, shop: Shop, source: UUID
) -> None:
    letter, start = signed(b"{}"), Barrier(6)

    def come(_: int) -> dict[str, Any]:
        start.wait()
        return send(db, source, order(1), letter=letter)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(come, range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert num_orders(db) == 1


@pytest.mark.parametrize("turn", list(permutations([1, 2, 3])))
def test_newest_version_stays_whichever_arrives_last(
    db: Database, shop: Shop, source: UUID, turn: tuple[int, ...]
) -> None:
    shop.receive(9)
    begin = clock.now()
    moment: Callable[[int], datetime] = lambda n: begin + timedelta(seconds=n)  # noqa: E731

    for version in turn:
        send(db, source, order(version), version=version)
        send(db, source, order(version, order="N-2"), updated_at=moment(version))

    assert shop.level() == (9, 6)


def test_versions_that_arrive_at_once_leave_the_newest(
    db: Database, shop: Shop, source: UUID
) -> None:
    shop.receive(9)
    start = Barrier(6)

    def come(version: int) -> str:
        start.wait()
        return str(send(db, source, order(version), version=version)["fate"])

    with ThreadPoolExecutor(6) as pool:
        fates = list(pool.map(come, range(1, 7)))
    assert shop.level() == (9, 6)
    assert fates.count("created") == 1


def test_update_without_a_version_does_not_let_an_old_one_pass(
    db: Database, shop: Shop, source: UUID
) -> None:
    send(db, source, order(2), version=5)
    assert send(db, source, order(3))["fate"] == "updated"

    assert send(db, source, order(1), version=4)["fate"] == "outdated"


def test_what_another_secret_signed_changes_nothing(db: Database, shop: Shop, source: UUID) -> None:
    secret = signatures.new_secret()
    with pytest.raises(Unauthenticated, match="bad_signature"):
        send(db, source, order(), letter=signed(b"{}", secret=secret))

    assert num_orders(db) == 0


def test_old_letter_is_refused(db: Database, shop: Shop, source: UUID) -> None:
    letter, later = signed(b"{}"), clock.now() + timedelta(minutes=6)

    with clock.replaced(lambda: later), pytest.raises(Unauthenticated, match="bad_signature"):
        send(db, source, order(), letter=letter)


def test_former_secret_is_good_for_a_day(db: Database, shop: Shop, source: UUID) -> None:
    with transaction(db, actor="test") as session:
        new = sources.rotate(session, rows.locked(session, OrderSource, source))

    assert send(db, source, order(), letter=signed(b"1"))["fate"] == "created"
    assert send(db, source, order(), letter=signed(b"2", secret=new))["fate"] == "unchanged"
    later = clock.now() + timedelta(hours=25)
    with clock.replaced(lambda: later), pytest.raises(Unauthenticated):
        send(db, source, order(), letter=signed(b"3"))


def test_what_was_refused_may_come_again_corrected(db: Database, shop: Shop, source: UUID) -> None:
    letter = signed(b"{}")
    with pytest.raises(Invalid, match="unknown_customer"):
        send(db, source, order(customer="nobody"), version=3, letter=letter)

    assert send(db, source, order(), version=2, letter=letter)["fate"] == "created"


def test_source_sends_for_its_own_depot_alone(db: Database, shop: Shop, source: UUID) -> None:
    there = shops.opened(db, suffix="-there")
    with reading(db) as session:
        name = rows.get(session, Depot, there.depot).name

    with pytest.raises(Invalid, match="bad_order"):
        send(db, source, order(depot=name))


def test_mode_of_a_source_is_kept(db: Database, shop: Shop, source: UUID) -> None:
    with transaction(db, actor="test") as session:
        row = rows.locked(session, OrderSource, source)
        sources.change(session, row, {"mode": Mode.UPDATE.value}, version=row.version)

    with pytest.raises(Conflict, match="order_unknown"):
        send(db, source, order())


def test_source_that_is_not_active_is_not_there(db: Database, shop: Shop, source: UUID) -> None:
    with transaction(db, actor="test") as session:
        row = rows.locked(session, OrderSource, source)
        sources.change(session, row, {"active": False}, version=None)

    for name in ("erp", "nobody"):
        with pytest.raises(NotFound), reading(db) as session:
            sources.named(session, name)


def test_second_source_of_a_name_is_refused(db: Database, shop: Shop, source: UUID) -> None:
    with pytest.raises(Conflict, match="already_there"), transaction(db, actor="t") as session:
        sources.add(session, NewSource("erp", shop.depot))
