"""Where an address is."""

from __future__ import annotations

from dispatch.sheets import places
from dispatch.sheets.fields import BadField
from dispatch.sheets.places import AddressIndex, Place
from dispatch.store.errors import Invalid


def find(
    address: str, index: AddressIndex | None, *, near: tuple[float, float] | None = None
) -> Place:
    """Return where an address is, when exactly one place is certain enough; else refuse."""
    try:
        return places.find(address, index, near)
    except BadField as bad:
        raise Invalid(bad.code, cause=bad.cause, action=bad.action) from bad
