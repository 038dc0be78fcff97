"""Measure the speed of this machine, as JSON. It takes about 10 seconds."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scorp_runtime.generator import Generator
from scorp_runtime.inference.threads import usable_cores
from scorp_runtime.version import __version__

from .options import add_flag, add_model_operand

USAGE = "scorp-gen bench [MODEL] [options]"
EXAMPLES = """\
examples:
  scorp-gen bench
  scorp-gen bench text --json"""

_COUNTS = (1, 64)  # images per call
_SECONDS = 1.5  # for each latency and speed
_STARTS = 3
_IMAGES = 256  # per thread, for each speed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `scorp-gen bench`."""
    add_model_operand(parser)
    add_flag(parser, "--json", "print one line (default: a line per figure)")


def run(options: argparse.Namespace) -> None:
    """Measure, and print JSON."""
    print(json.dumps(_measure(options.model), indent=None if options.json else 2))


def _measure(model: str | None) -> dict[str, Any]:
    generator = Generator(model, threads=1)
    generators = (generator, Generator(model, threads="auto"))
    calls = {str(count): latency(partial(generator.generate, "all", count), _SECONDS) for count in _COUNTS}
    return {
        **describe_machine(),
        "model": f"{generator.info.name} {generator.info.version}",
        "model_sha256": generator.model_sha256,
        "backend": generator.backend,
        "latency_seconds": {
            count: {"p50": round(call.p50, 7), "p99": round(call.p99, 7)} for count, call in calls.items()
        },
        "digits_per_second": {
            str(one.threads): round(digits_per_second(one, _SECONDS)) for one in generators
        },
        "start_seconds": round(_start_up(generator), 4),
    }


def _start_up(generator: Generator) -> float:
    """Return the seconds of the fastest of three processes that draw 64 images into a file."""
    durations = []
    with tempfile.TemporaryDirectory() as folder:
        words = [generator.classes[0], f"{folder}/out.png", "-n", "64", "--model", generator.model_file.place]
        for _ in range(_STARTS):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-m", "scorp_runtime", *words], check=True, capture_output=True)
            durations.append(time.perf_counter() - begin)
    return min(durations)


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
    board, processors = Path("/proc/device-tree/model"), Path("/proc/cpuinfo")
    if board.is_file():
        return board.read_text(errors="replace").strip(" \0\n")
    lines = processors.read_text(errors="replace").splitlines() if processors.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
