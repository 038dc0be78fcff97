"""Work in lanes: threads that each take the next part when they have done one, and never wait for each other."""

from collections import deque
from collections.abc import Callable, Sequence


def run_in_lanes(work: Callable[[int], None], parts: Sequence[int], lanes: int) -> None:
    """Call `work` with each of `parts`, in at most `lanes` threads at once.

    An error in one lane, or an interrupt here, ends the others after the part that they are at.
    """
    lanes = min(lanes, len(parts))
    if lanes <= 1:
        for part in parts:
            work(part)
        return
    from concurrent.futures import ThreadPoolExecutor

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

    with ThreadPoolExecutor(lanes, "scorp-lane") as pool:
        try:
            for done in [pool.submit(lane) for _ in range(lanes)]:
                done.result()
        finally:
            waiting.clear()  # nothing is left, unless this thread was interrupted
