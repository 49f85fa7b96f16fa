"""
What a dispatcher does with a plan: looks at an edit before it is made, makes it, publishes.

Roads and solver are asked between transactions, never within one; what was read before is compared
with what is there when it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.catalogue.depots import Depot
from dispatch.planning.planned import PlannedDay, PlannedRoute
from dispatch.plans import decisions, edits, gathering, named, outline, plans, published
from dispatch.plans.decisions import Decisions
from dispatch.plans.edits import Preview
from dispatch.plans.gathering import Gatherer, Inputs
from dispatch.plans.plans import Made, Plan, PlanVersion, Sequences
from dispatch.store import database, rows
from dispatch.store.database import Database
from dispatch.store.errors import Conflict, Difference, Invalid, NotFound
from routing import explain, quote
from routing.explain import Explanation
from routing.faults import InvalidProblem
from routing.quote import Insertion
from routing.schedule import schedule

GRANTED = frozenset({"window", "overtime", "window_and_overtime", "trip", "drop"})
"""The relaxations that a dispatcher may grant; the others need another fleet."""


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One thing that is done to routes by hand.

    ``kind`` and what it needs: ``move`` (``stops`` one after the other to ``vehicle`` at
    ``position``), ``remove`` (``stops``), ``swap`` (``vehicle`` with ``other``), ``reverse``
    (``vehicle``), ``lock`` (the first ``number`` stops of ``vehicle``, or all), ``unlock``
    (``vehicle``), ``grant`` (``relaxation`` of ``who`` by ``amount``, for the one of ``stops``;
    without an amount the cheapest), ``take_along``
    (one of ``stops`` that missed the wave), ``refresh`` (nothing: the plan as it is, made from
    what there is now).
    """

    kind: str
    stops: Sequence[str] = ()
    vehicle: str = ""
    other: str = ""
    position: int = 0
    number: int | None = None
    relaxation: str = ""
    who: str = ""
    amount: int | None = None


_NEEDS = {
    "move": ("stops", "vehicle"),
    "remove": ("stops",),
    "swap": ("vehicle", "other"),
    "reverse": ("vehicle",),
    "lock": ("vehicle",),
    "unlock": ("vehicle",),
    "grant": ("stops", "relaxation", "who"),
    "take_along": ("stops", "vehicle"),
    "refresh": (),
}
"""What each kind of edit must name."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that was not made yet: what it makes of which version, and what that comes to."""

    base: int
    inputs: Inputs
    routes: Sequences
    preview: Preview

    @property
    def made(self) -> Made:
        """The version that it would become."""
        return outline.made(self.inputs, self.preview.solution)


def propose(base: Database, gatherer: Gatherer, plan_id: UUID, edit: Edit) -> Proposal:
    """Return what an edit of the current version would cost and break; nothing is changed."""
    _refuse_half(edit)
    extra = edit.stops if edit.kind == "take_along" else ()
    inputs = _with(base, gatherer, plan_id, extra)
    _refuse_unknown(inputs, edit)
    before = inputs.gathered.routes
    after, decided = _applied(edit, inputs, before)
    names = inputs.gathered.names
    decisions.refuse_broken_locks(inputs.gathered.decisions, before, after, names)
    asked = inputs.under(decided, after)
    preview = edits.preview(inputs.problem, before, after, under=asked.problem)
    return Proposal(inputs.gathered.number, asked, after, preview)


def save(
    base: Database,
    gatherer: Gatherer,
    plan_id: UUID,
    edit: Edit,
    *,
    on: int,
    note: str,
    actor: str,
) -> PlanVersion:
    """
    Make an edit, as a new version of the plan.

    Refused when the version that was looked at (``on``) is not the current one (``plan_changed``,
    with the routes that differ), and when it breaks a rule without a note (``note_needed``).
    """
    proposal = propose(base, gatherer, plan_id, edit)
    if proposal.base != on:
        raise _changed(base, plan_id, edit, proposal, on)
    if proposal.preview.violations and not note:
        told = outline.Outliner(proposal.inputs).violations(proposal.preview.violations)
        raise Conflict(
            "note_needed",
            cause="; ".join(str(one["cause"]) for one in told[:5]),
            action="say in a note why it is done all the same, or make another edit",
        )
    made = proposal.made

    def write(session: Session) -> PlanVersion:
        plan = plans.get(session, plan_id)
        version = plans.edit(session, plan, made, base=on, note=note)
        session.expunge(version)
        return version

    return database.retried(base, write, actor=actor)


