"""Waves with their cut-offs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Change, Clock, Cursor, DepotFilter, In, Limit, Out, Text60, Weekday
from dispatch.fleet import waves
from dispatch.fleet.waves import Wave
from dispatch.fleet.zones import ZoneCutOff
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("/waves", tag="fleet")

CutOff = Annotated[Clock, Field(examples=[32_400])]
Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7, examples=[[0, 1, 2, 3, 4]])]


class WaveIn(In):
    depot_id: UUID
    name: Text60 = Field(examples=["1"])
    cut_off: CutOff
    weekdays: Weekdays


class WaveChange(Change):
    name: Text60 | None = None
    cut_off: CutOff | None = None
    weekdays: Weekdays | None = None


class WaveOut(Out):
    id: UUID
    depot_id: UUID
    name: str
    cut_off: int
    weekdays: list[int]
    version: int


class WavesOut(Out):
    rows: list[WaveOut]
    next: str | None


class CutOffIn(In):
    zone_id: UUID
    cut_off: CutOff


class CutOffOut(Out):
    zone_id: UUID
    cut_off: int


class CutOffsOut(Out):
    rows: list[CutOffOut]


@routes.get("", needs=Permission.FLEET_READ, shape=WavesOut)
def list_waves(
    reader: Reader,
    who: User,
    depot_ids: DepotFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Wave]:
    """Waves of one's depots, the newest first."""
    return waves.page(reader, depot_ids=who.depots(depot_ids), cursor=cursor, limit=limit)


@routes.post("", needs=Permission.FLEET_WRITE, shape=WaveOut, creates=True, may=(404, 409))
def add_wave(tx: Tx, who: User, new: WaveIn) -> Wave:
    """Add a wave of a depot."""
    who.need_depot(new.depot_id)
    return waves.add(tx, Wave(**dict(new)))


@routes.get("/{wave_id}", needs=Permission.FLEET_READ, shape=WaveOut, may=(404,))
def get_wave(reader: Reader, who: User, wave_id: UUID) -> Wave:
    """One wave."""
    return _seen(reader, who, wave_id)


@routes.patch("/{wave_id}", needs=Permission.FLEET_WRITE, shape=WaveOut, may=(404, 409, 412, 428))
def change_wave(tx: Tx, who: User, wave_id: UUID, change: WaveChange, version: Version) -> Wave:
    """Change a wave; what is left out stays as it is."""
    wave = _held(tx, who, wave_id)
    waves.change(tx, wave, change.wanted(), version=version)
    return wave


@routes.delete("/{wave_id}", needs=Permission.FLEET_WRITE, may=(404,))
def remove_wave(tx: Tx, who: User, wave_id: UUID) -> None:
    """Have a wave leave no more; its deliveries leave with the next one."""
    waves.remove(tx, _held(tx, who, wave_id))


@routes.get("/{wave_id}/cut-offs", needs=Permission.FLEET_READ, shape=CutOffsOut, may=(404,))
def list_cut_offs(reader: Reader, who: User, wave_id: UUID) -> dict[str, Any]:
    """Which zones have a cut-off of their own in a wave."""
    _seen(reader, who, wave_id)
    return {"rows": waves.cut_offs(reader, wave_id)}


@routes.post("/{wave_id}/cut-offs", needs=Permission.FLEET_WRITE, shape=CutOffOut, may=(404, 409))
def set_cut_off(tx: Tx, who: User, wave_id: UUID, new: CutOffIn) -> ZoneCutOff:
    """Give a zone a cut-off of its own in a wave, instead of what it had."""
    wave = _held(tx, who, wave_id)
    return waves.set_cut_off(tx, wave, new.zone_id, new.cut_off)


@routes.delete("/{wave_id}/cut-offs/{zone_id}", needs=Permission.FLEET_WRITE, may=(404,))
def remove_cut_off(tx: Tx, who: User, wave_id: UUID, zone_id: UUID) -> None:
    """Have the wave's own cut-off hold for a zone, as for all others."""
    waves.remove_cut_off(tx, _held(tx, who, wave_id), zone_id)


def _seen(session: Session, who: Who, wave_id: UUID) -> Wave:
    wave = rows.get(session, Wave, wave_id)
    who.need_depot(wave.depot_id)
    return wave


def _held(tx: Session, who: Who, wave_id: UUID) -> Wave:
    _seen(tx, who, wave_id)
    return rows.locked(tx, Wave, wave_id)
