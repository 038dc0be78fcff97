"""Work in lanes: threads that each take the next part when they have done one, and never wait for each other."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


def run_in_lanes(work: Callable[[int], None], parts: Sequence[int], lanes: int) -> None:
    """Call `work` with each of `parts`, in at most `lanes` threads at once.

    An error in one lane, or an interrupt here, ends the others after the part that they are at.
    """
    busy = min(lanes, len(parts))
    if busy <= 1:
        for part in parts:
            work(part)
        return
    from concurrent.futures import Future, wait

    waiting = deque(parts)

    def lane() -> None:
        while True:
            try:
                part = waiting.popleft()
            except IndexError:
                return
            try:
                work(part)
            except BaseException:
                waiting.clear()
                raise

    running: list[Future[None]] = []
    try:
        with suppress(RuntimeError):  # the system starts no more threads: those that there are do all
            while len(running) < busy:
                running.append(_pool(os.getpid(), lanes).submit(lane))
        if not running:
            lane()
        for done in running:
            done.result()
    finally:
        waiting.clear()  # nothing is left, unless this thread was interrupted
        wait(running)


@cache
def _pool(process: int, lanes: int) -> "ThreadPoolExecutor":
    """Return the threads of this process, kept asleep between calls: new ones each time would make its memory grow.

    Calls of few parts and of many share them. A thread begins when a call finds none asleep.
    """
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(lanes, "scorp-lane")
