"""Clock times of a day, in a time zone, as moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moment(on: date, clock: int, zone: ZoneInfo) -> datetime:
    """
    Return when a clock on the wall shows so many seconds after midnight of a day, in UTC.

    A time that is skipped counts as if the clock had not been changed yet; of a doubled one the
    first is meant.
    """
    wall = datetime.combine(on, time(), zone) + timedelta(seconds=clock)
    return wall.astimezone(UTC)


def day(at: datetime, zone: ZoneInfo) -> date:
    """Return the date that it is somewhere."""
    return at.astimezone(zone).date()
