"""Waves: what is ready before a cut-off leaves together; which wave goods belong to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, moments
from dispatch.catalogue.depots import Depot
from dispatch.fleet.zones import Zone, ZoneCutOff
from dispatch.store import edits, events, pages, rows
from dispatch.store.base import Document, Key, Table, Versioned
from dispatch.store.errors import Invalid, NotFound
from dispatch.store.pages import Page

DAYS_AHEAD = 60
"""How far ahead a wave is looked for: longer than any row of public holidays."""


class Wave(Versioned, Table):
    """A departure of a depot on some weekdays; clock times of the depot."""

    __tablename__ = "waves"
    __table_args__ = (
        UniqueConstraint("depot_id", "name"),
        CheckConstraint("cut_off >= 0 AND cut_off < 86400", name="cut_off"),
    )

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    name: Mapped[str] = mapped_column(String(60))
    cut_off: Mapped[int]
    weekdays: Mapped[list[int]] = mapped_column(Document)

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


@dataclass(frozen=True, slots=True)
class Departure:
    """A wave on a day, with its cut-off for one zone: what is ready at that moment is too late."""

    wave: Wave
    on: date
    cut_off_at: datetime

    def left_s(self, now: datetime) -> int:
        """Return in how many seconds it is too late, begun ones counted; 0: it is."""
        return max(0, ceil((self.cut_off_at - now).total_seconds()))


class Timetable:
    """
    The waves of a depot, to be asked for many orders; reads them once.

    Parameters
    ----------
    later
        As if the cut-offs of these waves were so many seconds later.
    """

    def __init__(
        self, session: Session, depot: Depot, *, later: Mapping[UUID, int] | None = None
    ) -> None:
        self._later = later or {}
        self._session = session
        self._depot = depot
        query = select(Wave).where(Wave.depot_id == depot.id).order_by(Wave.cut_off, Wave.name)
        self._waves = list(session.scalars(query))
        ids = [wave.id for wave in self._waves]
        special = session.scalars(select(ZoneCutOff).where(ZoneCutOff.wave_id.in_(ids)))
        self._special = {(one.wave_id, one.zone_id): one.cut_off for one in special}
        self._weekdays: dict[date, int | None] = {}

    def on(self, day: date, zone_id: UUID | None = None) -> list[Departure]:
        """Return the waves of a day, by their cut-off for a zone."""
        weekday = self._weekday(day)
        found = [
            Departure(
                wave, day, moments.moment(day, self._cut_off(wave, zone_id), self._depot.zone)
            )
            for wave in self._waves
            if weekday in wave.weekdays
        ]
        return sorted(found, key=lambda one: (one.cut_off_at, one.wave.name))

    def of(
        self, ready_at: datetime, *, zone_id: UUID | None = None, earliest: date | None = None
    ) -> Departure | None:
        """
        Return the first wave that goods which are ready at a moment still reach.

        ``earliest`` is the first day on which they are wanted. None: no wave within `DAYS_AHEAD`.
        """
        first = moments.day(ready_at, self._depot.zone)
        first = max(first, earliest) if earliest else first
        for ahead in range(DAYS_AHEAD):
            for departure in self.on(first + timedelta(days=ahead), zone_id):
                if ready_at < departure.cut_off_at:
                    return departure
        return None

    def _cut_off(self, wave: Wave, zone_id: UUID | None) -> int:
        cut_off = self._special.get((wave.id, zone_id), wave.cut_off) if zone_id else wave.cut_off
        return cut_off + self._later.get(wave.id, 0)

    def _weekday(self, day: date) -> int | None:
        if day not in self._weekdays:
            self._weekdays[day] = depots.weekday(self._session, self._depot.id, day)
        return self._weekdays[day]


def add(session: Session, wave: Wave) -> Wave:
    """Take a wave in (``bad_wave``)."""
    rows.get(session, Depot, wave.depot_id)
    _check(edits.values(wave))
    rows.refuse_taken(session, Wave, depot_id=wave.depot_id, name=wave.name)
    edits.create(session, "wave", wave)
    return wave


def change(
    session: Session, wave: Wave, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a wave (``bad_wave``); ``version`` is the one that was looked at."""
    edits.expect(wave, version, edits.differences(wave, wanted))
    _check({**edits.values(wave), **wanted})
    if "name" in wanted:
        rows.refuse_taken(session, Wave, but=wave.id, depot_id=wave.depot_id, name=wanted["name"])
    edits.change(session, "wave", wave, wanted)


