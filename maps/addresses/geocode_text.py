"""
Address text in the form in which it is compared: folded, cut into words, its numbers understood.

Latin text is compared word by word in any order; Chinese has no spaces and runs from big to
small, so it is compared as one string. Folding serves both, on what is indexed and on what is
asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_TEXT = 200
"""Characters of a query or a name that are looked at; no address is longer."""

CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Character class (for regular expressions) of scripts that are written without spaces."""

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_DASH = re.compile(r"(?<=\d)[–—−](?=\d)")
# Between digits a dash or a stroke belongs to the number; everything else parts words.
_NOT_WORD = re.compile(r"(?:(?<!\d)[-/]|[-/](?!\d)|[^\w/-]|_)+")
_AROUND_CJK = re.compile(rf"(?<=[{CJK}]) | (?=[{CJK}])")
_RUN = re.compile(rf"[{CJK}]+|[^\s{CJK}]+")
_BIS = re.compile(r"\b(\d+) (bis|ter|quater)\b")
_HAS_CJK = re.compile(rf"[{CJK}]")

# What common abbreviations on signs and in address lists stand for; English, French, Portuguese,
# Spanish, Catalan, Italian, German and pinyin.
_SHORT: dict[str, frozenset[str]] = {
    short: frozenset(full.split())
    for short, full in {
        "al": "alameda allee",
        "av": "avenue avenida avinguda",
        "ave": "avenue avenida",
        "avda": "avenida avinguda",
        "bd": "boulevard",
        "bld": "boulevard building",
        "blvd": "boulevard",
        "boul": "boulevard",
        "bvd": "boulevard",
        "c": "carrer calle",
        "ch": "chemin",
        "cl": "close calle",
        "cres": "crescent",
        "ct": "court",
        "ctra": "carretera",
        "dr": "drive doctor doutor docteur",
        "e": "east",
        "esc": "escadas escaliers",
        "estr": "estrada",
        "gen": "general",
        "hwy": "highway",
        "imp": "impasse",
        "jie": "street",
        "lg": "largo",
        "ln": "lane",
        "lu": "road",
        "mt": "mount mont",
        "n": "north nord norte",
        "pass": "passage passeig",
        "pc": "praca placa",
        "pca": "praca placa",
        "pl": "place plaza placa platz",
        "prof": "professor",
        "pte": "ponte",
        "pza": "plaza",
        "pzza": "piazza",
        "q": "quai",
        "r": "rue rua road",
        "rd": "road",
        "rte": "route",
        "s": "south sud sul",
        "sq": "square",
        "st": "street saint sankt sant",
        "sta": "santa",
        "ste": "sainte suite",
        "sto": "santo",
        "str": "strasse street",
        "tr": "travessa",
        "trav": "travessa traverse",
        "tv": "travessa",
        "v": "via",
        "w": "west",
    }.items()
}

# Words that many names share: they say little about which one is meant.
_COMMON_WORDS = """
    a al alameda allee and avenida avenue avinguda boulevard calle carrer carretera chemin d da das
    de del della der des di do dos du e el en et i impasse jie l la lane largo las le les los lu of
    passage piazza place placa plaza praca quai road route rua rue s square strasse street the
    travessa van via von y
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """
    A house number in parts: ``88弄12号`` is lane 88, base 12; ``22-24b`` runs from 22 to 24.

    ``base`` is 0 where only the lane is known; ``high`` equals ``base`` unless it is a range.
    """

    lane: str
    base: int
    high: int
    suffix: str


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """
    Return text in the form in which it is compared.

    Case, accents, full-width forms and punctuation are dropped; words are parted by one space,
    Chinese from everything else by none: ``"１２, Rue d'Órleans"`` gives ``"12 rue d orleans"``,
    ``"中山北路 12 号"`` gives ``"中山北路12号"``.
    """
    wide = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()
    parts = unicodedata.normalize("NFKD", wide)
    bare = "".join(char for char in parts if not unicodedata.category(char).startswith("M"))
    plain = unicodedata.normalize("NFC", bare).translate(_LETTERS)
    spaced = _NOT_WORD.sub(" ", _DASH.sub("-", plain)).strip()
    return _BIS.sub(r"\1\2", _AROUND_CJK.sub("", spaced))


def has_cjk(folded: str) -> bool:
    """Return whether the text holds characters of a script written without spaces."""
    return _HAS_CJK.search(folded) is not None


def words(folded: str) -> list[str]:
    """Return the words of folded text; a run of Chinese characters counts as one."""
    return _RUN.findall(folded)


def trigrams(folded: str) -> Iterator[str]:
    """
    Yield the runs of three characters within the words: what the index is asked for.

    Numbers and words that many names share are left out, unless there are no others.
    """
    every = folded.split()
    telling = [
        word for word in every if len(word) > 2 and weight(word) == 1.0 and not word[0].isdigit()
    ]
    for word in telling or every:
        for start in range(len(word) - 2):
            yield word[start : start + 3]


def weight(word: str) -> float:
    """Return how much a word says about which name is meant: 0.3 for rue, road, de ..., else 1."""
    return 0.3 if word in _COMMON or word in _SHORT else 1.0


@lru_cache(maxsize=1 << 16)
def likeness(one: str, other: str) -> float:
    """
    Return how alike two folded words are: 1 equal … 0 unlike.

    An abbreviation counts 0.98; words of four letters may differ by one edit, of eight by two,
    where an edit is a letter added, dropped, changed, or swapped with its neighbour.
    """
    if one == other:
        return 1.0
    if other in _SHORT.get(one, ()) or one in _SHORT.get(other, ()):
        return 0.98
    longest = max(len(one), len(other))
    allowed = 0 if longest < 4 else 1 if longest < 8 else 2
    if allowed == 0 or one[0].isdigit() or other[0].isdigit():
        return 0.0
    # Hardly anybody mistypes both ends; and most pairs of words end here.
    if one[0] != other[0] and one[-1] != other[-1]:
        return 0.0
    edits = _edits(one, other, allowed)
    return (1.0, 0.87, 0.75)[edits] if edits <= allowed else 0.0


_NUMBER = re.compile(
    r"(?:(?P<lane>\d{1,5})弄)?"
    r"(?P<base>\d{1,5}+)(?:(?P<sign>[-/之])(?P<second>\d{1,5}+))?"
    r"(?P<suffix>[a-z]|bis|ter|quater)?(?![a-z\d])"
)
_ONLY_LANE = re.compile(r"(?P<lane>\d{1,5}+)弄")


def house_number(folded: str) -> HouseNumber | None:
    """Return the house number at the beginning of folded text, or None: what follows is dropped."""
    found = _NUMBER.match(folded)
    if found is None or folded[found.end() : found.end() + 1] == "弄":
        lane = _ONLY_LANE.match(folded)
        return HouseNumber(lane["lane"], 0, 0, "") if lane else None
    base, second = int(found["base"]), int(found["second"] or 0)
    is_range = found["sign"] == "-" and base < second <= base + 100
    suffix = found["suffix"] or ""
    if second and not is_range:
        suffix = f"/{second}{suffix}"
    return HouseNumber(found["lane"] or "", base, second if is_range else base, suffix)


def _edits(one: str, other: str, allowed: int) -> int:
    """Return the edits between two words (optimal string alignment), or more than allowed."""
    if abs(len(one) - len(other)) > allowed:
        return allowed + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            return allowed + 1
    return row[-1]
