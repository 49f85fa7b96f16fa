from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.addresses.geocode_text import HouseNumber, fold, house_number, likeness, trigrams, words

texts = st.text(max_size=300)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("São João", "sao joao"),
        ("１２, Rue d'Órleans", "12 rue d orleans"),
        ("RUE  GRIMALDI", "rue grimaldi"),
        ("Straße", "strasse"),
        ("Ærøskøbing", "aeroskobing"),
        ("中山北路 12 号", "中山北路12号"),
        ("世纪大道８８号", "世纪大道88号"),
        ("A8 酒吧", "a8酒吧"),
        ("12 bis", "12bis"),
        ("22–24", "22-24"),
        ("1/3", "1/3"),
        ("- Rua_do/Almada -", "rua do almada"),
        ("!?*\"'", ""),
        ("\ud800", ""),
    ],
)
def test_writing_is_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_folded_text_holds_nothing_that_the_index_could_take_for_syntax(text: str) -> None:
    folded = fold(text)

    assert not set(folded) & set("\"'*:^()+%_,;\x00")
    folded.encode("utf-8")


@given(texts)
def test_trigrams_are_three_characters_of_one_word(text: str) -> None:
    assert all(len(part) == 3 and " " not in part for part in trigrams(fold(text)))


def test_chinese_and_other_writing_are_separate_words() -> None:
    assert words(fold("上海 Weihai Rd 12号")) == ["上海", "weihai", "rd", "12", "号"]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("12", HouseNumber("", 12, 12, "")),
        ("12bis", HouseNumber("", 12, 12, "bis")),
        ("6c", HouseNumber("", 6, 6, "c")),
        ("22-24", HouseNumber("", 22, 24, "")),
        ("1/3", HouseNumber("", 1, 1, "/3")),
        ("24-22", HouseNumber("", 24, 24, "/22")),
        ("123号", HouseNumber("", 123, 123, "")),
        ("123号 5楼 301室", HouseNumber("", 123, 123, "")),
        ("88弄12号", HouseNumber("88", 12, 12, "")),
        ("88弄", HouseNumber("88", 0, 0, "")),
        ("12之3号", HouseNumber("", 12, 12, "/3")),
        ("12th", None),
        ("Villa Rosa", None),
        ("", None),
    ],
)
def test_a_house_number_is_read(written: str, parts: HouseNumber | None) -> None:
    assert house_number(fold(written)) == parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rd", "road"),
        ("av", "avenida"),
        ("st", "saint"),
        ("grimadli", "grimaldi"),
        ("almda", "almada"),
    ],
)
def test_abbreviations_and_typos_are_alike_but_less_than_equal(one: str, other: str) -> None:
    assert 0.7 < likeness(one, other) < 1.0
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("rio", "rua"), ("12", "13"), ("1000", "1001"), ("west", "east"), ("north", "south")],
)
def test_short_words_and_numbers_are_equal_or_unlike(one: str, other: str) -> None:
    assert likeness(one, other) == 0.0


word = st.text(st.characters(categories=["Ll"]), min_size=1, max_size=12)


@given(word, word)
def test_likeness_is_symmetric_and_full_only_for_equals(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert (likeness(one, other) == 1.0) == (one == other)


@given(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=8, max_size=14), st.data())
def test_two_letters_dropped_from_a_long_word_are_forgiven(full: str, data: st.DataObject) -> None:
    # Inside the word: both ends wrong is no typo.
    first = data.draw(st.integers(1, len(full) - 2))
    short = full[:first] + full[first + 1 :]
    second = data.draw(st.integers(1, len(short) - 2))
    shorter = short[:second] + short[second + 1 :]

    assert likeness(full, shorter) >= 0.75 or shorter == full
