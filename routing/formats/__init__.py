"""Files of routing problems and plans: Solomon, Homberger, Li and Lim, VRPLIB, VROOM."""

from routing.formats.files import FORMATS, Format, read, read_with_start
from routing.formats.fleet import FleetSize
from routing.formats.measure import Measure

__all__ = ["FORMATS", "FleetSize", "Format", "Measure", "read", "read_with_start"]
