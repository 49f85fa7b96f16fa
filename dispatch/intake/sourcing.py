"""
From where an order's goods can come, each way with when they are ready and what that costs.

One depot has it all; several bring a part each; one gets from others what it lacks; or one waits
for what is expected. Routes are not priced here: the solver adds them, and takes the cheapest. Who
chooses without it goes by what another depot's routes usually cost more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.intake import deliveries
from dispatch.intake.orders import Fulfilment, Order
from dispatch.stock import availability, lanes, reservations, transfers
from dispatch.stock.availability import Available
from dispatch.stock.lanes import Lane
from dispatch.stock.levels import Shelf
from dispatch.stock.reservations import Reservation, Wish
from dispatch.store import clock, states
from dispatch.store.errors import Conflict


class Way(StrEnum):
    """How an option brings an order together."""

    WHOLE = "whole"
    SPLIT = "split"
    TRANSFER = "transfer"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Bring:
    """So many for a line out of one depot's stock; ``depot_id`` is who delivers them."""

    order_line_id: UUID
    part_id: UUID
    quantity: int
    source_id: UUID
    depot_id: UUID


@dataclass(frozen=True, slots=True)
class SourcingOption:
    """
    One way, with what comes from where; ``price`` is beside routes, in minor units.

    ``away_price`` is what routes usually cost more, since another depot than the order's brings it.
    """

    way: Way
    bring: tuple[Bring, ...]
    ready_at: Mapping[UUID, datetime]
    """By the depot that delivers."""
    price: int
    away_price: int = 0

    @property
    def whole_at(self) -> datetime:
        return max(self.ready_at.values())

    @property
    def total_price(self) -> int:
        return self.price + self.away_price

    @property
    def key(self) -> str:
        """Return what names the option as long as it brings the same at the same price."""
        words = sorted(
            f"{one.order_line_id} {one.quantity} {one.source_id} {one.depot_id}"
            for one in self.bring
        )
        text = "\n".join([self.way, str(self.total_price), *words])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def in_time(self, latest_at: datetime | None) -> bool:
        """Tell whether all of it is ready before the order's window closes."""
        return latest_at is None or self.whole_at <= latest_at


_Stock = Mapping[UUID, Mapping[UUID, Available]]
"""By depot, then by part."""


def options(
    session: Session, order: Order, *, depot_ids: Collection[UUID] | None = None
) -> list[SourcingOption]:
    """
    Return every way to bring an order, the order's own depot first among its likes.

    ``depot_ids`` are those that may be drawn on; None: all. Refused once it is promised
    (``wrong_state``).
    """
    states.check(order, "accept")
    stock = _stock(session, order, depot_ids)
    now = clock.now()
    found: list[SourcingOption] = []
    for depot_id in sorted(stock, key=lambda each: (each != order.depot_id, each)):
        found += _through(session, order, stock, depot_id, now)
    ways = list(Way)
    unlike = {(one.way, frozenset(one.bring)): one for one in reversed(found)}
    return sorted(
        (one for one in found if unlike[one.way, frozenset(one.bring)] is one),
        key=lambda one: ways.index(one.way),
    )


def accept(session: Session, order: Order, option: SourcingOption) -> list[Reservation]:
    """
    Promise an order by one of its options: set its parts aside where they lie, plan transfers.

    Refused (``sourcing_changed``) if meanwhile somebody else took what it counts on.
    """
    states.step(session, order, "accept", data={"way": option.way})
    session.flush()
    made = reservations.reserve(session, [_wish(order, each) for each in option.bring])
    waits = [one for one in made if one.status == reservations.WAITING]
    if waits and option.way != Way.WAIT:
        cause = f"{order.title}: {sum(one.quantity for one in waits)} were taken meanwhile"
        raise Conflict("sourcing_changed", cause=cause, action="look at its options again")
    moving = {(b.order_line_id, b.source_id): b for b in option.bring if b.source_id != b.depot_id}
    _plan_transfers(session, order, option, made, moving)
    if order.fulfilment == Fulfilment.DELIVERY:
        here = [one for one in made if one.status in reservations.ACTIVE]
        stay = [one for one in here if (one.order_line_id, one.depot_id) not in moving]
        deliveries.carry(session, stay)
    return made


