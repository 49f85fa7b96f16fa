"""Numbers with units, as mappers write them: "50 mph", "3,5 t", "12 ft 6 in", "PT1H30M"."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*([^\d\s]*)\s*$")
_FEET_INCHES = re.compile(r"^\s*(\d+)\s*(?:'|ft)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|in)?)?\s*$")
_ISO_DURATION = re.compile(r"^P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$")
_CLOCK_DURATION = re.compile(r"^(?:(\d+):)?(\d+):(\d{2})$")

# International foot, pound, mile and short ton; all exact by definition.
_METRES = {"": 1.0, "m": 1.0, "cm": 0.01, "ft": 0.3048, "in": 0.0254, "km": 1000.0}
_TONNES = {
    "": 1.0,
    "t": 1.0,
    "kg": 0.001,
    "lbs": 0.00045359237,
    "lb": 0.00045359237,
    "st": 0.90718474,
}
_KMH = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}


def metres(text: str) -> float | None:
    """Read a length; None where it is none ("default", "below_default", "none")."""
    feet = _FEET_INCHES.match(text)
    if feet:
        return int(feet[1]) * _METRES["ft"] + float(feet[2] or 0) * _METRES["in"]
    return _number(text, _METRES)


def tonnes(text: str) -> float | None:
    """Read a weight in metric tons, the unit where none is written."""
    return _number(text, _TONNES)


def kmh(text: str) -> float | None:
    """Read a speed in km/h, the unit where none is written; "walk" and "none" are no numbers."""
    return _number(text, _KMH)


def seconds(text: str) -> int | None:
    """Read a duration: "PT1H30M", "01:30", "01:30:00", or a bare number of minutes."""
    text = text.strip()
    iso = _ISO_DURATION.match(text)
    if iso and any(iso.groups()):
        days, hours, minutes, rest = (int(part or 0) for part in iso.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + rest
    clock = _CLOCK_DURATION.match(text)
    if clock:
        # "hh:mm" with two parts, "hh:mm:ss" with three (OSM wiki, Key:duration).
        first, second, third = clock.groups()
        if first is None:
            return int(second) * 3600 + int(third) * 60
        return int(first) * 3600 + int(second) * 60 + int(third)
    return int(text) * 60 if text.isdigit() else None


def _number(text: str, units: dict[str, float]) -> float | None:
    # "50; 40" holds on parts of the way that nobody can tell: the lowest is the safe one.
    numbers = [_one_number(part, units) for part in text.split(";")]
    known = [number for number in numbers if number is not None]
    return min(known) if known else None


def _one_number(text: str, units: dict[str, float]) -> float | None:
    found = _NUMBER.match(text)
    if not found or found[2].lower() not in units:
        return None
    return float(found[1].replace(",", ".")) * units[found[2].lower()]