def quoted(
    base: Database, gatherer: Gatherer, plan_id: UUID, delivery: str
) -> tuple[Inputs, list[Insertion]]:
    """
    Return where a delivery could go and what it would cost there, the cheapest first.

    It may be on a route, be left out, or have missed the wave.
    """
    inputs = _with(base, gatherer, plan_id, (delivery,))
    _refuse_unknown(inputs, Edit("move", (delivery,)))
    without = edits.remove(inputs.gathered.routes, [delivery], unplanned=True)
    free = inputs.under(inputs.gathered.decisions, without)
    return free, quote.quote(free.problem, schedule(free.problem, without), delivery)


def explained(
    base: Database, gatherer: Gatherer, plan_id: UUID, delivery: str
) -> tuple[Inputs, Explanation]:
    """Return why a delivery is not planned, and what may be granted so that it is."""
    inputs = gatherer(base, plan_id)
    try:
        found = _explained(inputs, inputs.gathered.routes, delivery)
    except InvalidProblem as error:
        raise _not_left_out(inputs, delivery) from error
    return inputs, found


def publish(
    base: Database, gatherer: Gatherer, plan_id: UUID, *, note: str, actor: str
) -> list[UUID]:
    """
    Make a plan the one that is driven; return those that it supersedes.

    Refused when what it was made from has changed (``plan_stale``), and when it breaks rules and
    nobody said why (``plan_breaks_rules``). Plans of a depot are published one after the other.
    """
    inputs = gatherer(base, plan_id)

    def write(session: Session) -> list[UUID]:
        plan = plans.get(session, plan_id)
        for depot_id in sorted(plan.depot_ids):
            rows.locked(session, Depot, depot_id)
        digests = gathering.digests_of(gathering.read(session, plan))
        digests[gathering.THE_MAP] = inputs.digests[gathering.THE_MAP]
        now = plans.version(session, plan)
        if now is not None and now.outline.get("violations") and not (note or now.note):
            raise _breaks_rules(plan, now)
        superseded = plans.publish(session, plan, digests)
        assert now is not None  # without a version it is not published
        published.replace(session, plan, now.outline, superseded)
        return [one.id for one in superseded]

    return database.retried(base, write, actor=actor)


def shown(base: Database, gatherer: Gatherer, plan_id: UUID) -> PlannedDay:
    """Return the current version of a plan, as reports are made from."""
    return _shown(gatherer(base, plan_id), gatherer)


def shown_route(
    base: Database, gatherer: Gatherer, plan_id: UUID, shift: str
) -> tuple[PlannedDay, PlannedRoute]:
    """Return the route of a shift, as reports are made from (``not_found``)."""
    inputs = gatherer(base, plan_id)
    planned = _shown(inputs, gatherer)
    name = inputs.gathered.names.get(shift)
    for route in planned.routes:
        if route.vehicle.id == name:
            return planned, route
    cause = f"no route of the plan is that of shift {shift}"
    raise NotFound("not_found", cause=cause, action="look at the routes of the plan")


def changed(base: Database, gatherer: Gatherer, plan_id: UUID) -> list[str]:
    """Return the things that a plan's current version was made from and that are others now."""
    inputs = gatherer(base, plan_id)
    with database.reading(base) as session:
        now = plans.version(session, plans.get(session, plan_id))
        return plans.changes(now.inputs, inputs.digests) if now else []


def _applied(edit: Edit, inputs: Inputs, routes: Sequences) -> tuple[Sequences, Decisions]:
    decided = inputs.gathered.decisions
    match edit.kind:
        case "move" | "take_along":
            return edits.move(routes, edit.stops, to=edit.vehicle, position=edit.position), decided
        case "remove":
            return edits.remove(routes, edit.stops), decided
        case "swap":
            return edits.swap(routes, edit.vehicle, edit.other), decided
        case "reverse":
            return edits.reverse(routes, edit.vehicle), decided
        case "lock":
            locked = {**decided.locked, edit.vehicle: edit.number}
            return routes, replace(decided, locked=locked)
        case "unlock":
            kept = {key: n for key, n in decided.locked.items() if key != edit.vehicle}
            return routes, replace(decided, locked=kept)
        case "grant":
            return _granted(edit, inputs, routes)
        case _:
            return routes, decided


