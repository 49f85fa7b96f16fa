"""Numbers with units."""

from __future__ import annotations

import pytest

from maps.roads import measures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.5", 3.5),
        ("3,5 m", 3.5),
        ("350 cm", 3.5),
        ("12'6\"", 3.81),
        ("12 ft 6 in", 3.81),
        ("10 ft", 3.048),
        ("4.2; 3.8", 3.8),
        ("default", None),
        ("", None),
    ],
)
def test_lengths(text: str, expected: float | None) -> None:
    assert measures.metres(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7.5", 7.5),
        ("7.5t", 7.5),
        ("7500 kg", 7.5),
        ("10 st", 9.0718474),
        ("3,5 t", 3.5),
        ("x", None),
    ],
)
def test_weights(text: str, expected: float | None) -> None:
    assert measures.tonnes(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50),
        ("30 mph", 48.28032),
        ("50 km/h", 50),
        ("80; 50", 50),
        ("walk", None),
        ("none", None),
    ],
)
def test_speeds(text: str, expected: float | None) -> None:
    assert measures.kmh(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT1H30M", 5400),
        ("PT20M", 1200),
        ("P1DT1H", 90000),
        ("01:30", 5400),
        ("00:20:30", 1230),
        ("20", 1200),
        ("about an hour", None),
        ("P", None),
    ],
)
def test_durations(text: str, expected: int | None) -> None:
    assert measures.seconds(text) == expected
