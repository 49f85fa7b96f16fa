"""Standing orders: what a customer wants again and again, as a template for real orders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import hours, rhythms
from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.rhythms import Repeats
from dispatch.intake import orders
from dispatch.intake.orders import Wanted
from dispatch.store import edits, pages, rows, states
from dispatch.store.base import Document, Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page
from dispatch.store.states import Machine

MOST_DAYS_AHEAD = 60


class StandingOrder(Repeats, Versioned, Table):
    """A template; a change of it concerns only what is not placed yet."""

    __tablename__ = "standing_orders"
    __table_args__ = (
        CheckConstraint("days_ahead >= 0", name="days_ahead"),
        CheckConstraint("window_from <= window_to", name="window"),
        Index(None, "status", "id"),
    )
    machine: ClassVar[Machine] = states.STANDING_ORDER

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    """With the day behind it, it makes the numbers of its orders."""
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), index=True)
    repair_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("repair_points.id"))
    """None: the customer collects it."""
    status: Mapped[str] = mapped_column(String(10))
    priority: Mapped[int] = mapped_column(default=0)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    """``part_id`` and ``quantity`` of each."""
    window_from: Mapped[int | None]
    window_to: Mapped[int | None]
    """Clock times of the depot, in seconds after midnight; None: at any time."""
    days_ahead: Mapped[int] = mapped_column(default=7)
    """So many days before it comes, an order is placed."""
    accepts: Mapped[bool] = mapped_column(default=False)
    """Its orders are accepted at once, which sets their parts aside."""

    @property
    def title(self) -> str:
        return f"standing order {self.number}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"customer": self.customer_id, "depot": self.depot_id}


def begin(session: Session, values: Mapping[str, Any]) -> StandingOrder:
    """Have an order repeat, by the names of its columns (``already_there``)."""
    standing = StandingOrder(**values)
    _check(session, values)
    if session.scalar(select(StandingOrder.id).where(StandingOrder.number == standing.number)):
        cause = f"there is a standing order {standing.number} already"
        raise Conflict("already_there", cause=cause, action="change that one, or renumber")
    states.step(session, standing, "begin", data=edits.told(standing))
    session.flush()
    return standing


def change(
    session: Session,
    standing: StandingOrder,
    wanted: Mapping[str, Any],
    *,
    version: int | None = None,
) -> None:
    """Change the template; what is placed stays as it is (``wrong_state`` after its end)."""
    edits.expect(standing, version, edits.differences(standing, wanted))
    if standing.status == "ended":
        cause = f"{standing.title} has ended"
        raise Conflict("wrong_state", cause=cause, action="begin a new one")
    _check(session, {**edits.values(standing), **wanted})
    edits.change(session, "standing_order", standing, wanted)


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    customer_id: UUID | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[StandingOrder]:
    """Return standing orders, the newest first; of some depots, of a customer, in a state."""
    query = select(StandingOrder)
    if depot_ids is not None:
        query = query.where(StandingOrder.depot_id.in_(depot_ids))
    if customer_id is not None:
        query = query.where(StandingOrder.customer_id == customer_id)
    if status is not None:
        query = query.where(StandingOrder.status == status)
    return pages.newest(session, query, StandingOrder, cursor=cursor, limit=limit)


def wanted(standing: StandingOrder) -> list[Wanted]:
    """Return the lines as an order has them."""
    return [Wanted(UUID(line["part_id"]), line["quantity"]) for line in standing.lines]


def _check(session: Session, values: Mapping[str, Any]) -> None:
    rhythms.check(values)
    rows.get(session, Depot, values["depot_id"])
    rows.get(session, Customer, values["customer_id"])
    orders.check_place(session, values["customer_id"], values["repair_point_id"])
    lines = [Wanted(UUID(line["part_id"]), line["quantity"]) for line in values["lines"]]
    orders.check_lines(session, values["number"], lines)
    _check_window(values["window_from"], values["window_to"])
    if not 0 <= values["days_ahead"] <= MOST_DAYS_AHEAD:
        cause = f"it is to be placed {values['days_ahead']} days ahead"
        raise Invalid("bad_days_ahead", cause=cause, action=f"give 0 to {MOST_DAYS_AHEAD} days")


def _check_window(window_from: int | None, window_to: int | None) -> None:
    clocks = [clock for clock in (window_from, window_to) if clock is not None]
    if clocks != sorted(clocks) or not all(0 <= clock <= hours.WHOLE_DAY for clock in clocks):
        cause = f"the window is from second {window_from} to {window_to} of the day"
        action = "give clock times up to 24:00, of which the second is no earlier"
        raise Invalid("bad_window", cause=cause, action=action)
