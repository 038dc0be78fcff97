"""Long-term use: many calls, generators, threads and processes, with checks of memory and pixels.

    python benchmarks/soak.py                    full run
    python benchmarks/soak.py --calls 100000     shorter run

The exit code is 1 if a pixel is wrong or memory grows by more than 10 MB. glibc keeps freed memory in pools per thread,
so it is limited to one pool and trimmed before memory is measured.
"""

import argparse
import ctypes
import gc
import hashlib
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from scorp_runtime import Generator

MAX_GROWTH = 10.0  # MB
ONE_POOL = {"MALLOC_ARENA_MAX": "1"}  # read at process start
TIMEOUT = 300  # s; processes may be deadlocked
SEED, COUNT = 9, 64


def pixels(generator: Generator) -> str:
    """Return the checksum of some images."""
    return hashlib.sha256(generator.generate("0-9", COUNT, seed=SEED).images.tobytes()).hexdigest()


def megabytes() -> float:
    """Return the resident memory of this process."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def many_calls(count: int) -> set[str]:
    generator = Generator()
    for index in range(count):
        generator.generate(index % 10, 1, seed=SEED, start=index)
    return {pixels(generator)}


def many_generators(count: int) -> set[str]:
    """Create generators that each draw once."""
    return {pixels_of_first(Generator()) for _ in range(count)}


def pixels_of_first(generator: Generator) -> str:
    return hashlib.sha256(generator.generate("0-9", seed=SEED).images.tobytes()).hexdigest()


def many_threads(count: int) -> set[str]:
    generator = Generator()
    with ThreadPoolExecutor(count) as threads:
        return set(threads.map(lambda _: pixels(generator), range(20 * count)))


def many_processes(method: str, count: int) -> set[str]:
    """Draw in parallel processes with a generator that was used before."""
    generator = Generator()
    drawn = {pixels(generator)}
    context = multiprocessing.get_context(method)
    answers = context.SimpleQueue()
    processes = [context.Process(target=answer, args=(generator, answers)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(TIMEOUT)
        if process.exitcode != 0:
            raise RuntimeError(f"a process ended with {process.exitcode}")
    return drawn | {answers.get() for _ in processes}


def answer(generator: Generator, answers: Any) -> None:
    answers.put(pixels(generator))


def soak(what: str, work: Callable[[int], set[str]], count: int, expected: str) -> bool:
    """Warm up, run, and print a row; return whether pixels and memory are OK."""
    work(min(count, 1000))
    before, begin = megabytes(), time.perf_counter()
    checksums = work(count)
    seconds, growth = time.perf_counter() - begin, megabytes() - before
    right = checksums == {expected}
    verdict = "identical" if right else "DIFFERENT"
    print(f"| {what} | {count:,} | {seconds:.0f} | {before:.1f} | {growth:+.1f} | {verdict} |", flush=True)
    return right and growth <= MAX_GROWTH


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--generators", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--processes", type=int, default=50)
    options = parser.parse_args()
    if not ONE_POOL.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_POOL)
    sheet, first = pixels(Generator()), pixels_of_first(Generator())
    print("| what | count | s | MB before | MB growth | pixels |\n| --- | --- | --- | --- | --- | --- |")
    kept = [
        soak("threads on one generator, 20 calls each", many_threads, options.threads, sheet),
        soak("processes forked in parallel", partial(many_processes, "fork"), options.processes, sheet),
        soak("processes spawned in parallel", partial(many_processes, "spawn"), options.processes, sheet),
        soak("generators created, used and deleted", many_generators, options.generators, first),
        soak("calls for one image", many_calls, options.calls, sheet),
    ]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main()
