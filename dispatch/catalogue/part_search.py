"""Parts by whatever a customer has: any number in any spelling, or words of a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from dispatch.catalogue.numbers import CrossNumber, normal
from dispatch.catalogue.parts import Part

_SHORTEST_PREFIX = 3


class By(StrEnum):
    """What led to a part; the surest first."""

    NUMBER = "number"
    CROSS_NUMBER = "cross_number"
    PREFIX = "prefix"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """A part, and what led to it."""

    part: Part
    by: By


def search(session: Session, text: str, *, limit: int = 20) -> list[Found]:
    """Return parts, the surest first: whole numbers, then beginnings of numbers, then names."""
    found: dict[object, Found] = {}
    for by, query in _queries(text):
        if len(found) >= limit:
            break
        for part in session.scalars(query.order_by(Part.brand, Part.number).limit(limit)):
            found.setdefault(part.id, Found(part, by))
    return list(found.values())[:limit]


def _queries(text: str) -> Iterator[tuple[By, Select[Part]]]:
    key = normal(text)
    if key:
        yield By.NUMBER, select(Part).where(Part.number_key == key)
        yield By.CROSS_NUMBER, select(Part).where(_crossed(CrossNumber.number_key == key))
    if len(key) >= _SHORTEST_PREFIX:
        begins = Part.number_key.startswith(key, autoescape=True)
        crossed = _crossed(CrossNumber.number_key.startswith(key, autoescape=True))
        yield By.PREFIX, select(Part).where(or_(begins, crossed))
    words = text.lower().split()
    if words:
        yield By.NAME, select(Part).where(*(_named(word) for word in words))


def _crossed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Part.id.in_(select(CrossNumber.part_id).where(condition))


def _named(word: str) -> ColumnElement[bool]:
    columns = (Part.name, Part.name_en, Part.brand)
    return or_(*(func.lower(column).contains(word, autoescape=True) for column in columns))
