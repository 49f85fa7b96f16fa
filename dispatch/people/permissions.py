"""What may be done, by which role, at which depots."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dispatch.store.errors import Forbidden, NotFound


class Permission(StrEnum):
    """One thing that somebody may do; API keys are given some of these as their scopes."""

    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    ORDERS_READ = "orders:read"
    ORDERS_PLACE = "orders:place"
    ORDERS_DECIDE = "orders:decide"
    ORDERS_CANCEL = "orders:cancel"
    STOCK_READ = "stock:read"
    STOCK_RECEIVE = "stock:receive"
    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    MILK_RUNS_WRITE = "milk_runs:write"
    MILK_RUNS_REPORT = "milk_runs:report"
    FLEET_READ = "fleet:read"
    FLEET_WRITE = "fleet:write"
    STOCK_ADJUST = "stock:adjust"
    STOCK_TRANSFER = "stock:transfer"
    STOCK_TAKE_BACK = "stock:take-back"
    WAREHOUSE_LIST = "warehouse:list"
    WAREHOUSE_PICK = "warehouse:pick"
    WAREHOUSE_SHIP = "warehouse:ship"
    EVENTS_READ = "events:read"
    AUDIT_READ = "audit:read"
    METRICS_READ = "metrics:read"
    DEPOTS_WRITE = "depots:write"
    DEVICES_LINK = "devices:link"
    USERS_MANAGE = "users:manage"
    KEYS_MANAGE = "keys:manage"
    ORDERS_SEND = "orders:send"
    WEBHOOKS_MANAGE = "webhooks:manage"


class Role(StrEnum):
    """What somebody does in the firm, or that it is a customer."""

    ADMIN = "admin"
    DISPATCHER = "dispatcher"
    WAREHOUSE = "warehouse"
    COUNTER = "counter"
    DRIVER = "driver"
    CUSTOMER = "customer"


_P = Permission
_LOOK = {_P.CATALOGUE_READ, _P.CUSTOMERS_READ, _P.ORDERS_READ, _P.STOCK_READ, _P.FLEET_READ}
_FLOOR = {_P.WAREHOUSE_LIST, _P.WAREHOUSE_PICK, _P.WAREHOUSE_SHIP}

BY_ROLE: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.DISPATCHER: frozenset(
        _LOOK
        | {
            _P.CATALOGUE_WRITE,
            _P.CUSTOMERS_WRITE,
            _P.ORDERS_PLACE,
            _P.ORDERS_DECIDE,
            _P.ORDERS_CANCEL,
            _P.PLANS_READ,
            _P.PLANS_WRITE,
            _P.MILK_RUNS_WRITE,
            _P.MILK_RUNS_REPORT,
            _P.FLEET_WRITE,
            _P.STOCK_TRANSFER,
            _P.WAREHOUSE_LIST,
            _P.EVENTS_READ,
            _P.DEVICES_LINK,
        }
    ),
    Role.WAREHOUSE: frozenset(
        _LOOK
        | _FLOOR
        | {
            _P.STOCK_RECEIVE,
            _P.STOCK_ADJUST,
            _P.STOCK_TRANSFER,
            _P.STOCK_TAKE_BACK,
            _P.PLANS_READ,
            _P.MILK_RUNS_REPORT,
        }
    ),
    Role.COUNTER: frozenset(
        _LOOK
        | _FLOOR
        | {
            _P.STOCK_TAKE_BACK,
            _P.ORDERS_PLACE,
            _P.ORDERS_CANCEL,
            _P.PLANS_READ,
        }
    ),
    Role.DRIVER: frozenset(),
    Role.CUSTOMER: frozenset(
        {_P.CATALOGUE_READ, _P.CUSTOMERS_READ, _P.ORDERS_READ, _P.ORDERS_PLACE, _P.ORDERS_CANCEL}
    ),
}

STAFF_ONLY = frozenset({_P.USERS_MANAGE, _P.KEYS_MANAGE, _P.WEBHOOKS_MANAGE})
"""What no API key may do: who holds one could give itself more."""


@dataclass(frozen=True, slots=True)
class Who:
    """
    Who asks: a person or a key, what it may do, and at which depots; None is all of them.

    ``customer_id`` is set for a customer, who sees nothing but its own.
    """

    actor: str
    permissions: frozenset[Permission]
    depot_ids: frozenset[UUID] | None
    customer_id: UUID | None = None
    user_id: UUID | None = None
    session_id: UUID | None = None

    def need(self, permission: Permission) -> None:
        """Refuse (``not_allowed``) what it may not do."""
        if permission not in self.permissions:
            raise Forbidden(
                "not_allowed",
                cause=f"this needs the permission {permission}",
                action="ask an administrator for a role or a key that has it",
            )

    def need_depot(self, depot_id: UUID) -> None:
        """Refuse (``wrong_depot``) a depot that is not one of its own."""
        if self.depot_ids is not None and depot_id not in self.depot_ids:
            raise Forbidden(
                "wrong_depot",
                cause=f"depot {depot_id} is none of yours",
                action="choose one of your depots, or ask an administrator for this one",
            )

    def need_all_depots(self) -> None:
        """Refuse (``wrong_depot``) whoever is bound to some depots."""
        if self.depot_ids is not None:
            raise Forbidden(
                "wrong_depot",
                cause="this concerns all depots, and only some are yours",
                action="ask an administrator who is responsible for all depots",
            )

    def need_customer(self, customer_id: UUID) -> None:
        """Refuse another customer's things as if they were not there (``not_found``)."""
        if self.customer_id is not None and customer_id != self.customer_id:
            cause = f"there is nothing of yours at customer {customer_id}"
            raise NotFound("not_found", cause=cause, action="look it up among your own")

    def depots(self, wanted: Collection[UUID] | None = None) -> frozenset[UUID] | None:
        """Return the depots to look at: those asked for, each its own, or all that it may see."""
        if not wanted:
            return self.depot_ids
        for depot_id in sorted(wanted):
            self.need_depot(depot_id)
        return frozenset(wanted)


def of_roles(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what these roles may do together."""
    return frozenset[Permission]().union(*(BY_ROLE[Role(role)] for role in roles))
