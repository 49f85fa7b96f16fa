"""Which visits must share a vehicle, and which must not."""

from __future__ import annotations

from routing.tables import Tables


def mates(tables: Tables) -> list[list[int]]:
    """Return for each visit the others that must share its vehicle."""
    groups: dict[str, list[int]] = {}
    for k, visit in enumerate(tables.visits):
        if visit.together:
            groups.setdefault(visit.together, []).append(k)
    return [
        [other for other in groups.get(visit.together, ()) if other != k]
        for k, visit in enumerate(tables.visits)
    ]


def foes(tables: Tables) -> list[list[int]]:
    """Return for each visit the others that must not share its vehicle."""
    words: dict[str, list[int]] = {}
    for k, visit in enumerate(tables.visits):
        for word in visit.apart:
            words.setdefault(word, []).append(k)
    return [
        sorted({other for word in visit.apart for other in words[word]} - {k})
        for k, visit in enumerate(tables.visits)
    ]
