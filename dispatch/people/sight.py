"""Which events somebody may see."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees of the log; many see the same. ``depots`` None: what concerns any."""

    depots: frozenset[str] | None
    without: frozenset[str]

    def sees(self, event: Event) -> bool:
        if event.kind.partition(".")[0] in self.without:
            return False
        return self.depots is None or event.subjects.get("depot") in self.depots


def of(who: Who) -> Sight:
    """Return the sight of somebody; who is bound to depots sees only what concerns them."""
    depots = None if who.depot_ids is None else frozenset(map(str, who.depot_ids))
    return Sight(depots, hidden(who))
