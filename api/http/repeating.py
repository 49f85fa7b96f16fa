"""What requests about things that repeat are made of."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer

from api.http.shapes import Weekday
from dispatch.catalogue.rhythms import MOST_WEEKS

KeptId = Annotated[UUID, PlainSerializer(str)]
"""A key within a document that is kept as JSON."""

Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7, examples=[[1, 3]])]
EveryWeeks = Annotated[
    int, Field(ge=1, le=MOST_WEEKS, description="Counted from the week of `valid_from`.")
]
OnHoliday = Annotated[
    Literal["skip", "before", "after"],
    Field(description="On a day that the depot does not work: none, or the working day beside it."),
]
RepeatStatus = Literal["active", "paused", "ended"]