def remove(session: Session, wave: Wave) -> None:
    """Have a wave leave no more; its deliveries leave with the next one."""
    for one in cut_offs(session, wave.id):
        session.delete(one)
    session.flush()
    edits.remove(session, "wave", wave)


def of_depot(session: Session, depot_id: UUID, wave_id: UUID) -> Wave:
    """Return a wave of a depot, or refuse (``not_found``)."""
    wave = rows.get(session, Wave, wave_id)
    if wave.depot_id != depot_id:
        cause = f"depot {depot_id} has no wave {wave_id}"
        raise NotFound("not_found", cause=cause, action="look up the waves of the depot")
    return wave


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Wave]:
    """Return waves, the newest first; those of some depots."""
    query = select(Wave)
    if depot_ids is not None:
        query = query.where(Wave.depot_id.in_(depot_ids))
    return pages.newest(session, query, Wave, cursor=cursor, limit=limit)


def cut_offs(session: Session, wave_id: UUID) -> Sequence[ZoneCutOff]:
    """Return which zones have a cut-off of their own."""
    query = select(ZoneCutOff).where(ZoneCutOff.wave_id == wave_id)
    return session.scalars(query.order_by(ZoneCutOff.zone_id)).all()


def set_cut_off(session: Session, wave: Wave, zone_id: UUID, cut_off: int) -> ZoneCutOff:
    """Give a zone of the same depot (``not_of_depot``) a cut-off of its own."""
    _check_clock(cut_off)
    # Held, or it might be removed meanwhile.
    zone = rows.locked(session, Zone, zone_id)
    if zone.depot_id != wave.depot_id:
        raise Invalid(
            "not_of_depot",
            cause=f"zone {zone.name} is not of the depot of wave {wave.name}",
            action="choose one of the depot's own",
        )
    made = session.merge(ZoneCutOff(wave_id=wave.id, zone_id=zone_id, cut_off=cut_off))
    session.flush()
    _say(session, wave, zone_id, cut_off)
    return made


def remove_cut_off(session: Session, wave: Wave, zone_id: UUID) -> None:
    """Have the wave's own cut-off hold for a zone, as for all others."""
    found = session.get(ZoneCutOff, (wave.id, zone_id))
    if found is None:
        cause = f"zone {zone_id} has no cut-off of its own in wave {wave.name}"
        raise NotFound("not_found", cause=cause, action="look up those that there are")
    session.delete(found)
    session.flush()
    _say(session, wave, zone_id, None)


def _say(session: Session, wave: Wave, zone_id: UUID, cut_off: int | None) -> None:
    data = {"zone": str(zone_id), "cut_off": cut_off}
    events.record(session, "wave.changed", wave.id, subjects=wave.concerns(), data=data)


def _check(values: Mapping[str, Any]) -> None:
    weekdays = values["weekdays"]
    if not set(weekdays) <= set(range(7)) or not weekdays:
        raise _bad(f"its weekdays are {weekdays}")
    _check_clock(values["cut_off"])


def _check_clock(cut_off: int) -> None:
    if not 0 <= cut_off < 24 * 3600:
        raise _bad(f"the cut-off is second {cut_off} of the day")


def _bad(cause: str) -> Invalid:
    action = "name weekdays from 0, Monday, to 6, and a clock time before 24:00"
    return Invalid("bad_wave", cause=cause, action=action)
