from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import order_rows, order_template, received
from dispatch.intake.upserts import Fate, Mode
from dispatch.store import rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from tests.dispatch import shop as shops
from tests.dispatch.shop import Shop


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


@pytest.fixture
def document(shop: Shop) -> dict[str, Any]:
    with reading(shop.db) as session:
        return {
            "order": "ERP-1",
            "customer": rows.get(session, Customer, shop.customer).number,
            "depot": rows.get(session, Depot, shop.depot).name,
            "repair_point": "本店",
            "lines": [
                {"brand": rows.get(session, Part, shop.part).brand, "part": "1", "quantity": 2},
                {"part": "2", "brand": rows.get(session, Part, shop.part).brand, "quantity": 1},
            ],
        }


def _send(shop: Shop, document: dict[str, Any], mode: Mode = Mode.MERGE) -> Fate:
    with transaction(shop.db, actor="system:erp") as session:
        return received.upsert(session, document, mode=mode).fate


def test_order_that_is_sent_twice_is_there_once(shop: Shop, document: dict[str, Any]) -> None:
    shop.receive(5)

    assert [_send(shop, document), _send(shop, document)] == [Fate.CREATED, Fate.UNCHANGED]

    assert shop.level() == (5, 2)


def test_order_that_is_sent_otherwise_is_changed(shop: Shop, document: dict[str, Any]) -> None:
    shop.receive(5)
    _send(shop, document)
    document["lines"][0]["quantity"] = 4

    assert _send(shop, document) == Fate.UPDATED

    assert shop.level() == (5, 4)


def test_mode_create_refuses_what_is_there(shop: Shop, document: dict[str, Any]) -> None:
    _send(shop, document)
    document["priority"] = 3

    with pytest.raises(Conflict, match="order_differs"):
        _send(shop, document, Mode.CREATE)
    document["order"] = "ERP-2"
    with pytest.raises(Conflict, match="order_unknown"):
        _send(shop, document, Mode.UPDATE)


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ({"lines": []}, "lines is no list"),
        ({"colour": "red"}, "'colour' has no meaning"),
        ({"priority": ["x"]}, "priority is no text and no number"),
        ({"customer": "nobody", "depot": "nowhere"}, "unknown_customer"),
        ({"order": ""}, "order"),
    ],
)
def test_order_without_sense_is_refused(
    shop: Shop, document: dict[str, Any], wrong: dict[str, Any], cause: str
) -> None:
    with pytest.raises(Invalid, match="bad_order") as refused:
        _send(shop, {**document, **wrong})

    assert cause in refused.value.cause


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("make", "name"), [("csv_file", "t.csv"), ("workbook", "t.xlsx")])
def test_template_is_understood_when_it_comes_back(
    tmp_path: Path, language: str, make: str, name: str
) -> None:
    (tmp_path / name).write_bytes(getattr(order_template, make)(language))

    (order,), faults = order_rows.read(tmp_path / name)

    assert (order.number, faults) == ("N-1", [])
    assert set(order.rows[0].cells) == set(order_rows.COLUMNS.known)


def test_there_is_no_template_in_a_third_language() -> None:
    with pytest.raises(Invalid, match="unknown_language"):
        order_template.rows("fr")
