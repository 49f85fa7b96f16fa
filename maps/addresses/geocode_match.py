"""How well a name of the index answers a query, and which house number the query then asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from maps.addresses.geocode_text import (
    HouseNumber,
    fold,
    has_cjk,
    house_number,
    likeness,
    weight,
    words,
)

MIN_LIKENESS = 0.5
"""Names less like the query than this are no answer."""

# What an unexplained rest of the query costs: a town that the place does not lie in, or that the
# map knows nothing of.
_COST_OF_REST = 0.8
_COST_OF_REST_UNKNOWN = 0.4

_PART_OF_COUNTRY = re.compile(
    r"[^\s省市区縣县镇鎮乡鄉]{1,8}?(?:省|自治区|特别行政区|街道|[市区縣县镇鎮乡鄉])"
)
_IS_PART = re.compile(r"[省市区縣县镇鎮乡鄉村]")
_POSTCODE = re.compile(r"\d{5}|\d{4}-\d{3}")
_NUMBER_WORDS = frozenset(["no", "nr", "n", "num", "numero", "number", "号", "號", "弄", "室"])


@dataclass(frozen=True, slots=True)
class Query:
    """A query, folded once."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Query:
        """Fold what a person typed."""
        folded = fold(text)
        return cls(folded, tuple(words(folded)))


@dataclass(frozen=True, slots=True)
class Match:
    """How well a name answers, 0 … 1, and the house number that is left over."""

    likeness: float
    number: HouseNumber | None


def match(name: str, query: Query, *, area: str) -> Match | None:
    """
    Compare a folded name with a query, or return None when they are not alike.

    Parameters
    ----------
    name
        Folded.
    query
        May hold, besides the name and in any order, a house number, postcode and towns.
    area
        Folded names of what the named thing lies in, one a line; empty where unknown. Words of
        the query that are neither name, number nor area lower the likeness.
    """
    if has_cjk(name):
        return _match_text(name, query.text, area)
    return _match_words(name.split(), query.words, area)


def _match_words(name: Sequence[str], asked: Sequence[str], area: str) -> Match | None:
    at, total = _pair(name, asked)
    if total < MIN_LIKENESS:
        return None
    if at != sorted(at):
        total *= 0.98
    if max(at) - min(at) >= len(at):
        # "Rua do Almada 30, Porto" means the Rua do Almada rather than the Rua do Porto.
        total *= 0.9
    rest = [i for i in range(len(asked)) if i not in at]
    number, used = _number_near(asked, rest, at)
    area_words = area.split()
    unexplained = sum(
        weight(asked[i])
        for i in rest
        if i not in used and not asked[i][0].isdigit() and not _in_area(asked[i], area, area_words)
    )
    everything = sum(weight(word) for word in asked if not word[0].isdigit())
    if sum(map(weight, name)) < min(1.0, everything / 2):
        # A bus line "D" or a bay "4" is hardly what a whole address asks for.
        total *= 0.5
    return Match(total * _after_rest(unexplained, everything, area), number)


def _pair(name: Sequence[str], asked: Sequence[str]) -> tuple[list[int], float]:
    """Return which words of the query stand for the words of the name, and their likeness."""
    at: list[int] = []
    got = 0.0
    for word in name:
        free = (i for i in range(len(asked)) if i not in at)
        best, index = max(((likeness(word, asked[i]), -i) for i in free), default=(0.0, 0))
        if best > 0:
            at.append(-index)
            got += best * weight(word)
    return at, got / sum(weight(word) for word in name)


def _number_near(
    asked: Sequence[str], rest: Sequence[int], at: Sequence[int]
) -> tuple[HouseNumber | None, set[int]]:
    """Return the number nearest to the name and what of the query it takes; postcodes come last."""
    digits = [i for i in rest if asked[i][0].isdigit() and house_number(asked[i]) is not None]
    if not digits or not at:
        return None, set()
    first, last = min(at), max(at)
    index = min(
        digits,
        key=lambda i: (_POSTCODE.fullmatch(asked[i]) is not None, max(first - i, i - last), i),
    )
    text, used = asked[index], {index}
    for other in (index - 1, index + 1):
        if other in rest and asked[other] in _NUMBER_WORDS:
            used.add(other)
    after = index + 1
    if after in rest and re.fullmatch("[a-z]", asked[after]):
        text, used = text + asked[after], used | {after}
    return house_number(text), used


def _match_text(name: str, text: str, area: str) -> Match | None:
    start = _position(name, text)
    if start >= 0:
        before, after = text[:start], text[start + len(name) :]
        number = house_number(after.strip())
        # What follows the number is building, floor and room: nothing that a map knows.
        rest = before if number else before + after
        return Match(_after_text_rest(rest, len(text), area), number)
    head, tail = _head(text)
    core = _core(head)
    if len(core) >= 2 and core in name:
        total = 0.9 * (len(core) / len(name)) ** 0.5
    else:
        blocks = SequenceMatcher(None, core, name, autojunk=False).get_matching_blocks()
        total = 0.8 * 2 * sum(block.size for block in blocks) / (len(core) + len(name))
    if total < MIN_LIKENESS:
        return None
    rest = head[: len(head) - len(core)]
    return Match(total * _after_text_rest(rest, len(head), area), house_number(tail))


def _position(name: str, text: str) -> int:
    """Return where the name stands in the text, best before a number; never within a number."""
    found = [
        start.start()
        for start in re.finditer(f"(?={re.escape(name)})", text)
        if not _cuts_number(text, start.start())
        and not _cuts_number(text, start.start() + len(name))
    ]
    numbered = [start for start in found if text[start + len(name) :][:1].isdigit()]
    return (numbered or found or [-1])[0]


def _cuts_number(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isdigit() and text[at].isdigit()


def _head(text: str) -> tuple[str, str]:
    digit = re.search(r"\d", text)
    return (text[: digit.start()], text[digit.start() :]) if digit else (text, "")


def _core(head: str) -> str:
    """Return what is left of 上海市黄浦区南京东路 without province, city and district."""
    while (part := _PART_OF_COUNTRY.match(head)) and len(head) - part.end() >= 2:
        head = head[part.end() :]
    return head


def _after_text_rest(rest: str, length: int, area: str) -> float:
    for name in sorted(area.split("\n"), key=len, reverse=True):
        rest = rest.replace(name, " ") if name else rest
        # 上海 and 上海市, 黄浦 and 黄浦区 are the same.
        if len(name) > 2 and _IS_PART.fullmatch(name[-1]):
            rest = rest.replace(name[:-1], " ")
    # A city or district that the map cannot confirm speaks little against a street of that name.
    unit = 1.0 if area else 0.3
    unexplained = sum(unit * len(part) for part in _PART_OF_COUNTRY.findall(rest))
    unexplained += sum(
        len(part)
        for part in _PART_OF_COUNTRY.sub(" ", rest).split()
        if part not in _NUMBER_WORDS and not _IS_PART.fullmatch(part)
    )
    return _after_rest(unexplained, length, area)


def _in_area(word: str, area: str, area_words: Sequence[str]) -> bool:
    if has_cjk(word):
        return word in area or (len(word) > 2 and word[:-1] in area)
    return any(likeness(word, other) > 0 for other in area_words)


def _after_rest(unexplained: float, everything: float, area: str) -> float:
    cost = _COST_OF_REST if area else _COST_OF_REST_UNKNOWN
    return 1.0 - cost * min(1.0, unexplained / everything) if everything else 1.0
