"""
Breaks of VROOM's vehicles as breaks of ours.

VROOM has each break of a vehicle that is used once between its start and its end, at either of
these or on the way. Ours are taken at halts, and not by who leaves after the window or is back when
it ends: then the driver has the break at home. So that there is time for it there, a window ends
early enough for the break to be over when the vehicle's hours are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routing.formats.faults import Faults
from routing.formats.vroom.models import Break, Vehicle
from routing.problem import Break as Planned
from routing.problem import Window

_OUT = "take it out: a plan that ignored it would be wrong"


def check(vehicles: Mapping[int, Vehicle], faults: Faults) -> None:
    """Note every break that cannot be planned exactly, or at no time at all."""
    for row, vehicle in vehicles.items():
        for number, pause in enumerate(vehicle.breaks):
            _check(f"vehicles[{row}].breaks[{number}]", pause, vehicle, faults)


def planned(vehicle: Vehicle, shift: Window) -> Iterator[Planned]:
    """Yield the breaks of a vehicle that has its hours."""
    for pause in vehicle.breaks:
        earliest, latest = _window(pause, shift)
        yield Planned(pause.id, Window(earliest, latest), pause.service, pause.description)


def _window(pause: Break, shift: Window) -> tuple[int, int]:
    earliest, latest = pause.time_windows[0] if pause.time_windows else shift
    return earliest, min(latest, shift.latest - pause.service)


def _check(where: str, pause: Break, vehicle: Vehicle, faults: Faults) -> None:
    if len(pause.time_windows) > 1:
        cause = f"not supported yet: {len(pause.time_windows)} windows for one break"
        faults.add(f"{where}.time_windows", "not_supported", cause, "leave one of them")
    capacity = vehicle.capacity or []
    if any(most < full for most, full in zip(pause.max_load or [], capacity, strict=False)):
        cause = "not supported yet: max_load below the capacity"
        faults.add(f"{where}.max_load", "not_supported", cause, _OUT)
    if vehicle.time_window and len(pause.time_windows) < 2:
        shift = Window(*vehicle.time_window)
        earliest, latest = _window(pause, shift)
        if max(earliest, shift.earliest) > latest:
            cause = f"its {pause.service} s do not fit between {shift.earliest} and {shift.latest}"
            action = "move the break, or lengthen the vehicle's hours"
            faults.add(where, "break_outside_shift", cause, action)
