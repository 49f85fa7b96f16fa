"""What several requests and answers are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class In(BaseModel):
    """What comes in: a field that is not known is a fault, not a field that is lost."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(from_attributes=True)


def _reasonable(moment: datetime) -> datetime:
    if not 1970 <= moment.year < 2200:
        raise ValueError("give a year from 1970 to 2199")
    return moment.astimezone(UTC)


# PostgreSQL keeps no text with a NUL character in it.
_WRITABLE = r"^[^\x00-\x1f\x7f]*$"


def _line(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, pattern=_WRITABLE)


Text40 = Annotated[str, _line(40)]
"""A line of text: at least one character, no control characters."""
Text60 = Annotated[str, _line(60)]
Text80 = Annotated[str, _line(80)]
Text120 = Annotated[str, _line(120)]
Text200 = Annotated[str, _line(200)]
Text400 = Annotated[str, _line(400)]

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
