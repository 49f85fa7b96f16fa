"""Distances of a VRPLIB file: an explicit matrix in one of TSPLIB's layouts, or a plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from routing.formats.faults import Faults
from routing.formats.vrplib_sections import Rows, Sections
from routing.problem import NO_WAY, IntMatrix

_Rounding = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_PLANES: dict[str, _Rounding] = {
    # TSPLIB's nint is floor(x + 0.5); numpy's round goes to even.
    "EUC_2D": lambda lengths: np.floor(lengths + 0.5),
    "FLOOR_2D": np.floor,
    "CEIL_2D": np.ceil,
}
_LAYOUTS: dict[str, Callable[[int], tuple[NDArray[np.intp], NDArray[np.intp]]]] = {
    "LOWER_ROW": lambda size: np.tril_indices(size, -1),
    "LOWER_DIAG_ROW": lambda size: np.tril_indices(size),
    "UPPER_ROW": lambda size: np.triu_indices(size, 1),
    "UPPER_DIAG_ROW": lambda size: np.triu_indices(size),
}


def edge_weights(
    sections: Sections, size: int, coordinates: NDArray[np.float64] | None, faults: Faults
) -> IntMatrix | None:
    """
    Return the distances between all nodes, or None with the faults noted.

    Returns
    -------
    weights
        ``(size, size)`` int32, ``[from, to]``, diagonal 0.
    """
    kind = sections.text("EDGE_WEIGHT_TYPE")
    if kind == "EXPLICIT":
        return _explicit(sections, size, faults)
    if kind not in _PLANES:
        cause = f"not supported yet: distances of type {kind or '(none)'}"
        action = f"use EXPLICIT, {', '.join(_PLANES)}"
        faults.add("EDGE_WEIGHT_TYPE", "not_supported", cause, action)
        return None
    if coordinates is None:
        if "NODE_COORD_SECTION" not in sections.body:
            cause = f"{kind} needs NODE_COORD_SECTION"
            faults.add("file", "missing_section", cause, "add the section")
        return None
    steps = coordinates[:, None, :] - coordinates[None, :, :]
    lengths = _PLANES[kind](np.hypot(steps[..., 0], steps[..., 1]))
    if lengths.max(initial=0.0) >= NO_WAY:
        cause = "a distance is longer than 2,147,483,646"
        faults.add("NODE_COORD_SECTION", "out_of_range", cause, "use smaller coordinates")
        return None
    return lengths.astype(np.int32)


def _explicit(sections: Sections, size: int, faults: Faults) -> IntMatrix | None:
    layout = sections.text("EDGE_WEIGHT_FORMAT")
    if layout != "FULL_MATRIX" and layout not in _LAYOUTS:
        cause = f"not supported yet: matrices in the format {layout or '(none)'}"
        action = f"use FULL_MATRIX, {', '.join(_LAYOUTS)}"
        faults.add("EDGE_WEIGHT_FORMAT", "not_supported", cause, action)
        return None
    if "EDGE_WEIGHT_SECTION" not in sections.body:
        faults.add("file", "missing_section", "no EDGE_WEIGHT_SECTION", "add the section")
        return None
    values = _numbers(sections.body["EDGE_WEIGHT_SECTION"], faults)
    if values is None:
        return None
    wanted = size * size if layout == "FULL_MATRIX" else len(_LAYOUTS[layout](size)[0])
    if len(values) != wanted:
        cause = f"{len(values)} numbers instead of {wanted} ({layout}, DIMENSION {size})"
        faults.add("EDGE_WEIGHT_SECTION", "wrong_count", cause, "complete the matrix")
        return None
    return _fill(values, layout, size)


def _fill(values: NDArray[np.int64], layout: str, size: int) -> IntMatrix:
    if layout == "FULL_MATRIX":
        weights = values.reshape(size, size).astype(np.int32)
    else:
        weights = np.zeros((size, size), dtype=np.int32)
        rows, columns = _LAYOUTS[layout](size)
        weights[rows, columns] = values
        weights[columns, rows] = values
    # Some files write large numbers here; nobody drives from a place to itself.
    np.fill_diagonal(weights, 0)
    return weights


def _numbers(rows: Rows, faults: Faults) -> NDArray[np.int64] | None:
    try:
        values = np.array([word for _, words in rows for word in words], dtype=np.int64)
    except (ValueError, OverflowError):
        values = np.array([-1])
    if not len(values) or (values.min() >= 0 and values.max() <= NO_WAY):
        return values
    for line, words in rows:
        bad = [word for word in words if not word.isdecimal() or int(word) > NO_WAY]
        if bad:
            cause = f"no whole number from 0 to {NO_WAY:,}: {', '.join(bad[:5])}"
            faults.add(f"line {line}", "not_a_number", cause, "correct the number")
    return None
