"""Who works with the made-up firm: one of each role to sign in, and a second picker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.people import users
from dispatch.people.permissions import Role
from dispatch.people.users import NewUser


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    full_name: str
    role: Role
    at_first_depot: bool = False


_PEOPLE = (
    _Person("admin", "林涛 Lin Tao", Role.ADMIN),
    _Person("dispatcher", "何静 He Jing", Role.DISPATCHER),
    _Person("warehouse", "郑凯 Zheng Kai", Role.WAREHOUSE, at_first_depot=True),
    _Person("picker", "冯雪 Feng Xue", Role.WAREHOUSE, at_first_depot=True),
    _Person("counter", "许婷 Xu Ting", Role.COUNTER, at_first_depot=True),
    _Person("driver", "陈伟 Chen Wei", Role.DRIVER, at_first_depot=True),
    _Person("customer", "the first workshop", Role.CUSTOMER),
)

SIGN_INS = {role: next(person.name for person in _PEOPLE if person.role is role) for role in Role}
"""The name that somebody of each role signs in with."""


def add_all(
    session: Session, *, depots: Sequence[UUID], customer_id: UUID, password_hash: str
) -> None:
    """Add one user of each role, all with one password."""
    for person in _PEOPLE:
        new = NewUser(
            name=person.name,
            full_name=person.full_name,
            roles=[person.role],
            depot_ids=depots[:1] if person.at_first_depot else None,
            customer_id=customer_id if person.role is Role.CUSTOMER else None,
        )
        users.add(session, new, password_hash=password_hash)
