"""Processes on this machine."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from scorp_runtime.errors import DatasetError

from . import Map


@contextmanager
def open_map(workers: int, cluster: None) -> Iterator[Map]:
    """Start `workers` processes, which end with the block; if one dies, the map raises `DatasetError`."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker)

    def unordered(function: Callable[[int], Any], numbers: Sequence[int]) -> Iterator[Any]:
        try:
            with _interrupts_ignored():  # while the workers start, which inherit this
                first = [pool.submit(function, number) for number in numbers[:workers]]
            rest = [pool.submit(function, number) for number in numbers[workers:]]
            for future in as_completed(first + rest):
                yield future.result()
        except BrokenProcessPool:
            raise DatasetError("a worker process was killed; continue with --resume") from None

    try:
        yield unordered
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        # Waits for the thread that manages the workers, which must not end at the same time as Python.
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C, for which a starting worker would print a traceback."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # only the main thread handles signals
        before = None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _begin_worker() -> None:
    """Ignore Ctrl-C, which the parent handles, and end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