def choose(found: Sequence[SourcingOption], *, latest_at: datetime | None) -> SourcingOption | None:
    """Return the cheapest option that is ready in time, then the earliest."""
    in_time = [one for one in found if one.in_time(latest_at)]
    return min(in_time, key=lambda one: (one.total_price, one.whole_at), default=None)


def take(
    session: Session,
    order: Order,
    key: str | None = None,
    *,
    depot_ids: Collection[UUID] | None = None,
) -> list[Reservation]:
    """
    Promise an order by the option of that key; None: by the cheapest that is ready in time.

    Refused, besides as in `accept`: ``sourcing_changed`` when that option is there no more,
    ``option_too_late`` and ``nothing_in_time`` when the order's window would close before.
    """
    found = options(session, order, depot_ids=depot_ids)
    if key is None:
        option = choose(found, latest_at=order.latest_at)
    else:
        option = next((one for one in found if one.key == key), None)
    if option is None:
        raise _nothing(order, found, key)
    if not option.in_time(order.latest_at):
        cause = f"it is ready at {option.whole_at.isoformat()}, and {order.title} is wanted before"
        action = "choose an option that is ready in time, or let the order's window end later"
        raise Conflict("option_too_late", cause=cause, action=action)
    return accept(session, order, option)


def _through(
    session: Session, order: Order, stock: _Stock, depot_id: UUID, now: datetime
) -> Iterator[SourcingOption]:
    """Yield the ways in which a depot is the one that begins to bring it."""
    bring = _gather(order, stock, depot_id)
    sources = {each.source_id for each in bring}
    ready = {each: now + _handling(session, each) for each in sources | {depot_id}}
    away = 0 if depot_id == order.depot_id else lanes.terms_of(session, depot_id).away_price
    if bring and len(sources) == 1:
        (only,) = sources
        if only == depot_id:
            yield SourcingOption(Way.WHOLE, bring, {only: ready[only]}, 0, away)
    elif bring and depot_id in sources:
        price = lanes.terms_of(session, depot_id).split_price
        when = {each: ready[each] for each in sources}
        yield SourcingOption(Way.SPLIT, bring, when, price, away)
        yield from _transfer(session, bring, depot_id, ready, away)
    if len(sources) != 1 or depot_id not in sources:
        yield from _wait(session, order, stock[depot_id], depot_id, away)


def _gather(order: Order, stock: _Stock, first: UUID) -> tuple[Bring, ...]:
    """Take all that the first depot has and the rest from who has most; nothing if that is less."""
    left = {(d, p): one.available for d, parts in stock.items() for p, one in parts.items()}
    others = sorted(
        (each for each in stock if each != first),
        key=lambda each: (-_covers(order, stock[each]), each),
    )
    bring: list[Bring] = []
    for line in order.lines:
        missing = line.quantity
        for depot_id in (first, *others):
            some = max(0, min(missing, left.get((depot_id, line.part_id), 0)))
            if some:
                left[depot_id, line.part_id] -= some
                missing -= some
                bring.append(Bring(line.id, line.part_id, some, depot_id, depot_id))
        if missing:
            return ()
    return tuple(bring)


def _covers(order: Order, parts: Mapping[UUID, Available]) -> int:
    return sum(
        min(line.quantity, parts[line.part_id].available)
        for line in order.lines
        if line.part_id in parts
    )


