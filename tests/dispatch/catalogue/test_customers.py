from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from dispatch.catalogue import customers, positions
from dispatch.catalogue.customers import Contact, Customer, Found, RepairPoint
from dispatch.catalogue.depot_settings import DepotSettings
from dispatch.store import events, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from tests.dispatch.shop import ACTOR

USUAL = {"name": "本店", "address": "南路1号", "lon": 121.4, "lat": 31.2}


def _point(db: Database, **known: object) -> RepairPoint:
    with transaction(db, actor=ACTOR) as session:
        customer = customers.add(session, number="C-2", name="李记汽修")
        return customers.add_point(session, customer.id, {**USUAL, **known})


def _customer(db: Database) -> Customer:
    with transaction(db, actor=ACTOR) as session:
        return customers.add(session, number="C-1", name="王记汽修")


def test_customer_is_written_to_in_chinese_unless_told_otherwise(db: Database) -> None:
    assert _customer(db).language == "zh"


def test_customer_number_is_taken_once(db: Database) -> None:
    _customer(db)

    with pytest.raises(Conflict, match="already_there"):
        _customer(db)


def test_repair_point_keeps_hours_notes_and_service_time(db: Database) -> None:
    known = {"hours": {"week": {"mon": ["08:00-12:00"]}}, "access_notes": "侧门", "service_s": 600}
    key = _point(db, **known).id

    with reading(db) as session:
        point = rows.get(session, RepairPoint, key)
        assert {name: getattr(point, name) for name in known} == known
        assert (point.found, point.found_by) == (Found.GIVEN, ACTOR)


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"lat": 91.0}, "bad_coordinates"),
        ({"hours": {"week": {"mon": ["9"]}}}, "bad_hours"),
        ({"service_s": -1}, "bad_service"),
    ],
)
def test_repair_point_without_sense_is_refused(
    db: Database, known: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        _point(db, **known)


def test_moved_dock_tells_from_where_by_whom(db: Database) -> None:
    key = _point(db).id

    with transaction(db, actor="user:li") as session:
        point = rows.get(session, RepairPoint, key)
        customers.move_dock(session, point, 121.41, 31.21, found=Found.GEOCODED)

    assert (point.found, point.found_by, point.version) == (Found.GEOCODED, "user:li", 2)
    with reading(db) as session:
        told = events.of(session, key)[-1]
        assert told.kind == "repair_point.changed"
        assert told.data["lon"] == {"from": 121.4, "to": 121.41}


def test_dock_that_somebody_puts_elsewhere_was_corrected(db: Database) -> None:
    key = _point(db).id

    with transaction(db, actor="user:li") as session:
        customers.change_point(session, rows.get(session, RepairPoint, key), {"lon": 121.41})
    with transaction(db, actor="user:wu") as session:
        customers.change_point(session, rows.get(session, RepairPoint, key), {"name": "总店"})

    with reading(db) as session:
        point = rows.get(session, RepairPoint, key)
        assert (point.found, point.found_by) == (Found.CORRECTED, "user:li")


def test_edit_that_changes_nothing_is_not_told(db: Database) -> None:
    customer = _customer(db)

    with transaction(db, actor=ACTOR) as session:
        customers.change(session, session.merge(customer), {"name": "王记汽修"})

    with reading(db) as session:
        assert [event.kind for event in events.of(session, customer.id)] == ["customer.created"]


def test_contact_must_be_reachable(db: Database) -> None:
    customer = _customer(db)

    with transaction(db, actor=ACTOR) as session:
        customers.add_contact(session, Contact(customer_id=customer.id, name="王", phone="138"))
        with pytest.raises(Invalid, match="contact_unreachable"):
            customers.add_contact(session, Contact(customer_id=customer.id, name="李"))

    with reading(db) as session:
        assert [one.name for one in customers.contacts(session, customer.id)] == ["王"]


def test_service_takes_longer_with_more_lines_unless_the_place_has_its_own() -> None:
    settings = DepotSettings(service_s=240, service_per_line_s=12)

    assert customers.service_s(RepairPoint(), settings, num_lines=5) == 300
    assert customers.service_s(RepairPoint(service_s=90), settings, num_lines=5) == 90


@dataclass(frozen=True)
class _Found:
    label: str
    quality: float
    lon: float = 121.4
    lat: float = 31.2


class _Index:
    def __init__(self, *found: _Found) -> None:
        self.found = found

    def search(
        self, text: str, *, near: tuple[float, float] | None = None, limit: int = 5
    ) -> Sequence[_Found]:
        return self.found[:limit]


def test_address_is_found_when_it_is_certain() -> None:
    assert positions.find("南路1号", _Index(_Found("南路1号", 0.95))).found == "南路1号"


@pytest.mark.parametrize(
    ("index", "code"),
    [
        (None, "no_address_index"),
        (_Index(), "address_not_found"),
        (_Index(_Found("a", 0.9), _Found("b", 0.9, lat=31.3)), "address_ambiguous"),
    ],
)
def test_uncertain_address_is_refused(index: _Index | None, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        positions.find("南路1号", index)
