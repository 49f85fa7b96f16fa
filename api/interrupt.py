"""Ctrl-C during solving: the first stops the search, the second stops the program."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer


@contextmanager
def gentle() -> Iterator[threading.Event]:
    """
    Turn the first Ctrl-C into an event, while the block runs.

    The work inside asks the event and returns the best that it has; a second Ctrl-C raises
    `KeyboardInterrupt` as usual.
    """
    stop = threading.Event()

    def handle(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
        if stop.is_set():
            typer.echo("milkrun: stopped early; keeping the best plan found so far", err=True)
