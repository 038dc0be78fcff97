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
    """Begin `workers` processes; they end with this block, or with this process if it is killed.

    Raises:
        DatasetError: from the map, if a process died.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker)

    def unordered(function: Callable[[int], Any], numbers: Sequence[int]) -> Iterator[Any]:
        try:
            # These begin the workers; one half begun would complain of its parent's end.
            with _signals_held():
                begun = [pool.submit(function, number) for number in numbers[:workers]]
            waiting = [pool.submit(function, number) for number in numbers[workers:]]
            for future in as_completed(begun + waiting):
                yield future.result()
        except BrokenProcessPool:
            raise DatasetError("a worker process was ended from outside: --resume goes on") from None

    try:
        yield unordered
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        # Waits for the thread that looks after the workers, which must not end at the same time as Python.
        pool.shutdown(cancel_futures=True)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let signals that Python handles come after the block."""
    came: list[int] = []
    before = {}
    with suppress(ValueError):  # outside the main thread, signals are someone else's
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if number not in before and callable(signal.getsignal(number)):
                before[number] = signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def _begin_worker() -> None:
    """Leave the interrupt of a terminal to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
