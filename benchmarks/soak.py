"""Hours of use in minutes: many calls, many generators, threads and processes; memory and pixels before and after.

    python benchmarks/soak.py                    all of it
    python benchmarks/soak.py --calls 100000     a shorter one

It prints a table, and ends with exit code 1 when a pixel is wrong or memory has grown by more than 10 MB. glibc keeps
what was freed in a pool for every thread, so it is told to have one, and to give back what it keeps: the rest is held.
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

MOST_GROWTH = 10.0  # MB
ONE_POOL = {"MALLOC_ARENA_MAX": "1"}  # read when a process begins
PATIENCE = 300  # s for processes that may have locked each other out
SEED, PICTURES = 9, 64


def pixels(generator: Generator) -> str:
    """The checksum of some pictures."""
    return hashlib.sha256(generator.generate("0-9", PICTURES, seed=SEED).images.tobytes()).hexdigest()


def megabytes() -> float:
    """The memory that this process holds."""
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
    """Each of them draws, so that each has set up its network."""
    return {pixels_of_first(Generator()) for _ in range(count)}


def pixels_of_first(generator: Generator) -> str:
    return hashlib.sha256(generator.generate("0-9", seed=SEED).images.tobytes()).hexdigest()


def many_threads(count: int) -> set[str]:
    generator = Generator()
    with ThreadPoolExecutor(count) as threads:
        return set(threads.map(lambda _: pixels(generator), range(20 * count)))


def many_processes(method: str, count: int) -> set[str]:
    """All begun at once, with a generator that has drawn already."""
    generator = Generator()
    drawn = {pixels(generator)}
    context = multiprocessing.get_context(method)
    answers = context.SimpleQueue()
    processes = [context.Process(target=answer, args=(generator, answers)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
        if process.exitcode != 0:
            raise RuntimeError(f"a process ended with {process.exitcode}")
    return drawn | {answers.get() for _ in processes}


def answer(generator: Generator, answers: Any) -> None:
    answers.put(pixels(generator))


def soak(what: str, work: Callable[[int], set[str]], count: int, expected: str) -> bool:
    """Does it a little, to have everything in memory that stays there, then in full; prints a row."""
    work(min(count, 1000))
    before, begin = megabytes(), time.perf_counter()
    checksums = work(count)
    seconds, growth = time.perf_counter() - begin, megabytes() - before
    right = checksums == {expected}
    told = "all as they are" if right else "NOT AS THEY ARE"
    print(f"| {what} | {count:,} | {seconds:.0f} | {before:.1f} | {growth:+.1f} | {told} |", flush=True)
    return right and growth <= MOST_GROWTH


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
    print(
        "| what | how many | s | MB before | MB more after | pixels |\n| --- | --- | --- | --- | --- | --- |"
    )
    kept = [
        soak("threads on one generator, 20 calls each", many_threads, options.threads, sheet),
        soak("processes forked at once", partial(many_processes, "fork"), options.processes, sheet),
        soak("processes spawned at once", partial(many_processes, "spawn"), options.processes, sheet),
        soak("generators made, drawn with and dropped", many_generators, options.generators, first),
        soak("calls for one picture", many_calls, options.calls, sheet),
    ]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main()
