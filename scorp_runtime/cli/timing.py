"""How fast a model draws on this machine, and how fast it could: what `scorp-gen bench` and the benchmarks measure."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scorp_runtime.generator import Generator

_SIDE = 1024
_PICTURES = 256  # per thread


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one call, in seconds: the fastest, the median, and what 99 of 100 calls keep below."""

    fastest: float
    p50: float
    p99: float

    @classmethod
    def of(cls, durations: list[float]) -> "Latency":
        """Sum up calls that took so long, in seconds."""
        return cls(*np.quantile(durations, (0.0, 0.5, 0.99)).tolist())


def latency(call: Callable[[], object], seconds: float) -> Latency:
    """Time a call again and again, for about so many seconds."""
    return latencies({"": call}, seconds)[""]


def latencies(calls: Mapping[str, Callable[[], object]], seconds: float) -> dict[str, Latency]:
    """Time calls in turns, so that all meet the same machine and the same caches, for about so many seconds.

    Args:
        calls: by name; each is called twice at least.
        seconds: for all of them together.
    """
    end = time.perf_counter() + seconds
    for call in calls.values():
        call()  # the first sets things up
    durations: dict[str, list[float]] = {name: [] for name in calls}
    while time.perf_counter() < end or not durations[next(iter(calls))]:
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            durations[name].append(time.perf_counter() - begin)
    return {name: Latency.of(times) for name, times in durations.items()}


def digits_per_second(generator: Generator, seconds: float) -> float:
    """Return the speed of calls that fill an array with 256 pictures per thread, the fastest of so many seconds."""
    count = _PICTURES * generator.threads
    out = np.empty((count, *generator.image_shape), np.uint8)
    return count / latency(lambda: generator.generate("all", count, seed=1, out=out), seconds).fastest


def multiply_adds_per_second(seconds: float) -> float:
    """Return the speed of NumPy's product of two 1024 x 1024 float32 matrices, the fastest of so many seconds.

    It is of one core if NumPy was told so before it was imported.
    """
    matrix = np.random.default_rng(0).random((_SIDE, _SIDE), np.float32)
    product = np.empty_like(matrix)
    return _SIDE**3 / latency(lambda: np.matmul(matrix, matrix, out=product), seconds).fastest
