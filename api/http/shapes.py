"""What several requests and answers are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

D = TypeVar("D", date, datetime)


class In(BaseModel):
    """What comes in: a field that is not known is a fault, not a field that is lost."""

    model_config = ConfigDict(extra="forbid")


class Change(In):
    """What is to change: what is left out stays as it is, and so does null, but for some fields."""

    may_be_none: ClassVar[frozenset[str]] = frozenset()

    def wanted(self) -> dict[str, Any]:
        """Return the new values, by the names of the columns."""
        sent = self.model_dump(exclude_unset=True)
        return {
            name: value
            for name, value in sent.items()
            if value is not None or name in self.may_be_none
        }


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(from_attributes=True)


def _reasonable(moment: datetime) -> datetime:
    return _in_reach(moment).astimezone(UTC)


def _in_reach(day: D) -> D:
    if not 1970 <= day.year < 2200:
        raise ValueError("give a year from 1970 to 2199")
    return day


# PostgreSQL keeps no text with a NUL character in it.
_WRITABLE = r"^[^\x00-\x1f\x7f]*$"


def _line(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, pattern=_WRITABLE)


Text20 = Annotated[str, _line(20)]
"""A line of text: at least one character, no control characters."""
Text40 = Annotated[str, _line(40)]
Text60 = Annotated[str, _line(60)]
Text80 = Annotated[str, _line(80)]
Text120 = Annotated[str, _line(120)]
Text200 = Annotated[str, _line(200)]
Text400 = Annotated[str, _line(400)]

Blank40 = Annotated[str, StringConstraints(max_length=40, pattern=_WRITABLE)]
"""A line that may be empty."""
Blank120 = Annotated[str, StringConstraints(max_length=120, pattern=_WRITABLE)]

Day = Annotated[date, AfterValidator(_in_reach), Field(examples=["2026-03-02"])]
Clock = Annotated[
    int, Field(ge=0, lt=86_400, description="Seconds after midnight, by the depot's clock.")
]
Weekday = Annotated[int, Field(ge=0, le=6, description="0 is Monday.")]

Moment = Annotated[AwareDatetime, AfterValidator(_reasonable)]
Quantity = Annotated[int, Field(ge=1, le=1_000_000, examples=[2])]
Difference = Annotated[int, Field(ge=-1_000_000, le=1_000_000, examples=[-1])]
Counted = Annotated[int, Field(ge=0, le=1_000_000, examples=[7])]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, examples=[121.4737])]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, examples=[31.2304])]

Cursor = Annotated[
    str | None,
    Query(
        max_length=400,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The `next` of the page before; without it, the first page.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many rows at most.")]


DepotFilter = Annotated[list[UUID] | None, Query(alias="depot_id", max_length=100)]
"""Several may be asked for at once; without it, all that one may see."""


class Reason(In):
    """Why something is done."""

    reason: Text400 = Field(examples=["the customer no longer needs it"])


DepotIds = Annotated[
    list[UUID] | None,
    Field(max_length=500, description="Null: all depots, also those still to come."),
]
