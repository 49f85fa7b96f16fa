"""Waves: what is ready before a cut-off leaves together; which wave goods belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, moments
from dispatch.catalogue.depots import Depot
from dispatch.store import edits, events
from dispatch.store.base import Document, Key, Table, Versioned
from dispatch.store.errors import Invalid

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


class ZoneCutOff(Table):
    """Another cut-off of a wave for one zone, as for one that is far away."""

    __tablename__ = "zone_cut_offs"

    wave_id: Mapped[UUID] = mapped_column(ForeignKey("waves.id"), primary_key=True)
    zone_id: Mapped[UUID] = mapped_column(ForeignKey("zones.id"), primary_key=True)
    cut_off: Mapped[int]


@dataclass(frozen=True, slots=True)
class Departure:
    """A wave on a day, with its cut-off for one zone: what is ready at that moment is too late."""

    wave: Wave
    on: date
    cut_off_at: datetime


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
    if not set(wave.weekdays) <= set(range(7)) or not wave.weekdays:
        raise _bad(f"its weekdays are {wave.weekdays}")
    _check(wave.cut_off)
    edits.create(session, "wave", wave)
    return wave


def set_cut_off(session: Session, wave: Wave, zone_id: UUID, cut_off: int) -> None:
    """Give a zone a cut-off of its own."""
    _check(cut_off)
    session.merge(ZoneCutOff(wave_id=wave.id, zone_id=zone_id, cut_off=cut_off))
    session.flush()
    data = {"zone": str(zone_id), "cut_off": cut_off}
    events.record(session, "wave.changed", wave.id, data=data)


def _check(cut_off: int) -> None:
    if not 0 <= cut_off < 24 * 3600:
        raise _bad(f"the cut-off is second {cut_off} of the day")


def _bad(cause: str) -> Invalid:
    action = "name weekdays from 0, Monday, to 6, and a clock time before 24:00"
    return Invalid("bad_wave", cause=cause, action=action)
