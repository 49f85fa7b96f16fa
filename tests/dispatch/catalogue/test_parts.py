from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dispatch.catalogue import hazards, numbers, part_search, prices, supersession
from dispatch.catalogue.parts import Part
from dispatch.store import events
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid

ACTOR = "user:test"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def _part(db: Database, number: str, *, name: str = "制动盘", name_en: str | None = None) -> UUID:
    part = Part(brand="Bosch", number=number, name=name, name_en=name_en, weight_g=1, volume_ml=1)
    with transaction(db, actor=ACTOR) as session:
        session.add(part)
        session.flush()
        return part.id


def _found(db: Database, text: str) -> list[tuple[UUID, str]]:
    with reading(db) as session:
        return [(each.part.id, each.by) for each in part_search.search(session, text)]


@pytest.mark.parametrize("text", ["0986-479 A98", "0986479a98", " 0986 479 a98", "０９８６479A98"])
def test_part_is_found_by_its_number_however_it_is_written(db: Database, text: str) -> None:
    part = _part(db, "0 986 479 A98")
    _part(db, "0 986 479 B11")

    assert _found(db, text) == [(part, "number")]


def test_part_is_found_by_the_number_of_the_car_maker(db: Database) -> None:
    part = _part(db, "0986479A98")
    with transaction(db, actor=ACTOR) as session:
        numbers.add(session, part, maker="VW", number="5Q0 615 301 G")
        numbers.add(session, part, maker="VW", number="5Q0615301G")

    assert _found(db, "5q0-615-301-g") == [(part, "cross_number")]
    with reading(db) as session:
        assert [each.number for each in numbers.of_part(session, part)] == ["5Q0 615 301 G"]


def test_whole_numbers_come_before_beginnings_and_names(db: Database) -> None:
    longer = _part(db, "ABC1")
    whole = _part(db, "ABC")
    named = _part(db, "X", name_en="abc sensor")

    assert _found(db, "abc") == [(whole, "number"), (longer, "prefix"), (named, "name")]


def test_changed_number_is_found_and_the_old_one_no_longer(db: Database) -> None:
    part = _part(db, "OLD-1")
    with transaction(db, actor=ACTOR) as session:
        row = session.get(Part, part)
        assert row is not None
        row.number = "NEW-1"

    assert _found(db, "new1") == [(part, "number")]
    assert _found(db, "old1") == []


@pytest.mark.parametrize("text", ["制动", "brake DISC", "bosch 盘"])
def test_part_is_found_by_words_in_chinese_and_english(db: Database, text: str) -> None:
    part = _part(db, "1", name="前制动盘", name_en="Front brake disc")
    _part(db, "2", name="机油滤清器", name_en="Oil filter")

    assert _found(db, text) == [(part, "name")]


def test_signs_of_patterns_are_looked_for_as_they_are(db: Database) -> None:
    _part(db, "1")

    assert _found(db, "%") == _found(db, "_") == []


def test_number_of_signs_alone_is_refused(db: Database) -> None:
    part = _part(db, "1")

    with pytest.raises(Invalid, match="bad_part_number"), transaction(db, actor=ACTOR) as session:
        numbers.add(session, part, maker="VW", number=" - ")


def _supersede(db: Database, part: UUID, by: UUID, *, both_ways: bool = False) -> None:
    with transaction(db, actor=ACTOR) as session:
        supersession.supersede(session, part, by, both_ways=both_ways)


def test_substitutes_are_the_newest_successor_first_then_older_ones_that_also_do(
    db: Database,
) -> None:
    oldest, old, part, new, newest = (_part(db, str(n)) for n in range(5))
    _supersede(db, oldest, old)
    _supersede(db, old, part, both_ways=True)
    _supersede(db, part, new)
    _supersede(db, new, newest)

    with reading(db) as session:
        assert supersession.successors(session, part) == [new, newest]
        assert supersession.substitutes(session, part) == [newest, new, old]


def test_circle_of_supersessions_is_refused(db: Database) -> None:
    first, second, third = (_part(db, str(n)) for n in range(3))
    _supersede(db, first, second)
    _supersede(db, second, third)

    for part, by in ((third, first), (first, first)):
        with pytest.raises(Invalid, match="supersession_loop"):
            _supersede(db, part, by)


def test_part_is_replaced_by_one_other_until_that_is_withdrawn(db: Database) -> None:
    part, one, other = (_part(db, str(n)) for n in range(3))
    _supersede(db, part, one)
    with pytest.raises(Conflict, match="superseded_already"):
        _supersede(db, part, other)

    with transaction(db, actor=ACTOR) as session:
        supersession.withdraw(session, part)
    _supersede(db, part, other)

    with reading(db) as session:
        assert supersession.successors(session, part) == [other]


def _price(db: Database, part: UUID, amount: int, at: datetime, **more: object) -> None:
    with transaction(db, actor=ACTOR) as session:
        prices.set_price(session, part, amount=amount, valid_from=at, **more)  # type: ignore[arg-type]


def test_price_is_the_one_that_held_at_the_moment(db: Database) -> None:
    part = _part(db, "1")
    _price(db, part, 42_000, MARCH, core_deposit=30_000)
    _price(db, part, 45_000, APRIL)
    _price(db, part, 6_000, MARCH, currency="EUR")

    with reading(db) as session:
        before = prices.price_at(session, part, datetime(2026, 2, 28, tzinfo=UTC))
        march = prices.price_at(session, part, datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC))
        april = prices.price_at(session, part, APRIL)
        euro = prices.price_at(session, part, APRIL, currency="EUR")
    assert before is None
    assert march is not None
    assert (march.amount, march.core_deposit) == (42_000, 30_000)
    assert april is not None
    assert (april.amount, april.core_deposit) == (45_000, 0)
    assert euro is not None
    assert euro.amount == 6_000


def test_price_is_never_rewritten(db: Database) -> None:
    part = _part(db, "1")
    _price(db, part, 42_000, MARCH)

    with pytest.raises(Conflict, match="price_there"):
        _price(db, part, 1, MARCH)


@pytest.mark.parametrize("wrong", [{"amount": -1}, {"core_deposit": -1}, {"currency": "yuan"}])
def test_price_without_sense_is_refused(db: Database, wrong: dict[str, object]) -> None:
    part = _part(db, "1")

    with pytest.raises(Invalid, match="bad_price"), transaction(db, actor=ACTOR) as session:
        prices.set_price(session, part, **{"amount": 1, "valid_from": MARCH, **wrong})  # type: ignore[arg-type]


def test_dangerous_part_has_its_un_number_and_class(db: Database) -> None:
    part = _part(db, "1")
    with transaction(db, actor=ACTOR) as session:
        hazards.declare(session, part, un_number="3268", hazard_class="9", packing_group="III")

    with reading(db) as session:
        row = session.get(Part, part)
        assert row is not None
        assert (row.dangerous, row.un_number, row.hazard_class) == (True, "3268", "9")
        (told,) = events.of(session, part)
        assert told.kind == "part.declared_dangerous"


@pytest.mark.parametrize("wrong", [{"un_number": "UN1"}, {"hazard_class": "x"}])
def test_hazard_without_sense_is_refused(db: Database, wrong: dict[str, str]) -> None:
    part = _part(db, "1")

    with pytest.raises(Invalid, match="bad_hazard"), transaction(db, actor=ACTOR) as session:
        hazards.declare(session, part, **{"un_number": "3268", "hazard_class": "9", **wrong})
