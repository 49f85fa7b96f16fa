"""Objects for other processes, whose large arrays lie in memory once: all of them map it."""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import tempfile
from dataclasses import dataclass
from io import FileIO
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

LARGE = 2**20
"""Arrays of so many bytes, that nobody writes to, go by the file, each once."""

SHARED = 2**26
"""
Files of so many bytes are shared; of smaller ones each process takes a copy, whose pages are
larger: with matrices of 1,000 places a search was 3 to 6 % faster, with 3,000 no more.
"""

Span = tuple[int, int]
"""Where in the file an array begins and ends."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A pickled object, less the arrays that lie at ``spans`` of a file."""

    data: bytes
    spans: tuple[Span, ...]


class Post:
    """
    Packs objects; an array that is in several of them is stored once.

    The file has no name: it is gone when the last process that has it open ends, however it does.
    """

    def __init__(self) -> None:
        self._file = _nameless()
        self._spans: dict[tuple[int, int], Span] = {}
        # Addresses tell arrays apart while these are alive.
        self._stored: list[memoryview] = []

    def close(self) -> None:
        """Forget everything; what was opened stays."""
        self._file.close()
        self._stored.clear()

    def pack(self, thing: object) -> Parcel:
        """Return an object as it can be sent; without room to share, all of it is copied."""
        spans: list[Span] = []
        try:
            data = pickle.dumps(
                thing, protocol=5, buffer_callback=lambda buffer: self._keep(buffer, spans)
            )
        except OSError:
            return Parcel(pickle.dumps(thing, protocol=5), ())
        return Parcel(data, tuple(spans))

    def open(self, parcel: Parcel) -> Any:
        """Return the object of a parcel; its large arrays are those of the file."""
        return _opened(parcel, self._file.fileno())

    def send(self, parcel: Parcel, pipe: Connection, pid: int) -> None:
        """Send a parcel to a child process, which is to `receive` it."""
        pipe.send(parcel)
        if parcel.spans:
            reduction.send_handle(pipe, self._file.fileno(), pid)

    def _keep(self, buffer: pickle.PickleBuffer, spans: list[Span]) -> bool:
        """Store an array if it is worth it; True: it has to be copied."""
        raw = buffer.raw()
        if raw.nbytes < LARGE or not raw.readonly:
            return True
        key = (np.frombuffer(raw, np.uint8).ctypes.data, raw.nbytes)
        if key not in self._spans:
            begin = -(-self._file.tell() // mmap.PAGESIZE) * mmap.PAGESIZE
            self._file.seek(begin)
            rest = raw
            # One write takes no more than 2 GB.
            while rest:
                rest = rest[self._file.write(rest) :]
            self._spans[key] = (begin, begin + raw.nbytes)
            self._stored.append(raw)
        spans.append(self._spans[key])
        return False


def receive(pipe: Connection) -> Any:
    """Wait for a parcel and return its object; raises EOFError or OSError when nobody sends."""
    parcel = pipe.recv()
    if not parcel.spans:
        return pickle.loads(parcel.data)
    handle = reduction.recv_handle(pipe)
    try:
        return _opened(parcel, handle)
    finally:
        os.close(handle)


def _opened(parcel: Parcel, handle: int) -> Any:
    if not parcel.spans:
        return pickle.loads(parcel.data)
    # It lives on in the arrays that look into it.
    held = memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ))
    if len(held) < SHARED:
        held = np.array(held).data.toreadonly()
    return pickle.loads(parcel.data, buffers=[held[begin:end] for begin, end in parcel.spans])


def _nameless() -> FileIO:
    """Return a file in memory, or on disk where the system knows no such files."""
    with contextlib.suppress(AttributeError, OSError):
        return os.fdopen(os.memfd_create("milkrun"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)
