"""Streets out of ways: pieces of one name that lie together are one street, with its houses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from maps.addresses import geocode_text
from maps.addresses.geocode_plane import metric
from maps.addresses.geocode_read import Found, House, Name, Position, StreetPiece
from maps.travel import Points

# Pieces of one name that touch the same or neighbouring cells of this size, some 550 m, belong
# together: wide enough to bridge a square or a gap in mapping, too small to join two villages.
_CELL_DEG = 0.005


@dataclass(slots=True)
class Street:
    """A street with every name that it is known by, its pieces and its house numbers."""

    name: Name
    pieces: list[Points] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)

    @property
    def position(self) -> Position:
        """A point on the street, as near to its middle as its bends; of its houses if no way is."""
        points = np.concatenate(self.pieces or [np.array([h.position for h in self.houses])])
        plane = metric(points, float(points[0, 1]))
        middle = ((plane - plane.mean(axis=0)) ** 2).sum(axis=1).argmin()
        lon, lat = points[middle].tolist()
        return lon, lat

    @property
    def towns(self) -> tuple[str, ...]:
        """The towns that its houses name, the most frequent first."""
        counted = Counter(town for house in self.houses for town in house.towns)
        return tuple(town for town, _ in counted.most_common())


def group(found: Found) -> list[Street]:
    """Return the streets of a file; a name used in two villages gives two streets."""
    pieces: dict[str, list[StreetPiece]] = defaultdict(list)
    for piece in found.streets:
        pieces[geocode_text.fold(piece.name.shown)].append(piece)
    key_by_alias = {
        geocode_text.fold(other): key
        for key, members in pieces.items()
        for piece in members
        for other in piece.name.others
    }
    houses: dict[str, list[House]] = defaultdict(list)
    for house in found.houses:
        folded = geocode_text.fold(house.street)
        houses[folded if folded in pieces else key_by_alias.get(folded, folded)].append(house)
    keys = dict.fromkeys([*pieces, *houses])
    return [
        street for key in keys if key for street in _split(pieces.get(key, []), houses.get(key, []))
    ]


def _split(pieces: Sequence[StreetPiece], houses: Sequence[House]) -> list[Street]:
    """Part what has one name into streets that lie apart."""
    members: list[Points] = [piece.line for piece in pieces]
    members += [np.array([house.position]) for house in houses]
    labels = _together(members)
    streets: dict[int, Street] = {}
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for piece, label in zip(pieces, labels, strict=False):
        street = streets.setdefault(label, Street(Name(piece.name.shown)))
        street.pieces.append(piece.line)
        names[label].update(dict.fromkeys(piece.name.others))
    for house, label in zip(houses, labels[len(pieces) :], strict=True):
        streets.setdefault(label, Street(Name(house.street))).houses.append(house)
    for label, street in streets.items():
        street.name = Name(street.name.shown, tuple(names[label]))
    return list(streets.values())


def _together(members: Sequence[Points]) -> list[int]:
    """Return a label for each member; equal labels for those linked by neighbouring cells."""
    parent = list(range(len(members)))

    def root(member: int) -> int:
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    first_in_cell: dict[tuple[int, int], int] = {}
    for member, line in enumerate(members):
        for x, y in _cells(line):
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    other = first_in_cell.get((x + dx, y + dy))
                    if other is not None:
                        parent[root(other)] = root(member)
            first_in_cell.setdefault((x, y), member)
    return [root(member) for member in range(len(members))]


def _cells(line: Points) -> set[tuple[int, int]]:
    """Return the cells along a line, also between bends that are far apart."""
    steps = np.abs(np.diff(line, axis=0)).max(axis=1, initial=0.0)
    if len(steps) and steps.max() > _CELL_DEG:
        dense = [
            np.linspace(start, end, int(step / _CELL_DEG) + 1, endpoint=False)
            for start, end, step in zip(line[:-1], line[1:], steps, strict=True)
        ]
        line = np.concatenate([*dense, line[-1:]])
    cells = np.floor(line / _CELL_DEG).astype(int)
    return set(map(tuple, cells.tolist()))
