"""Dangerous goods: what a driver's papers and a warehouse's shelves must know of a part."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.catalogue.parts import Part
from dispatch.store import events, rows
from dispatch.store.errors import Invalid

SKILL = "dg"
"""What a vehicle or its driver must have to carry dangerous goods."""

_UN_NUMBER = re.compile(r"\d{4}")
_CLASS = re.compile(r"[1-9](\.[1-6])?")
_GROUPS = frozenset({"I", "II", "III"})


def declare(
    session: Session,
    part_id: UUID,
    *,
    un_number: str,
    hazard_class: str,
    packing_group: str | None = None,
) -> Part:
    """Say that a part is dangerous: UN number, class and packing group, as in ADR or JT/T 617."""
    part = rows.get(session, Part, part_id)
    fits = _UN_NUMBER.fullmatch(un_number) and _CLASS.fullmatch(hazard_class)
    if not fits or packing_group not in {None, *_GROUPS}:
        cause = f"{part.title}: UN {un_number!r}, class {hazard_class!r}, group {packing_group!r}"
        action = "give four digits, a class such as 3 or 2.1, and I, II, III or no group"
        raise Invalid("bad_hazard", cause=cause, action=action)
    part.dangerous = True
    part.un_number, part.hazard_class, part.packing_group = un_number, hazard_class, packing_group
    data = {"un_number": un_number, "class": hazard_class, "packing_group": packing_group}
    events.record(session, "part.declared_dangerous", part_id, data=data)
    return part
