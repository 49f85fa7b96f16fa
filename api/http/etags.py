"""Which version of a row somebody looked at: ``ETag`` in answers, ``If-Match`` in requests."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from dispatch.store.errors import Invalid

_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')

_IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=20,
        description="The ETag of what was looked at. Another one now is refused with 412.",
        examples=['"3"'],
    ),
]


def of(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def _given(if_match: _IfMatch = None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        cause = f"If-Match is {if_match!r}"
        raise Invalid("bad_if_match", cause=cause, action="send the ETag as it was given")
    return int(found[1])


def _needed(if_match: _IfMatch = None) -> int | None:
    """`*` is for who wants to write over whatever is there."""
    if if_match is None:
        raise Invalid(
            "if_match_needed",
            cause="the request has no If-Match",
            action="send the ETag of what you looked at, or * to write over whatever is there",
        )
    return _given(if_match)


Version = Annotated[int | None, Depends(_needed)]
"""The version that was looked at, which must be told; None: whichever."""

VersionIfTold = Annotated[int | None, Depends(_given)]