def _granted(edit: Edit, inputs: Inputs, routes: Sequences) -> tuple[Sequences, Decisions]:
    delivery = edit.stops[0]
    try:
        found = _explained(inputs, routes, delivery)
    except InvalidProblem as error:
        raise _not_left_out(inputs, delivery) from error
    for one in found.relaxations:
        same = (one.kind, one.who) == (edit.relaxation, edit.who)
        if same and edit.amount in (None, one.amount):
            decided = decisions.granted(inputs.gathered.decisions, one.problem, inputs.problem)
            return one.solution.sequences, decided
    raise Conflict(
        "not_on_offer",
        cause=f"{edit.relaxation} of {edit.who} would not help any more",
        action="look again at what would",
    )


def _explained(inputs: Inputs, routes: Sequences, delivery: str) -> Explanation:
    found = explain.explain(inputs.problem, schedule(inputs.problem, routes), delivery)
    fit = tuple(one for one in found.relaxations if one.kind in GRANTED)
    return replace(found, relaxations=fit)


def _with(base: Database, gatherer: Gatherer, plan_id: UUID, extra: Sequence[str]) -> Inputs:
    """Return what a plan is made from, and deliveries beside that missed its wave."""
    inputs = gatherer(base, plan_id)
    late = [one for one in extra if one not in inputs.gathered.day.order_by_id]
    if not late:
        return inputs
    decided = inputs.gathered.decisions
    return gatherer(base, plan_id, replace(decided, extra=(*decided.extra, *late)))


def _shown(inputs: Inputs, gatherer: Gatherer) -> PlannedDay:
    return named.planned_day(inputs, inputs.gathered.routes, gatherer.road_map)


def _refuse_half(edit: Edit) -> None:
    """Refuse (``half_an_edit``) an edit that does not say all that it needs."""
    missing = [name for name in _NEEDS[edit.kind] if not getattr(edit, name)]
    if missing:
        raise Invalid(
            "half_an_edit",
            cause=f"to {edit.kind.replace('_', ' ')} it needs {' and '.join(missing)}",
            action="name them",
        )


def _refuse_unknown(inputs: Inputs, edit: Edit) -> None:
    """Refuse (``not_in_the_plan``) an edit that names what is not there."""
    loads = {reload.id for vehicle in inputs.problem.vehicles for reload in vehicle.reloads}
    vehicles = {vehicle.id for vehicle in inputs.problem.vehicles}
    strange = sorted(set(edit.stops) - inputs.gathered.day.order_by_id.keys() - loads)
    if edit.kind != "unlock":  # also who drives no more can be unlocked
        strange += sorted({edit.vehicle, edit.other} - vehicles - {""})
    if strange:
        raise Invalid(
            "not_in_the_plan",
            cause=f"{', '.join(strange[:5])} is neither a delivery nor a shift of this plan",
            action="look at the plan again, and name what is there",
        )


def _not_left_out(inputs: Inputs, delivery: str) -> NotFound:
    name = inputs.gathered.names.get(delivery, delivery)
    cause = f"{name} is not left out of the plan, or nothing that may be granted would help"
    return NotFound("not_left_out", cause=cause, action="ask about a delivery that is left out")


def _changed(base: Database, plan_id: UUID, edit: Edit, proposal: Proposal, on: int) -> Exception:
    """Return the refusal of an edit that came second, with what it wanted and what is there."""
    with database.reading(base) as session:
        plan = plans.get(session, plan_id)
        old = plans.numbered(session, plan, on).sequences if on else {}
        seen = edits.still_there(proposal.inputs.problem, old)
        now = plans.version(session, plan)
        current: Mapping[str, Sequence[str]] = now.sequences if now else {}
        # What is granted follows from the newest version alone.
        wanted = seen if edit.kind == "grant" else _applied(edit, proposal.inputs, seen)[0]
        title = outline.Outliner(proposal.inputs)
        differences = [
            Difference(f"route of {title.name(key)}", list(wanted.get(key, ())), list(there))
            for key, there in _all(current, wanted)
            if list(wanted.get(key, ())) != list(there)
        ]
        return plans.changed_since(plan, on, differences)


def _all(current: Sequences, wanted: Sequences) -> list[tuple[str, Sequence[str]]]:
    return [(key, current.get(key, ())) for key in sorted({*current, *wanted})]


def _breaks_rules(plan: Plan, version: PlanVersion) -> Conflict:
    found: list[Mapping[str, Any]] = version.outline["violations"]
    return Conflict(
        "plan_breaks_rules",
        cause=f"{plan.title}: " + "; ".join(str(one["cause"]) for one in found[:5]),
        action="mend it, or say in a note why it is driven all the same",
    )
