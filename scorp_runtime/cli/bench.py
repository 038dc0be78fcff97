"""Measure the speed of this machine, as JSON. It takes about 10 seconds."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from typing import Any

from scorp_runtime.generator import Generator

from .options import add_flag, add_model_operand
from .timing import describe_machine, digits_per_second, latency

USAGE = "scorp-gen bench [MODEL] [options]"
EXAMPLES = """\
examples:
  scorp-gen bench
  scorp-gen bench letters --json"""

_COUNTS = (1, 64)  # images per call
_SECONDS = 1.5  # for each latency and speed
_STARTS = 3


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
