"""Which events somebody may see."""

from __future__ import annotations

from dispatch.people.permissions import Permission, Who
from dispatch.store.events import Event

ACCOUNTS = frozenset({"user", "api_key", "device_link", "webhook", "order_source"})
"""
Nouns of events about accounts and other systems: for the audit only.

`_` stands for itself in each.
"""


def hidden(who: Who) -> frozenset[str]:
    """Return the nouns whose events somebody does not see."""
    return frozenset() if Permission.AUDIT_READ in who.permissions else ACCOUNTS


def sees(who: Who, event: Event) -> bool:
    """Tell whether somebody may see an event; who is bound to depots, only what concerns them."""
    if event.kind.partition(".")[0] in hidden(who):
        return False
    if who.depot_ids is None:
        return True
    return event.subjects.get("depot") in {str(depot_id) for depot_id in who.depot_ids}
