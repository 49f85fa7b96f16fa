"""The server is killed while it tells another system: after its start all of it arrives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.store import clock
from dispatch.store.database import transaction
from dispatch.webhooks.outbox import Letter
from tests.api.command import wait_until
from tests.dispatch.webhooks.receiver import answering, receiving
from tests.scenarios.running import Firm


@pytest.fixture(autouse=True)
def _own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILKRUN_WEBHOOK_PRIVATE", "1")


def test_every_event_arrives_although_the_server_is_killed(firm: Firm) -> None:
    with receiving() as receiver:
        firm.kill()
        firm.start()
        with firm.client() as client:
            new = {"url": receiver.url, "kinds": ["order.placed"]}
            hook = client.post("/api/v1/webhooks", json=new).json()
            receiver.behave = receiver.hang
            placed = [
                client.post("/api/v1/orders", json=firm.order()).json()["id"] for _ in range(10)
            ]
        wait_until(lambda: bool(receiver.got))
        firm.kill()
        receiver.behave = answering(204)
        firm.start()
        _expire_leases(firm)

        def told() -> set[str]:
            return {got.document["data"]["subject_id"] for got in receiver.got}

        wait_until(lambda: told() == set(placed))
        letters = f"/api/v1/webhooks/{hook['id']}/letters"
        with firm.client() as client:
            wait_until(
                lambda: (
                    {row["state"] for row in client.get(letters).json()["rows"]} == {"delivered"}
                )
            )
            listed = client.get(letters).json()["rows"]

    for got in receiver.got:
        got.verify(hook["secret"])
    assert len(listed) == len({got.id for got in receiver.got}) == 10


def _expire_leases(firm: Firm) -> None:
    """Let the minute be over for which the killed one had taken its letters."""
    with transaction(firm.shop.db, actor="test") as session:
        taken = select(Letter).where(Letter.lease_until.is_not(None))
        for letter in session.scalars(taken.with_for_update()):
            letter.lease_until = clock.now() - timedelta(seconds=1)
