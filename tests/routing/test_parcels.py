"""Large arrays for other processes: the same numbers, once in memory, and nothing left behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from routing import parcels
from routing.draft import first_plan
from routing.engine import annealing, instance
from routing.parcels import Post
from routing.solve import Budget, solve
from routing.tables import Tables
from tests.routing.build import town


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "LARGE", 1)
    monkeypatch.setattr(parcels, "SHARED", 1)


@pytest.fixture
def post() -> Iterator[Post]:
    with contextlib.closing(Post()) as post:
        yield post


def frozen(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    array = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    array.flags.writeable = False
    return array


@pytest.mark.usefixtures("everything_is_large")
def test_an_array_that_two_objects_hold_is_stored_once(post: Post) -> None:
    array = frozen(100, 100)
    first, second = post.pack([array, array[None]]), post.pack({"again": array})
    assert set(first.spans) == set(second.spans) == {(0, array.nbytes)}
    opened = post.open(first)
    np.testing.assert_array_equal(opened[1][0], array)
    assert np.shares_memory(*opened)


@pytest.mark.usefixtures("everything_is_large")
def test_what_was_opened_outlives_the_post(post: Post) -> None:
    opened = post.open(post.pack(frozen(10, 10)))
    post.close()
    np.testing.assert_array_equal(opened, frozen(10, 10))


@pytest.mark.usefixtures("everything_is_large")
def test_what_may_be_written_to_is_copied(post: Post) -> None:
    array = np.zeros(100)
    opened = post.open(post.pack(array))
    opened[0] = 1
    assert array[0] == 0


def test_without_room_to_share_all_is_copied(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(post, "_file", full)
        parcel = post.pack(frozen(1000, 1000))
        assert parcel.spans == ()
        np.testing.assert_array_equal(post.open(parcel), frozen(1000, 1000))


@pytest.mark.usefixtures("everything_is_large")
def test_systems_without_files_in_memory_have_some_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with contextlib.closing(Post()) as post:
        opened = post.open(post.pack(frozen(50)))
    np.testing.assert_array_equal(opened, frozen(50))


@pytest.mark.usefixtures("everything_is_large")
def test_one_machine_code_serves_arrays_of_either_kind(post: Post) -> None:
    tables = Tables(town(20))
    own = instance.of(tables)
    for arrays in (own, post.open(post.pack(own))):
        walk = annealing.walk(arrays, first_plan(tables, {}).orders, range(20), seed=0)
        assert walk is not None
        annealing.run(arrays, walk, 100, 1.0)
    assert len(annealing.run.signatures) == 1  # type: ignore[attr-defined]


@pytest.mark.usefixtures("everything_is_large")
def test_children_find_the_same_plan_in_shared_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = solve(town(30), Budget(iterations=100), cores=2)
    monkeypatch.undo()
    assert shared == solve(town(30), Budget(iterations=100), cores=2)


@pytest.mark.parametrize("in_memory", [True, False])
def test_killed_processes_leave_nothing_behind(tmp_path: Path, in_memory: bool) -> None:
    before = shared_memory()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    parent = context.Process(target=hold, args=(theirs, tmp_path, in_memory))
    parent.start()
    assert ours.recv() == parcels.LARGE
    os.kill(parent.pid or 0, signal.SIGKILL)
    parent.join()
    assert list(tmp_path.iterdir()) == []
    assert shared_memory() == before


def hold(pipe: Connection, folder: Path, in_memory: bool) -> None:
    tempfile.tempdir = str(folder)
    if not in_memory:
        del os.memfd_create
    post = Post()
    opened = post.open(post.pack(frozen(parcels.LARGE // 4)))
    pipe.send(opened.nbytes)
    pipe.recv()


def shared_memory() -> set[str]:
    folder = Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.exists() else set()
