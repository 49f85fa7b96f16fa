"""Ctrl-C from the search to the last report: the first ends the search, the second the program."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

INTERRUPTED = 130
"""The exit status that a shell gives a program which Ctrl-C ended: 128 + SIGINT."""


@contextmanager
def gentle() -> Iterator[threading.Event]:
    """
    Turn the first Ctrl-C into an event, while the block runs.

    The work inside asks the event, and writes the best that it has; a second Ctrl-C raises
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


def end_without_plan(stop: threading.Event, *, num_routes: int) -> None:
    """End the program when Ctrl-C came before a first plan: nothing is no plan worth keeping."""
    if stop.is_set() and not num_routes:
        typer.echo("milkrun: stopped before a first plan; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED)
