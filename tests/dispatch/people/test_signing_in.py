from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.people import attempts, passwords, second_factor, sessions, signing_in, users
from dispatch.people.users import User
from dispatch.store import clock, events, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Invalid, TooMany
from tests.dispatch.people import team

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    with clock.replaced(watch):
        yield watch


def sign_in(
    db: Database, name: str, password: str = team.PASSWORD, code: str | None = None
) -> str | None:
    """Return the token of a new session, None if it was refused."""
    with transaction(db, actor="test") as session:
        this = signing_in.begin(session, name)
    begun = None
    if passwords.matches(password, this.kept):
        with transaction(db, actor=f"user:{name}") as session:
            begun = signing_in.finish(session, this, code=code, title="test")
    if begun is None:
        with transaction(db, actor="test") as session:
            signing_in.refuse(session, this)
        return None
    return begun[1]


def is_in(db: Database, token: str) -> bool:
    with reading(db) as session:
        return users.of_token(session, token) is not None


def kinds(db: Database) -> list[str]:
    with reading(db) as session:
        return [event.kind for event in events.after(session, 0)]


def test_right_password_opens_a_session_that_is_kept_as_a_hash(db: Database) -> None:
    team.add(db, "wang")

    token = sign_in(db, " WANG ")

    assert token is not None
    with reading(db) as session:
        found = users.of_token(session, token)
        assert found is not None
        row = found[1]
        assert token not in (row.token_hash, row.title)
    assert kinds(db) == ["user.created", "user.signed_in"]


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong password"), ("li", team.PASSWORD)])
def test_wrong_password_and_unknown_name_are_refused_alike(
    db: Database, name: str, password: str
) -> None:
    team.add(db, "wang")

    assert sign_in(db, name, password) is None


@pytest.mark.parametrize("name", ["wang", "nobody"])
def test_after_five_wrong_tries_the_right_password_has_to_wait(
    db: Database, watch: Watch, name: str
) -> None:
    team.add(db, "wang")
    for _ in range(attempts.MOST):
        assert sign_in(db, name, "wrong password") is None

    with pytest.raises(TooMany, match="locked_out"):
        sign_in(db, name)

    watch.now += attempts.WINDOW
    assert (sign_in(db, name) is not None) == (name == "wang")


def test_lock_out_is_in_the_log_once(db: Database) -> None:
    team.add(db, "wang")

    for _ in range(attempts.MOST):
        sign_in(db, "wang", "wrong password")

    assert kinds(db)[1:] == ["user.refused"] * 4 + ["user.locked_out"]


def test_many_guesses_at_once_are_no_more_than_five(db: Database) -> None:
    team.add(db, "wang")

    def guess(_: int) -> str:
        try:
            with transaction(db, actor="test") as session:
                attempts.take(session, "wang")
        except TooMany as error:
            return error.code
        return "tried"

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(guess, range(40))) == {"tried": 5, "locked_out": 35}


def test_right_password_begins_the_count_anew(db: Database) -> None:
    team.add(db, "wang")
    for _ in range(3):
        for _ in range(attempts.MOST - 1):
            sign_in(db, "wang", "wrong password")
        assert sign_in(db, "wang") is not None


def test_session_that_is_not_used_ends(db: Database, watch: Watch) -> None:
    team.add(db, "wang")
    token = sign_in(db, "wang")
    assert token is not None

    watch.now += timedelta(hours=1, minutes=59)
    assert is_in(db, token)
    watch.now += timedelta(minutes=1)
    assert not is_in(db, token)


def test_session_in_use_ends_when_its_whole_time_is_over(db: Database, watch: Watch) -> None:
    team.add(db, "wang")
    token = sign_in(db, "wang")
    assert token is not None

    for hour in range(1, 14):
        watch.now = START + timedelta(hours=hour)
        with transaction(db, actor="test") as session:
            found = users.of_token(session, token)
            assert found is not None
            assert sessions.is_to_touch(found[1])
            sessions.touch(session, found[1].id)
    watch.now = START + timedelta(hours=14)

    assert not is_in(db, token)


def test_disabled_user_is_out_at_once_and_does_not_come_in_again(db: Database) -> None:
    team.add(db, "boss")
    user_id = team.add(db, "wang")
    token = sign_in(db, "wang")
    assert token is not None

    with transaction(db, actor="test") as session:
        users.disable(session, rows.get(session, User, user_id))

    assert not is_in(db, token)
    assert sign_in(db, "wang") is None


def test_another_password_ends_all_sessions(db: Database) -> None:
    user_id = team.add(db, "wang")
    tokens = [sign_in(db, "wang") for _ in range(2)]

    with transaction(db, actor="test") as session:
        users.set_password(session, rows.get(session, User, user_id), team.password_hash())

    assert not any(is_in(db, token or "") for token in tokens)


def test_second_factor_is_asked_for_and_each_code_is_good_once(db: Database, watch: Watch) -> None:
    user_id = team.add(db, "wang")
    with transaction(db, actor="test") as session:
        secret, _ = signing_in.offer_second_factor(session, user_id)

    def code() -> str:
        return second_factor.code(secret, int(watch.now.timestamp()) // 30)

    assert sign_in(db, "wang") is not None, "not asked for before it is confirmed"
    with transaction(db, actor="test") as session:
        signing_in.confirm_second_factor(session, user_id, code())

    assert sign_in(db, "wang") is None
    assert sign_in(db, "wang", code=code()) is None, "used for the confirmation"
    watch.now += timedelta(seconds=30)
    assert sign_in(db, "wang", code=code()) is not None
    assert sign_in(db, "wang", code=code()) is None


def test_wrong_code_confirms_nothing(db: Database) -> None:
    user_id = team.add(db, "wang")
    with transaction(db, actor="test") as session:
        secret, _ = signing_in.offer_second_factor(session, user_id)
        wrong = "000000" if second_factor.code(secret, 0) != "000000" else "000001"
        old = second_factor.code(secret, 0)
        with pytest.raises(Invalid, match="wrong_code"):
            signing_in.confirm_second_factor(session, user_id, old if old != wrong else wrong)


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert second_factor.code(secret, 59 // 30) == "287082"
    assert second_factor.code(secret, 1111111109 // 30) == "081804"
    assert second_factor.code(secret, 20000000000 // 30) == "353130"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "x" * 201, "with a \x00 in it"])
def test_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="weak_password"):
        passwords.hashed(password)
