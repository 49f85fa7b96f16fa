"""
Files of orders: good ones accepted, bad ones in a quarantine, all of it to be undone.

A file is stored some hundred orders at a time, each lot in a transaction of its own: whoever else
works need not wait, and after a crash the same file is simply imported again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Select, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.intake import changes, deliveries, order_rows, orders, resolving, upserts
from dispatch.intake.order_rows import COLUMNS, Written
from dispatch.intake.orders import NewOrder
from dispatch.intake.upserts import Fate, Mode, Outcome
from dispatch.sheets.faults import RowFault
from dispatch.sheets.tables import Row, Table
from dispatch.store import clock, database, events, keys, pages, rows
from dispatch.store.base import DocumentOrNull, Key
from dispatch.store.base import Table as Rows
from dispatch.store.database import Database
from dispatch.store.errors import Conflict, Invalid, NotFound, Refused
from dispatch.store.pages import Page

_LOT = 500
_LONGEST_NUMBER = 200
_TRIES = 3


class Import(Rows):
    """One file that was imported."""

    __tablename__ = "imports"

    id: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(10))
    fates: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    """How many orders had which fate; None as long as it runs, or when it was interrupted."""
    undone_at: Mapped[datetime | None]


class ImportedOrder(Rows):
    """An order that an import created or updated, and its version right afterwards."""

    __tablename__ = "imported_orders"

    id: Mapped[Key]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    fate: Mapped[str] = mapped_column(String(10))
    order_version: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)


class QuarantinedOrder(Rows):
    """An order that could not be taken in: its cells, what is wrong in which, and its repair."""

    __tablename__ = "quarantined_orders"

    id: Mapped[Key]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), index=True)
    number: Mapped[str] = mapped_column(String(_LONGEST_NUMBER))
    source_hash: Mapped[str] = mapped_column(String(64), index=True)
    """Of the cells as the file had them: the same file again does not double it."""
    cells: Mapped[dict[str, Any]]
    """By row number in the file."""
    faults: Mapped[dict[str, Any]]
    decimal_comma: Mapped[bool]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    """What came of it once it was repaired."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file; ``import_id`` is None when it was a dry run."""

    import_id: UUID | None
    fates: Mapping[Fate, int]
    faults: tuple[RowFault, ...]


def try_out(
    session: Session,
    written: Sequence[Written],
    *,
    mode: Mode,
    depot_ids: Collection[UUID] | None = None,
) -> Report:
    """Return what an import of orders for some depots, or all, would do, and do nothing."""
    good, bad = _sorted_out(session, written, depot_ids)
    outcomes = upserts.foresee(session, [new for new, _ in good], mode)
    bad += _refused(outcomes, good)
    faults = tuple(fault for _, told in bad for fault in told)
    return Report(None, _count(outcomes, bad), faults)


def run(
    base: Database,
    written: Sequence[Written],
    *,
    name: str,
    mode: Mode,
    actor: str,
    depot_ids: Collection[UUID] | None = None,
) -> Report:
    """Import the orders of a file; every one has a fate, and every fault is told."""
    with database.transaction(base, actor=actor) as session:
        new = Import(id=keys.new(), at=clock.now(), actor=actor, name=name, mode=mode)
        session.add(new)
        events.record(session, "import.begun", new.id, data={"name": name, "mode": mode})
    fates: Counter[Fate] = Counter()
    faults: list[RowFault] = []
    for at in range(0, len(written), _LOT):
        report = _store_lot(base, new.id, written[at : at + _LOT], mode, actor, depot_ids)
        fates.update(report.fates)
        faults += report.faults
    _finish(base, new.id, fates, actor)
    return Report(new.id, fates, tuple(faults))


def page(
    session: Session, *, actor: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Import]:
    """Return imports, the newest first; those of one actor, or of all."""
    query = select(Import)
    if actor is not None:
        query = query.where(Import.actor == actor)
    return pages.newest(session, query, Import, cursor=cursor, limit=limit)


def num_waiting(session: Session, import_id: UUID) -> int:
    """Return how many orders of an import wait for their repair."""
    query = select(func.count()).select_from(_waiting(import_id).subquery())
    return session.scalar(query) or 0


def quarantine(session: Session, import_id: UUID) -> Sequence[QuarantinedOrder]:
    """Return what of an import still waits for its repair, from the top of the file down."""
    return session.scalars(_waiting(import_id).order_by(QuarantinedOrder.id)).all()


