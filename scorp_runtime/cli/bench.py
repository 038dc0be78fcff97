"""Measure how fast this machine draws. It takes about 15 seconds."""

import argparse
import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from .drawing_options import add_model_operand, model_operand

if TYPE_CHECKING:
    from scorp_runtime.generator import Generator

BATCHES = (1, 64)
# Seconds for each of six figures of drawing, and for those of starting: below 20 together, on a small board too.
_ROUND, _START_UP = 1.0, 6.0
_STARTS = 3  # at most
# NumPy is to use one core, so that the limit is that of one; it reads these when it is imported.
_ONE_CORE = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


USAGE = "scorp-gen bench [MODEL] [options]"
EXAMPLES = """\
examples:
  scorp-gen bench
  scorp-gen bench letters --json"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scorp-gen bench`."""
    add_model_operand(parser)
    parser.add_argument("--json", action="store_true", help="result as one line of JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, and print the table or the line."""
    for variable in _ONE_CORE:
        os.environ[variable] = "1"
    from scorp_runtime.cli.machine import describe_machine

    document = {**describe_machine(), **_measure(model_operand(options))}
    if options.json:
        print(json.dumps(document))
    else:
        print("\n".join(f"{name:36} {text}" for name, text in _table(document)))


def _measure(model: str | None) -> dict[str, Any]:
    """Return the figures: seconds, digits per second and multiply-adds per second."""
    from scorp_runtime.cli.timing import digits_per_second, latency, multiply_adds_per_second
    from scorp_runtime.generator import Generator

    generator = Generator(model, threads=1)
    calls = {str(count): latency(partial(generator.generate, "all", count), _ROUND) for count in BATCHES}
    many = Generator(model, threads="auto")
    speeds = {str(one.threads): digits_per_second(one, _ROUND) for one in (generator, many)}
    peak = multiply_adds_per_second(_ROUND)
    return {
        "model": f"{generator.info.name} {generator.info.version}",
        "model_sha256": generator.model_sha256,
        "backend": generator.backend,
        "multiply_adds_per_digit": generator.info.macs,
        "multiply_adds_per_second": round(peak),
        "latency_seconds": {
            str(count): {"p50": round(call.p50, 7), "p99": round(call.p99, 7)}
            for count, call in calls.items()
        },
        "digits_per_second": {threads: round(speed) for threads, speed in speeds.items()},
        "digits_per_second_numpy": _numpy_speed(model),
        "share_of_limit": round(speeds["1"] * generator.info.macs / peak, 3),
        "start_seconds": _start_up(generator),
    }


def _numpy_speed(model: str | None) -> int | None:
    """Return the digits per second of the NumPy backend; None if it lacks an operator of the model."""
    from scorp_runtime.cli.timing import digits_per_second
    from scorp_runtime.errors import ModelError
    from scorp_runtime.generator import Generator

    try:
        return round(digits_per_second(Generator(model, threads=1, backend="numpy"), _ROUND))
    except ModelError:
        return None


def _start_up(generator: "Generator") -> dict[str, float]:
    """Return the seconds of whole processes: one that imports the dependencies, and one that draws 64 sevens."""
    import subprocess
    import sys
    import tempfile
    import time
    from pathlib import Path

    imports = "import numpy, PIL.Image" + (", onnxruntime" if generator.backend == "onnxruntime" else "")
    with tempfile.TemporaryDirectory() as folder:
        first = generator.classes[0]
        picture = str(Path(folder, "out.png"))
        words = [first, "--count", "64", picture, "--model", generator.model_file.place]
        commands = {
            "imports": [sys.executable, "-c", imports],
            "64_digits": [sys.executable, "-m", "scorp_runtime", *words],
        }
        durations: dict[str, list[float]] = {name: [] for name in commands}
        end = time.perf_counter() + _START_UP
        for _ in range(_STARTS):
            for name, command in commands.items():
                begin = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)
                durations[name].append(time.perf_counter() - begin)
            if time.perf_counter() > end:
                break
    return {name: round(min(times), 4) for name, times in durations.items()}


def _table(document: dict[str, Any]) -> list[tuple[str, str]]:
    libraries = ", ".join(
        f"{name} {document[name]}" for name in ("numpy", "onnxruntime", "pillow") if document[name]
    )
    rows = [
        ("processor", f"{document['processor']}, {document['cores']} cores"),
        ("system", f"{document['system']}, Python {document['python']}"),
        ("versions", f"scorp-runtime {document['scorp_runtime']}, {libraries}"),
        ("model", f"{document['model']}, {document['model_sha256'][:12]}, by {document['backend']}"),
    ]
    for count, call in document["latency_seconds"].items():
        rows.append(
            (
                f"a call for {count}: median, 99 of 100",
                f"{call['p50'] * 1e6:,.0f} us, {call['p99'] * 1e6:,.0f} us",
            )
        )
    for threads, speed in document["digits_per_second"].items():
        rows.append((f"digits per second, threads={threads}", f"{speed:,}"))
    if document["digits_per_second_numpy"] is not None:
        rows.append(("... NumPy backend, threads=1", f"{document['digits_per_second_numpy']:,}"))
    limit = document["multiply_adds_per_second"] / document["multiply_adds_per_digit"]
    start = document["start_seconds"]
    return [
        *rows,
        (
            "... matrix products' limit, one core",
            f"{limit:,.0f}, of which {document['share_of_limit']:.0%} reached",
        ),
        ("start: importing the dependencies", f"{start['imports'] * 1e3:.0f} ms"),
        ("start: scorp-gen 0 --count 64 out.png", f"{start['64_digits'] * 1e3:.0f} ms"),
    ]
