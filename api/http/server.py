"""What all requests share: the open database, what is live, the limits, who listens to events."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from starlette.requests import HTTPConnection

from api.http.limits import Buckets
from api.http.settings import HttpSettings
from api.http.tail import Tail
from dispatch.live.local import LocalLive
from dispatch.live.port import Live
from dispatch.plans.gathering import Gatherer
from dispatch.store.database import Database
from dispatch.store.errors import Unusable


@dataclass(frozen=True, slots=True)
class Server:
    """One running server."""

    database: Database
    settings: HttpSettings
    live: Live
    by_caller: Buckets
    by_address: Buckets
    tail: Tail
    registry: CollectorRegistry
    gatherer: Gatherer | None = None
    """What plans are made from; None without a map."""

    def need_map(self) -> Gatherer:
        """Return what plans are made from, or refuse (``no_map``)."""
        if self.gatherer is None:
            raise Unusable(
                "no_map",
                cause="this server has no map, and plans are made on roads",
                action="import one with `milkrun map import`, and name it in MILKRUN_MAP",
            )
        return self.gatherer


def made(
    database: Database,
    settings: HttpSettings,
    live: Live | None = None,
    gatherer: Gatherer | None = None,
) -> Server:
    """Return a server of a database whose tables are up to date; it may share what is live."""
    live = live or LocalLive()
    per_s = settings.sign_ins_per_minute / 60
    return Server(
        database=database,
        settings=settings,
        live=live,
        by_caller=Buckets(
            live, "caller", per_s=settings.rate_per_caller, burst=10 * settings.rate_per_caller
        ),
        by_address=Buckets(live, "address", per_s=per_s, burst=settings.sign_ins_per_minute),
        tail=Tail(database, live),
        registry=CollectorRegistry(),
        gatherer=gatherer,
    )


def of(connection: HTTPConnection) -> Server:
    """Return the server that a request came to."""
    server: Server = connection.app.state.server
    return server
