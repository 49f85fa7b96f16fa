"""The refusal of points that lie on no road, all at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from maps.errors import OffRoad
from maps.travel import MAX_SNAP_M

_NAMED = 10


def refuse_far_points(snapped_m: NDArray[np.floating[Any]]) -> None:
    """
    Raise `OffRoad` if any value of ``snapped_m``, ``(n,)`` metres, is above `MAX_SNAP_M`.

    A value that is no number counts as too far.
    """
    far = np.flatnonzero(~(snapped_m <= MAX_SNAP_M)).tolist()
    if not far:
        return
    named = ", ".join(f"{index} ({_words(snapped_m[index])})" for index in far[:_NAMED])
    more = f" and {len(far) - _NAMED} more" if len(far) > _NAMED else ""
    raise OffRoad(
        far,
        cause=f"points farther than {MAX_SNAP_M:g} m from any usable road: {named}{more}",
        action="correct these coordinates (longitude first), or use a map that covers them",
    )


def _words(metres: float) -> str:
    return f"{metres:,.0f} m" if np.isfinite(metres) else "no road"
