from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.store import clock
from dispatch.store.errors import Invalid, Unauthenticated
from dispatch.webhooks import signatures
from dispatch.webhooks.signatures import Signed

# The test vector that the libraries of Standard Webhooks share.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)
LETTER = Signed(
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "1614265330",
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    b'{"test": 2432232314}',
)


def test_signature_is_that_of_the_published_example() -> None:
    assert signatures.sign(SECRET, LETTER.id, AT, LETTER.body) == LETTER.signature


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_published_example_is_accepted_in_its_time(minutes: int) -> None:
    with clock.replaced(lambda: AT + timedelta(minutes=minutes)):
        signatures.verify(LETTER, [signatures.new_secret(), SECRET])


def test_one_good_signature_of_several_is_enough() -> None:
    several = f"v1a,AAAA v1,!!! v1,{'A' * 43}= {LETTER.signature}"
    with clock.replaced(lambda: AT):
        signatures.verify(Signed(LETTER.id, LETTER.timestamp, several, LETTER.body), [SECRET])


@pytest.mark.parametrize(
    "wrong",
    [
        Signed("msg_other", LETTER.timestamp, LETTER.signature, LETTER.body),
        Signed(LETTER.id, "1614265331", LETTER.signature, LETTER.body),
        Signed(LETTER.id, LETTER.timestamp, LETTER.signature, LETTER.body + b" "),
        Signed(LETTER.id, LETTER.timestamp, "", LETTER.body),
        Signed(LETTER.id, LETTER.timestamp, LETTER.signature.replace("v1,", "v2,"), LETTER.body),
        Signed(LETTER.id, LETTER.timestamp, "v1,\u4e2d", LETTER.body),
        Signed(LETTER.id, "1614265330.5", LETTER.signature, LETTER.body),
        Signed(LETTER.id, "²", LETTER.signature, LETTER.body),
        Signed(LETTER.id, "", LETTER.signature, LETTER.body),
    ],
)
def test_whatever_differs_is_refused(wrong: Signed) -> None:
    with clock.replaced(lambda: AT), pytest.raises(Unauthenticated, match="bad_signature"):
        signatures.verify(wrong, [SECRET])


@pytest.mark.parametrize("seconds", [-301, 301])
def test_letter_is_good_for_five_minutes(seconds: int) -> None:
    later = AT + timedelta(seconds=seconds)
    with clock.replaced(lambda: later), pytest.raises(Unauthenticated, match="timestamp"):
        signatures.verify(LETTER, [SECRET])


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_YWJj", "whsec_%%%", "x" * 200])
def test_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(Invalid, match="bad_secret"):
        signatures.check_secret(secret)


def test_secrets_that_are_made_are_good_and_differ() -> None:
    one, other = signatures.new_secret(), signatures.new_secret()

    assert signatures.check_secret(one) == one != other


def test_example_of_the_document_tells_genuine_letters_from_others() -> None:
    text = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    at = clock.now()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": f"v1,AAAA {signatures.sign(SECRET, 'msg_1', at, b'{}')}",
    }

    assert names["is_genuine"](SECRET, headers, b"{}")
    assert not names["is_genuine"](SECRET, headers, b"{ }")
    assert not names["is_genuine"](SECRET, headers | {"webhook-timestamp": "1614265330"}, b"{}")
