"""The made-up firm's customers: 45 repair points of 42 customers, with people and hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from dispatch.catalogue import customers
from dispatch.catalogue.customers import Contact, Language
from dispatch.catalogue.hours import WEEKDAYS
from dispatch.firm.ground import Ground, Workshop

NUM_CUSTOMERS = 42
"""Three of them have two workshops: the last three are the first three's."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"
_NOTES = (
    "",
    "卸货口在后院 · dock in the back yard",
    "门口不能停车 · no parking at the door",
    "按铃两次 · ring twice",
)
_HOURS: tuple[list[str] | None, ...] = (
    None,
    ["08:00-18:30"],
    ["08:00-12:00", "13:00-18:00"],
    ["07:30-19:00"],
)


@dataclass(frozen=True, slots=True)
class Client:
    """A customer with one of its repair points."""

    customer_id: UUID
    repair_point_id: UUID


def take_in(session: Session, ground: Ground, rng: np.random.Generator) -> list[Client]:
    """Take all workshops in; return their keys in the order of the workshops."""
    owners: list[UUID] = []
    clients = []
    for number, shop in enumerate(ground.workshops):
        if number < NUM_CUSTOMERS:
            owners.append(_customer(session, number, shop))
        owner = owners[number % NUM_CUSTOMERS]
        point = customers.add_point(session, owner, _point(shop, rng))
        _contact(session, owner, point.id, number, rng)
        clients.append(Client(owner, point.id))
    return clients


def _customer(session: Session, number: int, shop: Workshop) -> UUID:
    # Every seventh shop belongs to somebody who reads English.
    language = Language.ENGLISH if number % 7 == 6 else Language.CHINESE
    name = shop.name_en if language is Language.ENGLISH else shop.name
    return customers.add(session, number=f"K-{number + 1:02d}", name=name, language=language).id


def _point(shop: Workshop, rng: np.random.Generator) -> Mapping[str, Any]:
    opening = _HOURS[rng.integers(len(_HOURS))]
    return {
        "name": f"{shop.name} {shop.name_en}",
        "address": shop.address,
        "lon": shop.lon,
        "lat": shop.lat,
        "found": shop.found,
        "access_notes": _NOTES[rng.integers(len(_NOTES))],
        "hours": {"week": dict.fromkeys(WEEKDAYS, opening)} if opening else None,
    }


def _contact(
    session: Session, customer_id: UUID, point_id: UUID, number: int, rng: np.random.Generator
) -> None:
    contact = Contact(
        customer_id=customer_id,
        repair_point_id=point_id,
        name=f"{_SURNAMES[rng.integers(len(_SURNAMES))]}师傅",
        phone=f"+86 131 0000 {number + 1:04d}",
        email=f"shop{number + 1:02d}@example.com",
    )
    customers.add_contact(session, contact)
