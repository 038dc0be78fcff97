"""Run all benchmarks of the runtime and write a table of them.

    python benchmarks/run.py [--only NAME ...] [--output FOLDER]

It needs the packages of CONTRIBUTING.md, a quiet machine, and about ten minutes; only peers and training need the
trainer. Each measurement is a process of its own. Exits with 1 if a promise in `bars.py` is missed.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bars import BARS
from report import markdown

from scorp_runtime import Generator
from scorp_runtime.cli.timing import describe_machine

MEASUREMENTS = ("drawing", "operators", "starting", "idle", "memory", "sizes", "peers", "training")
# One core, also for the matrix products of NumPy that are the yardstick.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=MEASUREMENTS, metavar="NAME")
    parser.add_argument("--output", type=Path, default=Path("benchmark-results"), metavar="FOLDER")
    options = parser.parse_args()
    figures = {}
    for name in options.only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures[name] = measure(name)
    document = {"machine": machine(), "figures": figures}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "benchmarks.json").write_text(json.dumps(document, indent=2) + "\n")
    text = markdown(document)
    (options.output / "benchmarks.md").write_text(text)
    print(text, end="")
    values = [(bar, bar.value(figures)) for bar in BARS]
    return int(not all(bar.kept(value) for bar, value in values if value is not None))


def measure(name: str) -> Any:
    script = Path(__file__).with_name(f"{name}.py")
    result = subprocess.run(
        [sys.executable, str(script)], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT
    )
    return json.loads(result.stdout)


def machine() -> dict[str, Any]:
    generator = Generator()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        **describe_machine(),
        "torch": torch_version(),
        "model": f"{generator.info.name} {generator.info.version}",
        "model_sha256": generator.model_sha256,
    }


def torch_version() -> str | None:
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
