"""Where things lie: degrees of WGS84, longitude first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dispatch.store.errors import Invalid


def check(wanted: Mapping[str, Any]) -> None:
    """Refuse (``bad_coordinates``) coordinates that are nowhere on Earth."""
    for name, most in (("lon", 180), ("lat", 90)):
        value = wanted.get(name, 0)
        if not -most <= value <= most:
            cause = f"{name} is {value}"
            action = f"give degrees from -{most} to {most}; longitude and latitude may be swapped"
            raise Invalid("bad_coordinates", cause=cause, action=action)
