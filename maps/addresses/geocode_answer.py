"""What the geocoder answers: a place, what it is called, and how far it may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from maps.addresses.geocode_text import has_cjk

Kind = Literal["house", "street", "place", "poi"]

# Precision: how exactly an answer is a place, if its name is the one that was meant.
EXACT = 1.0
POINT_OF_INTEREST = 0.95
STREET_ONLY = 0.6
PLACE_ONLY = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    One possible answer.

    ``quality``, 0 … 1, says how far it may be trusted to be the place that was meant: 1 for the
    very house number; 0.8 between known numbers; at most 0.6 for a street without the number;
    less for a name spelt otherwise, a town that does not fit, or one of several alike.
    ``distance_m`` is from the point asked for (reverse) or from ``near``; None where neither is
    given.
    """

    lon: float
    lat: float
    label: str
    kind: Kind
    quality: float
    distance_m: float | None = None


def label(name: str, area: str, *, number: str = "", address: str = "") -> str:
    """
    Return an address as it is written: Chinese from big to small, others from small to big.

    Parameters
    ----------
    name
        Of the street, place or point.
    area
        Names of what it lies in, from small to big, one a line.
    number
        House number on the street.
    address
        Street and number of a point.
    """
    areas = [part for part in area.split("\n") if part and part != name]
    if has_cjk(name):
        sign = "号" if number[-1:].isdigit() else ""
        return "".join([*filter(has_cjk, reversed(areas)), name, number, sign])
    street = f"{name} {number}" if number else name
    return ", ".join(filter(None, [street, address, *areas[:2]]))


def roughly(text: str) -> str:
    """Return a label that says that the position is an estimate."""
    return f"{text}附近" if has_cjk(text) else f"near {text}"
