"""Whatever is ordered, cancelled and received, in any order: the books are right."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.store import database, keys
from dispatch.store.database import Database
from tests.dispatch import shop as shops
from tests.dispatch.shop import Shop

QUANTITY = st.integers(0, 6)
ACT = st.one_of(
    st.tuples(st.just("order"), QUANTITY, QUANTITY, st.integers(0, 2)),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("change"), st.integers(0, 20), QUANTITY, QUANTITY),
    st.tuples(st.just("receive"), st.integers(1, 9), st.booleans()),
)


def _act(shop: Shop, act: tuple[object, ...], accepted: list[UUID]) -> None:
    match act:
        case ("order", int(first), int(second), int(priority)) if first + second:
            accepted.append(shop.order(first, second, priority=priority))
        case ("cancel", int(n)) if accepted:
            shop.cancel(accepted.pop(n % len(accepted)))
        case ("change", int(n), int(first), int(second)) if accepted and first + second:
            shop.change(accepted[n % len(accepted)], first, second)
        case ("receive", int(quantity), bool(other)):
            shop.receive(quantity, part=shop.other_part if other else shop.part)


def _assert_nobody_waits_beside_stock(shop: Shop) -> None:
    for part in (shop.part, shop.other_part):
        on_hand, reserved = shop.level(part)
        if on_hand > reserved:
            assert shops.waiting(shop, part) == 0


@settings(max_examples=40)
@given(st.lists(ACT, max_size=25))
def test_books_are_right_after_any_day_on_sqlite(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, acts: list[tuple[object, ...]]
) -> None:
    path = tmp_path_factory.mktemp("books") / "milkrun.db"
    shutil.copyfile(sqlite_template, path)
    _run(database.open_database(f"sqlite:///{path}"), acts)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACT, min_size=5, max_size=25))
def test_books_are_right_after_any_day_on_both(
    database_url: str, acts: list[tuple[object, ...]]
) -> None:
    """One database for all examples: each is a firm of its own."""
    _run(database.open_database(database_url), acts)


def _run(db: Database, acts: list[tuple[object, ...]]) -> None:
    try:
        shop = shops.opened(db, suffix=f"-{keys.new()}")
        accepted: list[UUID] = []
        for act in acts:
            _act(shop, act, accepted)
        shops.assert_books_right(db)
        shops.assert_deliveries_bring_what_is_set_aside(db)
        _assert_nobody_waits_beside_stock(shop)
    finally:
        db.close()
