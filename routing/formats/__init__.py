"""Files of routing problems and plans: Solomon, Homberger, VRPLIB, VROOM."""

from routing.formats.files import FORMATS, Format, read
from routing.formats.fleet import FleetSize
from routing.formats.measure import Measure

__all__ = ["FORMATS", "FleetSize", "Format", "Measure", "read"]
