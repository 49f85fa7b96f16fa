"""All tables, for who must see them at once: the migrations are compared with them."""

from __future__ import annotations

from dispatch.catalogue import customers, depots, parts
from dispatch.intake import deliveries, orders
from dispatch.people import api_keys, attempts, device_links, replays, sessions, users
from dispatch.planning import plans, runs
from dispatch.stock import levels, movements, reservations
from dispatch.store import base, events

__all__ = ["METADATA"]

_MODULES = (
    *(customers, depots, parts, deliveries, orders, levels, movements, reservations, events),
    *(api_keys, attempts, device_links, replays, sessions, users),
    *(plans, runs),
)

METADATA = base.Table.metadata
