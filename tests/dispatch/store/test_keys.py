from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dispatch.store import clock, keys

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_first_key_of_a_moment_lies_between_those_before_and_those_after() -> None:
    moments = [NOW + timedelta(microseconds=n * 250) for n in range(8)]
    made = []
    for moment in moments:
        with clock.replaced(lambda moment=moment: moment):  # type: ignore[misc]  # no types of defaults
            made.append(keys.new())

    for n, moment in enumerate(moments):
        first = keys.first(moment)
        assert all(key < first for key in made[:n])
        assert all(key >= first for key in made[n:])


def test_moments_before_all_keys_have_one_too() -> None:
    assert keys.first(datetime(1900, 1, 1, tzinfo=UTC)) == keys.first(
        datetime(1970, 1, 1, tzinfo=UTC)
    )
