"""A firm on a real `milkrun serve`, which may be killed and started again."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.store.database import Database
from tests.api import served
from tests.api.command import started
from tests.api.http import serving
from tests.dispatch import shop as shops
from tests.dispatch.people import team
from tests.dispatch.shop import Shop


@dataclass(kw_only=True)
class Served:
    """A server that is a process of its own; ``token`` is that of the client it is asked by."""

    stack: ExitStack
    token: str
    url: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self, port: int = 0) -> None:
        self.process = self.stack.enter_context(started("serve", "--port", port))
        self.url = served.address(self.process)

    def kill(self) -> None:
        """End the server without a word, as a lack of memory or of power does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def client(self, token: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@dataclass(kw_only=True)
class Firm(Served):
    """A firm, and the process that serves it."""

    shop: Shop
    num_orders: int = 0

    def order(self, quantity: int = 1, *, part: UUID | None = None) -> dict[str, Any]:
        """Return an order as a caller sends it."""
        self.num_orders += 1
        return {
            "number": f"S-{self.num_orders}",
            "customer_id": str(self.shop.customer),
            "depot_id": str(self.shop.depot),
            "repair_point_id": str(self.shop.repair_point),
            "lines": [{"part_id": str(part or self.shop.part), "quantity": quantity}],
        }

    def receive(self, quantity: int, *, part: UUID | None = None, **more: str) -> None:
        part_id = str(part or self.shop.part)
        goods = {"part_id": part_id, "quantity": quantity, "bin": "A-01", **more}
        body = {
            "depot_id": str(self.shop.depot),
            "supplier": "S",
            "document": "D",
            "goods": [goods],
        }
        with self.client() as client:
            assert client.post("/api/v1/goods-in", json=body).status_code == 201

    def stock(self, part: UUID | None = None) -> tuple[int, int, int]:
        """Return what is on hand, reserved and available of a part."""
        path = f"/api/v1/parts/{part or self.shop.part}/availability"
        with self.client() as client:
            (row,) = client.get(path).json()["rows"]
        return row["on_hand"], row["reserved"], row["available"]


@contextmanager
def firm(base: Database, url: str) -> Iterator[Firm]:
    """Return a firm that is served."""
    shop = shops.opened(base)
    token = serving.signed_in(base, team.add(base, "boss", "admin"))
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_DATABASE_URL", url)
        patch.setenv("MILKRUN_RATE_PER_CALLER", "100000")
        made = Firm(stack=stack, token=token, shop=shop)
        made.start()
        yield made
