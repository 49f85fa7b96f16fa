"""What compiled loops know of a node and of a vehicle, as records; limits of their numbers."""

from __future__ import annotations

import numpy as np

NEVER = 2**62
"""Metres, seconds or stops beyond every limit."""

LATEST = 2**30
"""No second later than this many, some 34 years, after the first that matters is of use."""

NO_PLACE = 2**32 - 1
"""Where a vehicle starts or ends that has no start or end."""

SCALE = 18_000
"""Money is counted in 1/18000 of a minor unit: prices per metre and per second are then whole."""

NODE = np.dtype(
    [
        ("place", "u4"),
        ("needs", "u4"),
        ("earliest", "i4"),
        ("latest", "i4"),
        ("service", "i4"),
        ("setup", "i4"),
        ("price", "f8"),
    ]
)
"""
A visit, or the start or end of a vehicle (`NO_PLACE`: it has none).

``earliest`` and ``latest`` span all windows; ``needs`` is the row of ``Instance.allowed``;
``price`` is what leaving the visit out costs.
"""

VEHICLE = np.dtype(
    [
        ("kind", "u8"),
        ("matrix", "u8"),
        ("per_arc", "f8"),
        ("per_drive_s", "f8"),
        ("per_s", "f8"),
        ("fixed", "f8"),
        ("max_metres", "i8"),
        ("max_drive", "i8"),
        ("max_duration", "i8"),
        ("max_stops", "i8"),
        ("max_trips", "i8"),
        ("type", "i8"),
        ("bound", "b1"),
    ]
)
"""
What a vehicle costs and may; ``per_arc`` prices ``Instance.costs``; ``bound`` when its route must
begin or end with certain visits.
"""

CLOCK = np.dtype(
    [
        ("first_break", "i8"),
        ("num_breaks", "i8"),
        ("pausing", "b1"),
        ("rest_drive", "i8"),
        ("rest_duration", "i8"),
        ("per_drive_s", "f8"),
        ("per_min2", "f8"),
        ("overtime_from", "i8"),
        ("per_overtime_s", "f8"),
        ("first_reload", "i8"),
        ("last_reload", "i8"),
    ]
)
"""
What `exact` asks of a vehicle, and which nodes stand for loading again: ``first_reload`` up to
before ``last_reload``. ``per_drive_s`` is 0 unless driving depends on the hour.
"""

ASK = np.dtype(
    [
        ("due", "i8"),
        ("per_late", "f8"),
        ("promised", "i8"),
        ("per_moved", "f8"),
        ("ready", "i8"),
        ("was", "i8"),
        ("partner", "i8"),
        ("first_mate", "i8"),
        ("first_foe", "i8"),
        ("last_foe", "i8"),
        ("depot", "i8"),
        ("option", "i8"),
        ("way", "i8"),
        ("leads", "b1"),
        ("shut", "b1"),
        ("held", "b1"),
    ]
)
"""
What few nodes ask, all in one array: each one more makes every call dearer.

``due``, ``promised`` with prices, and when goods are ``ready``; the vehicle that a visit ``was``
on, -1 for none; the ``partner`` in a shipment, -1 for none, and whether it ``leads``. Those that
must share its vehicle are ``Instance.company[first_mate : first_foe]``, those that must not
``[first_foe : last_foe]``. Of a start or a halt to load again: the number of its ``depot``, and
which of the vehicle's reloads it is. ``way``: which of ``Instance.options`` it is in, -1 for none.
``shut``: nothing may be put in after it; ``held``: it may not
be taken out.
"""

OPTION = np.dtype(
    [
        ("first", "i8"),
        ("last", "i8"),
        ("price", "f8"),
        ("first_rival", "i8"),
        ("last_rival", "i8"),
    ]
)
"""
One way to bring goods: its visits are ``Instance.company[first : last]``; all options of its
choice, itself included, are those from ``first_rival`` up to before ``last_rival``.
"""
