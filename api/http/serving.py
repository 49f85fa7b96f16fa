"""A server from its settings to its end: tables, port, requests, a clean stop."""

from __future__ import annotations

import errno
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from api.http import app, logs, server
from api.http.settings import HttpSettings
from dispatch.live import opening
from dispatch.plans import worker
from dispatch.plans.gathering import Gatherer
from dispatch.store import alone, database, upkeep
from dispatch.store.database import Database
from dispatch.store.errors import Refused, Unusable
from dispatch.store.settings import Settings
from dispatch.webhooks.sender import Sender

_PATIENCE_S = 10


class _Uvicorn(uvicorn.Server):
    """Lets streams go when it is told to stop, which would otherwise hold it up."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not uvicorn's own: it would raise the signal again in the end, and no stop were clean.
        self._on_stop()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def serve(
    chosen: Settings,
    *,
    host: str,
    port: int,
    limits: HttpSettings,
    on_ready: Callable[[Database, str], None],
    gatherer: Gatherer | None = None,
    places: int = 1,
) -> None:
    """
    Serve until a signal ends it; refused before it begins if anything is in the way.

    Parameters
    ----------
    gatherer
        What plans are made from; None: there is no map.
    places
        How many plans are searched for at a time in this process tree; 0: workers elsewhere do it.
    """
    base = database.open_database(chosen.database_url)
    try:
        with (
            opening.opened(chosen.redis_url, changed=_say) as live,
            alone.held(base, joined=chosen.redis_url is not None),
            _bound(host, port) as bound,
        ):
            upkeep.bring_up_to_date(chosen.database_url, base)
            running = server.made(base, limits, live, gatherer)
            config = uvicorn.Config(
                app.made(running),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_PATIENCE_S,
            )
            address = f"http://{_shown(host)}:{bound.getsockname()[1]}"
            on_ready(base, address)
            # What is there now stays; looked through again and again, it took a tenth of all time.
            gc.freeze()
            with _planning(base, gatherer, places, chosen.cluster), _telling(base, limits):
                _Uvicorn(config, running.tail.close).run(sockets=[bound])
    finally:
        base.close()


def _say(fault: str | None) -> None:
    if fault is None:
        logs.say(logging.WARNING, "Redis is back")
    else:
        logs.say(logging.WARNING, "Redis is away: each process works for itself", cause=fault)


@contextmanager
def _planning(
    base: Database, gatherer: Gatherer | None, places: int, cluster: str
) -> Iterator[None]:
    """Search for plans, in children of this process or on a cluster, as long as it serves."""
    if gatherer is None or places == 0:
        yield
        return
    cores = worker.cores_for(places)
    foreman = worker.made(base, gatherer, places=places, cores=cores, cluster=cluster)

    def plan(until: Callable[[], bool]) -> None:
        worker.work(foreman, until=until, on_trouble=_waiting("planning waits"))

    with _beside("planning", plan):
        yield


@contextmanager
def _telling(base: Database, settings: HttpSettings) -> Iterator[None]:
    """Send webhooks as long as it serves."""
    trouble = _waiting("webhooks wait")
    sender = Sender(base, private=settings.webhook_private, on_trouble=trouble)
    with _beside("webhooks", lambda until: sender.work(until=until)):
        yield


@contextmanager
def _beside(name: str, work: Callable[[Callable[[], bool]], None]) -> Iterator[None]:
    """Have something done on a thread of its own meanwhile, which is told when it is to end."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over.is_set,), name=name)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _waiting(words: str) -> Callable[[Refused], None]:
    """Return what says in the log why something waits."""
    return lambda error: logs.say(logging.WARNING, words, code=error.code, cause=error.cause)


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            # Bound alone, another program could still listen there.
            bound.listen(2048)
        except OSError as error:
            raise _unusable(host, port, error) from error
        yield bound


def _unusable(host: str, port: int, error: OSError) -> Unusable:
    if error.errno == errno.EADDRINUSE:
        return Unusable(
            "port_taken",
            cause=f"another program listens at {host}:{port}",
            action="stop it, or choose another port with --port; 0 takes any that is free",
        )
    return Unusable(
        "bad_address",
        cause=f"nobody can listen at {host}:{port}: {error.strerror or error}",
        action="choose an address of this machine with --host, and a port above 1023",
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
