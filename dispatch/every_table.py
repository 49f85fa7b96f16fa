"""All tables, for who must see them at once: the migrations are compared with them."""

from __future__ import annotations

from dispatch.catalogue import customers, depots, numbers, parts, prices, supersession, suppliers
from dispatch.fleet import absences, papers, shifts, vehicles, waves, zones
from dispatch.intake import (
    deliveries,
    imports,
    milk_runs,
    orders,
    rounds,
    standing_dates,
    standing_orders,
)
from dispatch.people import api_keys, attempts, device_links, replays, sessions, users
from dispatch.plans import plans, published, runs
from dispatch.stock import corrections, incoming, lanes, levels, movements, reservations, transfers
from dispatch.store import base, events
from dispatch.warehouse import parcels, pick_lists
from dispatch.webhooks import endpoints, outbox, sources

__all__ = ["METADATA"]

_MODULES = (
    *(customers, depots, parts, numbers, prices, supersession, suppliers),
    *(absences, papers, shifts, vehicles, waves, zones),
    *(api_keys, attempts, device_links, replays, sessions, users),
    *(levels, movements, reservations, transfers, corrections, incoming, lanes),
    *(deliveries, imports, orders, pick_lists, parcels),
    *(standing_orders, standing_dates, milk_runs, rounds),
    *(plans, published, runs, events),
    *(endpoints, outbox, sources),
)

METADATA = base.Table.metadata
