"""What can go wrong with a map, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence


class MapError(Exception):
    """Something about a map, a place or a way; carries a code, a cause and an action."""

    def __init__(self, code: str, *, cause: str, action: str) -> None:
        super().__init__(f"{code}: {cause}; {action}")
        self.code = code
        self.cause = cause
        self.action = action


class BadMap(MapError):
    """The file is no readable OpenStreetMap extract, or holds no usable road (``bad_map``)."""


class MapNotFound(MapError):
    """No imported map has that name, and no file either (``map_not_found``)."""


class NotStored(MapError):
    """What was made of a map cannot be kept on disk (``home_not_writable``)."""

    def __init__(self, folder: object, error: Exception) -> None:
        place = getattr(error, "filename", None) or folder
        reason = getattr(error, "strerror", None) or error
        super().__init__(
            "home_not_writable",
            cause=f"cannot write to {place}: {reason}",
            action="make room there, or name another folder: MILKRUN_HOME for maps, TMPDIR for "
            "temporary files",
        )


class NoNetwork(MapError):
    """A service outside this machine cannot be reached (``no_network``)."""


class OffRoad(MapError):
    """Points too far from any usable road (``off_road``); ``indices`` names all of them."""

    def __init__(self, indices: Sequence[int], *, cause: str, action: str) -> None:
        super().__init__("off_road", cause=cause, action=action)
        self.indices = tuple(indices)
