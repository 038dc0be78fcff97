"""The speed of a model on this machine, and what machine it is: for `scorp-gen bench` and the benchmarks."""

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scorp_runtime.generator import Generator
from scorp_runtime.inference.threads import usable_cores
from scorp_runtime.version import __version__

_IMAGES = 256  # per thread


class Latency(NamedTuple):
    """Duration of a call in seconds: minimum, median and 99th percentile."""

    fastest: float
    p50: float
    p99: float


def latency(call: Callable[[], object], seconds: float) -> Latency:
    """Time a call repeatedly for about some seconds; the first call, which sets things up, does not count."""
    end = time.perf_counter() + seconds
    call()
    durations: list[float] = []
    while time.perf_counter() < end or not durations:
        begin = time.perf_counter()
        call()
        durations.append(time.perf_counter() - begin)
    return Latency(*np.quantile(durations, (0.0, 0.5, 0.99)).tolist())


def digits_per_second(generator: Generator, seconds: float) -> float:
    """Return the speed of the fastest call, within some seconds, that draws 256 images per thread."""
    count = _IMAGES * generator.threads
    out = np.empty((count, *generator.image_shape), np.uint8)
    return count / latency(lambda: generator.generate("all", count, seed=1, out=out), seconds).fastest


def describe_machine() -> dict[str, str | int | None]:
    """Return processor, system and versions; the version of a library that is not installed is None."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "scorp_runtime": __version__,
        **{name: _version(name) for name in ("numpy", "onnxruntime", "pillow")},
    }


def _processor() -> str:
    """Return the name of the board if Linux knows it, else of the processor."""
    for file in (Path("/proc/device-tree/model"), Path("/proc/cpuinfo")):
        try:
            text = file.read_text(errors="replace")
        except OSError:
            continue
        names = [line.partition(":")[2] for line in text.splitlines() if line.startswith("model name")]
        if file.name == "model" or names:
            return (names[0] if names else text).strip(" \0\n")
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
