"""Threads that share the parts of one task."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


def run_in_threads(work: Callable[[int], None], parts: Sequence[int], threads: int) -> None:
    """Call `work` with each of `parts`, in at most `threads` threads at once.

    After an error in one thread, or an interrupt here, the others finish their current part and stop.
    """
    needed = min(threads, len(parts))
    if needed <= 1:
        for part in parts:
            work(part)
        return
    from concurrent.futures import FIRST_EXCEPTION, wait

    waiting = deque(parts)

    def take_parts() -> None:
        while True:
            try:
                part = waiting.popleft()
            except IndexError:
                return
            work(part)

    running: list[Future[None]] = []
    try:
        with suppress(RuntimeError):  # the system starts no more threads; the present ones do all the work
            while len(running) < needed:
                running.append(_pool(os.getpid(), threads).submit(take_parts))
        if not running:
            take_parts()
        wait(running, return_when=FIRST_EXCEPTION)
    finally:
        waiting.clear()
        wait(running)
    for future in running:
        future.result()


@cache
def _pool(process: int, threads: int) -> "ThreadPoolExecutor":
    """Return the threads of this process. They sleep between calls; new threads per call would make memory grow."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads, "scorp")
