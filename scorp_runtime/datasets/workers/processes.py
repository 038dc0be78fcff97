"""Processes on this machine."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
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
            # This starts the workers. A worker that is interrupted while it starts would print a traceback.
            with _signals_held():
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
def _signals_held() -> Iterator[None]:
    """Delay signals that Python handles until the block has ended."""
    received: list[int] = []
    before = {}
    with suppress(ValueError):  # only the main thread handles signals
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if number not in before and callable(signal.getsignal(number)):
                before[number] = signal.signal(number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in received:
            signal.raise_signal(number)


def _begin_worker() -> None:
    """Ignore Ctrl-C, which the parent handles, and end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
