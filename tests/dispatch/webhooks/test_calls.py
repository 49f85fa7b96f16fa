from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from dispatch.webhooks import addresses, calls
from dispatch.webhooks.calls import Answer, Caller, NotReached
from tests.dispatch.webhooks.receiver import Receiver, answering, receiving

PUBLIC = ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1"),
    *("::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def post(url: str, body: bytes = b"{}", *, private: bool = True, **limits: Any) -> Answer:
    with ThreadPoolExecutor(1) as lookups:
        caller = Caller(lookups, ssl.create_default_context(), private, **limits)
        return asyncio.run(caller.post(url, {"webhook-id": "msg_1"}, body))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_called_by_https_only(address: str) -> None:
    for private in (True, False):
        assert addresses.refusal(address, secure=True, private=private) is None
        assert addresses.refusal(address, secure=False, private=private)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_called_only_where_it_is_allowed(address: str) -> None:
    assert addresses.refusal(address, secure=True, private=False)
    assert addresses.refusal(address, secure=False, private=True) is None


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "::", "ff02::1"])
def test_address_of_no_machine_is_never_called(address: str) -> None:
    assert addresses.refusal(address, secure=True, private=True)


def test_body_and_headers_arrive_as_they_are(receiver: Receiver) -> None:
    receiver.behave = answering(200, "好".encode(), X_Y="1")

    answer = post(f"{receiver.url}?a=b%20c", "{中}".encode())

    (got,) = receiver.got
    assert (got.path, got.body, got.id) == ("/hook?a=b%20c", "{中}".encode(), "msg_1")
    assert (answer.status, answer.body, answer.headers["x-y"]) == (200, "好".encode(), "1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_own_machine_is_not_called_by_any_name(receiver: Receiver, host: str) -> None:
    port = receiver.url.split(":")[2]

    with pytest.raises(NotReached, match=r"private network|no address"):
        post(f"http://{host}:{port}", private=False)

    assert receiver.got == []


def test_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.behave = answering(302, Location=receiver.url)

    assert post(receiver.url).status == 302

    assert len(receiver.got) == 1


def test_who_hangs_is_given_up(receiver: Receiver) -> None:
    receiver.behave = receiver.hang

    with pytest.raises(NotReached, match=r"no answer within 0\.2 s"):
        post(receiver.url, total_s=0.2)


def test_who_answers_byte_by_byte_is_given_up(receiver: Receiver) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        while not receiver.over.wait(0.02):
            request.wfile.write(b"HTTP/1.1 200 OK\r\n"[:1])

    receiver.behave = drip
    began = time.monotonic()

    with pytest.raises(NotReached):
        post(receiver.url, total_s=0.3)

    assert time.monotonic() - began < 10


def test_long_answer_is_read_to_its_limit(receiver: Receiver) -> None:
    receiver.behave = answering(500, b"x" * 3_000_000)

    assert len(post(receiver.url).body) == calls.MOST_BYTES


def test_answer_that_breaks_off_still_has_its_status(receiver: Receiver) -> None:
    def die(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    receiver.behave = die

    answer = post(receiver.url)

    assert (answer.status, answer.body) == (200, b"half")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_what_is_no_answer_counts_as_none(receiver: Receiver, said: bytes) -> None:
    def say(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(said)

    receiver.behave = say

    with pytest.raises(NotReached):
        post(receiver.url)


def test_where_nobody_listens_nothing_is_reached() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(NotReached, match="no connection"):
            post(f"http://127.0.0.1:{bound.getsockname()[1]}")


def test_certificate_must_be_that_of_the_name(receiver: Receiver) -> None:
    with pytest.raises(NotReached, match="no connection"):
        post(receiver.url.replace("http:", "https:"))

    assert receiver.got == []


def test_many_calls_wait_for_nobody(receiver: Receiver) -> None:
    first = threading.Event()

    def behave(request: BaseHTTPRequestHandler) -> None:
        if len(receiver.got) == 1:
            first.wait(20)
        answering(204)(request)

    receiver.behave = behave

    async def both() -> list[int]:
        with ThreadPoolExecutor(2) as lookups:
            caller = Caller(lookups, ssl.create_default_context(), private=True)
            slow = asyncio.create_task(caller.post(receiver.url, {"webhook-id": "1"}, b""))
            while not receiver.got:
                await asyncio.sleep(0.01)
            quick = await caller.post(receiver.url, {"webhook-id": "2"}, b"")
            assert not slow.done()
            first.set()
            return [quick.status, (await slow).status]

    assert asyncio.run(both()) == [204, 204]