def quarantine_page(
    session: Session, import_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[QuarantinedOrder]:
    """Return the same a page at a time."""
    waiting = _waiting(import_id)
    return pages.oldest(session, waiting, QuarantinedOrder, cursor=cursor, limit=limit)


def quarantined(session: Session, import_id: UUID, entry_id: UUID) -> QuarantinedOrder:
    """Return an order of an import's quarantine, locked: it is repaired by one at a time."""
    entry = rows.locked(session, QuarantinedOrder, entry_id)
    if entry.import_id != import_id:
        cause = f"the import has no order {entry_id} in its quarantine"
        raise NotFound("not_found", cause=cause, action="look it up in the quarantine")
    return entry


def repair(
    session: Session,
    entry: QuarantinedOrder,
    cells: Mapping[int, Mapping[str, str]],
    *,
    depot_ids: Collection[UUID] | None = None,
) -> list[RowFault]:
    """
    Put other cells, by row and column, in the place of wrong ones, and take the order in.

    Returns what is still wrong with it; nothing when it was accepted.
    """
    if entry.order_id is not None:
        cause = f"{entry.number} was repaired already"
        raise Conflict("already_repaired", cause=cause, action="change the order itself")
    _check_cells(entry, cells)
    entry.cells = {
        number: _mended(kept, cells.get(int(number), {})) for number, kept in entry.cells.items()
    }
    found = _written(entry)
    mode = Mode(rows.get(session, Import, entry.import_id).mode)
    good, bad = _sorted_out(session, [found], depot_ids)
    outcomes = upserts.apply(session, [new for new, _ in good], mode)
    bad += _refused(outcomes, good)
    entry.number = found.number[:_LONGEST_NUMBER]
    for outcome in outcomes:
        _keep(session, entry.import_id, outcome)
        if outcome.order and outcome.fate != Fate.REFUSED:
            entry.order_id = outcome.order.id
            events.record(
                session, "import.repaired", entry.import_id, data={"number": entry.number}
            )
    faults = [fault for _, told in bad for fault in told]
    entry.faults = _stored(faults)
    return faults


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did to one order; ``why_kept`` is empty when it was undone."""

    number: str
    why_kept: str


def undo(base: Database, import_id: UUID, *, actor: str) -> list[Undone]:
    """Take back what an import did to orders that nobody touched since; each is told."""
    with database.transaction(base, actor=actor) as session:
        done = rows.get(session, Import, import_id)
        if done.undone_at is not None:
            cause = f"{done.name} was undone on {done.undone_at:%Y-%m-%d %H:%M} UTC"
            raise Conflict("already_undone", cause=cause, action="import the file again")
        done.undone_at = clock.now()
        session.execute(delete(QuarantinedOrder).where(QuarantinedOrder.import_id == import_id))
        query = select(ImportedOrder.id).where(ImportedOrder.import_id == import_id)
        items = session.scalars(query.order_by(ImportedOrder.id)).all()
        events.record(session, "import.undone", import_id)
    return [_undo_one(base, item, actor) for item in items]


def _undo_one(base: Database, item_id: UUID, actor: str) -> Undone:
    def work(session: Session) -> Undone:
        item = rows.get(session, ImportedOrder, item_id)
        order = orders.get(session, item.order_id)
        number = order.number
        if order.version != item.order_version:
            return Undone(number, "it was changed since")
        if order.status != "accepted":
            return Undone(number, f"it is {order.status}")
        if not deliveries.untouched(session, order.id):
            return Undone(number, "its delivery is planned, or further")
        if item.before is not None:
            changes.change(session, order, upserts.as_changes(item.before))
        else:
            orders.cancel(session, order, reason="its import was undone")
            # So that the file can be imported again: its number is free.
            order.number = f"{number}~{order.id.hex[-8:]}"
        return Undone(number, "")

    return database.retried(base, work, actor=actor)


def _finish(base: Database, import_id: UUID, fates: Mapping[Fate, int], actor: str) -> None:
    with database.transaction(base, actor=actor) as session:
        done = rows.locked(session, Import, import_id)
        done.fates = {str(fate): fates.get(fate, 0) for fate in Fate}
        events.record(session, "import.finished", import_id, data=done.fates)


def _waiting(import_id: UUID) -> Select[QuarantinedOrder]:
    return select(QuarantinedOrder).where(
        QuarantinedOrder.import_id == import_id, QuarantinedOrder.order_id.is_(None)
    )


def _check_cells(entry: QuarantinedOrder, cells: Mapping[int, Mapping[str, str]]) -> None:
    """Refuse (``unknown_cell``) what no row of the order has."""
    strange = [f"row {row}" for row in cells if str(row) not in entry.cells]
    strange += [
        f"row {row}, {column}"
        for row, given in cells.items()
        for column in given
        if column not in COLUMNS.known
    ]
    if strange:
        cause = f"{entry.number}: there is no {'; no '.join(strange)}"
        action = f"name rows {', '.join(entry.cells)}, and of {', '.join(COLUMNS.known)}"
        raise Invalid("unknown_cell", cause=cause, action=action)


def _store_lot(
    base: Database,
    import_id: UUID,
    lot: Sequence[Written],
    mode: Mode,
    actor: str,
    depot_ids: Collection[UUID] | None,
) -> Report:
    for tried in range(_TRIES):
        try:
            return database.retried(
                base, lambda session: _store(session, import_id, lot, mode, depot_ids), actor=actor
            )
        except Conflict as error:
            # Somebody else just made one of these orders; looked at again, it is there.
            if error.code != "already_there" or tried == _TRIES - 1:
                raise
    raise AssertionError("the last try returns or raises")


def _store(
    session: Session,
    import_id: UUID,
    lot: Sequence[Written],
    mode: Mode,
    depot_ids: Collection[UUID] | None,
) -> Report:
    good, bad = _sorted_out(session, lot, depot_ids)
    outcomes = upserts.apply(session, [new for new, _ in good], mode)
    bad += _refused(outcomes, good)
    for outcome in outcomes:
        _keep(session, import_id, outcome)
    there = _already_quarantined(session, [one for one, _ in bad])
    for one, told in bad:
        if one.content_hash not in there:
            session.add(_entry(import_id, one, told))
    faults = tuple(fault for one, told in bad for fault in told)
    return Report(import_id, _count(outcomes, bad), faults)


def _sorted_out(
    session: Session, lot: Sequence[Written], depot_ids: Collection[UUID] | None
) -> tuple[list[tuple[NewOrder, Written]], list[tuple[Written, list[RowFault]]]]:
    words = resolving.known(session, lot, depot_ids=depot_ids)
    good: list[tuple[NewOrder, Written]] = []
    bad: list[tuple[Written, list[RowFault]]] = []
    for one in lot:
        new, faults = resolving.resolve(one, words)
        if new is None:
            bad.append((one, faults))
        else:
            good.append((new, one))
    return good, bad


def _refused(
    outcomes: Sequence[Outcome], good: Sequence[tuple[NewOrder, Written]]
) -> list[tuple[Written, list[RowFault]]]:
    return [
        (one, [_fault(one, outcome.refusal)])
        for outcome, (_, one) in zip(outcomes, good, strict=True)
        if outcome.refusal is not None
    ]


def _fault(one: Written, refusal: Refused) -> RowFault:
    column = one.headers.get("order", "order")
    row = one.rows[0].number
    return RowFault("orders", row, column, refusal.code, refusal.cause, refusal.action)


def _keep(session: Session, import_id: UUID, outcome: Outcome) -> None:
    if outcome.order is None or outcome.fate not in {Fate.CREATED, Fate.UPDATED}:
        return
    session.add(
        ImportedOrder(
            import_id=import_id,
            order_id=outcome.order.id,
            fate=outcome.fate,
            order_version=outcome.order.version,
            before=outcome.before,
        )
    )


def _already_quarantined(session: Session, bad: Sequence[Written]) -> set[str]:
    hashes = [one.content_hash for one in bad]
    column = QuarantinedOrder.source_hash
    return set(session.scalars(select(column).where(column.in_(hashes))))


def _entry(import_id: UUID, one: Written, faults: Sequence[RowFault]) -> QuarantinedOrder:
    return QuarantinedOrder(
        id=keys.new(),
        import_id=import_id,
        number=one.number[:_LONGEST_NUMBER],
        source_hash=one.content_hash,
        cells={str(row.number): dict(row.cells) for row in one.rows},
        faults=_stored(faults),
        decimal_comma=one.decimal_comma,
    )


def _written(entry: QuarantinedOrder) -> Written:
    table_rows = tuple(
        Row(int(number), cells)
        for number, cells in sorted(entry.cells.items(), key=lambda item: int(item[0]))
    )
    table = Table("orders", {}, table_rows, entry.decimal_comma)
    first, *others = order_rows.gather(table)
    extra = [fault for other in others for fault in other.faults]
    return replace(first, faults=(*first.faults, *extra))


def _mended(kept: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    return {column: text for column, text in {**kept, **cells}.items() if text.strip()}


def _stored(faults: Sequence[RowFault]) -> dict[str, Any]:
    return {"faults": [asdict(fault) for fault in faults]}


def _count(
    outcomes: Sequence[Outcome], bad: Sequence[tuple[Written, list[RowFault]]]
) -> dict[Fate, int]:
    done = [outcome.fate for outcome in outcomes if outcome.refusal is None]
    return dict(Counter([*done, *[Fate.REFUSED for _ in bad]]))
