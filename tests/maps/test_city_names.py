"""Names of the generated city, in both scripts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from maps.city import names
from maps.city.names import Name, StreetNames


def test_no_street_name_comes_twice() -> None:
    namer = StreetNames(np.random.default_rng(7))
    styles = itertools.cycle(["main", "street", "lane", "works", "great"])

    found = [namer.next(style) for style in itertools.islice(styles, 4000)]

    assert len({name.zh for name in found}) == len({name.en for name in found}) == 4000


def test_the_same_seed_gives_the_same_names() -> None:
    first, second = (StreetNames(np.random.default_rng(3)) for _ in range(2))

    assert [first.next("lane") for _ in range(50)] == [second.next("lane") for _ in range(50)]


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("N", Name("中山北路", "Zhongshan North Road")),
        ("S", Name("中山南路", "Zhongshan South Road")),
        ("M", Name("中山中路", "Zhongshan Middle Road")),
    ],
)
def test_the_side_stands_before_the_suffix(side: str, expected: Name) -> None:
    assert names.sided(Name("中山路", "Zhongshan Road"), side) == expected


def test_a_suffix_of_two_characters_stays_whole() -> None:
    found = names.sided(Name("和平大道", "Heping Avenue"), "E")

    assert found == Name("和平东大道", "Heping East Avenue")


def test_pinyin_sets_an_apostrophe_before_a_vowel() -> None:
    estates = list(names.estate_names(np.random.default_rng(1)))

    words = {name.en.split(" ")[0] for name in estates}
    assert {"Yong'an", "Yongning"} <= words
    assert "Yongan" not in words


def test_names_that_come_again_are_numbered_in_chinese() -> None:
    namer = StreetNames(np.random.default_rng(1))
    found = [namer.next("works") for _ in range(12 * 23)]

    numbers = {name.en.split(" ")[1]: name.zh[2:-1] for name in found[12:]}
    assert len(numbers) == 22
    assert [numbers[number] for number in ("2", "10", "11", "20", "23")] == [
        *("二", "十", "十一", "二十", "二十三"),
    ]


def test_there_are_names_for_every_workshop() -> None:
    found = list(names.workshop_names(np.random.default_rng(1)))

    assert len(set(found)) == len(found) >= 260
    assert all(name.en.isascii() for name in found)
