"""A day and a map in, a planned day out (see `dispatch.planned` for its shape)."""

from __future__ import annotations

from dispatch.planned import LeftOut, PlannedDay, PlannedRoute, Stop

__all__ = ["LeftOut", "PlannedDay", "PlannedRoute", "Stop"]
