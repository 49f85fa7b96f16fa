"""Files of routing problems and plans: Solomon, Homberger, VRPLIB, VROOM."""

from routing.formats.files import FORMATS, Format, read

__all__ = ["FORMATS", "Format", "read"]