def _transfer(
    session: Session,
    bring: Sequence[Bring],
    depot_id: UUID,
    ready: Mapping[UUID, datetime],
    away: int,
) -> Iterator[SourcingOption]:
    """Yield the way by which the others send what they have to the depot, if lanes lead there."""
    price, arrives = 0, ready[depot_id]
    for source_id in sorted({each.source_id for each in bring} - {depot_id}):
        lane = session.get(Lane, (source_id, depot_id))
        if lane is None:
            return
        price += lane.price
        arrives = max(arrives, lanes.arrival(session, lane, ready[source_id]))
    moved = tuple(
        Bring(one.order_line_id, one.part_id, one.quantity, one.source_id, depot_id)
        for one in bring
    )
    yield SourcingOption(Way.TRANSFER, moved, {depot_id: arrives}, price, away)


def _wait(
    session: Session, order: Order, parts: Mapping[UUID, Available], depot_id: UUID, away: int
) -> Iterator[SourcingOption]:
    """Yield the way by which a depot waits for what it expects, if that is enough for all."""
    wanted: dict[UUID, int] = {}
    for line in order.lines:
        wanted[line.part_id] = wanted.get(line.part_id, 0) + line.quantity
    ready = clock.now()
    for part_id, quantity in wanted.items():
        at = _enough_at(parts.get(part_id), quantity)
        if at is None:
            return
        ready = max(ready, at)
    bring = tuple(
        Bring(line.id, line.part_id, line.quantity, depot_id, depot_id) for line in order.lines
    )
    ready += _handling(session, depot_id)
    yield SourcingOption(Way.WAIT, bring, {depot_id: ready}, 0, away)


def _enough_at(here: Available | None, quantity: int) -> datetime | None:
    """Return when a depot has enough of a part, after those who wait already; None: never."""
    if here is None:
        return None
    have = here.available - here.waiting
    if have >= quantity:
        return clock.now()
    for one in here.incoming:
        have += one.quantity
        if have >= quantity:
            return one.expected_at
    return None


def _plan_transfers(
    session: Session,
    order: Order,
    option: SourcingOption,
    made: Sequence[Reservation],
    moving: Mapping[tuple[UUID, UUID], Bring],
) -> None:
    def lane(one: Reservation) -> tuple[UUID, UUID]:
        return one.depot_id, moving[one.order_line_id, one.depot_id].depot_id

    going = [one for one in made if (one.order_line_id, one.depot_id) in moving]
    for (source_id, depot_id), ones in groupby(sorted(going, key=lane), key=lane):
        transfers.plan(
            session,
            source_id,
            depot_id,
            [transfers.Wanted(one.part_id, one.quantity, one.id) for one in ones],
            expected_at=option.ready_at[depot_id],
            document=order.number,
        )


def _wish(order: Order, bring: Bring) -> Wish:
    return Wish(
        order_id=order.id,
        order_line_id=bring.order_line_id,
        shelf=Shelf(bring.source_id, bring.part_id),
        quantity=bring.quantity,
        priority=order.priority,
        since=order.placed_at,
    )


def _nothing(order: Order, found: Sequence[SourcingOption], key: str | None) -> Conflict:
    if key is not None:
        cause = f"{order.title} can no longer come that way"
        return Conflict("sourcing_changed", cause=cause, action="look at its options again")
    cause = f"{order.title}: none of {len(found)} options is ready before its window closes"
    action = "accept it as a backorder, or let its window end later"
    return Conflict("nothing_in_time", cause=cause, action=action)


def _stock(session: Session, order: Order, depot_ids: Collection[UUID] | None) -> _Stock:
    stock: dict[UUID, dict[UUID, Available]] = {order.depot_id: {}}
    for part_id in sorted({line.part_id for line in order.lines}):
        for one in availability.of_part(session, part_id, depot_ids=depot_ids):
            stock.setdefault(one.shelf.depot_id, {})[part_id] = one
    return stock


def _handling(session: Session, depot_id: UUID) -> timedelta:
    return timedelta(seconds=lanes.terms_of(session, depot_id).handling_s)
