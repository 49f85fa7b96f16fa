"""
The states of everything that has a status, as data, and the one function that changes them.

`step` writes ``.status``, records the event, and refuses what does not follow. Nothing else
assigns to ``.status``; a test looks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.store import events, keys
from dispatch.store.errors import Conflict

NEW = ""
"""The state of a row that is being made."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action: from which states, to which, and what is then said to have happened."""

    before: frozenset[str]
    after: str
    happened: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What may happen to one noun."""

    noun: str
    steps: Mapping[str, Step]

    def allowed(self, status: str) -> list[str]:
        """Return the actions that a row in this state may take."""
        return [action for action, step in self.steps.items() if status in step.before]


def _step(before: str, after: str, happened: str = "") -> Step:
    return Step(frozenset(before.split()) or frozenset({NEW}), after, happened or after)


ORDER = Machine(
    "order",
    {
        "place": _step(NEW, "placed"),
        "accept": _step("placed", "accepted"),
        "reject": _step("placed", "rejected"),
        "cancel": _step("placed accepted", "cancelled"),
    },
)
DELIVERY = Machine(
    "delivery",
    {
        "create": _step(NEW, "pending", "created"),
        "plan": _step("pending", "planned"),
        "unplan": _step("planned", "pending", "unplanned"),
        "load": _step("pending planned", "loaded"),
        "cancel": _step("pending planned", "cancelled"),
    },
)
RESERVATION = Machine(
    "reservation",
    {
        "reserve": _step(NEW, "reserved", "placed"),
        "queue": _step(NEW, "waiting", "queued"),
        "fill": _step("waiting", "reserved", "filled"),
        "lose": _step("reserved", "waiting", "lost"),
        "pick": _step("reserved", "picked"),
        "ship": _step("picked", "shipped"),
        "take_back": _step("shipped", "returned"),
        "take_back_part": _step(NEW, "returned"),
        "part": _step(NEW, "picked", "parted"),
        "send": _step("reserved", "in_transit", "sent"),
        "arrive": _step("in_transit", "reserved", "arrived"),
        "miss": _step("in_transit", "waiting", "missed"),
        "release": _step("waiting reserved picked in_transit", "released"),
    },
)
PLAN = Machine(
    "plan",
    {
        "draft": _step(NEW, "draft", "drafted"),
        "solve": _step("draft ready", "solving", "sent_to_solver"),
        "ready": _step("solving", "ready", "solved"),
        "fail": _step("solving", "draft", "failed"),
        "fall_back": _step("solving", "ready", "failed"),
        "edit": _step("draft ready", "ready", "edited"),
        "turn": _step("ready", "ready", "turned"),
        "publish": _step("ready", "published"),
        "supersede": _step("published", "superseded"),
        "discard": _step("draft ready", "discarded"),
    },
)
ROUTE = Machine(
    "route",
    {
        "publish": _step(NEW, "published"),
        "withdraw": _step("published", "withdrawn"),
    },
)
TRANSFER = Machine(
    "transfer",
    {
        "plan": _step(NEW, "planned"),
        "send": _step("planned", "in_transit", "sent"),
        "receive": _step("in_transit", "received"),
        "cancel": _step("planned", "cancelled"),
    },
)
QUARANTINE = Machine(
    "quarantine",
    {
        "hold": _step(NEW, "held"),
        "release": _step("held", "released"),
        "scrap": _step("held", "scrapped"),
    },
)
_REPEATING = {
    "begin": _step(NEW, "active", "begun"),
    "pause": _step("active", "paused"),
    "resume": _step("paused", "active", "resumed"),
    "end": _step("active paused", "ended"),
}
STANDING_ORDER = Machine("standing_order", _REPEATING)
MILK_RUN = Machine("milk_run", _REPEATING)
ROUND = Machine(
    "round",
    {
        "plan": _step(NEW, "planned"),
        "finish": _step("planned", "finished"),
        "receive": _step("finished", "received"),
        "cancel": _step("planned", "cancelled"),
    },
)
MACHINES = (
    *(ORDER, DELIVERY, RESERVATION, PLAN, ROUTE, TRANSFER, QUARANTINE),
    *(STANDING_ORDER, MILK_RUN, ROUND),
)


class HasStatus(Protocol):
    """A row that one of the machines rules."""

    machine: ClassVar[Machine]
    id: Any
    status: Any

    @property
    def title(self) -> str:
        """The row in words, for refusals: ``order A-17``."""

    def concerns(self) -> Mapping[str, UUID]:
        """Return the other rows that its events are about, by noun."""


def step(
    session: Session,
    row: HasStatus,
    action: str,
    *,
    at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Take a row to its next state and record that, or refuse with ``wrong_state``."""
    check(row, action)
    wanted = row.machine.steps[action]
    if not row.status:
        row.id = row.id or keys.new()
        session.add(row)
    row.status = wanted.after
    kind = f"{row.machine.noun}.{wanted.happened}"
    events.record(session, kind, row.id, subjects=row.concerns(), at=at, data=data)


def check(row: HasStatus, action: str) -> None:
    """Refuse with ``wrong_state`` what cannot be done with a row as it is."""
    machine = row.machine
    now = row.status or NEW
    wanted = machine.steps[action]
    if now not in wanted.before:
        raise Conflict(
            "wrong_state",
            cause=f"{row.title} is {now or 'new'}; to {action} it, it must be "
            + " or ".join(sorted(wanted.before)),
            action=_instead(machine.allowed(now)),
        )


def _instead(allowed: list[str]) -> str:
    if not allowed:
        return "nothing more can be done with it; make a new one"
    return "what can be done with it now: " + ", ".join(allowed)
